#pragma once

#include "actors/os/unique_fd.hpp"
#include "actors/protocol/error.hpp"

#include <sys/types.h>

#include <cstddef>
#include <string_view>

namespace actors {

/// Where bytes go. One thread at a time.
class byte_sink {
public:
  /// What became of a write.
  enum class outcome : std::uint8_t {
    written,     ///< all of it
    gone,        ///< nobody reads any more (EPIPE)
    interrupted, ///< `wake` became readable first; `written_so_far` says how much went out
  };

  virtual ~byte_sink() = default;

  /// Writes all of `bytes`, waiting for the reader as long as it takes, or until the descriptor
  /// `wake` becomes readable.
  virtual result<outcome> write(std::string_view bytes, int wake, std::size_t& written_so_far) = 0;

  /// Writes what goes out without waiting, and returns how much that was: 0 also when it fails, as
  /// the next `write` will say why.
  virtual std::size_t write_now(std::string_view) { return 0; }
};

/// A descriptor that belongs to others too, such as standard output.
///
/// It never waits inside write(2), which nothing could interrupt: pipes and terminals are opened
/// anew without blocking (setting O_NONBLOCK on the shared descriptor would change it for everybody
/// who has it), sockets are written with MSG_DONTWAIT. Files are written as they are: they do not
/// wait.
class descriptor_sink final : public byte_sink {
public:
  explicit descriptor_sink(int fd);

  result<outcome> write(std::string_view bytes, int wake, std::size_t& written_so_far) override;

  /// Not to files: a disk may take its time.
  std::size_t write_now(std::string_view bytes) override;

private:
  ssize_t write_some(std::string_view bytes);

  int fd_;
  unique_fd own_; ///< the pipe or terminal, opened without blocking
  bool is_socket_ = false;
};

} // namespace actors
