#include "actors/net/wire.hpp"

#include "support/link_ends.hpp"
#include "support/peer_ends.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace wire_tests {

constexpr auto inbox_max = std::size_t{4} * 1024 * 1024;

std::shared_ptr<peer_stream> plain(unique_fd socket) {
  return stream_over(std::move(socket), peer_stream::end::accepted, nullptr);
}

/// Two sessions that speak with each other.
struct two_sessions {
  wire carrier;
  std::shared_ptr<wire_session> one;
  std::shared_ptr<wire_session> two;

  explicit two_sessions(socket_pair sockets = connected_sockets())
    : one{open(std::move(sockets.dialled))}, two{open(std::move(sockets.accepted))} {}

  std::shared_ptr<wire_session> open(unique_fd socket) {
    auto made = carrier.open(plain(std::move(socket)), inbox_max, [] {});
    BOOST_REQUIRE(made);
    (*made)->trust();
    return *made;
  }
};

std::optional<wire_session::arrival> next_of(wire_session& from) {
  auto came = std::optional<wire_session::arrival>{};
  soon([&] { return (came = from.take()).has_value() || from.is_over(); }, 10s);
  return came;
}

std::string blob(std::size_t size, char what) {
  return std::string(size, what);
}

/// A session, and a rough end of the other side.
struct one_session {
  socket_pair sockets = connected_sockets();
  rough_end other{plain(std::move(sockets.dialled))};
  wire carrier;
  std::shared_ptr<wire_session> session;

  explicit one_session(std::size_t inbox = inbox_max) {
    auto made = carrier.open(plain(std::move(sockets.accepted)), inbox, [] {});
    BOOST_REQUIRE(made);
    session = *made;
    session->trust();
  }
};

} // namespace wire_tests

BOOST_AUTO_TEST_SUITE(wire_tests)

BOOST_AUTO_TEST_CASE(frames_of_all_sizes_go_both_ways_in_order) {
  auto ends = two_sessions{};
  constexpr auto rounds = 40;
  auto random = std::mt19937{3};
  auto sizes = std::vector<std::size_t>{};
  for (auto i = 0; i < rounds; ++i)
    sizes.push_back(i % 5 == 0 ? 500'000 : random() % 2'000 + 1);
  auto talk = [&](wire_session& from, wire_session& to, char what) {
    auto writer = std::thread{[&] {
      for (auto i = 0; i < rounds; ++i) {
        from.send(write_frame(ping_frame{}));
        from.send(write_frame(batch_frame{
          static_cast<std::uint64_t>(i) + 1, 0, blob(sizes[static_cast<std::size_t>(i)], what)}));
      }
    }};
    auto is_right = true;
    for (auto i = 0; i < rounds && is_right; ++i) {
      const auto ping = next_of(to);
      is_right = ping && ping->header.kind == frame_kind::ping;
      const auto came = next_of(to);
      const auto message =
        came ? read_frame(came->header, came->payload) : failure(errc::closed, "nothing came");
      const auto* batch = message ? std::get_if<batch_frame>(&*message) : nullptr;
      is_right = is_right && batch != nullptr && batch->number == static_cast<std::uint64_t>(i) + 1
                 && batch->blob == blob(sizes[static_cast<std::size_t>(i)], what);
    }
    writer.join();
    return is_right;
  };
  auto back = true;
  auto other = std::thread{[&] { back = talk(*ends.two, *ends.one, 'b'); }};
  BOOST_TEST(talk(*ends.one, *ends.two, 'a'));
  other.join();
  BOOST_TEST(back);
}

BOOST_AUTO_TEST_CASE(an_end_that_closes_is_told) {
  auto end = one_session{};
  end.other = rough_end{plain(connected_sockets().dialled)};
  BOOST_TEST(soon([&] { return end.session->is_over(); }));
  BOOST_TEST(!end.session->send(write_frame(ping_frame{})));
  BOOST_TEST(!end.session->why_over().empty());
}

BOOST_AUTO_TEST_CASE(no_frame_and_frames_that_are_too_large_end_it) {
  for (const auto& bytes :
    {std::string(frame_header_size, 'x'), std::string{"\xff\xff\xff\x7f\x05\0\0\0\0\0\0\0", 12},
      std::string{"\x01\0\0\0\x07\0\0\0\0\0\0\0", 12}}) { // a ping has no payload
    auto end = one_session{};
    end.other.send(bytes);
    BOOST_TEST(soon([&] { return end.session->is_over(); }));
    BOOST_TEST(end.other.sees_the_end(5s));
  }
}

