#include "actors/actors.hpp"
#include "actors/os/poll.hpp"
#include "support/counting_source.hpp"
#include "support/patience.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <optional>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;

namespace batch_inbox_test {

struct fixture {
  std::atomic<std::uint64_t> next{1};
  std::atomic<std::uint64_t> allowed{0};
  std::optional<batch_inbox> inbox{inbox_limits{.batches_max = 3}};
  node host{quiet()};

  pipeline start() {
    return *host.pipeline("p")
              .source("numbers", [&] { return std::make_unique<counting_source>(next, allowed); })
              .mailboxes({.messages_max = 4})
              .emit("to-loop", *inbox)
              .start();
  }

  /// Takes until the inbox is done, as a loop does. False: the numbers are not 1, 2, 3, ...
  bool take_all(std::uint64_t& last) {
    while (!inbox->is_done()) {
      BOOST_REQUIRE(wait_readable({inbox->descriptor()}, patience));
      while (const auto batch = inbox->take())
        for (auto i = std::size_t{0}; i < batch->size(); ++i)
          if (batch->first_seq() + i != ++last)
            return false;
    }
    return true;
  }
};

} // namespace batch_inbox_test

BOOST_FIXTURE_TEST_SUITE(batch_inbox_test, fixture)

BOOST_AUTO_TEST_CASE(a_loop_takes_everything_in_order_and_sees_the_end) {
  allowed = 5'000;
  auto running = start();
  auto last = std::uint64_t{0};
  while (last < 5'000) {
    BOOST_REQUIRE(wait_readable({inbox->descriptor()}, patience));
    while (const auto batch = inbox->take())
      for (auto i = std::size_t{0}; i < batch->size(); ++i)
        BOOST_REQUIRE(batch->first_seq() + i == ++last);
  }
  running.request_stop();
  BOOST_TEST(take_all(last));
  BOOST_TEST(last == 5'000u);
  BOOST_TEST(!running.has_failed());
}

BOOST_AUTO_TEST_CASE(a_slow_loop_makes_the_source_wait_and_loses_nothing) {
  allowed = 1'000;
  auto running = start();
  BOOST_TEST(eventually([&] { return row_of(host, "p/to-loop").mailbox.depth == 4; }));
  BOOST_TEST(inbox->size() == 3u);
  BOOST_TEST(next < 20u);
  BOOST_TEST(eventually([&] { return row_of(host, "p/to-loop").activity == "room in the inbox"; }));
  running.request_stop(); // what the source has not yet told, it still tells
  auto last = std::uint64_t{0};
  BOOST_TEST(take_all(last));
  BOOST_TEST(last == 1'000u);
}

BOOST_AUTO_TEST_CASE(the_pipeline_ends_in_order_when_the_inbox_goes) {
  allowed = 1'000;
  auto running = start();
  BOOST_TEST(eventually([&] { return inbox->size() == 3u; }));
  inbox.reset();
  BOOST_TEST(eventually([&] { return running.is_done(); }));
  BOOST_TEST(!running.has_failed());
}

BOOST_AUTO_TEST_CASE(a_pipeline_that_does_not_start_is_not_waited_for) {
  BOOST_TEST(!host.pipeline("p").emit("to-loop", *inbox).start());
  BOOST_TEST(!inbox->is_done());
  auto running = start();
  BOOST_TEST(!host.pipeline("p")
                .source("numbers", silent_source::factory())
                .emit("to-loop", *inbox)
                .start()); // the name is in use
  running.request_stop();
  auto last = std::uint64_t{0};
  BOOST_TEST(take_all(last));
}

BOOST_AUTO_TEST_SUITE_END()
