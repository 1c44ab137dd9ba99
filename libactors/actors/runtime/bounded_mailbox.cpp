#include "actors/runtime/bounded_mailbox.hpp"

#include <algorithm>
#include <utility>

namespace actors {

namespace {

/// Senders are told of room when the mailbox is half empty: one wake-up then moves many batches,
/// where telling at once would cost one for each.
constexpr double room_fill = 0.5;

} // namespace

bool bounded_mailbox::reserve(const event_batch& batch, room_listener* sender) {
  auto lock = std::scoped_lock{mutex_};
  if (closed_ || queue_.reserve(batch.bytes()))
    return true;
  if (!held_since_)
    held_since_ = std::chrono::steady_clock::now();
  if (sender != nullptr && queue_.limits().on_full == overflow_policy::hold
      && std::find(waiting_senders_.begin(), waiting_senders_.end(), sender)
           == waiting_senders_.end())
    waiting_senders_.push_back(sender);
  return false;
}

void bounded_mailbox::commit(event_batch batch) {
  const auto bytes = batch.bytes();
  auto lock = std::scoped_lock{mutex_};
  if (closed_) {
    queue_.refuse();
    return;
  }
  queue_.push_reserved(std::move(batch), bytes);
  if (wake_ && !std::exchange(wake_pending_, true))
    wake_();
}

void bounded_mailbox::cancel(const event_batch& batch) {
  auto lock = std::unique_lock{mutex_};
  if (closed_)
    return;
  queue_.cancel(batch.bytes());
  if (!waiting_senders_.empty() && queue_.fill() <= room_fill)
    tell_senders(lock); // no release may follow: the mailbox may be empty
}

emit_result bounded_mailbox::push(event_batch batch, room_listener* sender) {
  if (!reserve(batch, sender))
    return emit_result::full;
  commit(std::move(batch));
  return emit_result::taken;
}

void bounded_mailbox::awake() {
  auto lock = std::scoped_lock{mutex_};
  wake_pending_ = false;
}

std::optional<bounded_mailbox::delivery> bounded_mailbox::give() {
  auto lock = std::scoped_lock{mutex_};
  if (auto next = queue_.give())
    return delivery{next->id, next->item};
  return std::nullopt;
}

void bounded_mailbox::release(std::uint64_t upto) {
  auto lock = std::unique_lock{mutex_};
  queue_.release(upto);
  if (!waiting_senders_.empty() && queue_.fill() <= room_fill)
    tell_senders(lock);
}

void bounded_mailbox::rewind() {
  auto lock = std::scoped_lock{mutex_};
  queue_.rewind();
}

bool bounded_mailbox::has_waiting() const {
  auto lock = std::scoped_lock{mutex_};
  return queue_.waiting() != 0;
}

bool bounded_mailbox::is_empty() const {
  auto lock = std::scoped_lock{mutex_};
  return queue_.depth() == 0;
}

double bounded_mailbox::fill() const {
  auto lock = std::scoped_lock{mutex_};
  return queue_.fill();
}

std::size_t bounded_mailbox::close() {
  auto lock = std::unique_lock{mutex_};
  closed_ = true;
  wake_ = nullptr;
  const auto left = queue_.clear();
  tell_senders(lock);
  return left;
}

mailbox_health bounded_mailbox::health(time_point now) const {
  auto lock = std::scoped_lock{mutex_};
  auto x = mailbox_health{};
  x.depth = queue_.depth();
  x.capacity = queue_.limits().messages_max;
  x.bytes = queue_.bytes();
  x.bytes_max = queue_.limits().bytes_max;
  x.counters = queue_.counters();
  if (held_since_)
    x.held = std::chrono::duration_cast<std::chrono::milliseconds>(now - *held_since_);
  return x;
}

void bounded_mailbox::tell_senders(std::unique_lock<std::mutex>& lock) {
  const auto senders = std::exchange(waiting_senders_, {});
  held_since_.reset();
  lock.unlock();
  for (auto* sender : senders)
    sender->on_room();
}

} // namespace actors
