#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace actors {

/// One record of an inotify(7) read.
struct inotify_record {
  int watch = -1;          ///< -1: the queue overflowed
  std::uint8_t kinds = 0;  ///< of `hint::kind`
  bool unwatched = false;  ///< the watch is gone
  bool self_moved = false; ///< the directory itself was moved, deleted or unmounted
  std::string_view name;   ///< empty: about the directory itself
};

/// Reads the bytes of an inotify(7) read into records, appended to `into`. Names are views into
/// `bytes`. Stops at anything that does not fit, so that it can be given any bytes at all; returns
/// how many bytes it understood.
std::size_t parse_inotify(const char* bytes, std::size_t size, std::vector<inotify_record>& into);

} // namespace actors
