#pragma once

#include "actors/os/unique_fd.hpp"
#include "actors/protocol/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace actors {

/// Whether what was written waits for the disk.
enum class durability : std::uint8_t { of_the_program, of_the_machine };

/// A regular file that whole lines are appended to, by one process at a time (fcntl(2) lock).
///
/// Whatever happens, it ends with a whole line: a last line without an end, left by a process that
/// was killed or by a full disk, is taken away again.
class record_file {
public:
  /// What stands in the way of writing there, whether the file is there yet or not: its directory
  /// must be, and it must be no link, pipe or directory.
  static result<void> check(const std::string& path);

  /// Opens it, or makes it with mode 0640. unavailable: another process writes it;
  /// invalid_argument: it is none of ours, its last line being no record.
  static result<record_file> open(const std::string& path);

  record_file() = default;

  explicit operator bool() const { return fd_ != nullptr; }

  /// False when the name belongs to another file now, or to none: it was rotated by somebody else.
  bool is_still(const std::string& path) const;

  std::uint64_t size() const;

  /// How old it is, as far as the file system tells.
  std::chrono::milliseconds age() const;

  struct outcome {
    std::size_t written = 0; ///< bytes, always whole lines
    std::string problem{};   ///< why it is not all; empty: it is
  };

  /// Appends whole lines. With `of_the_machine` a line counts when it is on the disk, and all of
  /// them or none do.
  outcome append(std::string_view lines, durability wanted);

  result<void> sync() { return sync(fd_->get()); }
  static result<void> sync(int descriptor);

  /// For whoever brings it to the disk from another thread.
  std::shared_ptr<const unique_fd> shared_descriptor() const { return fd_; }

private:
  explicit record_file(std::shared_ptr<const unique_fd> fd) : fd_{std::move(fd)} {}
  result<void> take_torn_line_away(const std::string& path);

  /// Shared with the thread that syncs: closing any descriptor of the file ends the lock.
  std::shared_ptr<const unique_fd> fd_;
};

/// Gives PATH the name PATH.1, and so on up to PATH.`keep`, which goes. With 0, PATH goes. Names
/// that are free are filled first: a rotation that was cut short loses nothing in the next.
result<void> rotate_files(const std::string& path, std::size_t keep);

} // namespace actors
