#include "actors/caf.hpp"
#include "support/patience.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <memory>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;

namespace hosting_test {

/// Writes down what it gets; answers a question with it; hangs and crashes when it is told to.
class scribe final : public stage {
public:
  scribe(diary& seen, gate& stuck) : seen_{seen}, stuck_{stuck} {}

  void on_batch(const event_batch& batch, context& ctx) override {
    if (batch[0].path == "/crash")
      ctx.fail("told to");
    if (batch[0].path == "/wait")
      stuck_.pass();
    seen_.write(batch);
  }
  result<event_batch> on_ask(const event_batch& question, context&) override { return question; }

private:
  diary& seen_;
  gate& stuck_;
};

struct fixture {
  diary seen;
  gate stuck;
  caf::actor_system_config config;
  caf::actor_system system{config};
  node host = node_in(system, quiet());

  ~fixture() { stuck.open(); }

  pipeline start(mailbox_limits limits = {}) {
    auto rules = supervise_options{};
    rules.restart.backoff.base = 1ms;
    return *host.pipeline("p")
              .source("none", silent_source::factory())
              .stage("scribe", [&] { return std::make_unique<scribe>(seen, stuck); })
              .mailbox("scribe", limits)
              .supervise(rules)
              .emit("nowhere", [](const event_batch&) {})
              .start();
  }

  /// Asks as any actor does.
  std::string ask(const caf::actor& whom, const event_batch& question) {
    auto answer = std::string{"none"};
    auto self = caf::scoped_actor{system};
    self->request(whom, patience, question)
      .receive([&](const event_batch& x) { answer = lines_of(x).front(); },
        [&](const caf::error& x) {
          answer = x.category() == caf::atom("actors") ? name_of(static_cast<errc>(x.code()))
                                                       : system.render(x);
        });
    return answer;
  }
};

} // namespace hosting_test

BOOST_FIXTURE_TEST_SUITE(hosting_test, fixture)

BOOST_AUTO_TEST_CASE(a_node_runs_in_the_hosts_system_and_leaves_it_as_it_was) {
  const auto before = system.registry().running();
  auto running = start();
  BOOST_TEST(eventually([&] { return running.is_ready(); }));
  BOOST_TEST(system.registry().running() > before);
  BOOST_TEST(host.stop().clean);
  BOOST_TEST(eventually([&] { return system.registry().running() == before; }));
}

BOOST_AUTO_TEST_CASE(actors_send_to_a_child_and_ask_it) {
  auto running = start();
  BOOST_REQUIRE(eventually([&] { return running.is_ready(); }));
  const auto there = actor_of(system, running, "scribe");
  BOOST_REQUIRE(there.has_value());
  caf::anon_send(*there, batch_of({"/1"}));
  BOOST_TEST(seen.wait_for("modify /1"));
  BOOST_TEST(ask(*there, batch_of({"/who"})) == "modify /who");
}

BOOST_AUTO_TEST_CASE(the_actor_stays_when_the_child_crashes) {
  auto running = start({.on_crash = redelivery::never});
  const auto there = actor_of(system, running, "scribe");
  BOOST_REQUIRE(there.has_value());
  caf::anon_send(*there, batch_of({"/crash"}));
  caf::anon_send(*there, batch_of({"/1"}));
  BOOST_TEST(seen.wait_for("modify /1"));
  BOOST_TEST(eventually([&] { return told(host, "child_crashed", "p/scribe") == 1; }));
}

BOOST_AUTO_TEST_CASE(what_finds_no_room_is_lost_and_told_and_a_question_is_answered_at_once) {
  auto running = start({.messages_max = 2});
  const auto there = actor_of(system, running, "scribe");
  BOOST_REQUIRE(there.has_value());
  caf::anon_send(*there, batch_of({"/wait"}));
  BOOST_REQUIRE(stuck.wait_for(1));
  caf::anon_send(*there, batch_of({"/1"}));
  caf::anon_send(*there, batch_of({"/2"}));
  BOOST_TEST(ask(*there, batch_of({"/3"})) == "full");
  BOOST_TEST(host.health().totals.losses.messages[static_cast<std::size_t>(loss::full)] == 1u);
  BOOST_REQUIRE(host.dead_letters(0, 10).entries.size() == 1u);
  BOOST_TEST(host.dead_letters(0, 10).entries[0].what.what == "modify /2");
  stuck.open();
  BOOST_TEST(seen.wait_for("modify /1"));
}

BOOST_AUTO_TEST_CASE(the_actor_of_an_ended_pipeline_says_so) {
  auto running = start();
  const auto there = actor_of(system, running, "scribe");
  BOOST_REQUIRE(there.has_value());
  BOOST_TEST(host.stop().clean);
  BOOST_TEST(ask(*there, batch_of({"/1"})) == "closed");
  caf::anon_send(*there, batch_of({"/2"}));
  BOOST_TEST(eventually([&] { return host.dead_letters(0, 10).entries.size() == 1u; }));
}

BOOST_AUTO_TEST_CASE(only_children_with_a_mailbox_have_an_actor) {
  auto running = start();
  BOOST_TEST((actor_of(system, running, "none").error().code == errc::not_supported));
  BOOST_TEST((actor_of(system, running, "nobody").error().code == errc::not_found));
}

BOOST_AUTO_TEST_CASE(a_worker_of_a_pool_has_an_actor_before_it_comes_and_after_it_went) {
  auto crew = host.pool("crew",
    [&](const std::string&, const std::string&) { return std::make_unique<scribe>(seen, stuck); });
  BOOST_REQUIRE(crew.has_value());
  const auto ada = actor_of(system, *crew, "ada");
  BOOST_TEST(ask(ada, batch_of({"/1"})) == "not_found");
  BOOST_REQUIRE(crew->add({{"ada"}}).has_value());
  BOOST_TEST(eventually([&] { return ask(ada, batch_of({"/2"})) == "modify /2"; }));
  BOOST_REQUIRE(crew->remove("ada").has_value());
  BOOST_TEST(eventually([&] { return ask(ada, batch_of({"/3"})) == "not_found"; }));
}

BOOST_AUTO_TEST_CASE(messages_that_nobody_knows_harm_nothing) {
  auto running = start();
  const auto there = actor_of(system, running, "scribe");
  BOOST_REQUIRE(there.has_value());
  caf::anon_send(*there, std::string{"hello"});
  caf::anon_send(*there, batch_of({"/1"}));
  BOOST_TEST(seen.wait_for("modify /1"));
}

BOOST_AUTO_TEST_SUITE_END()
