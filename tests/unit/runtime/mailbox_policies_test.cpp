// Every overflow policy under many senders: what is promised of the bound, of the order and of the
// counts holds whatever the consumer does.
#include "actors/core/batch_builder.hpp"
#include "actors/runtime/bounded_mailbox.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <compare>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

using namespace actors;
using namespace std::chrono_literals;

namespace mailbox_policies_tests {

constexpr auto unbounded_bytes = std::size_t{1} << 40;
constexpr auto patience = 20s;

constexpr auto senders = 6;
constexpr auto messages = 5000; ///< of each
constexpr auto keys = 8;        ///< of each, for `conflate`
constexpr auto capacity = std::size_t{16};
static_assert(capacity < std::size_t{senders * keys}, "conflate must find no equal now and then");

/// One message: who sent it, and as its how-manieth.
struct letter {
  int sender = 0;
  int number = 0;
  auto operator<=>(const letter&) const = default;
};

event_batch batch_for(letter what) {
  auto builder = batch_builder{};
  builder.add({.type = event_type::modify,
    .path = "/" + std::to_string(what.sender) + "/" + std::to_string(what.number % keys),
    .size = static_cast<std::uint64_t>(what.number)});
  return builder.finish();
}

letter letter_in(const event_batch& batch) {
  return {std::stoi(std::string{batch[0].path.substr(1)}), static_cast<int>(batch[0].size)};
}

/// Writes down what a mailbox tells.
class ledger final : public mailbox_observer {
public:
  void on_loss(loss reason, const event_batch& what) override {
    const auto held = std::scoped_lock{mutex_};
    ++counts[static_cast<std::size_t>(reason)];
    lost.push_back(letter_in(what));
  }
  void on_pressure(bool high) override {
    const auto held = std::scoped_lock{mutex_};
    edges.push_back(high);
  }

  std::uint64_t count(loss reason) const { return counts[static_cast<std::size_t>(reason)]; }

  std::array<std::uint64_t, losses> counts{};
  std::vector<letter> lost;
  std::vector<bool> edges; ///< of pressure

private:
  std::mutex mutex_;
};

class patient_sender final : public room_listener {
public:
  void on_room() override {
    const auto held = std::scoped_lock{mutex_};
    told_ = true;
    changed_.notify_all();
  }
  bool wait_for_room() {
    auto held = std::unique_lock{mutex_};
    return changed_.wait_for(held, patience, [&] { return std::exchange(told_, false); });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool told_ = false;
};

enum class consumer { slow, absent_at_first, closes_midway };

/// Six senders, one consumer, and all that became of what was sent.
class traffic {
public:
  traffic(overflow_policy policy, consumer how)
    : how_{how}, mailbox{{capacity, unbounded_bytes, policy}, &book} {
    auto threads = std::vector<std::thread>{};
    for (auto id = 0; id < senders; ++id)
      threads.emplace_back([this, id] { send(id); });
    consume();
    for (auto& x : threads)
      x.join();
    take_all();
  }

private:
  void send(int id) {
    const auto self = std::make_shared<patient_sender>();
    auto taken_here = std::vector<letter>{};
    for (auto i = 0; i < messages; ++i) {
      if (i == messages / 2 && how_ == consumer::closes_midway) {
        news_.on_room(); // it may be the last of them
        closed_.wait(false);
      }
      auto verdict = emit_result::full;
      while (verdict == emit_result::full && !forgotten) {
        verdict = mailbox.push(batch_for({id, i}), self);
        ++pushes;
        if (verdict != emit_result::taken)
          ++refused;
        if (verdict == emit_result::full && !self->wait_for_room())
          forgotten = true;
      }
      if (verdict == emit_result::taken)
        taken_here.push_back({id, i});
    }
    const auto held = std::scoped_lock{mutex_};
    taken.insert(taken.end(), taken_here.begin(), taken_here.end());
    ++ended_;
    news_.on_room();
  }

  void consume() {
    mailbox.set_consumer([this] { news_.on_room(); });
    if (how_ == consumer::absent_at_first) // until no sender gets any further, or has passed much
      while (pushes < capacity + senders)
        std::this_thread::yield();
    for (auto calls = 1; !all_ended(); ++calls) {
      mailbox.awake();
      if (!take_one() && !news_.wait_for_room())
        break; // the senders will say that they were forgotten
      if (how_ == consumer::slow && calls % 64 == 0) // a busy machine makes more of it
        std::this_thread::yield();
      if (how_ == consumer::closes_midway && !closed_ && pushes >= senders * messages / 2)
        close();
    }
    closed_ = true; // whoever waits for it goes on
    closed_.notify_all();
    mailbox.set_consumer(nullptr);
  }

