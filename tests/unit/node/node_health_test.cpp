#include "support/patience.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <future>
#include <memory>
#include <set>
#include <thread>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;

namespace node_health_tests {

constexpr auto many = 2'500; ///< workers: two pages and a half
constexpr auto kept = 1'024; ///< transitions

/// Crashes on "/crash", waits at the gate on "/wait".
class told_stage final : public stage {
public:
  explicit told_stage(gate& stuck) : stuck_{stuck} {}
  void on_batch(const event_batch& batch, context& ctx) override {
    if (batch[0].path == "/crash")
      ctx.fail("told to");
    if (batch[0].path == "/wait")
      stuck_.pass();
  }

private:
  gate& stuck_;
};

/// Who crashes fails at once.
supervise_options unforgiving(escalation on_failure) {
  auto options = supervise_options{};
  options.restart.backoff.attempts_max = 0;
  options.group.on_failure = on_failure;
  return options;
}

/// Who crashes stays away.
supervise_options slow_to_return() {
  auto options = supervise_options{};
  options.restart.backoff = {.base = 1h, .cap = 1h, .stable_after = 1h};
  return options;
}

/// What crashes a stage is lost, and crashes no successor.
constexpr auto once = mailbox_limits{.on_crash = redelivery::never};

struct fixture {
  gate stuck;
  node host{quiet()};

  ~fixture() { stuck.open(); } // before the node, which would wait

  factory<stage> stage_factory() {
    return [this] { return std::make_unique<told_stage>(stuck); };
  }

  /// A silent source, stages "a" and "b", a sink; ready.
  pipeline_builder describe(std::string name = "p") {
    auto x = host.pipeline(std::move(name));
    x.source("source", silent_source::factory())
      .stage("a", stage_factory())
      .stage("b", stage_factory())
      .emit("sink", [](const event_batch&) {})
      .mailboxes(once);
    return x;
  }

  pool start_pool(std::string name, pool_options options = {}) {
    return host
      .pool(
        std::move(name),
        [this](const auto&, const auto&) { return std::make_unique<told_stage>(stuck); }, options)
      .value();
  }

  bool is_in(const std::string& id, child_state state) {
    return eventually([&] { return row_of(host, id).state == state; });
  }

  /// The number of the last transition.
  std::uint64_t last_event() {
    const auto all = host.events(0, 10'000).entries;
    return all.empty() ? 0 : all.back().id;
  }
};

std::vector<worker> numbered_workers(int count) {
  auto all = std::vector<worker>{};
  for (auto i = 0; i < count; ++i)
    all.push_back({"w" + std::to_string(i)});
  return all;
}

} // namespace node_health_tests

BOOST_FIXTURE_TEST_SUITE(node_health_tests, fixture)

// -- numbers and rows -----------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_totals_are_the_sums_of_the_rows) {
  auto running = describe().supervise(unforgiving(escalation::isolate)).start();
  BOOST_REQUIRE(running.has_value());
  auto options = pool_options{};
  options.restart.backoff.base = 1ms;
  auto workers = start_pool("pool", options);
  BOOST_REQUIRE(workers.add(numbered_workers(20)).has_value());
  BOOST_TEST(running->push("a", batch_of({"/crash"})).has_value());
  for (const auto* who : {"w1", "w2", "w2"})
    BOOST_TEST(workers.push(who, batch_of({"/crash"})).has_value());
  BOOST_REQUIRE(is_in("p/a", child_state::failed));
  BOOST_REQUIRE(eventually([&] { return host.health().totals.restarts == 3; }));
  BOOST_REQUIRE(eventually([&] { return host.health().totals.in(child_state::ready) == 23; }));
  const auto health = host.health();
  auto by_state = std::array<std::size_t, child_states>{};
  auto restarts = std::uint64_t{0};
  for (const auto& row : health.children)
    if (row.kind == child_kind::child) {
      ++by_state[static_cast<std::size_t>(row.state)];
      restarts += row.restarts_total;
    }
  BOOST_TEST(health.totals.by_state == by_state, boost::test_tools::per_element());
  BOOST_TEST(health.totals.restarts == restarts);
  BOOST_TEST(health.totals.children() == 24u);
  BOOST_TEST(health.totals.in(child_state::failed) == 1u);
}

