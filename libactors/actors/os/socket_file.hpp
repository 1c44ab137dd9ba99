#pragma once

#include <cstdint>
#include <string>

namespace actors {

/// Removes a socket in the file system when it is removed itself, unless another has its name by
/// then.
class socket_file {
public:
  explicit socket_file(std::string path);
  ~socket_file();
  socket_file(const socket_file&) = delete;
  socket_file& operator=(const socket_file&) = delete;

  const std::string& path() const { return path_; }

private:
  const std::string path_;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
};

} // namespace actors
