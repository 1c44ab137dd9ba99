#include "actors/runtime/tap_board.hpp"

#include "actors/core/wildcards.hpp"

#include <utility>

namespace actors {

bool edge_tap::looks_at(std::string_view edge) const {
  return wildcards_match(edges_, edge);
}

std::shared_ptr<edge_tap> tap_board::open(std::string edges) {
  const auto held = std::scoped_lock{mutex_};
  std::erase_if(taps_, [](const auto& x) { return x.expired(); });
  if (taps_.size() >= taps_max)
    return nullptr;
  auto made = std::make_shared<edge_tap>(std::move(edges));
  taps_.push_back(made);
  open_ = taps_.size();
  return made;
}

void tap_board::show(const std::string& edge, const event_batch& batch) {
  auto lookers = std::vector<std::shared_ptr<edge_tap>>{};
  {
    const auto held = std::scoped_lock{mutex_};
    std::erase_if(taps_, [](const auto& x) { return x.expired(); });
    open_ = taps_.size();
    for (const auto& x : taps_)
      if (auto tap = x.lock())
        lookers.push_back(std::move(tap));
  }
  for (const auto& x : lookers)
    if (x->looks_at(edge))
      x->add({edge, batch});
}

} // namespace actors