BOOST_AUTO_TEST_CASE(pages_show_every_child_once_in_an_order_that_stays) {
  auto first = describe("a").start();
  auto workers = start_pool("b");
  auto last = describe("c").start();
  BOOST_REQUIRE(first.has_value());
  BOOST_REQUIRE(last.has_value());
  BOOST_REQUIRE(workers.add(numbered_workers(many), patience).has_value());
  constexpr auto rows = std::size_t{4 + 1 + many + 4};
  for (const auto rows_max : {1000u, 1u + many / 7, 10'000u}) {
    auto ids = std::vector<std::string>{};
    auto pages = 0u;
    for (auto page = health_page{{}, rows_max};; page.after = ids.back()) {
      const auto health = host.health(page);
      ++pages;
      BOOST_TEST_REQUIRE(health.children.size() <= rows_max);
      BOOST_TEST(health.totals.children() == rows - 1); // on every page
      for (const auto& row : health.children)
        ids.push_back(row.id);
      if (!health.has_more)
        break;
      BOOST_TEST_REQUIRE(health.children.size() == rows_max);
    }
    BOOST_TEST(pages == (rows + rows_max - 1) / rows_max);
    BOOST_TEST(ids.size() == rows);
    BOOST_TEST((std::set(ids.begin(), ids.end()).size() == rows));
    BOOST_TEST(ids.front() == "a/sink");
    BOOST_TEST(ids.back() == "c/source");
  }
}

BOOST_AUTO_TEST_CASE(a_page_goes_on_behind_a_worker_that_has_gone_meanwhile) {
  auto workers = start_pool("pool");
  BOOST_REQUIRE(workers.add({{"a"}, {"b"}, {"c"}}).has_value());
  const auto first = host.health({{}, 2});
  BOOST_REQUIRE(first.children.size() == 2u);
  BOOST_TEST(first.children.back().id == "pool/workers/a");
  BOOST_TEST(workers.remove("a").has_value());
  BOOST_REQUIRE(eventually([&] { return host.health().children.size() == 3; }));
  const auto second = host.health({first.children.back().id, 10});
  BOOST_REQUIRE(second.children.size() == 2u);
  BOOST_TEST(second.children[0].id == "pool/workers/b");
  BOOST_TEST(!second.has_more);
}

// -- what is told ---------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(events_come_in_order_in_pages_and_each_once) {
  BOOST_REQUIRE(describe().start().has_value());
  BOOST_REQUIRE(eventually([&] { return told(host, "child_ready") == 4; }));
  const auto all = host.events(0, 10'000);
  BOOST_TEST(all.missed == 0u);
  auto after = std::uint64_t{0};
  for (const auto& expected : all.entries) {
    const auto next = host.events(after, 1);
    BOOST_REQUIRE(next.entries.size() == 1u);
    BOOST_TEST(next.entries[0].id == after + 1);
    BOOST_TEST(next.entries[0].id == expected.id);
    BOOST_TEST(next.entries[0].what.event == expected.what.event);
    after = next.entries[0].id;
  }
  BOOST_TEST(host.events(after, 10).entries.empty());
  auto started = std::vector<std::string>{};
  for (const auto& x : all.entries)
    if (x.what.event == "child_ready")
      started.push_back(x.what.child);
  BOOST_TEST(started == (std::vector<std::string>{"p/sink", "p/b", "p/a", "p/source"}),
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reader_of_events_waits_as_long_as_it_says) {
  const auto began = std::chrono::steady_clock::now();
  BOOST_TEST(host.events(0, 10, 50ms).entries.empty());
  BOOST_TEST((std::chrono::steady_clock::now() - began >= 50ms));
}

BOOST_AUTO_TEST_CASE(a_reader_of_events_is_woken_by_the_next_one) {
  auto workers = start_pool("pool");
  BOOST_REQUIRE(host.ping(patience)); // what the pool's own start tells has been told
  const auto last = last_event();
  auto page = std::async(std::launch::async, [&] { return host.events(last, 10, 1h); });
  BOOST_TEST(workers.add({{"a"}}).has_value());
  BOOST_REQUIRE((page.wait_for(patience) == std::future_status::ready));
  const auto news = page.get();
  BOOST_REQUIRE(!news.entries.empty());
  BOOST_TEST(news.entries[0].id == last + 1);
  BOOST_TEST(news.entries[0].what.child == "pool/workers/a");
}

BOOST_AUTO_TEST_CASE(a_reader_of_events_that_is_too_slow_is_told_how_many_it_missed) {
  auto workers = start_pool("pool");
  BOOST_REQUIRE(workers.add(numbered_workers(kept), patience).has_value()); // two events each
  BOOST_REQUIRE(eventually([&] { return host.health().totals.in(child_state::ready) == kept; }));
  const auto page = host.events(0, 10'000);
  BOOST_REQUIRE(page.entries.size() == std::size_t{kept});
  BOOST_TEST(page.missed >= std::uint64_t{kept});
  BOOST_TEST(page.entries.front().id == page.missed + 1);
  BOOST_TEST(page.entries.back().id == page.missed + kept);
  BOOST_TEST(host.events(page.missed - 3, 1).missed == 3u);
  BOOST_TEST(host.events(page.missed, 1).missed == 0u);
}

// -- what is lost ---------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(every_kind_of_loss_is_counted_and_kept_once) {
  const auto pool_with = [&](std::string name, mailbox_limits limits) {
    auto options = pool_options{};
    options.mailbox = limits;
    options.restart.backoff = {.base = 1h, .cap = 1h, .stable_after = 1h};
    auto made = start_pool(std::move(name), options);
    BOOST_REQUIRE(made.add({{"w"}}).has_value());
    return made;
  };
  auto hanging = 0;
  const auto send = [&](pool& to, std::initializer_list<const char*> paths) {
    for (const auto* path : paths) {
      BOOST_TEST(to.push("w", batch_of({path})).has_value());
      if (std::string_view{path} == "/wait") // it is in work before more is sent
        BOOST_REQUIRE(stuck.wait_for(++hanging));
    }
  };
  auto newest = pool_with("newest", {.messages_max = 2, .on_full = overflow_policy::drop_newest});
  send(newest, {"/wait", "/1", "/2", "/3", "/4"}); // 3 full
  stuck.wait_for(1);
  auto oldest = pool_with("oldest", {.messages_max = 2, .on_full = overflow_policy::drop_oldest});
  send(oldest, {"/wait", "/1", "/2", "/3"}); // 2 evicted
  stuck.open();
  BOOST_REQUIRE(eventually([&] { return row_of(host, "newest/workers/w").mailbox.depth == 0; }));
  BOOST_REQUIRE(eventually([&] { return row_of(host, "oldest/workers/w").mailbox.depth == 0; }));
  auto down =
    pool_with("down", {.on_down = down_policy::dead_letter, .on_crash = redelivery::never});
  BOOST_REQUIRE(is_in("down/workers/w", child_state::ready)); // or what comes is lost already
  send(down, {"/crash"});                                     // 1 crashed
  BOOST_REQUIRE(is_in("down/workers/w", child_state::backing_off));
  send(down, {"/1", "/2", "/3", "/4"}); // 4 down
  auto conflating =
    pool_with("conflating", {.messages_max = 1, .on_full = overflow_policy::conflate});
  BOOST_REQUIRE(is_in("conflating/workers/w", child_state::ready));
  auto closing = pool_with("closing", {.on_crash = redelivery::never});
  send(closing, {"/crash"}); // 1 crashed
  BOOST_REQUIRE(is_in("closing/workers/w", child_state::backing_off));
  send(closing, {"/1", "/2", "/3", "/4", "/5"});
  BOOST_TEST(closing.remove("w").has_value()); // 5 closed
  BOOST_REQUIRE(eventually([&] { return row_of(host, "closing/workers/w").id.empty(); }));

  auto expected = std::array<std::uint64_t, losses>{};
  expected[static_cast<std::size_t>(loss::full)] = 3;
  expected[static_cast<std::size_t>(loss::evicted)] = 2;
  expected[static_cast<std::size_t>(loss::down)] = 4;
  expected[static_cast<std::size_t>(loss::crashed)] = 2;
  expected[static_cast<std::size_t>(loss::closed)] = 5;
  const auto counts = host.health().totals.losses;
  BOOST_TEST(counts.messages == expected, boost::test_tools::per_element());
  BOOST_TEST(counts.events == expected, boost::test_tools::per_element());
  auto kept_of = std::array<std::uint64_t, losses>{};
  const auto page = host.dead_letters(0, 1000);
  BOOST_TEST(page.missed == 0u);
  for (std::size_t i = 0; i < page.entries.size(); ++i) {
    BOOST_TEST(page.entries[i].id == i + 1);
    ++kept_of[static_cast<std::size_t>(page.entries[i].what.reason)];
  }
  BOOST_TEST(kept_of == expected, boost::test_tools::per_element());
  BOOST_TEST(told(host, "dropped_summary", "newest/workers/w") >= 1);
}

BOOST_AUTO_TEST_CASE(what_a_newer_one_stands_for_is_counted_as_conflated) {
  auto options = pool_options{};
  options.mailbox = {.messages_max = 2, .on_full = overflow_policy::conflate};
  auto workers = start_pool("pool", options);
  BOOST_REQUIRE(workers.add({{"w"}}).has_value());
  BOOST_TEST(workers.push("w", batch_of({"/wait"})).has_value());
  BOOST_REQUIRE(stuck.wait_for(1));
  for (auto i = 0; i < 4; ++i) // the first waits; three stand for one before them
    BOOST_TEST(workers.push("w", batch_of({"/same"})).has_value());
  BOOST_TEST(workers.push("w", batch_of({"/other"})).has_value()); // stands for nothing
  const auto counts = host.health().totals.losses.messages;
  BOOST_TEST(counts[static_cast<std::size_t>(loss::conflated)] == 3u);
  BOOST_TEST(counts[static_cast<std::size_t>(loss::full)] == 1u);
}

// -- live and ready -------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(an_idle_node_is_live_and_so_is_one_with_a_failed_child) {
  BOOST_TEST(host.ping());
  auto running = describe().supervise(unforgiving(escalation::isolate)).start();
  BOOST_REQUIRE(running.has_value());
  BOOST_TEST(host.ping(20s));
  BOOST_TEST(running->push("a", batch_of({"/crash"})).has_value());
  BOOST_REQUIRE(is_in("p/a", child_state::failed));
  BOOST_TEST(host.ping(20s));
  BOOST_TEST(host.health().live);
  BOOST_TEST(!host.health().ready);
  BOOST_TEST(!running->is_done());
}

BOOST_AUTO_TEST_CASE(a_node_is_live_while_a_stage_of_it_hangs) {
  auto running = describe().start();
  BOOST_REQUIRE(running.has_value());
  for (const auto* child : {"a", "b"}) // both workers of the node are kept
    BOOST_TEST(running->push(child, batch_of({"/wait"})).has_value());
  BOOST_REQUIRE(stuck.wait_for(2));
  BOOST_TEST(host.ping(20s));
}

BOOST_AUTO_TEST_CASE(a_node_is_not_ready_while_a_required_child_backs_off) {
  auto running = describe().supervise(slow_to_return()).start();
  BOOST_REQUIRE(running.has_value());
  BOOST_REQUIRE(eventually([&] { return host.health().ready; }));
  BOOST_TEST(running->push("a", batch_of({"/crash"})).has_value());
  BOOST_REQUIRE(is_in("p/a", child_state::backing_off));
  BOOST_TEST(!host.health().ready);
  BOOST_TEST(!running->is_ready());
  BOOST_TEST(running->reset("a").has_value()); // starts at once
  BOOST_TEST(eventually([&] { return host.health().ready && running->is_ready(); }));
}

BOOST_AUTO_TEST_CASE(a_grace_keeps_a_node_ready_while_a_child_is_away_for_a_moment) {
  auto options = slow_to_return();
  options.group.ready_grace = 1h;
  auto running = describe().supervise(options).start();
  BOOST_REQUIRE(running.has_value());
  BOOST_REQUIRE(eventually([&] { return host.health().ready; }));
  BOOST_TEST(running->push("a", batch_of({"/crash"})).has_value());
  BOOST_REQUIRE(is_in("p/a", child_state::backing_off));
  BOOST_TEST(host.health().ready);
  BOOST_TEST(running->is_ready());
}

// -- groups ---------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_group_restarts_as_one_and_its_children_have_its_name) {
  auto options = supervise_options{};
  options.restart.backoff.base = 1ms;
  auto rules = supervision_rules{};
  rules.strategy = restart_strategy::one_for_all;
  auto running = describe().group("g", {"a", "b"}, rules).supervise(options).start();
  BOOST_REQUIRE(running.has_value());
  BOOST_REQUIRE(eventually([&] { return running->is_ready(); }));
  auto ids = std::set<std::string>{};
  for (const auto& row : host.health().children)
    ids.insert(row.id);
  BOOST_TEST(ids == (std::set<std::string>{"p/sink", "p/g", "p/g/a", "p/g/b", "p/source"}),
    boost::test_tools::per_element());
  BOOST_TEST((row_of(host, "p/g").kind == child_kind::group));
  BOOST_TEST(running->push("g/a", batch_of({"/crash"})).has_value());
  BOOST_REQUIRE(eventually([&] {
    return row_of(host, "p/g/a").incarnation == 2 && row_of(host, "p/g/b").incarnation == 2
           && running->is_ready();
  }));
  BOOST_TEST(row_of(host, "p/sink").incarnation == 1u);
  BOOST_TEST(row_of(host, "p/source").incarnation == 1u);
}

