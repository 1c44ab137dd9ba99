#include "actors/runtime/cell.hpp"

#include "actors/testkit/batches.hpp"
#include "support/supervised.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <set>
#include <stdexcept>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace cell_tests {

using texts = std::vector<std::string>;

/// Control may wait for so many data messages at most (supervision.md, case 27).
constexpr auto patience = 10u;

struct fixture : supervised {
  texts delivered;                    ///< what reached the last child
  std::vector<std::uint64_t> numbers; ///< their sequence numbers
  int fails_left = 0;                 ///< the stage "worker" crashes so many times more
  std::set<std::string> poison;       ///< and always on these

  ~fixture() {
    running->request_stop();
    settle();
    running->abandon();
    settle();
  }

  stage_script collector() {
    return {.batch = [this](const event_batch& batch, context&) {
      auto seq = batch.first_seq();
      for (const auto& line : lines_of(batch)) {
        delivered.push_back(line);
        numbers.push_back(seq++);
      }
    }};
  }

  /// Passes batches on; what it is refused it keeps, and does not release.
  stage_script worker() {
    return {.start = [this](context&) { refused = {}; },
      .batch =
        [this](const event_batch& batch, context& ctx) {
          refused = batch;
          if (ctx.emit(batch) == emit_result::taken)
            ctx.release();
          for (const auto& what : batch)
            if (poison.count(std::string{what.path}) != 0)
              ctx.fail("cannot stand " + std::string{what.path});
          if (fails_left > 0 && fails_left-- > 0)
            ctx.fail("told to");
        },
      .room =
        [this](context& ctx) {
          ++rooms;
          if (ctx.emit(refused) == emit_result::taken)
            ctx.release();
        },
      .releases = release_mode::manual};
  }

  void start_two() {
    child("end", collector());
    child("worker", worker(), 0).numbers_output = true;
    start();
  }

  event_batch refused;
  int rooms = 0;
};

texts numbered_paths(int count) {
  auto paths = texts{};
  for (auto i = 0; i < count; ++i)
    paths.push_back("/" + std::to_string(i));
  return paths;
}

texts modifies(const texts& paths) {
  auto result = texts{};
  for (const auto& path : paths)
    result.push_back("modify " + path);
  return result;
}

std::vector<std::uint64_t> from_1_to(std::size_t last) {
  auto result = std::vector<std::uint64_t>{};
  for (auto i = std::uint64_t{1}; i <= last; ++i)
    result.push_back(i);
  return result;
}

} // namespace cell_tests

BOOST_FIXTURE_TEST_SUITE(cell_tests, fixture)

BOOST_AUTO_TEST_CASE(nothing_is_lost_doubled_or_reordered_over_a_crash) {
  start_two();
  const auto paths = numbered_paths(30);
  for (auto i = 0u; i < 10; ++i)
    push(1, batch_of(texts{paths[i]}));
  fails_left = 1;
  settle();
  BOOST_TEST(logged("child_crashed", "p/worker") == 1);
  for (auto i = 10u; i < 20; ++i) // while it backs off
    push(1, batch_of(texts{paths[i]}));
  pass(1s);
  for (auto i = 20u; i < 30; ++i)
    push(1, batch_of(texts{paths[i]}));
  settle();
  BOOST_TEST(delivered == modifies(paths), boost::test_tools::per_element());
  BOOST_TEST(numbers == from_1_to(30), boost::test_tools::per_element());
  BOOST_TEST(mailbox(1).is_empty());
}

