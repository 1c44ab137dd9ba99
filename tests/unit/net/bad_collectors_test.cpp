// Collectors that do not do what they should, and what becomes of a link then.
#include "support/link_ends.hpp"

#include <boost/test/unit_test.hpp>

#include <netinet/in.h>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace bad_collectors_tests {

/// Listens, and does what the test does.
class rough_collector {
public:
  rough_collector() : listener_{*stream_address::parse("127.0.0.1:0")->listen()} {}

  std::string address() const { return "127.0.0.1:" + std::to_string(port_of(listener_)); }

  /// The next that comes, within that time.
  std::optional<rough_end> accept(std::chrono::milliseconds within = 5s) {
    for (const auto due = steady::now() + within; steady::now() < due;) {
      auto socket = accept_stream(listener_);
      if (socket)
        return rough_end{
          *peer_stream::over(std::move(socket), peer_stream::end::accepted, nullptr)};
      wait_readable({listener_.get()}, 20ms);
    }
    return std::nullopt;
  }

  /// The next, with prefaces exchanged and its hello read.
  rough_end greeted() {
    auto end = accept();
    BOOST_REQUIRE(end.has_value());
    BOOST_REQUIRE(end->exchange_prefaces());
    BOOST_REQUIRE(end->next_of<hello_frame>(5s).has_value());
    return std::move(*end);
  }

  rough_end welcoming(std::uint32_t credit = 64) {
    auto end = greeted();
    BOOST_REQUIRE(end.say(welcome(credit)));
    return end;
  }

  static welcome_frame welcome(std::uint32_t credit) {
    return {1, "0.0.0", "rough", credit, 100ms, 1'000ms};
  }

private:
  unique_fd listener_;
};

/// Nobody accepts there, and the kernel takes no more: connects get no answer.
class black_hole {
public:
  black_hole() {
    listener_ = unique_fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    auto where = sockaddr_in{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    BOOST_REQUIRE(
      ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0);
    BOOST_REQUIRE(::listen(listener_.get(), 0) == 0);
    where.sin_port = htons(port_of(listener_));
    for (auto i = 0; i < 4; ++i) {
      crowd_.push_back(unique_fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)});
      ::connect(crowd_.back().get(), reinterpret_cast<const sockaddr*>(&where), sizeof where);
    }
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_of(listener_)); }

private:
  unique_fd listener_;
  std::vector<unique_fd> crowd_;
};

mailbox_limits small_mailbox() {
  auto limits = mailbox_limits{};
  limits.messages_max = 32;
  return limits;
}

/// Stops it, within what a person would wait.
void stop_soon(counting_sender& sender, const std::string& state) {
  const auto begin = steady::now();
  const auto report = sender.host.stop(10s);
  BOOST_TEST((steady::now() - begin < 5s), "the stop takes too long: " + state);
  BOOST_TEST(report.abandoned.empty(), "left behind: " + state);
}

} // namespace bad_collectors_tests

BOOST_AUTO_TEST_SUITE(bad_collectors_tests)

BOOST_AUTO_TEST_CASE(one_that_welcomes_and_never_acknowledges_is_left_at_the_deadline) {
  auto bad = rough_collector{};
  auto sender = counting_sender{"one", quick_linking(bad.address())};
  sender.allowed = 5;
  auto first = bad.welcoming();
  BOOST_REQUIRE(first.next_of<batch_frame>(5s).has_value());
  const auto begin = steady::now();
  while (!first.sees_the_end(100ms) && steady::now() - begin < 5s)
    first.say(ping_frame{}); // it lives
  BOOST_TEST((steady::now() - begin > 800ms));
  BOOST_TEST(
    soon([&] { return sender.log.count("link_lost", "not acknowledged") == 1; }), sender.log);
  auto second = bad.welcoming();
  for (auto number = std::uint64_t{1}; number <= 5; ++number) { // all of it again, from 1
    const auto batch = second.next_of<batch_frame>(5s);
    BOOST_REQUIRE(batch.has_value());
    BOOST_TEST(batch->number == number);
  }
  second.say(ack_frame{5, 64});
  BOOST_TEST(soon([&] { return sender.link().acknowledged == 5; }));
}