BOOST_AUTO_TEST_CASE(a_group_that_restarts_too_often_is_a_child_that_crashed) {
  auto options = supervise_options{};
  options.restart.backoff.base = 1ms;
  auto rules = supervision_rules{};
  rules.budget.restarts_max = 1;
  auto running = describe().group("g", {"a", "b"}, rules).supervise(options).start();
  BOOST_REQUIRE(running.has_value());
  BOOST_REQUIRE(eventually([&] { return running->is_ready(); }));
  BOOST_TEST(running->push("g/a", batch_of({"/crash"})).has_value());
  BOOST_TEST(running->push("g/a", batch_of({"/crash"})).has_value());
  BOOST_REQUIRE(eventually([&] { return row_of(host, "p/g/b").incarnation == 2; }));
  BOOST_REQUIRE(eventually([&] { return running->is_ready(); }));
  BOOST_TEST(row_of(host, "p/g").incarnation == 2u);
  BOOST_TEST(row_of(host, "p/sink").incarnation == 1u);
  BOOST_TEST(told(host, "child_crashed", "p/g") == 1);
  BOOST_TEST(told(host, "fatal_error") == 0);
}

BOOST_AUTO_TEST_CASE(all_mistakes_about_groups_and_mailboxes_come_back_at_once) {
  auto rules = supervision_rules{};
  rules.stop_deadline = -1ms;
  const auto started = describe()
                         .group("g", {"a", "nobody"}, rules)
                         .group("h", {"a"})
                         .group("b", {})
                         .mailbox("nobody", {})
                         .mailbox("a", {.messages_max = 0})
                         .start();
  BOOST_REQUIRE(!started.has_value());
  BOOST_TEST((started.error().code == errc::invalid_argument));
  const auto& text = started.error().text;
  for (const auto* words : {"group \"g\": stop_deadline", "group \"g\": child \"nobody\"",
         "group \"h\": child \"a\" is not there, or in another group", "child \"b\": the name",
         "mailbox of \"nobody\": there is no such child",
         "mailbox of \"a\": messages_max and bytes_max"})
    BOOST_TEST(text.find(words) != std::string::npos, words << " is missing in:\n" << text);
  BOOST_TEST(host.health().children.empty());
}

