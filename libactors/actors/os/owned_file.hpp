#pragma once

#include "actors/os/unique_fd.hpp"
#include "actors/protocol/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace actors {

/// A file that one process at a time may have (flock(2)), for as long as this object lives, under
/// whatever name.
class owned_file {
public:
  owned_file() = default;

  enum class missing : std::uint8_t { is_made, is_error };

  /// Opens it to read and write. Errors: unavailable when another process has it; not_found, and
  /// what else the kernel says.
  static result<owned_file> open(const std::string& path, missing how);

  explicit operator bool() const { return static_cast<bool>(fd_); }

  result<void> truncate(std::uint64_t size = 0);
  result<void> append(std::string_view bytes);
  result<void> overwrite(std::uint64_t at, std::string_view bytes);
  std::uint64_t size() const;

  /// Begins to bring what was written to the disk, and does not wait for it.
  void start_sync();

  /// Waits until all is on the disk.
  result<void> sync();

  int descriptor() const { return fd_.get(); }

private:
  unique_fd fd_;
};

/// Gives the bytes of a file piece by piece, from its beginning.
class file_pieces {
public:
  explicit file_pieces(int fd) : fd_{fd}, buffer_{new char[buffer_bytes]} {}

  /// Valid until the next call; empty at the end, or after an error.
  std::string_view next();

  /// Set when the end came too early.
  int failed_with() const { return errno_; }

private:
  static constexpr std::size_t buffer_bytes = 256 * 1024;

  int fd_;
  std::unique_ptr<char[]> buffer_;
  std::int64_t at_ = 0;
  int errno_ = 0;
};

/// Makes an empty file that only its owner may read; one that is there is left as it is.
result<void> make_private_file(const std::string& path);

/// Gives a file another name, over what had it.
result<void> move_file(const std::string& from, const std::string& to);

/// True when it is gone, or never was there.
bool remove_file(const std::string& path);

bool has_file(const std::string& path);

/// Brings the names in the directory of `path` to the disk: until then a power failure may undo
/// what was moved.
result<void> sync_directory_of(const std::string& path);

/// What tells one start of this machine from another; empty when the kernel does not say.
std::string boot_id();

} // namespace actors
