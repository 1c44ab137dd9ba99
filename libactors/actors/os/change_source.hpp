#pragma once

#include "actors/core/hint_set.hpp"
#include "actors/protocol/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace actors {

class directory;

/// One thing the kernel said, as a hint: where to look, and roughly why.
struct kernel_record {
  file_identity directory; ///< whose name it is about; may be one that nobody watches
  int watch = -1;          ///< the watch that told it
  std::uint8_t kinds = 0;  ///< of `hint::kind`
  word_order order = word_order::kept;
  name_claim claim;            ///< which file the name belongs to
  bool queue_overflow = false; ///< events were lost; says nothing else
  bool unwatched = false;      ///< the watch is gone: removed, or its directory is
  bool self_moved = false;     ///< the directory itself was moved, deleted or unmounted
  std::string_view name;       ///< empty: about the directory itself. Valid until the next read.
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

  /// What is to be told of a directory.
  enum class interest : std::uint8_t {
    everything,
    names, ///< only which names come and go: for a directory above the root
  };

  virtual ~change_source() = default;

  /// "fanotify", "inotify", "poll"
  virtual std::string_view name() const = 0;

  /// Why it is this one and no better; empty when none is better.
  virtual std::string why() const { return {}; }

  /// Readable when there is something to read. -1: never.
  virtual int descriptor() const = 0;

  /// Watches the directory itself, not what is below. The same directory gives the same number.
  /// limit_reached or not_supported: it must be read again and again instead.
  virtual result<int> watch(const directory& where, interest what = interest::everything) = 0;
  virtual void unwatch(int watch) = 0;

  /// Something was mounted or unmounted: what is known of file systems may be wrong.
  virtual void mounts_changed() {}

  /// One read, without waiting; replaces the content of `into`.
  virtual result<amount> read(std::vector<kernel_record>& into) = 0;
};

} // namespace actors