BOOST_AUTO_TEST_CASE(a_reset_brings_back_a_failed_child_of_an_isolated_group) {
  auto rules = supervision_rules{};
  rules.on_failure = escalation::isolate;
  auto running =
    describe().group("g", {"a", "b"}, rules).supervise(unforgiving(escalation::escalate)).start();
  BOOST_REQUIRE(running.has_value());
  BOOST_REQUIRE(eventually([&] { return running->is_ready(); }));
  BOOST_TEST(running->push("g/a", batch_of({"/crash"})).has_value());
  BOOST_REQUIRE(is_in("p/g/a", child_state::failed));
  BOOST_TEST(!running->is_done());
  BOOST_TEST(!running->is_ready());
  const auto refused = running->push("g/a", batch_of({"/1"}));
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == errc::closed));
  BOOST_TEST(running->push("g/b", batch_of({"/1"})).has_value());
  const auto unknown = running->reset("a");
  BOOST_REQUIRE(!unknown.has_value());
  BOOST_TEST((unknown.error().code == errc::not_found));
  BOOST_TEST(running->reset("g/a").has_value());
  BOOST_REQUIRE(is_in("p/g/a", child_state::ready));
  BOOST_TEST(eventually([&] { return running->is_ready(); }));
  BOOST_TEST(running->push("g/a", batch_of({"/1"})).has_value());
  BOOST_TEST(row_of(host, "p/g/a").attempt == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