  bool all_ended() {
    const auto held = std::scoped_lock{mutex_};
    return ended_ == senders;
  }

  void close() {
    left_at_close = mailbox.close();
    in_work_.clear(); // it was lost, as the mailbox said
    closed_ = true;
    closed_.notify_all();
  }

  void take_all() {
    while (take_one()) {
    }
    release();
  }

  /// Releases three at a time, so that there is something in work.
  bool take_one() {
    const auto given = mailbox.give();
    if (given) {
      in_work_.push_back(letter_in(given->batch));
      last_ = given->id;
    }
    if (!given || in_work_.size() == 3)
      release();
    return given.has_value();
  }

  void release() {
    mailbox.release(last_);
    received.insert(received.end(), in_work_.begin(), in_work_.end());
    in_work_.clear();
  }

  const consumer how_;
  std::atomic<bool> closed_{false};
  patient_sender news_; ///< the consumer's
  std::mutex mutex_;
  int ended_ = 0;
  std::vector<letter> in_work_;
  std::uint64_t last_ = 0;

public:
  ledger book;
  bounded_mailbox mailbox;
  std::atomic<std::uint64_t> pushes{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<bool> forgotten{false}; ///< a sender was not told of room
  std::vector<letter> taken;          ///< what a sender was told is taken
  std::vector<letter> received;       ///< released, in order
  std::size_t left_at_close = 0;
};

/// Letters of one sender (of one path of it, where they stand for each other) that came too early.
int out_of_order(const traffic& x, overflow_policy policy) {
  auto last = std::map<std::pair<int, int>, int>{};
  auto count = 0;
  for (const auto& what : x.received) {
    const auto key = policy == overflow_policy::conflate ? what.number % keys : 0;
    auto& before = last.try_emplace({what.sender, key}, -1).first->second;
    count += what.number <= before;
    before = what.number;
  }
  return count;
}

/// Taken is received or lost, each once.
bool is_conserved(traffic& x) {
  auto ends = x.received;
  ends.insert(ends.end(), x.book.lost.begin(), x.book.lost.end());
  std::sort(ends.begin(), ends.end());
  std::sort(x.taken.begin(), x.taken.end());
  return ends == x.taken;
}

void check(overflow_policy policy, consumer how) {
  auto x = traffic{policy, how};
  const auto counters = x.mailbox.health({}).counters;
  BOOST_TEST(!x.forgotten);
  BOOST_TEST(counters.high_water <= capacity);
  BOOST_TEST(out_of_order(x, policy) == 0);
  BOOST_TEST(is_conserved(x));
  BOOST_TEST(x.pushes == x.taken.size() + x.refused);
  BOOST_TEST(counters.refused == x.refused);
  BOOST_TEST(counters.accepted + counters.dropped == x.taken.size());
  BOOST_TEST(counters.accepted
             == counters.released + counters.evicted + counters.conflated + counters.crashed
                  + x.mailbox.health({}).depth);
  BOOST_TEST(counters.released == x.received.size());
  BOOST_TEST(x.mailbox.is_empty());
  const auto& book = x.book;
  BOOST_TEST(
    book.count(loss::full) + book.count(loss::closed) == counters.dropped + x.left_at_close);
  BOOST_TEST(book.count(loss::evicted) == counters.evicted - x.left_at_close);
  BOOST_TEST(book.count(loss::conflated) == counters.conflated);
  BOOST_TEST(book.count(loss::down) + book.count(loss::crashed) == 0u);
  if (how == consumer::closes_midway)
    BOOST_TEST(book.count(loss::closed) > 0u);
  BOOST_TEST(book.edges.size() % 2 == 0u);            // it is empty, and said so
  for (std::size_t i = 0; i < book.edges.size(); ++i) // up and down in turn
    BOOST_TEST_REQUIRE(book.edges[i] == (i % 2 == 0));
}

void check_all(overflow_policy policy) {
  for (const auto how : {consumer::slow, consumer::absent_at_first, consumer::closes_midway})
    check(policy, how);
}

/// A mailbox with as much in it as fits.
struct full_mailbox {
  explicit full_mailbox(mailbox_limits limits) : mailbox{limits, &book} {
    for (std::size_t i = 0; i < limits.messages_max; ++i)
      mailbox.push(batch_for({0, static_cast<int>(i)}), nullptr);
  }
  ledger book;
  bounded_mailbox mailbox;
};

/// A thread of the host that waits for room.
class waiting_thread {
public:
  explicit waiting_thread(bounded_mailbox& where)
    : thread_{[&] {
        outcome = where.push_until(batch_for({1, 0}), std::chrono::steady_clock::now() + 1h);
      }} {
    const auto due = std::chrono::steady_clock::now() + patience;
    while (where.health(std::chrono::steady_clock::now() + 1h).held == 0ms
           && std::chrono::steady_clock::now() < due)
      std::this_thread::yield();
  }
  const result<void>& join() {
    thread_.join();
    return outcome;
  }

private:
  result<void> outcome = failure(errc::system, "it never came back");
  std::thread thread_;
};

/// A question, and what was answered.
struct question {
  explicit question(time_point due)
    : reply{std::make_shared<ask>(
      [to = seen](result<event_batch> x) {
        ++to->answers;
        to->answer = std::move(x);
      },
      due)} {}
  question(const question&) = delete;

