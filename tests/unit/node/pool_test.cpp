#include "support/patience.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;

namespace pool_tests {

constexpr auto many = 2'000;

/// What the workers of a test have in common. Outlives them.
struct workshop {
  std::atomic<int> alive{0};
  std::atomic<int> crashes_left{1};
  gate stuck;
  diary seen;
};

/// Crashes on "/crash" as often as it shall, waits at the gate on "/wait", and answers with its
/// name.
class hand final : public stage {
public:
  hand(std::string name, workshop& where) : name_{std::move(name)}, where_{where} {
    ++where_.alive;
  }
  ~hand() override { --where_.alive; }

  void on_batch(const event_batch& batch, context& ctx) override {
    where_.seen.write(batch);
    if (batch[0].path == "/crash" && where_.crashes_left-- > 0)
      ctx.fail("told to");
    if (batch[0].path == "/wait")
      where_.stuck.pass();
  }
  result<event_batch> on_ask(const event_batch& question, context& ctx) override {
    if (question[0].path == "/crash")
      ctx.fail("asked to");
    return batch_of({name_.c_str()});
  }

private:
  std::string name_;
  workshop& where_;
};

pool_options hasty() {
  auto options = pool_options{};
  options.restart.backoff.base = 1ms;
  return options;
}

struct fixture {
  workshop common;
  node host{quiet()};

  ~fixture() { common.stuck.open(); } // before the node, which would wait

  pool start(pool_options options = hasty(), std::string name = "pool") {
    return host
      .pool(
        std::move(name),
        [this](const std::string& id, const std::string& args) {
          return std::make_unique<hand>(id + ":" + args, common);
        },
        options)
      .value();
  }

  child_health row(const std::string& worker) { return row_of(host, "pool/workers/" + worker); }

  template <class T>
  static errc code_of(const result<T>& x) {
    return x ? errc{} : x.error().code;
  }

  std::string name_of_worker(pool& workers, const std::string& id) {
    const auto answer = workers.ask(id, batch_of({"/who"}), patience);
    return answer ? std::string{(*answer)[0].path} : "error: " + answer.error().text;
  }

  std::size_t losses(loss reason) {
    return host.health().totals.losses.messages[static_cast<std::size_t>(reason)];
  }
};

std::vector<worker> numbered_workers(int count) {
  auto all = std::vector<worker>{};
  for (auto i = 0; i < count; ++i)
    all.push_back({"w" + std::to_string(i), std::to_string(i * 2)});
  return all;
}

} // namespace pool_tests

BOOST_FIXTURE_TEST_SUITE(pool_tests, fixture)

BOOST_AUTO_TEST_CASE(a_worker_is_made_from_its_id_and_arguments_and_answers_to_its_id) {
  auto workers = start();
  BOOST_TEST(workers.name() == "pool");
  BOOST_TEST(workers.add({{"a", "1"}, {"b", "2"}, {"c"}}).has_value());
  BOOST_TEST(name_of_worker(workers, "a") == "a:1");
  BOOST_TEST(name_of_worker(workers, "b") == "b:2");
  BOOST_TEST(name_of_worker(workers, "c") == "c:");
  BOOST_TEST(workers.push("b", batch_of({"/1"})).has_value());
  BOOST_TEST(common.seen.wait_for("modify /1"));
}

BOOST_AUTO_TEST_CASE(all_mistakes_of_a_pool_come_back_at_once) {
  auto options = pool_options{};
  options.hang_after = 0ms;
  options.restart.backoff.multiplier = 0.5;
  options.mailbox.messages_max = 0;
  const auto bad = host.pool("a/b", nullptr, options);
  BOOST_REQUIRE(!bad.has_value());
  BOOST_TEST((bad.error().code == errc::invalid_argument));
  for (const auto* words :
    {"pool \"a/b\": a name has", "there is no factory", "hang_after must be at least",
      "multiplier must be at least 1", "messages_max and bytes_max must be at least 1"})
    BOOST_TEST(bad.error().text.find(words) != std::string::npos, words << " is missing in:\n"
                                                                        << bad.error().text);
  BOOST_TEST(host.health().children.empty());
}

