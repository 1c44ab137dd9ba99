// Peers that were let in by a collector, and do not keep to the rules.
#include "support/link_ends.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace bad_peers_tests {

const auto both_wires = std::vector<int>{0, 1};

/// A door with a good link through it.
struct served_door : open_door {
  counting_sender good;

  explicit served_door(int sample = 0, const std::function<void(collect_options&)>& change = {})
    : open_door{sample == 0 ? wire_policy::insecure_loopback : wire_policy::tls, change},
      good{"good", linking("web-1")} {
    more("at first");
  }

  void more(const std::string& after) {
    good.allowed += 20;
    BOOST_TEST(
      soon([&] { return told.count("good") >= good.allowed; }), "records are late " + after);
    BOOST_TEST(told.has_all("good", good.allowed), "records are missing " + after);
    BOOST_TEST(good.link().connects == 1u, "the good link was cut " + after + "\n" + log.text());
  }
};

batch_origin origin_of(const std::string& node, const std::string& stream) {
  return {node, "p", stream, {"/srv"}};
}

/// The frame with its bytes changed where it is not looked at closely.
std::string damaged(std::string frame) {
  frame.back() = static_cast<char>(frame.back() ^ 1);
  return frame;
}

std::string header_of(frame_kind kind, std::uint32_t size) {
  auto bytes = std::string(frame_header_size, '\0');
  for (auto i = 0U; i < 4; ++i)
    bytes[i] = static_cast<char>(size >> (8 * i));
  bytes[4] = static_cast<char>(kind);
  return bytes;
}

} // namespace bad_peers_tests

BOOST_AUTO_TEST_SUITE(bad_peers_tests)

