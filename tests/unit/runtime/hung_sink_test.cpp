// In an executable of its own: the hung thread is left behind, and the process ends with it.
#include "actors/actors.hpp"
#include "actors/os/poll.hpp"
#include "actors/testkit/batches.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <semaphore>

using namespace actors;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace hung_sink_tests {

/// Never released: whoever acquires it hangs.
std::counting_semaphore<1> never{0};

class one_shot_source final : public source {
public:
  void run(source_context& ctx) override {
    ctx.ready();
    static_cast<void>(ctx.emit(batch_of({"/1"})));
    while (!ctx.stop_requested() && !ctx.drain_requested()) {
      wait_readable({ctx.wake_descriptor()}, std::nullopt);
      ctx.acknowledge();
    }
  }
};

} // namespace hung_sink_tests

BOOST_AUTO_TEST_SUITE(hung_sink_tests)

BOOST_AUTO_TEST_CASE(a_stop_leaves_a_hung_sink_behind_within_its_deadline_and_names_it) {
  std::binary_semaphore offered{0};
  const auto began = std::chrono::steady_clock::now();
  {
    auto host = node{};
    auto started = host.pipeline("p")
                     .source("source", [] { return std::make_unique<one_shot_source>(); })
                     .emit("stuck",
                       [&](const event_batch&) {
                         offered.release();
                         never.acquire();
                       })
                     .start();
    BOOST_REQUIRE(started.has_value());
    BOOST_REQUIRE(offered.try_acquire_for(20s));
    const auto asked = std::chrono::steady_clock::now();
    const auto report = host.stop(1s);
    BOOST_TEST((std::chrono::steady_clock::now() - asked < 3s));
    BOOST_TEST(!report.clean);
    BOOST_TEST(std::count(report.abandoned.begin(), report.abandoned.end(), "p/stuck") == 1);
    BOOST_TEST(report.undelivered == 1u);
    BOOST_TEST(report.text.find("abandoned p/stuck") != std::string::npos);
    BOOST_TEST(started->is_done());
  } // the destructor returns too
  BOOST_TEST((std::chrono::steady_clock::now() - began < 30s));
}

BOOST_AUTO_TEST_SUITE_END()
