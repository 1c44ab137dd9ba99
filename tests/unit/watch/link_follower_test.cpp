#include "actors/watch/link_follower.hpp"

#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

using namespace actors;
using namespace actors::test;
namespace fs = std::filesystem;

namespace link_follower_tests {

constexpr auto in_place = [](const tree_node&) { return true; };
constexpr auto moved_away = [](const tree_node&) { return false; };

/// A root, and directories outside of it; the model knows what a test puts into it.
struct fixture {
  temporary_directory where;
  path_tree tree{where / "root"};
  link_follower follower{tree, link_policy::followed};

  fixture() {
    fs::create_directories(where / "root/a/b");
    fs::create_directories(where / "outside/deep");
    tree.update(tree.root(), directory::open(where / "root")->facts());
  }

  void link(const std::string& target, const std::string& name) {
    fs::create_symlink(target, where / name);
  }

  /// "d" when the name in the root's directory is told as a directory, "l" as a link.
  char told_as(const std::string& name, const std::string& in = "root", tree_node* node = nullptr,
    const tree_node* known = nullptr) {
    const auto place = *directory::open(where / in);
    const auto seen = place.look(name.c_str(), follower.links());
    const auto what = follower.judge(
      node != nullptr ? *node : tree.root(), place, name.c_str(), known, seen, in_place);
    if (what.is != sight::kind::present)
      return '-';
    return what.facts.ftype == file_type::directory ? 'd'
           : what.facts.ftype == file_type::link    ? 'l'
                                                    : 'f';
  }

  tree_node& know(tree_node& in, const std::string& name, const std::string& path) {
    return tree.create(in, name, directory::open(where / path)->facts());
  }
};

} // namespace link_follower_tests

BOOST_FIXTURE_TEST_SUITE(link_follower_tests, fixture)

BOOST_AUTO_TEST_CASE(a_link_to_a_directory_outside_is_that_directory) {
  link("../outside", "root/l");
  link(where / "outside", "root/absolute");
  BOOST_TEST(told_as("l") == 'd');
  BOOST_TEST(told_as("absolute") == 'd');
}

BOOST_AUTO_TEST_CASE(a_link_that_is_kept_is_a_link) {
  link("../outside", "root/l");
  auto keeper = link_follower{tree, link_policy::kept};
  const auto place = *directory::open(where / "root");
  const auto seen = keeper.judge(tree.root(), place, "l", nullptr, place.look("l"), in_place);
  BOOST_TEST((seen.facts.ftype == file_type::link));
}

BOOST_AUTO_TEST_CASE(a_link_to_a_file_or_to_nothing_is_a_link) {
  std::ofstream{where / "outside/f"} << "x";
  link("../outside/f", "root/file");
  link("nowhere", "root/nothing");
  link("loop2", "root/loop1");
  link("loop1", "root/loop2");
  link("self", "root/self");
  BOOST_TEST(told_as("file") == 'l');
  BOOST_TEST(told_as("nothing") == 'l');
  BOOST_TEST(told_as("loop1") == 'l');
  BOOST_TEST(told_as("self") == 'l');
}

BOOST_AUTO_TEST_CASE(a_link_that_leads_into_the_tree_is_a_link) {
  link("a/b", "root/inside");
  link("..", "root/a/up");
  link(where / "root", "root/top");
  auto& a = know(tree.root(), "a", "root/a");
  BOOST_TEST(told_as("inside") == 'l');
  BOOST_TEST(told_as("top") == 'l');
  BOOST_TEST(told_as("up", "root/a", &a) == 'l');
}

BOOST_AUTO_TEST_CASE(a_chain_of_links_leads_where_its_end_leads) {
  link("outside", "chain1");
  link("chain1", "chain2");
  link("../chain2", "root/out");
  link("root/a", "chain3");
  link("../chain3", "root/in");
  BOOST_TEST(told_as("out") == 'd');
  BOOST_TEST(told_as("in") == 'l');
}

BOOST_AUTO_TEST_CASE(a_name_that_begins_like_the_root_is_outside) {
  fs::create_directories(where / "root2");
  link("../root2", "root/l");
  BOOST_TEST(told_as("l") == 'd');
}

