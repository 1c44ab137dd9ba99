#include "actors/sinks/inbox_store.hpp"

#include <utility>

namespace actors {

bool inbox_store::put(const event_batch& batch) {
  const auto held = std::scoped_lock{mutex_};
  const auto is_full =
    batches_.size() >= limits_.batches_max || bytes_ + batch.bytes() > limits_.bytes_max;
  if (is_full && !batches_.empty()) {
    room_.lower();
    return false;
  }
  bytes_ += batch.bytes();
  batches_.push_back(batch);
  show();
  return true;
}

std::optional<event_batch> inbox_store::take() {
  const auto held = std::scoped_lock{mutex_};
  if (batches_.empty())
    return std::nullopt;
  auto oldest = std::move(batches_.front());
  batches_.pop_front();
  bytes_ -= oldest.bytes();
  show();
  room_.raise();
  return oldest;
}

std::size_t inbox_store::size() const {
  const auto held = std::scoped_lock{mutex_};
  return batches_.size();
}

void inbox_store::add_feeder() {
  const auto held = std::scoped_lock{mutex_};
  ++feeders_;
  was_fed_ = true;
  show();
}

void inbox_store::remove_feeder() {
  const auto held = std::scoped_lock{mutex_};
  --feeders_;
  show();
}

bool inbox_store::is_done() const {
  const auto held = std::scoped_lock{mutex_};
  return was_fed_ && feeders_ == 0 && batches_.empty();
}

void inbox_store::abandon() {
  const auto held = std::scoped_lock{mutex_};
  abandoned_ = true;
  room_.raise(); // who waits for room learns of it
}

bool inbox_store::is_abandoned() const {
  const auto held = std::scoped_lock{mutex_};
  return abandoned_;
}

void inbox_store::show() {
  const auto wanted = !batches_.empty() || (was_fed_ && feeders_ == 0);
  if (wanted == std::exchange(is_shown_, wanted))
    return;
  wanted ? news_.raise() : static_cast<void>(news_.lower());
}

} // namespace actors
