// In the executable of those that leave threads behind: what hangs here never returns.
#include "support/patience.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <memory>
#include <optional>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;

namespace hung_for_good_tests {

/// Never opened, and never destroyed: they wait for it when the process ends.
gate& never = *new gate;

class hanging_stage final : public stage {
public:
  void on_batch(const event_batch&, context&) override { never.pass(); }
};

} // namespace hung_for_good_tests

BOOST_AUTO_TEST_SUITE(hung_for_good_tests)

BOOST_AUTO_TEST_CASE(a_child_that_hangs_too_often_fails_and_is_named_and_the_node_ends_in_time) {
  constexpr auto around = std::size_t{2};
  auto options = supervise_options{};
  options.restart.backoff.base = 1ms;
  options.hang_after = 300ms;
  options.group.abandoned_max = around;
  const auto host = std::make_unique<std::optional<node>>(std::in_place, quiet());
  auto running = (*host)
                   ->pipeline("p")
                   .source("source", silent_source::factory())
                   .stage("stage", [] { return std::make_unique<hanging_stage>(); })
                   .emit("sink", [](const event_batch&) {})
                   .supervise(options)
                   .start();
  BOOST_REQUIRE(running.has_value());
  BOOST_TEST(running->push("stage", batch_of({"/1", "/2"})).has_value());
  BOOST_REQUIRE(eventually([&] { return running->is_done(); }));
  BOOST_TEST(running->has_failed());
  BOOST_TEST(running->why().find("instances that hang are still around") != std::string::npos,
    running->why());
  BOOST_TEST(told(**host, "child_hung", "p/stage") == static_cast<int>(around) + 1);
  BOOST_TEST(told(**host, "fatal_error") == 1);
  const auto report = (*host)->stop(10s);
  BOOST_TEST(!report.clean);
  BOOST_TEST(std::count(report.abandoned.begin(), report.abandoned.end(), "p/stage")
             == static_cast<int>(around) + 1);
  BOOST_TEST(report.text.find("abandoned p/stage") != std::string::npos);
  const auto began = std::chrono::steady_clock::now();
  host->reset(); // returns, though nobody ever does
  BOOST_TEST((std::chrono::steady_clock::now() - began < 10s));
}

BOOST_AUTO_TEST_CASE(a_node_that_is_destroyed_while_a_stage_hangs_returns_within_its_deadline) {
  const auto began = std::chrono::steady_clock::now();
  {
    auto host = node{quiet()};
    auto options = supervise_options{};
    options.group.drain_deadline = 500ms;
    options.group.stop_deadline = 500ms;
    auto running = host.pipeline("p")
                     .source("source", silent_source::factory())
                     .stage("stage", [] { return std::make_unique<hanging_stage>(); })
                     .emit("sink", [](const event_batch&) {})
                     .supervise(options)
                     .start();
    BOOST_REQUIRE(running.has_value());
    BOOST_TEST(running->push("stage", batch_of({"/1"})).has_value());
    BOOST_REQUIRE(eventually([&] { return row_of(host, "p/stage").activity == "on_batch"; }));
  }
  BOOST_TEST((std::chrono::steady_clock::now() - began < 20s));
}

BOOST_AUTO_TEST_SUITE_END()
