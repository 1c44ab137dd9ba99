#include "actors/runtime/bounded_mailbox.hpp"

#include "actors/core/time_point.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace actors {

namespace {

/// Senders are told of room when the mailbox is half empty: one wake-up then moves many batches,
/// where telling at once would cost one for each.
constexpr double room_fill = 0.5;

/// From here on the mailbox is under pressure, until there is room.
constexpr double high_fill = 0.9;

/// Batches about the same paths stand for the same thing.
std::uint64_t key_of(const event_batch& batch) {
  auto key = std::uint64_t{batch.size()};
  for (const auto& x : batch)
    key = key * 0x9E3779B97F4A7C15u + std::hash<std::string_view>{}(x.path); // Fibonacci hashing
  return key;
}

} // namespace

void bounded_mailbox::set_consumer(std::function<void()> wake) {
  const auto held = std::scoped_lock{mutex_};
  wake_ = std::move(wake);
  wake_pending_ = false;
}

// -- for senders ----------------------------------------------------------------------------------

emit_result bounded_mailbox::reserve(
  const event_batch& batch, const std::shared_ptr<room_listener>& sender) {
  auto held = lock{mutex_};
  if (state_ == state::closed) { // `commit` counts it
    queue_.set_aside(batch.bytes());
    return emit_result::taken;
  }
  if (!is_wanted()) {
    const auto told = queue_.limits().on_down == down_policy::reject;
    told ? queue_.count_refused() : queue_.count_dropped();
    held.unlock();
    if (!told && observer_ != nullptr)
      observer_->on_loss(loss::down, batch);
    return emit_result::rejected;
  }
  if (queue_.reserve(batch.bytes()))
    return emit_result::taken;
  if (queue_.limits().on_full == overflow_policy::reject)
    return emit_result::rejected;
  if (sender != nullptr)
    note_waiting();
  if (sender != nullptr
      && std::find(waiting_senders_.begin(), waiting_senders_.end(), sender)
           == waiting_senders_.end())
    waiting_senders_.push_back(sender);
  return emit_result::full;
}

void bounded_mailbox::commit(event_batch batch, waking how) {
  const auto bytes = batch.bytes();
  auto held = lock{mutex_};
  if (state_ == state::closed) {
    queue_.cancel(bytes);
    queue_.count_dropped();
    const auto is_lost = leftovers_ == leftovers::lost;
    held.unlock();
    if (observer_ != nullptr && is_lost)
      observer_->on_loss(loss::closed, batch);
    return;
  }
  const auto conflates = queue_.limits().on_full == overflow_policy::conflate;
  const auto what = queue_.push_reserved({batch, nullptr}, bytes, conflates ? key_of(batch) : 0);
  if (what == bounded_queue<letter>::outcome::taken)
    for (std::size_t i = 0; i < event_types; ++i)
      events_[i] += batch.count(static_cast<event_type>(i));
  arrived(batch, what, held, how);
}

void bounded_mailbox::wake_consumer() {
  const auto held = std::scoped_lock{mutex_};
  if (wake_ && !std::exchange(wake_pending_, true))
    wake_();
}

void bounded_mailbox::cancel(const event_batch& batch) {
  auto held = lock{mutex_};
  queue_.cancel(batch.bytes());
  left(held); // no release may follow: the mailbox may be empty
}

emit_result bounded_mailbox::push(event_batch batch, const std::shared_ptr<room_listener>& sender) {
  if (batch.is_void())
    return emit_result::taken;
  const auto verdict = reserve(batch, sender);
  if (verdict == emit_result::taken)
    commit(std::move(batch));
  return verdict;
}

result<void> bounded_mailbox::push_until(const event_batch& batch, time_point due) {
  for (;;) {
    if (!wait_for_room(batch.bytes(), due))
      return failure(errc::closed, "the receiver has stopped or failed for good");
    switch (push(batch, nullptr)) {
      case emit_result::taken: return {};
      case emit_result::rejected: return why_rejected();
      case emit_result::full: break; // another thread was faster
    }
    if (std::chrono::steady_clock::now() >= due)
      return failure(errc::full, "the mailbox is full");
  }
}

