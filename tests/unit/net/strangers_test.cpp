// What comes to a collector's door and is no link: it must learn nothing, cost little, and leave a
// good link alone.
#include "actors/os/socket_breaker.hpp"
#include "support/link_ends.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/resource.h>

#include <netinet/in.h>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace strangers_tests {

/// A CAF port dies of this packet.
std::string basp_packet() {
  return std::string(1, '\1') + std::string(31, '\0');
}

/// As the first bytes of a client of TLS 1.2.
std::string client_hello() {
  return std::string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11} + std::string(600, 'r');
}

const auto both_wires = std::vector<int>{0, 1};

wire_policy wire_of(int sample) {
  return sample == 0 ? wire_policy::insecure_loopback : wire_policy::tls;
}

/// A door with a good link through it.
struct busy_door : open_door {
  counting_sender good;

  explicit busy_door(int sample, const std::function<void(collect_options&)>& change = {})
    : open_door{wire_of(sample), change}, good{"good", linking("web-1")} {
    more("at first");
  }

  /// The link still carries records, and soon.
  void more(const std::string& after) {
    good.allowed += 20;
    BOOST_TEST(
      soon([&] { return told.count("good") >= good.allowed; }), "records are late " + after);
    BOOST_TEST(told.has_all("good", good.allowed), "records are missing " + after);
    BOOST_TEST(good.link().connects == 1u, "the good link was cut " + after + "\n" + log.text());
  }

  /// A plain socket to the door, below any TLS.
  rough_end bare() { return rough_end::dial(address); }
};

} // namespace strangers_tests

BOOST_AUTO_TEST_SUITE(strangers_tests)