BOOST_AUTO_TEST_CASE(what_a_handler_emitted_before_it_threw_never_happened) {
  start_two();
  fails_left = 1;
  push(1, batch_of({"/1"}));
  settle();
  BOOST_TEST(delivered.empty());
  BOOST_TEST(mailbox(0).is_empty());
  pass(1s);
  BOOST_TEST(delivered == texts{"modify /1"}, boost::test_tools::per_element());
  BOOST_TEST(numbers == from_1_to(1), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(
  an_event_that_crashes_alone_is_dead_lettered_and_its_neighbours_are_delivered) {
  start_two();
  poison = {"/2"};
  push(1, batch_of({"/1", "/2", "/3"}));
  push(1, batch_of({"/4"}));
  pass(31s);
  BOOST_TEST(logged("child_crashed", "p/worker") == 3); // whole, whole, alone
  BOOST_TEST(logged("dead_letter", "p/worker") == 1);
  BOOST_TEST(health()[1].dead_letters == 1u);
  auto changes = texts{};
  auto errors = texts{};
  for (const auto& line : delivered)
    (line.starts_with("error") ? errors : changes).push_back(line);
  BOOST_TEST(
    changes == (texts{"modify /1", "modify /3", "modify /4"}), boost::test_tools::per_element());
  BOOST_TEST(errors == texts{"error /2"}, boost::test_tools::per_element());
  BOOST_TEST(numbers == from_1_to(4), boost::test_tools::per_element());
  BOOST_TEST((health()[1].state == child_state::ready));
}

BOOST_AUTO_TEST_CASE(two_poison_events_in_a_batch_cost_a_crash_each) {
  start_two();
  poison = {"/1", "/3"};
  push(1, batch_of({"/1", "/2", "/3"}));
  pass(60s);
  BOOST_TEST(logged("child_crashed", "p/worker") == 4);
  BOOST_TEST(logged("dead_letter", "p/worker") == 2);
  BOOST_TEST(std::count(delivered.begin(), delivered.end(), "modify /2") == 1);
  BOOST_TEST(std::count(delivered.begin(), delivered.end(), "error /1") == 1);
  BOOST_TEST(std::count(delivered.begin(), delivered.end(), "error /3") == 1);
  BOOST_TEST(logged("fatal_error") == 0);
}

BOOST_AUTO_TEST_CASE(a_batch_given_event_by_event_leaves_the_mailbox_with_its_last_event) {
  start_two();
  poison = {"/2"};
  push(1, batch_of({"/1", "/2", "/3"}));
  pass(31s);
  BOOST_TEST(mailbox(1).is_empty());
  running->request_stop();
  settle();
  BOOST_TEST(running->end().undelivered == 0u);
}

BOOST_AUTO_TEST_CASE(a_batch_given_event_by_event_is_not_told_again_after_the_next_crash) {
  start_two();
  poison = {"/2"};
  push(1, batch_of({"/1", "/2", "/3"}));
  pass(31s);
  poison.clear();
  fails_left = 1;
  push(1, batch_of({"/4"}));
  pass(31s);
  for (const auto* line : {"modify /1", "modify /3", "modify /4"})
    BOOST_TEST(std::count(delivered.begin(), delivered.end(), line) == 1, line);
}

BOOST_AUTO_TEST_CASE(a_batch_given_event_by_event_waits_midway_when_downstream_is_full) {
  child("end", {.batch =
                   [this](const event_batch& batch, context& ctx) {
                     for (auto& line : lines_of(batch))
                       delivered.push_back(line);
                     ctx.after(1s); // a slow one: its mailbox is full until then
                   },
                 .timer = [](timer_token, context& ctx) { ctx.release(); },
                 .releases = release_mode::manual});
  spec.children[0].mailbox.messages_max = 1;
  child("worker", worker(), 0);
  start();
  poison = {"/3"};
  push(1, batch_of({"/1", "/2", "/3", "/4", "/5"}));
  push(1, batch_of({"/6"}));
  pass(5min);
  for (const auto* line : {"modify /1", "modify /2", "modify /4", "modify /5", "modify /6"})
    BOOST_TEST(std::count(delivered.begin(), delivered.end(), line) >= 1, line << " is lost");
  BOOST_TEST(mailbox(1).is_empty());
}

BOOST_AUTO_TEST_CASE(an_error_record_waits_for_room_like_any_other) {
  child("end", {.batch =
                   [this](const event_batch& batch, context& ctx) {
                     for (auto& line : lines_of(batch))
                       delivered.push_back(line);
                     ctx.after(10s); // a slow one: its mailbox is full until then
                   },
                 .timer = [](timer_token, context& ctx) { ctx.release(); },
                 .releases = release_mode::manual});
  spec.children[0].mailbox.messages_max = 1;
  child("worker", worker(), 0);
  start();
  poison = {"/bad"};
  push(1, batch_of({"/bad"}));
  pass(6s); // it crashes at 0, 1 and 3 s; the incarnation of 7 s will have something to tell
  BOOST_TEST(logged("dead_letter") == 1);
  push(0, batch_of({"/fill"}));
  pass(2s);
  BOOST_TEST(delivered == texts{"modify /fill"}, boost::test_tools::per_element());
  pass(1min);
  BOOST_TEST(delivered == (texts{"modify /fill", "error /bad"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(timers_of_an_earlier_incarnation_are_not_heard) {
  auto fired = std::vector<std::chrono::milliseconds>{};
  child("c", {.start = [](context& ctx) { ctx.after(5s); },
               .batch =
                 [this](const event_batch&, context& ctx) {
                   if (fails_left > 0 && fails_left-- > 0)
                     ctx.fail("told to");
                 },
               .timer = [&](timer_token, context&) { fired.push_back(since_start()); }});
  start();
  fails_left = 1;
  pass(500ms);
  push(0, batch_of({"/1"}));
  pass(1h);
  BOOST_TEST((fired == std::vector<std::chrono::milliseconds>{6500ms}));
}

BOOST_AUTO_TEST_CASE(timers_set_by_a_handler_that_threw_are_not_set) {
  auto fired = 0;
  child("c", {.batch =
                 [this](const event_batch&, context& ctx) {
                   ctx.after(100ms);
                   if (fails_left > 0 && fails_left-- > 0)
                     ctx.fail("told to");
                 },
               .timer = [&](timer_token, context&) { ++fired; }});
  start();
  fails_left = 1;
  push(0, batch_of({"/1"}));
  pass(1h);
  BOOST_TEST(fired == 1);
}

BOOST_AUTO_TEST_CASE(a_full_downstream_holds_the_stage_and_nothing_is_lost) {
  auto held = std::size_t{0};
  child("end", {.batch =
                   [this, &held](const event_batch& batch, context& ctx) {
                     for (auto& line : lines_of(batch))
                       delivered.push_back(line);
                     if (++held == 4) {
                       held = 0;
                       ctx.after(1s);
                     }
                   },
                 .timer = [](timer_token, context& ctx) { ctx.release(); },
                 .releases = release_mode::manual});
  spec.children[0].mailbox.messages_max = 4;
  child("worker", worker(), 0);
  start();
  const auto paths = numbered_paths(40);
  for (const auto& path : paths)
    BOOST_TEST((push(1, batch_of(texts{path})) == emit_result::taken));
  settle();
  BOOST_TEST(delivered.size() == 4u);
  BOOST_TEST(mailbox(0).fill() == 1.0);
  BOOST_TEST(mailbox(1).health(now()).depth == 36u);
  pass(1s);
  BOOST_TEST(rooms == 1);
  BOOST_TEST(delivered.size() == 8u);
  pass(1min);
  BOOST_TEST(delivered == modifies(paths), boost::test_tools::per_element());
  BOOST_TEST(mailbox(0).health(now()).counters.high_water == 4u);
}

BOOST_AUTO_TEST_CASE(a_crash_while_downstream_is_full_loses_nothing_either) {
  auto held = std::size_t{0};
  child("end", {.batch =
                   [this, &held](const event_batch& batch, context& ctx) {
                     for (auto& line : lines_of(batch))
                       delivered.push_back(line);
                     if (++held % 2 == 0)
                       ctx.after(700ms);
                   },
                 .timer = [](timer_token, context& ctx) { ctx.release(); },
                 .releases = release_mode::manual});
  spec.children[0].mailbox.messages_max = 2;
  auto faulty = worker();
  faulty.room = [this, inner = faulty.room](context& ctx) {
    inner(ctx);
    if (rooms % 7 == 3)
      ctx.fail("told to");
  };
  child("worker", faulty, 0);
  start();
  const auto paths = numbered_paths(40);
  for (const auto& path : paths)
    push(1, batch_of(texts{path}));
  pass(5min);
  BOOST_TEST(logged("child_crashed") >= 2);
  BOOST_TEST(delivered == modifies(paths), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(in_manual_mode_all_that_was_not_released_comes_again_in_order) {
  auto given = texts{};
  child("folding", {.batch =
                       [&](const event_batch& batch, context& ctx) {
                         given.push_back(std::string{batch[0].path});
                         if (batch[0].path == "/2")
                           ctx.release();
                         if (batch[0].path == "/4" && fails_left > 0 && fails_left-- > 0)
                           ctx.fail("told to");
                       },
                     .releases = release_mode::manual});
  start();
  fails_left = 1;
  for (const auto* path : {"/1", "/2", "/3", "/4", "/5"})
    push(0, batch_of({path}));
  pass(1s);
  BOOST_TEST(
    given == (texts{"/1", "/2", "/3", "/4", "/3", "/4", "/5"}), boost::test_tools::per_element());
  BOOST_TEST(mailbox(0).health(now()).depth == 3u);
}

// -- control never waits behind data --------------------------------------------------------------

namespace {

constexpr auto flood = 200'000u;

struct flooded : fixture {
  std::size_t handled = 0;
  std::size_t crashed_at = 0;          ///< batches handled when the other child crashed
  std::function<void(std::size_t)> at; ///< called with each batch's number

  void start_flood() {
    child("flooded", {.batch = [this](const event_batch&, context&) {
      ++handled;
      if (at)
        at(handled);
    }});
    child("other", {.batch = [this](const event_batch&, context& ctx) {
      crashed_at = handled;
      ctx.fail("crash");
    }});
    for (auto& x : spec.children)
      x.mailbox = {flood, std::size_t{1} << 40, overflow_policy::hold};
    start();
    const auto one = batch_of({"/1"});
    for (auto i = 0u; i < flood; ++i)
      push(0, one);
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(a_crash_is_noticed_within_10_messages_of_a_flood, flooded) {
  at = [this](std::size_t number) {
    if (number == 100)
      push(1, batch_of({"/crash"}));
  };
  auto noticed = std::size_t{0};
  on_line = [&](const log_line& line) {
    if (line.event == "child_crashed")
      noticed = handled;
  };
  start_flood();
  settle();
  BOOST_TEST(crashed_at >= 100u);
  BOOST_TEST(crashed_at <= 100u + patience);
  BOOST_TEST(noticed >= crashed_at);
  BOOST_TEST(noticed <= crashed_at + patience);
  BOOST_TEST(handled == flood);
}

BOOST_FIXTURE_TEST_CASE(
  a_crash_in_the_flooded_child_itself_stops_its_work_and_loses_nothing, flooded) {
  at = [](std::size_t number) {
    if (number == 500)
      throw std::runtime_error{"crash"};
  };
  auto noticed = std::size_t{0};
  on_line = [&](const log_line& line) {
    if (line.event == "child_crashed")
      noticed = handled;
  };
  start_flood();
  settle();
  BOOST_TEST(noticed == 500u);
  BOOST_TEST(handled == 500u);
  BOOST_TEST(mailbox(0).health(now()).depth == flood - 499);
  pass(1s);
  BOOST_TEST(handled == flood + 1u); // one of them twice
}

BOOST_FIXTURE_TEST_CASE(a_stop_is_noticed_within_10_messages_of_a_flood, flooded) {
  at = [this](std::size_t number) {
    if (number == 100)
      running->request_stop();
    if (number == 200)
      running->abandon();
  };
  auto draining = std::size_t{0};
  auto ended = std::size_t{0};
  on_line = [&](const log_line& line) {
    if (line.event == "draining")
      draining = handled;
    if (line.event == "shutdown_report")
      ended = handled;
  };
  start_flood();
  settle();
  BOOST_TEST(draining >= 100u);
  BOOST_TEST(draining <= 100u + patience);
  BOOST_TEST(ended >= 200u);
  BOOST_TEST(ended <= 200u + patience);
  BOOST_TEST(handled <= 200u + 2 * patience);
  BOOST_TEST(running->is_done());
  BOOST_TEST(running->end().undelivered > flood - 300);
}

// -- data from other actors -----------------------------------------------------------------------

namespace {

/// CAF takes whatever can be walked for a container, and asks what is in it.
template <class Batch>
constexpr bool can_be_sent = requires {
  typename Batch::value_type;
};

template <class Batch, caf::message_priority P = caf::message_priority::normal>
void send(const caf::actor& to, Batch batch) {
  if constexpr (can_be_sent<Batch>)
    caf::anon_send<P>(to, std::move(batch));
  else
    BOOST_FAIL("an event_batch cannot be sent over CAF: it has no value_type");
}

/// Asks as any actor does; `meanwhile` runs before the answer is waited for.
template <class Meanwhile>
std::string ask(
  caf::actor_system& sys, const caf::actor& whom, event_batch question, Meanwhile meanwhile) {
  auto answer = std::string{"none"};
  auto self = caf::scoped_actor{sys};
  auto request = self->request(whom, caf::infinite, std::move(question));
  meanwhile();
  if (self->has_next_message())
    request.receive([&](const event_batch& x) { answer = lines_of(x).front(); },
      [&](const caf::error& x) { answer = name_of(static_cast<errc>(x.code())); });
  return answer;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_batch_sent_by_any_actor_lands_in_the_bounded_mailbox) {
  start_two();
  const auto handle = dynamic_cast<cell_host&>(*running->declared()[1]->hosted_by).handle();
  send(handle, batch_of({"/1"}));
  send<event_batch, caf::message_priority::high>(handle, batch_of({"/2"}));
  BOOST_TEST(mailbox(1).health(now()).depth == 2u);
  settle();
  BOOST_TEST(delivered == (texts{"modify /1", "modify /2"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_bound_holds_for_whoever_sends) {
  child("c", collector());
  spec.children[0].mailbox.messages_max = 3;
  start();
  const auto handle = dynamic_cast<cell_host&>(*running->declared()[0]->hosted_by).handle();
  for (auto i = 0; i < 100; ++i)
    send(handle, batch_of({"/1"}));
  BOOST_TEST(mailbox(0).health(now()).depth == 3u);
  BOOST_TEST(mailbox(0).health(now()).counters.refused == 97u);
  settle();
  BOOST_TEST(delivered.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_request_is_a_question_to_the_stage) {
  auto script = collector();
  script.ask = [](const event_batch& question, context& ctx) -> result<event_batch> {
    if (question[0].path == "/no")
      return failure(errc::not_found, "no");
    if (question[0].path == "/crash")
      ctx.fail("told to");
    return question;
  };
  child("c", script);
  start();
  const auto handle = dynamic_cast<cell_host&>(*running->declared()[0]->hosted_by).handle();
  const auto settled = [&] { settle(); };
  BOOST_TEST(ask(sys, handle, batch_of({"/yes"}), settled) == "modify /yes");
  BOOST_TEST(ask(sys, handle, batch_of({"/no"}), settled) == "not_found");
  BOOST_TEST(ask(sys, handle, batch_of({"/crash"}), settled) == "crashed");
}

BOOST_AUTO_TEST_CASE(a_request_that_cannot_be_taken_is_answered_at_once_with_its_error) {
  child("c", collector());
  spec.children[0].mailbox.messages_max = 1;
  start();
  const auto handle = dynamic_cast<cell_host&>(*running->declared()[0]->hosted_by).handle();
  const auto at_once = [] {};
  send(handle, batch_of({"/1"})); // nobody runs meanwhile
  BOOST_TEST(ask(sys, handle, batch_of({"/2"}), at_once) == "full");
  settle();
  running->request_stop();
  settle();
  BOOST_TEST(ask(sys, handle, batch_of({"/3"}), at_once) == "closed");
}

BOOST_AUTO_TEST_CASE(a_message_nobody_knows_harms_nothing) {
  start_two();
  const auto handle = dynamic_cast<cell_host&>(*running->declared()[1]->hosted_by).handle();
  caf::anon_send(handle, std::string{"hello"});
  caf::anon_send(handle, 42, std::string{"world"});
  push(1, batch_of({"/1"}));
  settle();
  BOOST_TEST(delivered == texts{"modify /1"}, boost::test_tools::per_element());
  BOOST_TEST(logged("child_crashed") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