BOOST_DATA_TEST_CASE(what_is_out_of_place_before_hello_ends_the_connection, both_wires, sample) {
  auto door = served_door{sample};
  const auto sayings = std::vector<std::pair<std::string, std::string>>{
    {"batch", write_frame(batch_frame{1, 0, blob_of(1)})},
    {"ack", write_frame(ack_frame{1, 1})},
    {"ping", write_frame(ping_frame{})},
    {"answer", write_frame(answer_frame{1, 200, "text/plain", "x"})},
    {"origin", write_frame(origin_frame{0, origin_of("x", "s")})},
    {"welcome", write_frame(welcome_frame{1, "1", "x", 1, 1s, 1s})},
    {"basp", std::string(1, '\1') + std::string(31, '\0')},
    {"a huge length", header_of(frame_kind::batch, 0xFFFFFFFFU)},
    {"a huge hello", header_of(frame_kind::hello, 4096)},
    {"an unknown kind", header_of(static_cast<frame_kind>(77), 0)},
    {"a damaged hello", damaged(write_frame(hello_of("mallory")))},
    {"text", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
  };
  for (const auto& [what, bytes] : sayings) {
    auto end = door.guest();
    end.send(bytes, 1s);
    const auto begin = steady::now();
    BOOST_TEST(end.sees_the_end(5s), what + ": is left open");
    BOOST_TEST((steady::now() - begin < 4s), what);
  }
  door.more("after nonsense");
}

BOOST_DATA_TEST_CASE(what_is_out_of_place_after_hello_ends_the_connection, both_wires, sample) {
  auto door = served_door{sample};
  const auto origin = write_frame(origin_frame{0, origin_of("mallory", "stream-1")});
  const auto batch = [](std::uint64_t number, std::uint32_t of, const std::string& blob) {
    return write_frame(batch_frame{number, of, blob});
  };
  auto random = std::mt19937{23};
  const auto sayings = std::vector<std::pair<std::string, std::string>>{
    {"hello again", write_frame(hello_of("mallory"))},
    {"welcome", write_frame(welcome_frame{1, "1", "x", 1, 1s, 1s})},
    {"ack", write_frame(ack_frame{1, 1})},
    {"a gap", origin + batch(2, 0, blob_of(1))},
    {"number 0", origin + header_of(frame_kind::batch, 4) + std::string(4, '\0')},
    {"an unknown origin", batch(1, 5, blob_of(1))},
    {"a blob of nonsense", origin + batch(1, 0, random_text(random, 5'000))},
    {"a damaged blob", origin + batch(1, 0, damaged(blob_of(1)))},
    {"a damaged frame", origin + damaged(batch(1, 0, blob_of(1)))},
    {"a batch without numbers", origin + batch(1, 0, write_batch_blob(testkit::batch_of({"/x"})))},
    {"a huge length", header_of(frame_kind::answer, 0x7FFFFFFFU)},
    {"flags", header_of(frame_kind::ping, 0).replace(5, 1, "\x01")},
  };
  for (const auto& [what, bytes] : sayings) {
    auto end = door.peer();
    end.send(bytes, 1s);
    const auto said = end.next_of<refusal_frame>(5s);
    BOOST_TEST((said.has_value() || end.sees_the_end(5s)), what + ": is left open");
    BOOST_TEST(end.sees_the_end(5s), what + ": is left open");
  }
  BOOST_TEST(soon([&] { return door.log.count("peer_lost") >= sayings.size(); }), door.log);
  door.more("after nonsense");
}

BOOST_AUTO_TEST_CASE(one_that_sends_more_than_it_was_granted_is_closed) {
  auto door = served_door{0, [](auto& x) { x.inbox_bytes_max = 1024 * 1024; }};
  auto end = door.peer();
  auto all = write_frame(origin_frame{0, origin_of("mallory", "stream-1")});
  for (auto number = std::uint64_t{1}; number <= 2'000; ++number)
    all += write_frame(batch_frame{number, 0, blob_of(number)});
  end.send(all, 2s);
  // It is taken, so long as the store keeps up with it, or refused: nothing else.
  const auto is_stored = soon([&] { return door.told.has_all("mallory", 2'000); }, 3s);
  BOOST_TEST((is_stored || end.sees_the_end(5s)));
  door.more("after a flood");
}

BOOST_AUTO_TEST_CASE(an_origin_may_be_told_anew_and_counts_from_then_on) {
  auto door = served_door{};
  auto end = door.peer("mid");
  end.say(origin_frame{0, origin_of("leaf-1", "stream-1")});
  end.say(batch_frame{1, 0, blob_of(1)});
  end.say(origin_frame{0, origin_of("leaf-2", "stream-2")});
  end.say(batch_frame{2, 0, blob_of(1)});
  BOOST_TEST(
    soon([&] { return door.told.has_all("leaf-1", 1) && door.told.has_all("leaf-2", 1); }));
}

BOOST_AUTO_TEST_CASE(what_comes_again_is_acknowledged_again_and_stored_once) {
  auto door = served_door{};
  for (auto round = 0; round < 3; ++round) {
    auto end = door.peer("again");
    end.say(origin_frame{0, origin_of("again", "stream-1")});
    end.say(batch_frame{1, 0, blob_of(1)});
    end.say(batch_frame{1, 0, blob_of(1)});
    end.say(batch_frame{2, 0, blob_of(2)});
    auto upto = std::uint64_t{0};
    while (const auto ack = end.next_of<ack_frame>(5s))
      if ((upto = ack->upto) >= 2)
        break;
    BOOST_TEST(upto == 2u);
  }
  door.more("after that");
  BOOST_TEST(door.told.has_all("again", 2));
}

BOOST_AUTO_TEST_CASE(answers_that_nobody_asked_for_are_passed_over) {
  auto door = served_door{};
  auto end = door.peer();
  for (auto id = std::uint64_t{0}; id < 1'000; ++id)
    end.say(answer_frame{id, 200, "text/plain", "I am fine"});
  end.say(ask_frame{1, 1s, "GET", "/health", {}});
  BOOST_TEST(end.next_of<answer_frame>(5s).has_value()); // 501, and still there
  door.more("after answers");
}

/// As of two watchers on one machine that nobody gave names: neither may throw the other out.
BOOST_AUTO_TEST_CASE(two_processes_of_one_name_are_served_both_and_told) {
  auto door = served_door{};
  auto one = counting_sender{"twin", door.linking()};
  auto two = counting_sender{"twin", door.linking()};
  one.allowed = two.allowed = 50;
  BOOST_TEST(soon([&] { return door.told.count("twin") == 100; }));
  one.allowed = two.allowed = 100;
  BOOST_TEST(soon([&] { return door.told.count("twin") == 200; }));
  BOOST_TEST(one.link().connects == 1u);
  BOOST_TEST(two.link().connects == 1u);
  BOOST_TEST(door.log.count("peer_twin") == 1u);
}

BOOST_AUTO_TEST_CASE(a_half_dead_connection_makes_way_for_the_next_of_its_link) {
  auto door = served_door{0, [](auto& x) { x.deadline = 20s; }};
  auto first = door.peer("again"); // heartbeats every 100 ms were promised
  BOOST_TEST(!first.sees_the_end(600ms));
  auto second = door.peer("again");
  BOOST_TEST(first.sees_the_end(5s));
  BOOST_TEST(second.next_of<ping_frame>(5s).has_value());
  BOOST_TEST(door.log.count("peer_twin") == 0u);
}

BOOST_AUTO_TEST_CASE(a_node_of_another_certificate_cannot_take_the_name_of_one_that_is_linked) {
  auto door = served_door{1};
  auto impostor = door.guest(); // web-2; the good link is web-1's
  impostor.say(hello_of("good", "p/up"));
  const auto said = impostor.next_of<refusal_frame>(5s);
  BOOST_REQUIRE(said.has_value());
  BOOST_TEST((said->code == refusal_code::own_node));
  BOOST_TEST(door.log.count("link_refused", "good") == 1u, door.log);
  door.more("after an impostor");
}

BOOST_AUTO_TEST_CASE(a_node_of_our_own_name_is_refused_on_both_sides) {
  auto door = served_door{};
  auto twin = counting_sender{"center", door.linking()};
  BOOST_TEST(soon([&] { return twin.log.count("link_unreachable", "name") >= 1; }), twin.log);
  BOOST_TEST(door.log.count("link_refused", "center") >= 1u, door.log);
}

BOOST_AUTO_TEST_CASE(a_hello_of_another_protocol_is_refused_by_name) {
  auto door = served_door{};
  auto end = door.guest();
  auto hello = hello_of("future");
  hello.protocol = {.min = 5, .max = 6};
  end.say(hello);
  const auto said = end.next_of<refusal_frame>(5s);
  BOOST_REQUIRE(said.has_value());
  BOOST_TEST((said->code == refusal_code::protocol));
  BOOST_TEST(said->text.find("5 to 6") != std::string::npos);
  BOOST_TEST(!end.next_of<refusal_frame>(5s).has_value()); // one reason, and no other
  BOOST_TEST(end.sees_the_end(5s));
  BOOST_TEST(door.log.count("link_refused", "future") == 1u, door.log);
}

BOOST_AUTO_TEST_CASE(nonsense_that_was_sent_ahead_is_told_once) {
  auto door = served_door{};
  auto end = door.guest();
  auto hello = hello_of("future");
  hello.protocol = {.min = 5, .max = 6};
  auto all = std::string{};
  for (auto i = 0; i < 1'000; ++i)
    all += write_frame(hello);
  end.send(all, 2s);
  BOOST_TEST(end.sees_the_end(5s));
  auto second = door.peer("mad");
  all.clear();
  for (auto i = 0; i < 1'000; ++i)
    all += write_frame(ack_frame{});
  second.send(all, 2s);
  BOOST_TEST(second.sees_the_end(5s));
  door.more("after that");
  BOOST_TEST(door.log.count("link_refused") == 1u);
  BOOST_TEST(door.log.count("peer_lost", "mad") == 1u);
}

/// It is given up by us, and does not let go.
BOOST_DATA_TEST_CASE(
  one_that_was_refused_and_stays_keeps_no_descriptor_of_ours, both_wires, sample) {
  auto door = served_door{sample, [](auto& x) { x.deadline = 1s; }};
  const auto before = open_descriptors();
  auto crowd = std::vector<rough_end>{};
  for (auto i = 0; i < 20; ++i) {
    crowd.push_back(door.guest());
    crowd.back().say(ack_frame{});
  }
  BOOST_TEST(soon([&] { return door.health().accepted >= 21; }));
  // Theirs stay open; ours must not.
  BOOST_TEST(soon([&] { return open_descriptors() <= before + crowd.size(); }),
    open_descriptors() << " descriptors, " << before << " before");
}

BOOST_AUTO_TEST_CASE(half_a_frame_costs_no_more_than_what_came) {
  auto door = served_door{0, [](auto& x) { x.handshake_timeout = 20s; }};
  const auto before = resident_kib();
  auto crowd = std::vector<rough_end>{};
  for (auto i = 0; i < 100; ++i) {
    crowd.push_back(door.guest());
    crowd.back().send(header_of(frame_kind::batch, frame_payload_max));
  }
  door.more("among halves");
#ifndef __SANITIZE_ADDRESS__ // which keeps what was freed
  BOOST_TEST(resident_kib() - before < 50 * 1024);
#else
  static_cast<void>(before);
#endif
}

/// Its senders keep what they have, and nobody makes it keep more by coming again.
BOOST_AUTO_TEST_CASE(a_full_store_holds_links_and_takes_nothing_more_into_memory) {
  auto door =
    open_door{wire_policy::insecure_loopback, [](auto& x) { x.store_bytes_max = 200 * 1024; }};
  auto sender = counting_sender{"full", door.linking()};
  sender.allowed = 1'000'000;
  BOOST_TEST(soon([&] { return !door.health().trouble.empty(); }, 20s));
  const auto spent = processor_seconds();
  const auto paths = std::vector<std::string>(400, "/" + std::string(300, 'x'));
  const auto blob = write_batch_blob(testkit::batch_of(paths).numbered(1));
  const auto before = resident_kib();
  for (auto round = 0; round < 30; ++round) {
    auto end = door.peer("mallory-" + std::to_string(round));
    end.say(origin_frame{0, origin_of("mallory", "stream-" + std::to_string(round))});
    for (auto number = std::uint64_t{1}; number <= 10; ++number)
      if (!end.send(write_frame(batch_frame{number, 0, blob}), 1s))
        break;
  }
  std::this_thread::sleep_for(1500ms); // longer than the deadline
#ifndef __SANITIZE_ADDRESS__           // which keeps what was freed
  BOOST_TEST(resident_kib() - before < 16 * 1024);
#else
  static_cast<void>(before);
#endif
  BOOST_TEST(processor_seconds() - spent < 2.0);
  BOOST_TEST(sender.link().connects == 1u, sender.log);
  BOOST_TEST((sender.link().state == link_state::up));
}

BOOST_AUTO_TEST_CASE(a_goodbye_counts_though_the_connection_closes_with_it) {
  auto door = served_door{};
  for (auto i = 0; i < 20; ++i)
    door.peer().say(goodbye_frame{"the end"});
  BOOST_TEST(soon([&] { return door.log.count("peer_lost", "it said goodbye") == 20; }), door.log);
}

BOOST_AUTO_TEST_CASE(a_silent_peer_is_lost_at_the_deadline) {
  auto door = served_door{};
  auto end = door.peer("quiet");
  BOOST_TEST(end.sees_the_end(5s));
  BOOST_TEST(soon([&] { return door.log.count("peer_lost", "nothing was heard") == 1; }));
  door.more("after silence");
}

BOOST_AUTO_TEST_SUITE_END()
