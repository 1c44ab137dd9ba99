#include "actors/net/peer_board.hpp"

#include "support/link_ends.hpp"
#include "support/peer_ends.hpp"

#include <boost/test/unit_test.hpp>

#include <future>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace peer_board_tests {

/// A board with two nodes, "one" and "two".
struct two_linked {
  std::shared_ptr<peer_board> board =
    std::make_shared<peer_board>(collect_options{}, std::make_shared<wire>());
  std::vector<rough_end> others;

  two_linked() {
    for (const auto* name : {"one", "two"}) {
      auto sockets = connected_sockets();
      others.emplace_back(
        stream_over(std::move(sockets.dialled), peer_stream::end::dialled, nullptr));
      BOOST_REQUIRE(
        board->admit(stream_over(std::move(sockets.accepted), peer_stream::end::accepted, nullptr),
          steady::now()));
      BOOST_REQUIRE(board->greeted(board->all().back(), hello_of(name), steady::now()));
    }
  }

  auto ask_one() {
    return std::async(std::launch::async, [this] {
      return board->ask("one", ask_frame{0, 1s, "GET", "/health", {}}, 20s);
    });
  }
};

} // namespace peer_board_tests

BOOST_AUTO_TEST_SUITE(peer_board_tests)

BOOST_AUTO_TEST_CASE(nobody_answers_for_another_node) {
  auto nodes = two_linked{};
  auto answer = nodes.ask_one();
  const auto asked = nodes.others[0].next_of<ask_frame>();
  BOOST_REQUIRE(asked.has_value());
  const auto all = nodes.board->all();
  nodes.board->answered(*all[1], {asked->id, 200, "text/plain", "all is well"});
  BOOST_TEST((answer.wait_for(50ms) == std::future_status::timeout));
  nodes.board->answered(*all[0], {asked->id, 200, "text/plain", "I burn"});
  const auto said = answer.get();
  BOOST_REQUIRE(said);
  BOOST_TEST(said->body == "I burn");
}

BOOST_AUTO_TEST_CASE(a_question_to_a_node_that_is_lost_ends_at_once) {
  auto nodes = two_linked{};
  const auto begin = steady::now();
  auto answer = nodes.ask_one();
  BOOST_REQUIRE(nodes.others[0].next_of<ask_frame>().has_value());
  const auto who = nodes.board->all().front();
  who->wire->cut("it is gone");
  nodes.board->remove(who, "it is gone", steady::now());
  const auto said = answer.get();
  BOOST_REQUIRE(!said);
  BOOST_TEST((said.error().code == errc::closed));
  BOOST_TEST((steady::now() - begin < 10s));
}

BOOST_AUTO_TEST_SUITE_END()