BOOST_AUTO_TEST_CASE(a_name_of_a_pool_is_given_once) {
  start();
  const auto again =
    host.pool("pool", [](const auto&, const auto&) { return std::unique_ptr<stage>{}; });
  BOOST_TEST((code_of(again) == errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(an_id_that_is_none_is_refused_and_nobody_is_added) {
  auto workers = start();
  for (const auto& id : {std::string{}, std::string{"a/b"}, std::string{"a b"},
         std::string(65, 'a'), std::string{"\xc3\xa4"}})
    BOOST_TEST((code_of(workers.add({{"fine"}, {id}})) == errc::invalid_argument), id);
  BOOST_TEST(host.health().totals.children() == 0u);
  BOOST_TEST(workers.add({{std::string(64, 'a')}, {"A-z_0"}}).has_value());
}

BOOST_AUTO_TEST_CASE(an_id_that_is_taken_is_refused_and_those_before_it_are_added) {
  auto workers = start();
  BOOST_TEST(workers.add({{"a", "first"}}).has_value());
  const auto again = workers.add({{"b"}, {"a", "second"}, {"c"}});
  BOOST_TEST((code_of(again) == errc::invalid_argument));
  BOOST_TEST(again.error().text.find("pool/workers/a") != std::string::npos);
  BOOST_TEST(name_of_worker(workers, "a") == "a:first");
  BOOST_TEST(name_of_worker(workers, "b") == "b:");
  BOOST_TEST((code_of(workers.ask("c", batch_of({"/who"}))) == errc::not_found));
  BOOST_TEST((code_of(workers.add({{"d"}, {"d"}})) == errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(a_pool_that_is_full_says_so_until_one_is_removed) {
  auto options = hasty();
  options.children_max = 2;
  auto workers = start(options);
  BOOST_TEST((code_of(workers.add({{"a"}, {"b"}, {"c"}})) == errc::full));
  BOOST_TEST(host.health().totals.children() == 2u);
  BOOST_TEST(workers.remove("a").has_value());
  BOOST_TEST(eventually([&] { return workers.add({{"c"}}).has_value(); }));
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_not_found) {
  auto workers = start();
  BOOST_TEST((code_of(workers.remove("a")) == errc::not_found));
  BOOST_TEST((code_of(workers.push("a", batch_of({"/1"}))) == errc::not_found));
  BOOST_TEST((code_of(workers.ask("a", batch_of({"/1"}))) == errc::not_found));
  BOOST_TEST((code_of(workers.reset("a")) == errc::not_found));
  BOOST_TEST(workers.add({{"a"}}).has_value());
  BOOST_TEST(workers.remove("a").has_value());
  BOOST_TEST(
    eventually([&] { return code_of(workers.push("a", batch_of({"/1"}))) == errc::not_found; }));
  BOOST_TEST((code_of(workers.remove("a")) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(one_that_runs_is_not_reset) {
  auto workers = start();
  BOOST_TEST(workers.add({{"a"}}).has_value());
  BOOST_TEST(name_of_worker(workers, "a") == "a:");
  BOOST_TEST((code_of(workers.reset("a")) == errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(everything_is_closed_after_a_stop) {
  auto workers = start();
  BOOST_TEST(workers.add({{"a"}}).has_value());
  auto done = std::atomic<int>{0};
  workers.on_done([&] { ++done; });
  workers.request_stop();
  BOOST_REQUIRE(eventually([&] { return workers.is_done() && done == 1; }));
  BOOST_TEST((code_of(workers.add({{"b"}})) == errc::closed));
  BOOST_TEST((code_of(workers.remove("a")) == errc::closed));
  BOOST_TEST((code_of(workers.push("a", batch_of({"/1"}))) == errc::closed));
  BOOST_TEST((code_of(workers.ask("a", batch_of({"/1"}))) == errc::closed));
  BOOST_TEST((code_of(workers.reset("a")) == errc::closed));
  BOOST_TEST(common.alive == 0);
  BOOST_TEST(host.stop(20s).clean);
  const auto late =
    host.pool("late", [](const auto&, const auto&) { return std::unique_ptr<stage>{}; });
  BOOST_TEST((code_of(late) == errc::closed));
}

BOOST_AUTO_TEST_CASE(a_worker_that_crashes_restarts_alone_and_what_crashed_it_is_not_given_again) {
  auto workers = start();
  BOOST_TEST(workers.add({{"a"}, {"b"}}).has_value());
  BOOST_TEST(workers.push("a", batch_of({"/crash"})).has_value());
  BOOST_TEST(workers.push("a", batch_of({"/after"})).has_value());
  BOOST_TEST(common.seen.wait_for("modify /after"));
  BOOST_TEST(common.seen.count("modify /crash") == 1);
  BOOST_TEST(eventually([&] { return row("a").incarnation == 2; }));
  BOOST_TEST(row("a").restarts_total == 1u);
  BOOST_TEST(row("a").last_error == "told to (in on_batch)");
  BOOST_TEST(row("b").incarnation == 1u);
  const auto letters = host.dead_letters(0, 10).entries;
  BOOST_REQUIRE(letters.size() == 1u);
  BOOST_TEST(name_of(letters[0].what.reason) == "handler_crashed");
  BOOST_TEST(letters[0].what.child == "pool/workers/a");
  BOOST_TEST(letters[0].what.what == "modify /crash");
  BOOST_TEST(losses(loss::crashed) == 1u);
  const auto counters = row("a").mailbox.counters;
  BOOST_TEST(counters.accepted == 2u);
  BOOST_TEST(counters.crashed == 1u);
}

BOOST_AUTO_TEST_CASE(a_message_that_crashed_a_worker_is_given_again_where_that_was_chosen) {
  auto options = hasty();
  options.mailbox.on_crash = redelivery::once_more;
  auto workers = start(options);
  BOOST_TEST(workers.add({{"a"}}).has_value());
  BOOST_TEST(workers.push("a", batch_of({"/crash"})).has_value());
  BOOST_TEST(workers.push("a", batch_of({"/after"})).has_value());
  BOOST_TEST(common.seen.wait_for("modify /after"));
  BOOST_TEST(common.seen.lines()
               == (std::vector<std::string>{"modify /crash", "modify /crash", "modify /after"}),
    boost::test_tools::per_element());
  BOOST_TEST(losses(loss::crashed) == 0u);
}

BOOST_AUTO_TEST_CASE(a_question_that_crashes_a_worker_is_answered_with_that) {
  auto workers = start();
  BOOST_TEST(workers.add({{"a"}}).has_value());
  BOOST_TEST((code_of(workers.ask("a", batch_of({"/crash"}), patience)) == errc::crashed));
  BOOST_TEST(name_of_worker(workers, "a") == "a:");
  BOOST_TEST(losses(loss::crashed) == 1u);
}

BOOST_AUTO_TEST_CASE(a_worker_that_fails_for_good_leaves_the_others_alone_and_can_be_reset) {
  auto options = hasty();
  options.restart.backoff.attempts_max = 0;
  auto workers = start(options);
  BOOST_TEST(workers.add({{"a"}, {"b"}}).has_value());
  BOOST_TEST(workers.push("a", batch_of({"/crash"})).has_value());
  BOOST_REQUIRE(eventually([&] { return row("a").state == child_state::failed; }));
  BOOST_TEST((code_of(workers.push("a", batch_of({"/1"}))) == errc::closed));
  BOOST_TEST((code_of(workers.ask("a", batch_of({"/1"}))) == errc::closed));
  BOOST_TEST(name_of_worker(workers, "b") == "b:");
  BOOST_TEST(!workers.is_done());
  BOOST_TEST(workers.reset("a").has_value());
  BOOST_TEST(name_of_worker(workers, "a") == "a:");
  BOOST_TEST(workers.push("a", batch_of({"/2"})).has_value());
  BOOST_TEST(common.seen.wait_for("modify /2"));
}

BOOST_AUTO_TEST_CASE(a_failed_worker_can_be_removed_and_its_id_used_again) {
  auto options = hasty();
  options.restart.backoff.attempts_max = 0;
  auto workers = start(options);
  BOOST_TEST(workers.add({{"a", "old"}}).has_value());
  BOOST_TEST(workers.push("a", batch_of({"/crash"})).has_value());
  BOOST_REQUIRE(eventually([&] { return row("a").state == child_state::failed; }));
  BOOST_TEST(workers.remove("a").has_value());
  BOOST_REQUIRE(eventually([&] { return row("a").id.empty(); }));
  BOOST_TEST(workers.add({{"a", "new"}}).has_value());
  BOOST_TEST(name_of_worker(workers, "a") == "a:new");
  BOOST_TEST(row("a").restarts_total == 0u);
}

BOOST_AUTO_TEST_CASE(what_waits_in_the_mailbox_of_a_removed_worker_is_lost_and_counted) {
  auto workers = start();
  BOOST_TEST(workers.add({{"a"}}).has_value());
  for (const auto* path : {"/wait", "/1", "/2"})
    BOOST_TEST(workers.push("a", batch_of({path})).has_value());
  BOOST_REQUIRE(common.stuck.wait_for(1));
  BOOST_TEST(workers.remove("a").has_value());
  BOOST_REQUIRE(eventually([&] { return row("a").state == child_state::stopping; }));
  common.stuck.open();
  BOOST_REQUIRE(eventually([&] { return row("a").id.empty(); }));
  BOOST_TEST(losses(loss::closed) == 2u);
  BOOST_TEST(common.seen.count("modify /1") == 0);
}

BOOST_AUTO_TEST_CASE(two_thousand_workers_come_answer_and_go_and_leave_nothing_behind) {
  auto workers = start();
  for (auto round = 0; round < 2; ++round) { // ids can be used again
    BOOST_REQUIRE(workers.add(numbered_workers(many), patience).has_value());
    auto wrong = 0;
    for (const auto& who : numbered_workers(many))
      wrong += name_of_worker(workers, who.id) != who.id + ":" + who.args;
    BOOST_TEST(wrong == 0);
    BOOST_TEST(common.alive == many);
    BOOST_TEST(host.health().totals.in(child_state::ready) == std::size_t{many});
    for (const auto& who : numbered_workers(many))
      wrong += !workers.remove(who.id).has_value();
    BOOST_TEST(wrong == 0);
    BOOST_TEST(eventually([&] { return host.health().totals.children() == 0; }));
    BOOST_TEST(eventually([&] { return common.alive == 0; }));
    const auto rows = host.health().children;
    BOOST_REQUIRE(rows.size() == 1u);
    BOOST_TEST(rows[0].id == "pool/workers");
    BOOST_TEST((rows[0].kind == child_kind::pool));
  }
}

BOOST_AUTO_TEST_SUITE_END()