/// False when it is closed; true when there is room, or waiting for it is no use.
bool bounded_mailbox::wait_for_room(std::size_t bytes, time_point due) {
  auto held = lock{mutex_};
  while (state_ != state::closed && is_wanted() && !queue_.has_room(bytes)
         && queue_.limits().on_full == overflow_policy::hold) {
    note_waiting();
    ++waiting_threads_;
    const auto waited = room_.wait_until(held, due);
    --waiting_threads_;
    if (waited == std::cv_status::timeout)
      break;
  }
  if (waiting_threads_ == 0 && waiting_senders_.empty()) // it may have given up, unlike a sender
    held_since_.reset();
  return state_ != state::closed;
}

void bounded_mailbox::note_waiting() {
  if (!held_since_)
    held_since_ = std::chrono::steady_clock::now();
}

result<void> bounded_mailbox::why_rejected() const {
  const auto held = lock{mutex_};
  if (state_ == state::down && queue_.limits().on_down == down_policy::dead_letter)
    return {}; // it is lost, as was chosen
  return tl::unexpected{why_not(std::chrono::steady_clock::now())};
}

void bounded_mailbox::put(const event_batch& question, std::shared_ptr<ask> reply, time_point now) {
  const auto bytes = question.bytes();
  auto held = lock{mutex_};
  const auto in_vain = state_ == state::down && next_try_ && *next_try_ > reply->due();
  if (state_ == state::closed || !is_wanted() || in_vain) {
    auto why = why_not(now);
    queue_.count_refused();
    held.unlock();
    return reply->answer(tl::unexpected{std::move(why)});
  }
  const auto key = std::uint64_t{1} << 63 | ++questions_; // no two questions are the same
  const auto what = queue_.push({question, reply}, bytes, key);
  arrived(question, what, held);
  if (what != bounded_queue<letter>::outcome::taken)
    reply->answer(failure(errc::full, "the mailbox is full"));
}

/// Wakes who must know of what came. The lock is given up.
void bounded_mailbox::arrived(
  const event_batch& batch, bounded_queue<letter>::outcome what, lock& held, waking how) {
  using outcome = bounded_queue<letter>::outcome;
  if (what == outcome::taken && how == waking::at_once && wake_
      && !std::exchange(wake_pending_, true))
    wake_();
  auto lost = queue_.take_lost();
  const auto rises = !is_high_ && queue_.fill() >= high_fill;
  is_high_ |= rises;
  const auto reason =
    queue_.limits().on_full == overflow_policy::conflate ? loss::conflated : loss::evicted;
  if (observer_ != nullptr && rises)
    observer_->on_pressure(true);
  held.unlock();
  if (!lost.empty())
    bury(std::move(lost), reason, observer_);
  if (observer_ != nullptr && what == outcome::dropped)
    observer_->on_loss(loss::full, batch);
}

void bounded_mailbox::bury(std::vector<letter> lost, loss reason, mailbox_observer* mourner) {
  for (auto& x : lost) {
    if (x.reply)
      x.reply->answer(reason == loss::closed
                        ? failure(errc::closed, "the receiver has stopped or failed for good")
                        : failure(errc::full, "the mailbox was full, and a newer one came"));
    if (mourner != nullptr)
      mourner->on_loss(reason, x.batch);
  }
}

bool bounded_mailbox::is_wanted() const {
  return state_ == state::up || queue_.limits().on_down == down_policy::hold;
}

/// Why nothing can be sent.
error bounded_mailbox::why_not(time_point now) const {
  switch (state_) {
    case state::closed: return {errc::closed, "the receiver has stopped or failed for good", {}};
    case state::up: return {errc::full, "the mailbox is full", {}};
    case state::down: break;
  }
  auto why = error{errc::unavailable, "the receiver is not up", {}};
  if (next_try_)
    why.retry_after = left_until(*next_try_, now);
  return why;
}

// -- for the consumer -----------------------------------------------------------------------------

