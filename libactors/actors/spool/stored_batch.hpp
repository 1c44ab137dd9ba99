#pragma once

#include "actors/core/event_batch.hpp"

#include <cstdint>

namespace actors {

/// What is read from a store of batches.
struct stored_batch {
  std::uint64_t id = 0; ///< ascending, never given twice; of its last record, where each has one
  event_batch batch;
};

} // namespace actors
