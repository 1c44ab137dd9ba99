#include "actors/core/debounce_window.hpp"

#include <algorithm>

namespace actors {

void debounce_window::add(const event_batch& batch, time_point now) {
  for (const auto& what : batch)
    if (is_change(what.type))
      fold_.add(what);
  if (!first_)
    first_ = now;
  last_ = now;
}

std::optional<time_point> debounce_window::due() const {
  if (!first_)
    return std::nullopt;
  return std::min(last_ + limits_.quiet, *first_ + limits_.hold_max);
}

void debounce_window::take(batch_builder& out) {
  fold_.take(out);
  first_.reset();
}

} // namespace actors
