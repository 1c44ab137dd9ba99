#pragma once

#include "actors/core/event_batch.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

namespace actors {

/// Which records a sink has told last: a stretch of one stream without a gap. It outlives the sink,
/// so that of a batch that is offered again, whole or in parts, nothing is told twice.
///
/// Records of other nodes may come with lower numbers than those before them, from another stream
/// or late: they were not told, though the numbers are lower.
class told_numbers {
public:
  /// The batch is offered: `has` and `note` are about its stream from here on.
  void begin(const event_batch& batch) {
    const auto first = batch.first_seq();
    const auto& stream = batch.origin() ? batch.origin()->stream : here();
    if (stream == stream_ && first >= first_ && first <= last_ + 1)
      return;
    stream_ = stream;
    first_ = first;
    last_ = first == 0 ? 0 : first - 1;
  }

  /// False for a record without a number.
  bool has(std::uint64_t seq) const { return seq != 0 && seq >= first_ && seq <= last_; }

  /// The records of the batch up to this number have been told.
  void note(std::uint64_t upto) { last_ = std::max(last_, upto); }

  std::uint64_t last() const { return last_; }

private:
  static const std::string& here() {
    static const auto none = std::string{};
    return none;
  }

  std::string stream_; ///< empty: of this pipeline
  std::uint64_t first_ = 1;
  std::uint64_t last_ = 0;
};

} // namespace actors
