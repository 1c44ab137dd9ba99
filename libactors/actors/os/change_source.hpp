#pragma once

#include "actors/protocol/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace actors {

class directory;

/// One thing the kernel said, as a hint: where to look, and roughly why.
struct kernel_record {
  int watch = -1;          ///< the watched directory; -1: the queue overflowed
  std::uint8_t kinds = 0;  ///< of `hint::kind`
  bool unwatched = false;  ///< the watch is gone: removed, or its directory is
  bool self_moved = false; ///< the directory itself was moved, deleted or unmounted
  std::string_view name;   ///< empty: about the directory itself. Valid until the next read.
};

/// A kernel queue of changes in directories. Not thread-safe.
class change_source {
public:
  /// What one read gave.
  enum class amount : std::uint8_t {
    nothing,
    some, ///< less than half of what one read can carry: a nap lets the next one find more
    much,
  };

  virtual ~change_source() = default;

  /// "inotify", ...
  virtual std::string_view name() const = 0;

  /// Readable when there is something to read.
  virtual int descriptor() const = 0;

  /// Watches the directory itself, not what is below. The same directory gives the same number.
  virtual result<int> watch(const directory& where) = 0;
  virtual void unwatch(int watch) = 0;

  /// One read, without waiting; replaces the content of `into`.
  virtual result<amount> read(std::vector<kernel_record>& into) = 0;
};

} // namespace actors
