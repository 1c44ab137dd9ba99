#pragma once

#include <algorithm>
#include <cstdint>

namespace actors {

/// What became of one path between two moments: was it there before, is it there after, and if
/// both, how it differs. Changes form an algebra: `merge` of two that follow each other is what
/// someone sees who slept through both.
///
/// `merge` is associative, so it does not matter where a stream is cut into batches.
struct change {
  enum class difference : std::uint8_t {
    none,
    attributes, ///< mode, owner, link count
    content,
    replaced, ///< another file has the name now
  };

  bool before = false;               ///< it was there
  bool after = false;                ///< it is there
  difference how = difference::none; ///< meaningful only when it was there and is there

  static constexpr change created() { return {false, true, difference::none}; }
  static constexpr change removed() { return {true, false, difference::none}; }
  static constexpr change altered(difference how) { return {true, true, how}; }

  /// Nothing worth telling: never seen by the reader, or exactly as it was.
  constexpr bool is_nothing() const {
    return before == after && (!before || how == difference::none);
  }

  friend constexpr bool operator==(const change&, const change&) = default;
};

/// The net effect of `earlier` followed by `later`.
///
/// Where they do not fit together (a reader that was told a create twice, say), the earlier one
/// is right about the past and the later one about the present.
constexpr change merge(change earlier, change later) {
  auto net = change{earlier.before, later.after, change::difference::none};
  if (net.before && net.after) {
    const auto gap = !earlier.after || !later.before;
    net.how = gap ? change::difference::replaced : std::max(earlier.how, later.how);
  }
  return net;
}

} // namespace actors