BOOST_AUTO_TEST_CASE(one_that_grants_nothing_is_waited_for_while_it_lives) {
  auto bad = rough_collector{};
  auto sender = counting_sender{"one", quick_linking(bad.address())};
  sender.allowed = 5;
  auto end = bad.welcoming(0);
  const auto begin = steady::now();
  for (auto i = 0; steady::now() - begin < 2s; ++i) { // twice the deadline
    i % 2 == 0 ? end.say(ping_frame{}) : end.say(ack_frame{0, 0});
    const auto batch = end.next_of<batch_frame>(100ms);
    BOOST_REQUIRE(!batch.has_value());
  }
  BOOST_TEST(sender.link().connects == 1u);
  BOOST_TEST((sender.link().state == link_state::up), sender.log);
  end.say(ack_frame{0, 2});
  BOOST_TEST(end.next_of<batch_frame>(5s).has_value());
  BOOST_TEST(end.next_of<batch_frame>(5s).has_value());
  BOOST_TEST(!end.next_of<batch_frame>(300ms).has_value());
  stop_soon(sender, "held");
}

BOOST_AUTO_TEST_CASE(one_that_holds_what_it_was_sent_is_waited_for_while_it_says_so) {
  auto bad = rough_collector{};
  auto sender = counting_sender{"one", quick_linking(bad.address())};
  sender.allowed = 5;
  auto end = bad.welcoming(64);
  for (auto number = 1; number <= 5; ++number)
    BOOST_REQUIRE(end.next_of<batch_frame>(5s).has_value());
  for (const auto begin = steady::now(); steady::now() - begin < 2s;) {
    end.say(ack_frame{0, 0}); // as `receiver` does while its store is full
    end.next_of<goodbye_frame>(100ms);
  }
  BOOST_TEST(sender.link().connects == 1u);
  end.say(ack_frame{5, 64});
  BOOST_TEST(soon([&] { return sender.link().acknowledged == 5; }), sender.log);
}