void bounded_mailbox::awake() {
  const auto held = std::scoped_lock{mutex_};
  wake_pending_ = false;
}

std::optional<bounded_mailbox::delivery> bounded_mailbox::give() {
  const auto held = std::scoped_lock{mutex_};
  if (auto next = queue_.give())
    return delivery{next->id, next->item.batch, next->item.reply};
  return std::nullopt;
}

batch_marks bounded_mailbox::release(std::uint64_t upto) {
  auto marks = batch_marks{};
  auto held = lock{mutex_};
  queue_.release(upto, [&](const letter& x) {
    if (x.batch.marks() != nullptr)
      marks.add(*x.batch.marks());
  });
  left(held);
  return marks;
}

bool bounded_mailbox::is_oldest(std::uint64_t id) const {
  const auto held = std::scoped_lock{mutex_};
  return queue_.is_oldest(id);
}

void bounded_mailbox::finish(std::uint64_t id, ending how) {
  auto held = lock{mutex_};
  queue_.finish(id, how);
  left(held);
}

/// Something left: tells who waits for room. The lock is given up.
void bounded_mailbox::left(lock& held) {
  if (queue_.fill() > room_fill)
    return;
  ease();
  if (!waiting_senders_.empty() || waiting_threads_ != 0)
    tell_senders(held);
}

void bounded_mailbox::ease() {
  if (std::exchange(is_high_, false) && observer_ != nullptr)
    observer_->on_pressure(false);
}

void bounded_mailbox::rewind() {
  const auto held = std::scoped_lock{mutex_};
  queue_.rewind();
}

bool bounded_mailbox::has_waiting() const {
  const auto held = std::scoped_lock{mutex_};
  return queue_.waiting() != 0;
}

bool bounded_mailbox::is_empty() const {
  const auto held = std::scoped_lock{mutex_};
  return queue_.depth() == 0;
}

double bounded_mailbox::fill() const {
  const auto held = std::scoped_lock{mutex_};
  return queue_.fill();
}

// -- for the supervisor ---------------------------------------------------------------------------

void bounded_mailbox::set_up() {
  const auto held = std::scoped_lock{mutex_};
  if (state_ == state::down)
    state_ = state::up;
  next_try_.reset();
}

void bounded_mailbox::set_down(std::optional<time_point> next_try, time_point now) {
  auto in_vain = std::vector<std::shared_ptr<ask>>{};
  auto held = lock{mutex_};
  if (state_ == state::closed)
    return;
  state_ = state::down;
  next_try_ = next_try;
  if (next_try)
    queue_.for_each_waiting([&](const letter& x) {
      if (x.reply && x.reply->due() < *next_try)
        in_vain.push_back(x.reply);
    });
  const auto why = why_not(now);
  if (!is_wanted())
    tell_senders(held); // whoever waits for room is told no
  if (held.owns_lock())
    held.unlock();
  for (const auto& question : in_vain) // they stay in line, and are passed over when they are given
    question->answer(tl::unexpected{why});
}

std::size_t bounded_mailbox::close(leftovers what) {
  auto held = lock{mutex_};
  state_ = state::closed;
  leftovers_ = what;
  const auto count = queue_.clear();
  auto lost = queue_.take_lost();
  ease();
  tell_senders(held);
  bury(std::move(lost), loss::closed, what == leftovers::lost ? observer_ : nullptr);
  return count;
}

void bounded_mailbox::open() {
  const auto held = std::scoped_lock{mutex_};
  if (state_ == state::closed)
    state_ = state::down;
}

mailbox_health bounded_mailbox::health(time_point now) const {
  const auto held = std::scoped_lock{mutex_};
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

type_counts bounded_mailbox::events() const {
  const auto held = std::scoped_lock{mutex_};
  return events_;
}

/// The lock is given up.
void bounded_mailbox::tell_senders(lock& held) {
  const auto senders = std::exchange(waiting_senders_, {});
  held_since_.reset();
  if (waiting_threads_ != 0)
    room_.notify_all();
  held.unlock();
  for (const auto& sender : senders)
    sender->on_room();
}

} // namespace actors
