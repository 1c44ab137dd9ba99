#include "actors/core/degradation.hpp"

#include "actors/core/earliest.hpp"

#include <algorithm>

namespace actors {

void degradation::note(trouble kind, std::string_view text, time_point now) {
  auto& what = conditions_[static_cast<std::size_t>(kind)];
  if (what.text.empty())
    what.counts_from = kind == trouble::pressure ? now + pressure_lasts : now;
  what.text = text;
  shown(now);
}

const std::string& degradation::shown(time_point now) {
  for (auto& x : conditions_)
    x.counts = !x.text.empty() && x.counts_from <= now;
  const auto worst = std::find_if(
    conditions_.begin(), conditions_.end(), [](const condition& x) { return x.counts; });
  if (worst != conditions_.end()) {
    shown_ = worst->text;
    well_since_.reset();
  } else if (!shown_.empty()) {
    if (!well_since_)
      well_since_ = now;
    if (now - *well_since_ >= recover_hold) {
      shown_.clear();
      well_since_.reset();
    }
  }
  return shown_;
}

std::optional<time_point> degradation::next_due() const {
  auto due = earliest{};
  if (well_since_)
    due.consider(*well_since_ + recover_hold);
  for (const auto& x : conditions_) // one that counts lasts until somebody says otherwise
    if (!x.text.empty() && !x.counts)
      due.consider(x.counts_from);
  return due.first();
}

} // namespace actors
