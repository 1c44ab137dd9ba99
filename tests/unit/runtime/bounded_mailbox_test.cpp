#include "actors/runtime/bounded_mailbox.hpp"

#include "actors/testkit/batches.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

using namespace actors;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace bounded_mailbox_tests {

constexpr auto unbounded_bytes = std::size_t{1} << 40;

constexpr mailbox_limits holding(std::size_t messages_max) {
  return {messages_max, unbounded_bytes, overflow_policy::hold};
}

/// Waits until it is told of room.
class patient_sender final : public room_listener {
public:
  void on_room() override {
    auto lock = std::scoped_lock{mutex_};
    ++told_;
    changed_.notify_all();
  }

  /// False when nobody told it for ten seconds: it was forgotten.
  bool wait_for_room() {
    auto lock = std::unique_lock{mutex_};
    if (!changed_.wait_for(lock, 10s, [&] { return told_ > 0; }))
      return false;
    told_ = 0;
    return true;
  }

  int told() const {
    auto lock = std::scoped_lock{mutex_};
    return told_;
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int told_ = 0;
};

} // namespace bounded_mailbox_tests

BOOST_AUTO_TEST_SUITE(bounded_mailbox_tests)

BOOST_AUTO_TEST_CASE(many_senders_never_exceed_the_bound_and_lose_nothing) {
  constexpr auto senders = 8;
  constexpr auto messages = 3000;
  constexpr auto capacity = 16u;
  auto mailbox = bounded_mailbox{holding(capacity)};
  auto news = patient_sender{};
  mailbox.set_consumer([&] { news.on_room(); });
  auto forgotten = std::atomic<int>{0};
  auto threads = std::vector<std::thread>{};
  for (auto id = 0; id < senders; ++id)
    threads.emplace_back([&, id] {
      const auto self = std::make_shared<patient_sender>();
      for (auto i = 0; i < messages; ++i) {
        const auto batch = batch_of({"/" + std::to_string(id) + "/" + std::to_string(i)});
        while (mailbox.push(batch, self) == emit_result::full)
          if (!self->wait_for_room()) {
            ++forgotten;
            return;
          }
      }
    });
  auto next = std::map<std::string, int>{};
  auto out_of_order = 0;
  auto too_many = 0;
  for (auto received = 0; received < senders * messages;) {
    mailbox.awake();
    auto given = mailbox.give();
    if (!given) {
      BOOST_REQUIRE_MESSAGE(news.wait_for_room(), "the consumer was not woken");
      continue;
    }
    const auto path = std::string{given->batch[0].path};
    const auto at = path.rfind('/');
    out_of_order += next[path.substr(0, at)]++ != std::stoi(path.substr(at + 1));
    too_many += mailbox.health({}).depth > capacity;
    ++received;
    if (received % 5 == 0 || received == senders * messages || !mailbox.has_waiting())
      mailbox.release(given->id);
  }
  for (auto& x : threads)
    x.join();
  BOOST_TEST(forgotten == 0);
  BOOST_TEST(out_of_order == 0);
  BOOST_TEST(too_many == 0);
  const auto counters = mailbox.health({}).counters;
  BOOST_TEST(counters.accepted == std::uint64_t{senders * messages});
  BOOST_TEST(counters.released == counters.accepted);
  BOOST_TEST(counters.dropped == 0u);
  BOOST_TEST(counters.high_water <= capacity);
  BOOST_TEST(mailbox.is_empty());
}

BOOST_AUTO_TEST_CASE(every_refused_sender_is_told_when_it_is_half_empty_and_once) {
  auto mailbox = bounded_mailbox{holding(4)};
  const auto first = std::make_shared<patient_sender>();
  const auto second = std::make_shared<patient_sender>();
  for (auto i = 0; i < 4; ++i)
    BOOST_TEST((mailbox.push(batch_of({"/x"}), first) == emit_result::taken));
  for (auto i = 0; i < 3; ++i) {
    BOOST_TEST((mailbox.push(batch_of({"/x"}), first) == emit_result::full));
    BOOST_TEST((mailbox.push(batch_of({"/x"}), second) == emit_result::full));
  }
  auto last = std::uint64_t{0};
  for (auto i = 0; i < 4; ++i)
    last = mailbox.give()->id;
  mailbox.release(last - 3);
  BOOST_TEST(first->told() == 0);
  mailbox.release(last - 2);
  BOOST_TEST(first->told() == 1);
  BOOST_TEST(second->told() == 1);
  mailbox.release(last);
  BOOST_TEST(first->told() == 1);
  BOOST_TEST(mailbox.health({}).counters.refused == 6u);
}

BOOST_AUTO_TEST_CASE(room_set_aside_counts_until_it_is_used_or_given_back) {
  auto mailbox = bounded_mailbox{holding(2)};
  const auto batch = batch_of({"/x"});
  BOOST_TEST((mailbox.reserve(batch, nullptr) == emit_result::taken));
  BOOST_TEST((mailbox.reserve(batch, nullptr) == emit_result::taken));
  BOOST_TEST((mailbox.reserve(batch, nullptr) == emit_result::full));
  BOOST_TEST(mailbox.is_empty());
  mailbox.cancel(batch);
  BOOST_TEST((mailbox.reserve(batch, nullptr) == emit_result::taken));
  mailbox.commit(batch);
  mailbox.commit(batch);
  BOOST_TEST(mailbox.health({}).depth == 2u);
  BOOST_TEST((mailbox.reserve(batch, nullptr) == emit_result::full));
}

BOOST_AUTO_TEST_CASE(a_sender_refused_for_room_set_aside_is_told_when_it_is_given_back) {
  auto mailbox = bounded_mailbox{holding(1)};
  const auto batch = batch_of({"/x"});
  const auto waiting = std::make_shared<patient_sender>();
  BOOST_TEST((mailbox.reserve(batch, nullptr) == emit_result::taken));
  BOOST_TEST((mailbox.reserve(batch, waiting) == emit_result::full));
  mailbox.cancel(batch);
  BOOST_TEST(waiting->told() == 1);
}

BOOST_AUTO_TEST_CASE(the_consumer_is_woken_once_until_it_looks) {
  auto mailbox = bounded_mailbox{holding(10)};
  auto woken = 0;
  mailbox.set_consumer([&] { ++woken; });
  mailbox.push(batch_of({"/1"}), nullptr);
  mailbox.push(batch_of({"/2"}), nullptr);
  BOOST_TEST(woken == 1);
  mailbox.awake();
  mailbox.push(batch_of({"/3"}), nullptr);
  BOOST_TEST(woken == 2);
}

BOOST_AUTO_TEST_CASE(what_was_not_released_is_given_again_after_a_rewind) {
  auto mailbox = bounded_mailbox{holding(10)};
  for (const auto* path : {"/1", "/2", "/3"})
    mailbox.push(batch_of({path}), nullptr);
  const auto first = mailbox.give()->id;
  mailbox.give();
  mailbox.release(first);
  mailbox.rewind();
  BOOST_TEST(mailbox.give()->batch[0].path == "/2");
  BOOST_TEST(mailbox.give()->batch[0].path == "/3");
  BOOST_TEST(!mailbox.give().has_value());
}

BOOST_AUTO_TEST_CASE(closing_counts_what_is_left_wakes_senders_and_counts_what_still_comes) {
  auto mailbox = bounded_mailbox{holding(2)};
  auto woken = 0;
  mailbox.set_consumer([&] { ++woken; });
  const auto batch = batch_of({"/x"});
  const auto waiting = std::make_shared<patient_sender>();
  mailbox.push(batch, nullptr);
  BOOST_TEST((mailbox.reserve(batch, nullptr) == emit_result::taken));
  BOOST_TEST((mailbox.reserve(batch, waiting) == emit_result::full));
  const auto woken_before = woken;
  BOOST_TEST(mailbox.close() == 1u);
  BOOST_TEST(waiting->told() == 1);
  mailbox.commit(batch);                                            // reserved before
  BOOST_TEST((mailbox.push(batch, waiting) == emit_result::taken)); // lost, and counted
  BOOST_TEST(woken == woken_before);
  BOOST_TEST(mailbox.is_empty());
  BOOST_TEST(!mailbox.give().has_value());
  const auto counters = mailbox.health({}).counters;
  BOOST_TEST(counters.evicted == 1u);
  BOOST_TEST(counters.dropped == 2u);
  BOOST_TEST(waiting->told() == 1);
  BOOST_TEST(mailbox.close() == 0u);
}

BOOST_AUTO_TEST_CASE(the_bound_on_bytes_holds_too_but_the_heaviest_batch_passes_an_empty_mailbox) {
  const auto one = batch_of({"/x"});
  auto mailbox = bounded_mailbox{{100, 2 * one.bytes(), overflow_policy::hold}};
  BOOST_TEST((mailbox.push(one, nullptr) == emit_result::taken));
  BOOST_TEST((mailbox.push(one, nullptr) == emit_result::taken));
  BOOST_TEST((mailbox.push(one, nullptr) == emit_result::full));
  auto heavy = batch_of({std::string(10'000, 'x')});
  auto empty = bounded_mailbox{{100, 100, overflow_policy::hold}};
  BOOST_TEST((empty.push(heavy, nullptr) == emit_result::taken));
  BOOST_TEST((empty.push(one, nullptr) == emit_result::full));
}

BOOST_AUTO_TEST_CASE(dropping_policies_never_refuse_and_count_every_loss) {
  for (auto policy : {overflow_policy::drop_newest, overflow_policy::drop_oldest}) {
    auto mailbox = bounded_mailbox{{3, unbounded_bytes, policy}};
    for (const auto* path : {"/1", "/2", "/3", "/4", "/5"})
      BOOST_TEST((mailbox.push(batch_of({path}), nullptr) == emit_result::taken));
    const auto oldest = policy == overflow_policy::drop_oldest ? "/3" : "/1";
    BOOST_TEST(mailbox.give()->batch[0].path == oldest);
    const auto counters = mailbox.health({}).counters;
    BOOST_TEST(counters.dropped + counters.evicted == 2u);
  }
}

namespace {

struct witness final : mailbox_observer {
  void on_loss(loss, const event_batch&) override { ++lost; }
  void on_pressure(bool high) override { edges.push_back(high); }
  int lost = 0;
  std::vector<bool> edges;
};

std::shared_ptr<ask> question(std::vector<std::string>& answers) {
  return std::make_shared<ask>(
    [&](result<event_batch> x) {
      answers.emplace_back(x ? "answer" : std::string{name_of(x.error().code)});
    },
    time_point::max());
}

} // namespace

BOOST_AUTO_TEST_CASE(a_mailbox_that_closes_under_pressure_says_that_it_is_over) {
  auto seen = witness{};
  auto mailbox = bounded_mailbox{holding(2), &seen};
  mailbox.push(batch_of({"/a"}), nullptr);
  mailbox.push(batch_of({"/b"}), nullptr);
  mailbox.close();
  BOOST_TEST(seen.edges == (std::vector<bool>{true, false}), boost::test_tools::per_element());
  BOOST_TEST(seen.lost == 2);
}

BOOST_AUTO_TEST_CASE(a_question_never_stands_for_another_one) {
  auto answers = std::vector<std::string>{};
  auto seen = witness{};
  auto mailbox = bounded_mailbox{{.messages_max = 1, .on_full = overflow_policy::conflate}, &seen};
  mailbox.put(batch_of({"/a"}), question(answers), {});
  BOOST_TEST(answers.empty());
  mailbox.put(batch_of({"/b"}), question(answers), {});
  BOOST_TEST(answers == std::vector<std::string>{"full"}, boost::test_tools::per_element());
  mailbox.close();
  BOOST_TEST(
    answers == (std::vector<std::string>{"full", "closed"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_push_that_waits_outlasts_others_that_are_faster) {
  auto mailbox = bounded_mailbox{holding(1)};
  auto sent = std::atomic<int>{0};
  auto threads = std::vector<std::thread>{};
  for (auto i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (auto k = 0; k < 200; ++k)
        if (mailbox.push_until(batch_of({"/x"}), std::chrono::steady_clock::now() + 60s))
          ++sent;
    });
  auto taken = 0;
  for (const auto due = std::chrono::steady_clock::now() + 60s;
       taken < 1600 && std::chrono::steady_clock::now() < due;)
    if (const auto next = mailbox.give()) {
      mailbox.release(next->id);
      ++taken;
    }
  for (auto& x : threads)
    x.join();
  BOOST_TEST(sent == 1600);
  BOOST_TEST(taken == 1600);
}

BOOST_AUTO_TEST_SUITE_END()
