#include "actors/sinks/inbox_sink.hpp"

#include "actors/os/poll.hpp"
#include "actors/testkit/batches.hpp"
#include "actors/testkit/fake_contexts.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <thread>

using namespace actors;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace inbox_sink_test {

struct fixture {
  std::shared_ptr<inbox_store> store =
    std::make_shared<inbox_store>(inbox_limits{.batches_max = 2, .bytes_max = 10'000});
  inbox_sink sink{store};
  fake_sink_context ctx;

  bool has_news() const { return wait_readable({store->news_descriptor()}, 0ms); }
  std::string take() {
    const auto batch = store->take();
    return batch ? lines_of(*batch).front() : "none";
  }
};

} // namespace inbox_sink_test

BOOST_FIXTURE_TEST_SUITE(inbox_sink_test, fixture)

BOOST_AUTO_TEST_CASE(what_is_offered_is_taken_in_order_and_the_descriptor_tells_of_it) {
  BOOST_TEST(!has_news());
  sink.offer(batch_of({"/1"}), ctx);
  BOOST_TEST(has_news());
  sink.offer(batch_of({"/2"}), ctx);
  BOOST_TEST(take() == "modify /1");
  BOOST_TEST(has_news());
  BOOST_TEST(take() == "modify /2");
  BOOST_TEST(!has_news());
  BOOST_TEST(take() == "none");
}

BOOST_AUTO_TEST_CASE(a_full_inbox_takes_no_more_at_once_and_makes_the_sink_wait) {
  BOOST_TEST(sink.offer_now(batch_of({"/1"}), ctx));
  BOOST_TEST(sink.offer_now(batch_of({"/2"}), ctx));
  BOOST_TEST(!sink.offer_now(batch_of({"/3"}), ctx));
  auto waiting = std::thread{[&] { sink.offer(batch_of({"/3"}), ctx); }};
  BOOST_TEST(take() == "modify /1"); // whether it waits already or not
  waiting.join();
  BOOST_TEST(store->size() == 2u);
  BOOST_TEST(take() == "modify /2");
  BOOST_TEST(take() == "modify /3");
}

BOOST_AUTO_TEST_CASE(its_bound_on_bytes_lets_one_batch_in_whatever_its_size) {
  const auto large = batch_of({std::string(20'000, 'x')});
  BOOST_TEST(sink.offer_now(large, ctx));
  BOOST_TEST(!sink.offer_now(batch_of({"/1"}), ctx));
  store->take();
  BOOST_TEST(sink.offer_now(batch_of({"/1"}), ctx));
  BOOST_TEST(!sink.offer_now(large, ctx));
}

BOOST_AUTO_TEST_CASE(a_stop_ends_the_wait_for_room) {
  auto stopped = wake_event{};
  ctx.wake = stopped.descriptor();
  BOOST_TEST(sink.offer_now(batch_of({"/1"}), ctx));
  BOOST_TEST(sink.offer_now(batch_of({"/2"}), ctx));
  ctx.stop = true;
  stopped.raise();
  sink.offer(batch_of({"/3"}), ctx);
  BOOST_TEST(store->size() == 2u);
  BOOST_TEST(ctx.ended == "");
}

BOOST_AUTO_TEST_CASE(an_inbox_that_is_gone_ends_the_sink) {
  store->abandon();
  BOOST_TEST(!sink.offer_now(batch_of({"/1"}), ctx));
  sink.offer(batch_of({"/1"}), ctx);
  BOOST_TEST(ctx.ended == "the host has let go of its inbox");
  BOOST_TEST(store->size() == 0u);
}

BOOST_AUTO_TEST_CASE(an_inbox_that_goes_meanwhile_ends_the_wait) {
  BOOST_TEST(sink.offer_now(batch_of({"/1"}), ctx));
  BOOST_TEST(sink.offer_now(batch_of({"/2"}), ctx));
  auto waiting = std::thread{[&] { sink.offer(batch_of({"/3"}), ctx); }};
  store->abandon();
  waiting.join();
  BOOST_TEST(ctx.ended != "");
}

BOOST_AUTO_TEST_CASE(it_is_done_when_all_who_filled_it_have_ended_and_all_is_taken) {
  BOOST_TEST(!store->is_done());
  store->add_feeder();
  store->add_feeder();
  sink.offer(batch_of({"/1"}), ctx);
  store->remove_feeder();
  store->remove_feeder();
  BOOST_TEST(!store->is_done());
  BOOST_TEST(take() == "modify /1");
  BOOST_TEST(store->is_done());
  BOOST_TEST(has_news()); // as a socket at its end: the loop comes and sees
  store->add_feeder();
  BOOST_TEST(!store->is_done());
  BOOST_TEST(!has_news());
}

BOOST_AUTO_TEST_SUITE_END()
