#pragma once

#include "actors/core/batch_marks.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>

namespace actors {

/// How far each sink has got with what each source told; so what of it is safe with all of them.
/// Not thread-safe.
class delivery_ledger {
public:
  /// Nothing counts as delivered before it is delivered to that one too.
  void add_sink(std::size_t sink) { sinks_.try_emplace(sink); }

  void deliver(std::size_t sink, const batch_marks& marks) { sinks_[sink].add(marks); }

  /// All that the source told up to this number has been delivered to every sink. 0: nothing.
  std::uint64_t delivered(std::uint32_t source) const {
    if (sinks_.empty())
      return 0;
    auto least = UINT64_MAX;
    for (const auto& [sink, marks] : sinks_)
      least = std::min(least, marks.number_of(source));
    return least;
  }

private:
  std::map<std::size_t, batch_marks> sinks_; ///< by the sink's place in the pipeline
};

} // namespace actors