BOOST_AUTO_TEST_CASE(nonsense_of_every_kind_is_told_and_nothing_is_lost_by_it) {
  auto bad = rough_collector{};
  auto sender = counting_sender{"one", quick_linking(bad.address())};
  sender.allowed = 3;
  const auto say = [&](const std::string& bytes) {
    auto end = bad.welcoming();
    end.send(bytes);
    BOOST_TEST(end.sees_the_end(5s));
  };
  say(write_frame(ack_frame{99, 5}));
  say(write_frame(ack_frame{UINT64_MAX, 5}));
  say(write_frame(rough_collector::welcome(5))); // a second one
  say(write_frame(batch_frame{1, 0, blob_of(1)}));
  say(write_frame(hello_of("rough")));
  say(write_frame(refusal_frame{refusal_code::no_room, "go away"}));
  say(write_frame(goodbye_frame{"I end"}));
  say("HTTP/1.1 400 Bad Request\r\n\r\n");
  say(std::string(1, '\1') + std::string(31, '\0'));
  say(std::string(100'000, '\xff'));
  {
    auto end = bad.greeted(); // refused at once
    end.say(refusal_frame{refusal_code::not_allowed, "not you"});
    BOOST_TEST(end.sees_the_end(5s));
    BOOST_TEST(soon([&] { return sender.link().last_error.find("not you") != std::string::npos; }),
      sender.log);
  }
  {
    auto end = bad.greeted(); // an ack before the welcome
    end.say(ack_frame{0, 1});
    BOOST_TEST(end.sees_the_end(5s));
  }
  {
    auto end = bad.greeted(); // a protocol that nobody speaks
    auto welcome = rough_collector::welcome(5);
    welcome.protocol = 9;
    end.say(welcome);
    BOOST_TEST(end.sees_the_end(5s));
  }
  auto good = bad.welcoming();
  for (auto number = std::uint64_t{1}; number <= 3; ++number) {
    const auto batch = good.next_of<batch_frame>(5s);
    BOOST_REQUIRE(batch.has_value());
    BOOST_TEST(batch->number == number);
    good.say(ack_frame{number, 64});
  }
  BOOST_TEST(soon([&] { return sender.link().acknowledged == 3; }));
}

BOOST_AUTO_TEST_CASE(one_that_closes_at_any_point_is_dialled_again) {
  auto bad = rough_collector{};
  auto sender = counting_sender{"one", quick_linking(bad.address())};
  sender.allowed = 3;
  for (auto round = 0; round < 2; ++round) {
    BOOST_REQUIRE(bad.accept().has_value()); // at once
    {
      auto end = bad.accept(); // in the preface
      BOOST_REQUIRE(end.has_value());
      end->send(write_preface().substr(0, 7));
    }
    {
      auto end = bad.accept(); // behind it
      BOOST_REQUIRE(end.has_value());
      end->send(write_preface());
    }
    bad.greeted();
    bad.welcoming();
    auto end = bad.welcoming();
    end.next_of<batch_frame>(5s);
  }
  auto good = bad.welcoming();
  for (auto number = std::uint64_t{1}; number <= 3; ++number)
    BOOST_TEST(good.next_of<batch_frame>(5s).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_on_its_way_stays_within_window_and_mailbox) {
  auto bad = rough_collector{};
  auto to = quick_linking(bad.address());
  to.window = 8;
  to.deadline = 20s;
  auto sender = counting_sender{"one", to, small_mailbox()};
  sender.allowed = 100'000;
  auto end = bad.welcoming(1'000'000);
  for (auto number = std::uint64_t{1}; number <= 8; ++number)
    BOOST_REQUIRE(end.next_of<batch_frame>(5s).has_value());
  BOOST_TEST(!end.next_of<batch_frame>(300ms).has_value()); // the window is full
  BOOST_TEST(sender.link().window_used == 8u);
  BOOST_TEST(sender.next - 1 <= 8u + 32u + 2u);
  stop_soon(sender, "up, with a collector that has stopped");
}

BOOST_AUTO_TEST_CASE(a_black_hole_holds_up_no_other_link) {
  auto nowhere = black_hole{};
  auto place = temporary_directory{};
  auto good = rough_collector{};
  auto to = quick_linking(nowhere.address());
  to.connect_timeout = 400ms;
  auto options = named("two");
  auto next = std::atomic<std::uint64_t>{1};
  auto allowed = std::atomic<std::uint64_t>{1};
  auto host = node{options};
  const auto start = [&](const std::string& name, const link_options& link) {
    return host.pipeline(name)
      .source("numbers", [&] { return std::make_unique<counting_source>(next, allowed); })
      .emit(emitter_options{.name = "up", .to = link})
      .supervise(short_drain())
      .start()
      .has_value();
  };
  BOOST_REQUIRE(start("lost", to));
  BOOST_REQUIRE(start("fine", quick_linking(good.address())));
  const auto begin = steady::now();
  good.welcoming();
  BOOST_TEST((steady::now() - begin < 3s));
  const auto tried = soon([&] {
    const auto links = host.health().links;
    return std::any_of(links.begin(), links.end(),
      [](const auto& x) { return x.last_error.find("no answer") != std::string::npos; });
  });
  BOOST_TEST(tried, host.health());
  BOOST_TEST(host.stop(10s).abandoned.empty());
}

BOOST_AUTO_TEST_CASE(the_next_address_is_tried_when_one_does_not_answer_or_has_no_name) {
  auto nowhere = black_hole{};
  auto door = open_door{wire_policy::tls};
  auto to = door.linking();
  to.connect_timeout = 2s;
  to.addresses = {"no-such-host.invalid:9", "127.0.0.1:1", nowhere.address(), door.address};
  auto sender = counting_sender{"one", to};
  sender.allowed = 10;
  BOOST_TEST(soon([&] { return door.told.has_all("one", 10); }, 20s), sender.log);
  BOOST_TEST(sender.link().address == door.address);
}

BOOST_AUTO_TEST_CASE(dials_are_spaced_out_and_never_end) {
  auto bad = rough_collector{};
  auto to = quick_linking(bad.address());
  to.retry_base = 20ms;
  to.retry_max = 80ms;
  auto sender = counting_sender{"one", to};
  auto times = std::vector<steady::time_point>{};
  for (auto i = 0; i < 25; ++i) {
    BOOST_REQUIRE(bad.accept().has_value());
    times.push_back(steady::now());
  }
  BOOST_TEST((times.back() - times.front() > 200ms)); // 24 pauses of 40 ms on the average
  for (std::size_t i = 1; i < times.size(); ++i)
    BOOST_TEST((times[i] - times[i - 1] < 3s));
  BOOST_TEST(sender.log.count("link_unreachable") == 1u); // told once
}

BOOST_AUTO_TEST_CASE(a_link_stops_soon_whatever_it_waits_for) {
  {
    auto nowhere = black_hole{};
    auto to = quick_linking(nowhere.address());
    to.connect_timeout = 60s;
    auto sender = counting_sender{"one", to};
    BOOST_TEST(soon([&] { return sender.link().state == link_state::dialling; }));
    stop_soon(sender, "dialling");
  }
  {
    auto bad = rough_collector{};
    auto to = quick_linking(bad.address());
    to.connect_timeout = 60s;
    auto sender = counting_sender{"one", to};
    const auto silent = bad.accept();
    BOOST_REQUIRE(silent.has_value());
    stop_soon(sender, "in the prefaces");
  }
  {
    auto bad = rough_collector{};
    auto to = quick_linking(bad.address());
    to.connect_timeout = 60s;
    auto sender = counting_sender{"one", to};
    const auto end = bad.greeted();
    BOOST_TEST(soon([&] { return sender.link().state == link_state::greeting; }));
    stop_soon(sender, "greeting");
  }
  {
    auto ours = authority{};
    auto bad = rough_collector{};
    auto to = quick_linking(bad.address());
    to.wire = wire_policy::tls;
    to.tls = ours.issue("web-1");
    to.connect_timeout = 60s;
    auto sender = counting_sender{"one", to};
    const auto silent = bad.accept(); // its hello of TLS is never answered
    BOOST_REQUIRE(silent.has_value());
    stop_soon(sender, "shaking hands");
  }
}

/// The collector is asked for nothing that it reads, and what waits for it is large.
BOOST_AUTO_TEST_CASE(a_link_stops_soon_with_megabytes_on_their_way) {
  auto bad = rough_collector{};
  auto to = quick_linking(bad.address());
  to.deadline = 60s;
  to.window = 64;
  auto host = node{named("one")};
  auto uplink = host.link("uplink", to);
  BOOST_REQUIRE(uplink.has_value());
  auto end = bad.welcoming();
  auto paths = std::vector<std::string>(900, "/" + std::string(200, 'x'));
  auto count = 0; // until its mailbox is full, where batches stay until they are acknowledged
  while (count < 60 && uplink->push("feed", testkit::batch_of(paths), 500ms).has_value())
    ++count;
  BOOST_TEST(count >= 10);
  const auto begin = steady::now();
  const auto report = host.stop(1s); // what it waits for will not come
  BOOST_TEST((steady::now() - begin < 4s));
  BOOST_TEST(report.undelivered >= 1u);
}

BOOST_AUTO_TEST_SUITE_END()
