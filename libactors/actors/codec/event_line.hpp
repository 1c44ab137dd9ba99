#pragma once

#include "actors/core/event_batch.hpp"
#include "actors/core/line_format.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace actors {

/// Appends the record as one line, ending included. `seq` 0: not numbered. One that was made
/// elsewhere says where: its node, and which of the roots there it belongs to.
void append_line(const event& what, std::uint64_t seq, line_format format, std::string& out,
  const batch_origin* origin = nullptr);

/// The record numbered `index` of the batch. Requires `index < batch.size()`.
inline void append_line(
  const event_batch& batch, std::size_t index, line_format format, std::string& out) {
  append_line(batch[index], batch.seq_at(index), format, out, batch.origin().get());
}

} // namespace actors