  errc code() const { return answer && !*answer ? answer->error().code : errc{}; }

  struct state {
    int answers = 0;
    std::optional<result<event_batch>> answer;
  };
  std::shared_ptr<state> seen = std::make_shared<state>(); ///< the mailbox may live longer
  int& answers = seen->answers;
  std::optional<result<event_batch>>& answer = seen->answer;
  std::shared_ptr<ask> reply;
};

constexpr mailbox_limits holding(std::size_t messages_max) {
  return {messages_max, unbounded_bytes, overflow_policy::hold};
}

const auto now = time_point{1h};

} // namespace mailbox_policies_tests

BOOST_AUTO_TEST_SUITE(mailbox_policies_tests)

BOOST_AUTO_TEST_CASE(hold_keeps_the_bound_and_the_order_and_loses_nothing_until_it_is_closed) {
  check_all(overflow_policy::hold);
}

BOOST_AUTO_TEST_CASE(reject_keeps_the_bound_and_the_order_and_the_sender_knows_of_every_refusal) {
  check_all(overflow_policy::reject);
}

BOOST_AUTO_TEST_CASE(drop_newest_keeps_the_bound_and_the_order_and_tells_every_loss_once) {
  check_all(overflow_policy::drop_newest);
}

BOOST_AUTO_TEST_CASE(drop_oldest_keeps_the_bound_and_the_order_and_tells_every_loss_once) {
  check_all(overflow_policy::drop_oldest);
}

BOOST_AUTO_TEST_CASE(conflate_keeps_the_bound_and_the_order_of_a_path_and_tells_every_loss_once) {
  check_all(overflow_policy::conflate);
}

// -- threads of the host --------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_thread_waits_until_its_deadline_and_is_then_told_full) {
  auto full = full_mailbox{holding(2)};
  const auto began = std::chrono::steady_clock::now();
  const auto pushed = full.mailbox.push_until(batch_for({1, 0}), began + 80ms);
  BOOST_TEST((std::chrono::steady_clock::now() - began >= 80ms));
  BOOST_REQUIRE(!pushed.has_value());
  BOOST_TEST((pushed.error().code == errc::full));
  BOOST_TEST(full.mailbox.health({}).depth == 2u);
  BOOST_TEST(full.book.lost.empty());
}

BOOST_AUTO_TEST_CASE(a_thread_that_gave_up_waits_no_more) {
  auto full = full_mailbox{holding(2)};
  static_cast<void>(full.mailbox.push_until(batch_for({1, 0}), std::chrono::steady_clock::now()));
  const auto later = std::chrono::steady_clock::now() + 1h;
  BOOST_TEST(full.mailbox.health(later).held.count() == 0);
  full.mailbox.give();
  full.mailbox.release(full.mailbox.give()->id);
  BOOST_TEST(full.mailbox.is_empty());
  BOOST_TEST(full.mailbox.health(later).held.count() == 0);
}

BOOST_AUTO_TEST_CASE(a_thread_that_waits_delivers_when_room_comes) {
  auto full = full_mailbox{holding(2)};
  auto waiting = waiting_thread{full.mailbox};
  full.mailbox.release(full.mailbox.give()->id);
  BOOST_TEST(waiting.join().has_value());
  full.mailbox.give();
  BOOST_TEST((letter_in(full.mailbox.give()->batch) == letter{1, 0}));
  BOOST_TEST(full.mailbox.health(std::chrono::steady_clock::now() + 1h).held.count() == 0);
}

BOOST_AUTO_TEST_CASE(a_close_wakes_a_thread_that_waits) {
  auto full = full_mailbox{holding(2)};
  auto waiting = waiting_thread{full.mailbox};
  full.mailbox.close();
  const auto& outcome = waiting.join();
  BOOST_REQUIRE(!outcome.has_value());
  BOOST_TEST((outcome.error().code == errc::closed));
  BOOST_TEST(full.book.count(loss::closed) == 2u); // what the sender was told of is no loss
}

BOOST_AUTO_TEST_CASE(a_child_that_goes_down_and_refuses_meanwhile_wakes_a_thread_that_waits) {
  auto limits = holding(2);
  limits.on_down = down_policy::reject;
  auto full = full_mailbox{limits};
  auto waiting = waiting_thread{full.mailbox};
  const auto then = std::chrono::steady_clock::now();
  full.mailbox.set_down(then + 1h, then);
  const auto& outcome = waiting.join();
  BOOST_REQUIRE(!outcome.has_value());
  BOOST_TEST((outcome.error().code == errc::unavailable));
  BOOST_REQUIRE(outcome.error().retry_after.has_value());
  BOOST_TEST((*outcome.error().retry_after > 0ms && *outcome.error().retry_after <= 1h));
}

BOOST_AUTO_TEST_CASE(a_child_that_is_down_and_holds_takes_what_comes_until_it_is_full) {
  auto mailbox = bounded_mailbox{holding(2)};
  mailbox.set_down(now + 1s, now);
  for (const auto expected : {emit_result::taken, emit_result::taken, emit_result::full})
    BOOST_TEST((mailbox.push(batch_for({0, 0}), nullptr) == expected));
}

BOOST_AUTO_TEST_CASE(a_child_that_is_down_and_refuses_says_when_to_try_again_and_counts_no_loss) {
  auto book = ledger{};
  auto limits = holding(2);
  limits.on_down = down_policy::reject;
  auto mailbox = bounded_mailbox{limits, &book};
  mailbox.set_down(std::nullopt, now); // it starts: nobody knows for how long
  const auto unknown = mailbox.push_until(batch_for({0, 0}), now);
  BOOST_REQUIRE(!unknown.has_value());
  BOOST_TEST((unknown.error().code == errc::unavailable));
  BOOST_TEST(!unknown.error().retry_after.has_value());
  BOOST_TEST((mailbox.push(batch_for({0, 0}), nullptr) == emit_result::rejected));
  BOOST_TEST(mailbox.health({}).counters.refused == 2u);
  BOOST_TEST(book.lost.empty());
  mailbox.set_up();
  BOOST_TEST((mailbox.push(batch_for({0, 0}), nullptr) == emit_result::taken));
}

BOOST_AUTO_TEST_CASE(a_child_that_is_down_and_takes_nothing_in_counts_and_tells_what_it_loses) {
  auto book = ledger{};
  auto limits = holding(2);
  limits.on_down = down_policy::dead_letter;
  auto mailbox = bounded_mailbox{limits, &book};
  BOOST_TEST((mailbox.push(batch_for({0, 0}), nullptr) == emit_result::taken));
  mailbox.set_down(now + 1s, now);
  for (auto i = 1; i <= 5; ++i)
    BOOST_TEST((mailbox.push(batch_for({0, i}), nullptr) == emit_result::rejected));
  BOOST_TEST(mailbox.push_until(batch_for({0, 6}), now).has_value()); // lost, as was chosen
  BOOST_TEST(book.count(loss::down) == 6u);
  BOOST_TEST(mailbox.health({}).counters.dropped == 6u);
  BOOST_TEST(mailbox.health({}).counters.refused == 0u);
  BOOST_TEST(mailbox.health({}).depth == 1u); // what was there before stays
}

// -- questions ------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_question_to_a_full_or_closed_mailbox_is_answered_at_once) {
  for (const auto policy : {overflow_policy::hold, overflow_policy::reject,
         overflow_policy::drop_newest, overflow_policy::conflate}) {
    auto full = full_mailbox{{2, unbounded_bytes, policy}};
    auto first = question{now + 1h};
    full.mailbox.put(batch_for({7, 0}), first.reply, now);
    BOOST_TEST((first.code() == errc::full));
    full.mailbox.close();
    auto second = question{now + 1h};
    full.mailbox.put(batch_for({7, 0}), second.reply, now);
    BOOST_TEST((second.code() == errc::closed));
    BOOST_TEST(first.answers + second.answers == 2);
  }
}