BOOST_DATA_TEST_CASE(whatever_comes_to_the_door_is_turned_away_and_told, both_wires, sample) {
  auto door = busy_door{sample};
  const auto greetings = std::vector<std::pair<std::string, std::string>>{
    {"basp", basp_packet()},
    {"http", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
    {"a hello of TLS", client_hello()},
    {"zeros", std::string(64, '\0')},
    {"a megabyte", std::string(1024 * 1024, 'x')},
    {"a preface of another time", write_preface({.min = 7, .max = 9})},
    {"half a preface", write_preface().substr(0, 9)},
  };
  for (const auto& [what, bytes] : greetings) {
    const auto refused = door.health().refused;
    auto end = door.bare();
    end.send(bytes, 1s);
    BOOST_TEST(end.sees_the_end(5s), what + ": is left open");
    BOOST_TEST(soon([&] { return door.health().refused > refused; }), what + ": is not counted");
    door.more("after " + what);
  }
  BOOST_TEST(soon([&] { return door.log.count("connection_refused") >= 1; }), door.log);
  BOOST_TEST(soon([&] { return door.health().handshakes == 0; }));
}

BOOST_DATA_TEST_CASE(nonsense_inside_the_right_wire_is_turned_away_too, both_wires, sample) {
  auto door = busy_door{sample};
  auto random = std::mt19937{4711};
  for (const auto& bytes : {basp_packet(), std::string{"GET / HTTP/1.1\r\n\r\n"},
         random_text(random, 16), write_preface({.min = 2, .max = 3})}) {
    auto end = door.stranger();
    end.send(bytes);
    BOOST_TEST(end.sees_the_end(5s));
  }
  door.more("after nonsense");
}

BOOST_DATA_TEST_CASE(a_version_we_do_not_speak_is_refused_by_name, both_wires, sample) {
  auto door = busy_door{sample};
  auto end = door.stranger();
  end.send(write_preface({.min = 7, .max = 9}));
  BOOST_TEST(end.read(preface_size) == write_preface()); // so the other end can tell too
  BOOST_TEST(end.sees_the_end(5s));
  BOOST_TEST(
    soon([&] { return door.log.count("connection_refused", "protocol 7 to 9") == 1; }), door.log);
}

BOOST_DATA_TEST_CASE(silence_and_slowness_end_at_the_deadline, both_wires, sample) {
  auto door = busy_door{sample};
  auto silent = door.bare();
  auto slow = door.bare();
  const auto begin = steady::now();
  const auto preface = write_preface();
  for (auto i = std::size_t{0}; i < preface.size() && slow.send(preface.substr(i, 1), 10ms); ++i)
    if (slow.sees_the_end(100ms))
      break;
  BOOST_TEST(slow.sees_the_end(5s));
  BOOST_TEST(silent.sees_the_end(5s));
  BOOST_TEST((steady::now() - begin < 4s));
  door.more("after silence");
}

BOOST_DATA_TEST_CASE(one_that_shook_hands_and_falls_silent_is_closed, both_wires, sample) {
  auto door = busy_door{sample};
  auto first = door.stranger();
  auto second = door.guest(); // let in: it must say hello in time
  BOOST_TEST(first.sees_the_end(5s));
  BOOST_TEST(second.sees_the_end(5s));
  door.more("after silence");
}

BOOST_DATA_TEST_CASE(many_that_are_silent_make_room_for_each_other, both_wires, sample) {
  auto door = busy_door{sample, [](auto& x) {
                          x.handshakes_max = 16;
                          x.handshake_timeout = 20s;
                        }};
  auto crowd = std::vector<rough_end>{};
  for (auto i = 0; i < 100; ++i)
    crowd.push_back(door.bare());
  door.more("in a crowd");
  BOOST_TEST(soon([&] { return door.health().evicted >= 84; }));
  BOOST_TEST(door.health().handshakes <= 16u);
  auto late = counting_sender{"late", door.linking("web-2")};
  late.allowed = 20;
  BOOST_TEST(soon([&] { return door.told.has_all("late", 20); }), late.log);
}

BOOST_DATA_TEST_CASE(links_that_say_nothing_make_room_for_those_that_do, both_wires, sample) {
  auto door = busy_door{sample, [](auto& x) {
                          x.peers_max = 8;
                          x.handshake_timeout = 20s;
                        }};
  auto crowd = std::vector<rough_end>{};
  for (auto i = 0; i < 20; ++i)
    crowd.push_back(door.guest());
  door.more("in a crowd");
  auto late = counting_sender{"late", door.linking("web-2")};
  late.allowed = 20;
  BOOST_TEST(soon([&] { return door.told.has_all("late", 20); }), late.log);
}

BOOST_AUTO_TEST_CASE(a_certificate_that_may_not_link_is_told_so_on_both_sides) {
  auto door = busy_door{1};
  auto other = counting_sender{"other", door.linking("db-1")};
  BOOST_TEST(soon([&] { return other.log.count("link_unreachable", "db-1") >= 1; }), other.log);
  BOOST_TEST(soon([&] { return door.log.count("connection_refused", "db-1") >= 1; }), door.log);
  door.more("after a stranger");
}

BOOST_AUTO_TEST_CASE(a_certificate_of_others_is_told_on_both_sides) {
  auto door = busy_door{1};
  auto theirs = authority{};
  auto to = door.linking();
  to.tls = theirs.issue("web-1");
  auto other = counting_sender{"other", to};
  BOOST_TEST(soon([&] { return other.log.count("link_unreachable") >= 1; }), other.log);
  BOOST_TEST(soon([&] { return door.log.count("connection_refused") >= 1; }), door.log);
  BOOST_TEST(other.link().connects == 0u);
  door.more("after a stranger");
}

BOOST_AUTO_TEST_CASE(plain_text_at_a_door_of_tls_and_the_reverse_say_which_end_is_set_wrong) {
  auto secret = busy_door{1};
  auto in_clear = counting_sender{"clear", quick_linking(secret.address)};
  BOOST_TEST(soon([&] { return in_clear.log.count("link_unreachable") >= 1; }), in_clear.log);
  auto open = busy_door{0};
  auto to = secret.linking();
  to.addresses = {open.address};
  auto with_tls = counting_sender{"tls", to};
  BOOST_TEST(soon([&] { return with_tls.log.count("link_unreachable") >= 1; }), with_tls.log);
  BOOST_TEST(soon([&] { return open.log.count("connection_refused", "TLS") >= 1; }), open.log);
  secret.more("after plain text");
  open.more("after TLS");
}

/// Heard, or refused: but not left to wonder.
BOOST_DATA_TEST_CASE(a_hello_that_comes_with_the_preface_is_answered, both_wires, sample) {
  auto door = busy_door{sample, [](auto& x) { x.handshake_timeout = 20s; }};
  auto end = door.stranger();
  BOOST_REQUIRE(end.send(write_preface() + write_frame(hello_of("hasty"))));
  BOOST_REQUIRE(end.read(preface_size) == write_preface());
  BOOST_TEST((end.next_of<welcome_frame>(5s).has_value() || end.sees_the_end(5s)));
}

BOOST_DATA_TEST_CASE(hundreds_of_strangers_leave_nothing_behind, both_wires, sample) {
  auto door = busy_door{sample, [](auto& x) { x.handshake_timeout = 200ms; }};
  const auto descriptors = open_descriptors();
  auto random = std::mt19937{17};
  for (auto round = 0; round < 3; ++round) {
    auto crowd = std::vector<rough_end>{};
    for (auto i = 0; i < 100; ++i) {
      crowd.push_back(i % 10 == 0 ? door.stranger() : door.bare());
      if (i % 3 == 0)
        crowd.back().send(random_text(random, 40), 1s);
      if (i % 7 == 0)
        crowd.pop_back();
    }
    door.more("among hundreds");
  }
  BOOST_TEST(soon([&] { return open_descriptors() <= descriptors; }),
    open_descriptors() << " descriptors, " << descriptors << " before");
}

BOOST_AUTO_TEST_CASE(without_descriptors_the_door_waits_and_does_not_spin) {
  auto door = busy_door{0};
  auto room = rlimit{};
  ::getrlimit(RLIMIT_NOFILE, &room);
  auto client = std::vector<unique_fd>{};
  for (auto i = 0; i < 4; ++i)
    client.push_back(unique_fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)});
  auto hoard = std::vector<unique_fd>{};
  auto tight = rlimit{static_cast<rlim_t>(open_descriptors() + 20), room.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &tight);
  for (;;) {
    auto next = unique_fd{::fcntl(0, F_DUPFD_CLOEXEC, 0)};
    if (!next)
      break;
    hoard.push_back(std::move(next));
  }
  auto where = sockaddr_in{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  where.sin_port =
    htons(static_cast<std::uint16_t>(std::stoi(door.address.substr(door.address.rfind(':') + 1))));
  for (const auto& each : client)
    ::connect(each.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where);
  const auto spent = processor_seconds();
  std::this_thread::sleep_for(1s); // of which nothing is computed
  const auto used = processor_seconds() - spent;
  hoard.clear();
  ::setrlimit(RLIMIT_NOFILE, &room);
  BOOST_TEST(used < 0.5);
  BOOST_TEST(soon([&] { return door.log.count("accept_failed") >= 1; }), door.log);
  door.more("after that");
  BOOST_TEST(soon([&] { return door.health().accepted >= 5; }));
}

BOOST_AUTO_TEST_SUITE_END()