BOOST_AUTO_TEST_CASE(what_nobody_takes_is_bounded_whatever_the_frames) {
  auto big = one_session{100'000};
  for (auto i = 0; i < 3; ++i)
    big.other.send(write_frame(batch_frame{1, 0, blob(40'000, 'x')}), 1s);
  BOOST_TEST(soon([&] { return big.session->is_over(); }));
  auto small = one_session{100'000};
  auto pings = std::string{};
  for (auto i = 0; i < 20'000; ++i) // a fifth of a megabyte, and more in memory
    pings += write_frame(ping_frame{});
  small.other.send(pings, 2s);
  BOOST_TEST(soon([&] { return small.session->is_over(); }));
}

BOOST_AUTO_TEST_CASE(one_that_takes_nothing_is_given_up_before_it_costs_much) {
  auto end = one_session{};
  auto sent = std::uint64_t{0};
  while (end.session->send(write_frame(batch_frame{1, 0, blob(500'000, 'x')}))) {
    sent += 500'000;
    BOOST_REQUIRE(sent < 2 * wire_session::unsent_max);
  }
  BOOST_TEST(end.session->is_over());
  BOOST_TEST(sent >= wire_session::unsent_max / 2);
}

BOOST_AUTO_TEST_CASE(finish_delivers_what_was_sent) {
  auto end = one_session{};
  for (auto i = std::uint64_t{1}; i <= 40; ++i)
    end.session->send(write_frame(batch_frame{i, 0, blob(200'000, 'x')}));
  end.session->finish();
  auto last = std::uint64_t{0};
  while (const auto batch = end.other.next_of<batch_frame>(5s))
    last = batch->number;
  BOOST_TEST(last == 40u);
  BOOST_TEST(end.other.sees_the_end(5s));
}

BOOST_AUTO_TEST_CASE(a_finished_one_lets_go_though_the_other_end_does_not) {
  const auto before = open_descriptors();
  auto end = one_session{};
  const auto with_one = open_descriptors();
  auto crowd = std::vector<rough_end>{};
  for (auto i = 0; i < 10; ++i) {
    auto sockets = connected_sockets();
    crowd.emplace_back(plain(std::move(sockets.dialled)));
    auto session = *end.carrier.open(plain(std::move(sockets.accepted)), inbox_max, [] {});
    if (i % 2 == 0) // there is more than it takes
      session->send(write_frame(batch_frame{1, 0, blob(1'000'000, 'x')}));
    session->finish();
  }
  const auto has_let_go = [&] {
    end.carrier.tidy();
    return open_descriptors() <= with_one + crowd.size();
  };
  BOOST_TEST(soon(has_let_go, 10s),
    open_descriptors() << " descriptors; " << with_one << " and " << crowd.size() << " are ours");
  BOOST_TEST(before < with_one);
}

BOOST_AUTO_TEST_CASE(the_wire_ends_soon_whatever_its_peers_do) {
  auto sockets = std::vector<socket_pair>{};
  auto sessions = std::vector<std::shared_ptr<wire_session>>{};
  auto carrier = std::make_optional<wire>();
  for (auto i = 0; i < 8; ++i) {
    sockets.push_back(connected_sockets());
    sessions.push_back(*carrier->open(plain(std::move(sockets.back().accepted)), inbox_max, [] {}));
    for (auto j = 0; i % 2 == 0 && j < 8; ++j) // nobody reads it
      sessions.back()->send(write_frame(batch_frame{1, 0, blob(1'000'000, 'x')}));
    if (i % 4 == 2)
      sessions.back()->finish();
  }
  const auto begin = steady::now();
  carrier.reset();
  BOOST_TEST((steady::now() - begin < 3s));
  BOOST_TEST(soon([&] {
    return std::all_of(sessions.begin(), sessions.end(), [](auto& x) { return x->is_over(); });
  }));
}

BOOST_AUTO_TEST_CASE(what_was_finished_in_time_is_delivered_though_the_wire_ends_at_once) {
  for (auto i = 0; i < 20; ++i) {
    auto sockets = connected_sockets();
    auto other = rough_end{plain(std::move(sockets.dialled))};
    {
      auto carrier = wire{};
      auto session = *carrier.open(plain(std::move(sockets.accepted)), inbox_max, [] {});
      session->send(write_frame(goodbye_frame{"the end"}));
      session->finish();
    }
    BOOST_TEST(other.next_of<goodbye_frame>(5s).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_thousand_connections_leave_nothing_behind) {
  auto carrier = wire{};
  const auto turn = [&](int count) {
    for (auto i = 0; i < count; ++i) {
      auto sockets = connected_sockets();
      auto one = *carrier.open(plain(std::move(sockets.dialled)), inbox_max, [] {});
      auto two = *carrier.open(plain(std::move(sockets.accepted)), inbox_max, [] {});
      two->trust();
      one->send(write_frame(batch_frame{1, 0, blob(20'000, 'x')}));
      BOOST_REQUIRE(next_of(*two).has_value());
      i % 2 == 0 ? one->finish() : two->cut("enough");
    }
  };
  turn(200);
  const auto descriptors = open_descriptors();
  const auto resident = resident_kib();
  turn(800);
  BOOST_TEST(soon([&] { return open_descriptors() <= descriptors; }, 10s),
    open_descriptors() << " descriptors, " << descriptors << " before");
#ifndef __SANITIZE_ADDRESS__ // which keeps what was freed
  BOOST_TEST(resident_kib() - resident < 8 * 1024);
#else
  static_cast<void>(resident);
#endif
}

BOOST_AUTO_TEST_SUITE_END()
