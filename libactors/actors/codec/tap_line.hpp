#pragma once

#include "actors/core/event_batch.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace actors {

/// The record as in the stream (`event_line.hpp`), with a last field "edge": the child it goes to.
void append_tap_line(
  std::string_view edge, const event_batch& batch, std::size_t index, std::string& out);

/// {"type":"tap_missed","count":3}: so many batches went by while nobody read.
void append_tap_missed(std::uint64_t batches, std::string& out);

} // namespace actors
