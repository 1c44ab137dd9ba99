#pragma once

#include "actors/core/dead_letter.hpp"
#include "actors/core/event_batch.hpp"
#include "actors/core/journal.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

namespace actors {

/// Where everything goes that was sent and will not be handled: counted by reason, exactly once,
/// and the last of it kept to look at. Thread-safe.
class dead_letter_office {
public:
  /// Enough to see a pattern; a letter is some 200 bytes.
  static constexpr std::size_t kept = 256;

  void take(loss reason, const std::string& child, const event_batch& what);

  loss_counts counts() const;
  journal<dead_letter>::page read(std::uint64_t after, std::size_t max) const;

private:
  mutable std::mutex mutex_;
  loss_counts counts_;
  journal<dead_letter> journal_{kept};
};

} // namespace actors