BOOST_AUTO_TEST_CASE(a_question_in_line_is_answered_when_a_newer_one_evicts_it_or_it_is_closed) {
  auto mailbox = bounded_mailbox{{1, unbounded_bytes, overflow_policy::drop_oldest}};
  auto first = question{now + 1h};
  auto second = question{now + 1h};
  mailbox.put(batch_for({0, 0}), first.reply, now);
  BOOST_TEST(first.answers == 0);
  mailbox.put(batch_for({0, 1}), second.reply, now);
  BOOST_TEST((first.code() == errc::full));
  BOOST_TEST(second.answers == 0);
  mailbox.close();
  BOOST_TEST((second.code() == errc::closed));
}

BOOST_AUTO_TEST_CASE(questions_never_stand_for_each_other) {
  auto mailbox = bounded_mailbox{{1, unbounded_bytes, overflow_policy::conflate}};
  auto first = question{now + 1h};
  auto second = question{now + 1h};
  mailbox.put(batch_for({0, 0}), first.reply, now);
  mailbox.put(batch_for({0, 0}), second.reply, now);
  BOOST_TEST(first.answers == 0);
  BOOST_TEST((second.code() == errc::full));
  mailbox.push(batch_for({0, 0}), nullptr);
  BOOST_TEST(first.answers == 0);
}

