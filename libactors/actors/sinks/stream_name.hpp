#pragma once

#include "actors/core/event_batch.hpp"

#include <functional>
#include <string>

namespace actors {

/// Whose numbers a batch has: with this name before them they are like no others, whatever process
/// gave them, so that a receiver knows what it is given twice. Empty: not known.
using stream_name = std::function<std::string(const event_batch&)>;

/// "STREAM-FIRST-LAST"; empty when the records have no numbers that mean something.
inline std::string idempotency_key(const std::string& stream, const event_batch& batch) {
  const auto first = batch.first_seq();
  if (stream.empty() || first == 0 || batch.empty())
    return {};
  return stream + "-" + std::to_string(first) + "-" + std::to_string(first + batch.size() - 1);
}

} // namespace actors