BOOST_AUTO_TEST_CASE(of_two_links_to_one_directory_the_first_is_followed) {
  link("../outside", "root/l1");
  link("../outside", "root/l2");
  auto& l1 = know(tree.root(), "l1", "outside");
  BOOST_TEST(told_as("l2") == 'l');
  BOOST_TEST(told_as("l1", "root", nullptr, &l1) == 'd'); // looked at again
}

BOOST_AUTO_TEST_CASE(a_followed_link_that_was_moved_is_followed_at_its_new_name) {
  link("../outside", "root/l2");
  know(tree.root(), "l1", "outside"); // which is no more
  const auto place = *directory::open(where / "root");
  const auto seen = follower.judge(
    tree.root(), place, "l2", nullptr, place.look("l2", link_policy::followed), moved_away);
  BOOST_TEST((seen.facts.ftype == file_type::directory));
}

BOOST_AUTO_TEST_CASE(a_diamond_is_walked_once) {
  link("../outside/deep", "root/l");
  auto& l = know(tree.root(), "l", "outside/deep");
  link("../outside", "root/m");
  BOOST_TEST(told_as("m") == 'd');
  auto& m = know(tree.root(), "m", "outside");
  // Below m the same directory is met by its own name: that is no link, and is told a second time.
  BOOST_TEST(told_as("deep", "outside", &m) == 'd');
  (void)l;
}

BOOST_AUTO_TEST_CASE(links_outside_that_lead_back_are_links) {
  link("../outside", "root/l");
  link("../root", "outside/to-root");
  link("../root/a", "outside/to-a");
  link(".", "outside/here");
  link("deep", "outside/to-deep");
  auto& l = know(tree.root(), "l", "outside");
  BOOST_TEST(told_as("to-root", "outside", &l) == 'l');
  BOOST_TEST(told_as("to-a", "outside", &l) == 'l');
  BOOST_TEST(told_as("here", "outside", &l) == 'l');
}

BOOST_AUTO_TEST_CASE(a_link_to_a_directory_above_the_root_is_followed_and_what_stops_is_the_walk) {
  link("..", "root/up");
  BOOST_TEST(told_as("up") == 'd'); // tree_scan does not enter a directory that holds itself
}

BOOST_AUTO_TEST_CASE(below_a_root_of_everything_nothing_is_outside) {
  auto all = path_tree{"/"};
  auto of_all = link_follower{all, link_policy::followed};
  link("../outside", "root/l");
  const auto place = *directory::open(where / "root");
  const auto seen = place.look("l", link_policy::followed);
  auto facts = seen.facts;
  facts.identity = {12345};
  const auto told = of_all.judge(all.root(), place, "l", nullptr, seen, in_place);
  BOOST_TEST((told.facts.ftype == file_type::link));
}

BOOST_AUTO_TEST_CASE(a_root_through_a_link_knows_its_own) {
  link("root", "way");
  auto other = path_tree{where / "way"};
  auto of_way = link_follower{other, link_policy::followed};
  link(where / "root/a", "root/l");
  const auto place = *directory::open(where / "way");
  const auto told = of_way.judge(
    other.root(), place, "l", nullptr, place.look("l", link_policy::followed), in_place);
  BOOST_TEST((told.facts.ftype == file_type::link));
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_none_of_a_links_is_not_judged) {
  BOOST_TEST(told_as("a") == 'd');
  BOOST_TEST(told_as("missing") == '-');
}

BOOST_AUTO_TEST_CASE(links_that_lead_out_or_nowhere_are_looked_at_again_while_they_are_known) {
  std::ofstream{where / "outside/f"} << "x";
  link("../outside", "root/out");
  link("nowhere", "root/nothing");
  link("../outside/f", "root/file");
  link("a", "root/in");
  for (const auto* name : {"out", "nothing", "file", "in", "a"})
    told_as(name);
  BOOST_TEST(follower.has_leading_out());
  BOOST_TEST(follower.leading_out().empty()); // the model has none of them
  auto& out = know(tree.root(), "out", "outside");
  know(tree.root(), "nothing", "outside/deep");
  for (const auto* name : {"out", "nothing", "file", "in", "a"})
    told_as(name);
  const auto root = tree.root().number();
  const auto want = std::set<link_follower::entry>{{root, "out"}, {root, "nothing"}};
  tree.remove(out);
  told_as("out");
  know(tree.root(), "out", "outside");
  BOOST_TEST((follower.leading_out() == want));
}

BOOST_AUTO_TEST_SUITE_END()