BOOST_AUTO_TEST_CASE(a_question_that_cannot_be_answered_in_time_is_answered_at_once) {
  auto mailbox = bounded_mailbox{holding(8)};
  mailbox.set_down(now + 10s, now);
  auto hasty = question{now + 9s};
  auto patient = question{now + 11s};
  mailbox.put(batch_for({0, 0}), hasty.reply, now);
  mailbox.put(batch_for({0, 1}), patient.reply, now);
  BOOST_TEST((hasty.code() == errc::unavailable));
  BOOST_TEST((hasty.answer->error().retry_after == 10s));
  BOOST_TEST(patient.answers == 0);
  BOOST_TEST(mailbox.health({}).depth == 1u);
  BOOST_TEST(mailbox.health({}).counters.refused == 1u);
}

BOOST_AUTO_TEST_CASE(a_question_in_line_is_answered_when_its_deadline_lies_before_the_next_try) {
  auto mailbox = bounded_mailbox{holding(8)};
  auto in_work = question{now + 1s};
  auto hasty = question{now + 9s};
  auto patient = question{now + 11s};
  mailbox.put(batch_for({0, 0}), in_work.reply, now);
  const auto given = mailbox.give()->id;
  mailbox.put(batch_for({0, 1}), hasty.reply, now);
  mailbox.put(batch_for({0, 2}), patient.reply, now);
  mailbox.set_down(now + 10s, now);
  BOOST_TEST(in_work.answers == 0); // whose handler crashed says so itself
  BOOST_TEST((hasty.code() == errc::unavailable));
  BOOST_TEST((hasty.answer->error().retry_after == 10s));
  BOOST_TEST(patient.answers == 0);
  mailbox.finish(given, bounded_mailbox::ending::crashed);
  mailbox.set_up();
  mailbox.finish(mailbox.give()->id, bounded_mailbox::ending::handled);
  mailbox.finish(mailbox.give()->id, bounded_mailbox::ending::handled);
  const auto counters = mailbox.health({}).counters;
  BOOST_TEST(counters.accepted == 3u);
  BOOST_TEST(counters.released == 2u);
  BOOST_TEST(counters.crashed == 1u);
  BOOST_TEST(hasty.answers == 1);
}

BOOST_AUTO_TEST_CASE(a_question_to_a_child_that_is_down_and_refuses_is_answered_at_once) {
  for (const auto policy : {down_policy::reject, down_policy::dead_letter}) {
    auto book = ledger{};
    auto limits = holding(8);
    limits.on_down = policy;
    auto mailbox = bounded_mailbox{limits, &book};
    mailbox.set_down(now + 2s, now);
    auto asked = question{now + 1h};
    mailbox.put(batch_for({0, 0}), asked.reply, now + 500ms);
    BOOST_TEST((asked.code() == errc::unavailable));
    BOOST_TEST((asked.answer->error().retry_after == 1500ms));
    BOOST_TEST(book.lost.empty()); // the asker knows
  }
}

BOOST_AUTO_TEST_SUITE_END()
