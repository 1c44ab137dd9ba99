#include "actors/watch/told_tree.hpp"

#include "actors/testkit/batches.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

/// A told tree past its baseline, and a reader who takes what it tells.
struct fixture {
  told_tree told{"/r"};
  std::uint64_t last_identity = 0;
  told_tree::time_point now{1h};

  fixture() {
    told.tell_ready("test", 5ms);
    read();
  }

  file_facts facts(file_type ftype, std::uint64_t size = 0) {
    auto x = file_facts{};
    x.identity = {++last_identity};
    x.ftype = ftype;
    x.attributes = {.mode = 0644, .links = 1};
    x.size = size;
    return x;
  }

  std::vector<int> dropped() {
    auto watches = std::vector<int>{};
    for (const auto& x : told.take_dropped_watches())
      watches.push_back(x.watch);
    return watches;
  }

  tree_node& file(tree_node& in, std::string_view name) {
    return told.create(in, name, facts(file_type::file, 1));
  }
  tree_node& folder(tree_node& in, std::string_view name) {
    return told.create(in, name, facts(file_type::directory));
  }
  tree_node& root() { return told.tree().root(); }

  event_batch read_batch() {
    auto batch = told.next_batch();
    told.handed_on();
    return batch;
  }
  texts read() { return lines_of(read_batch()); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(told_tree_tests, fixture)

BOOST_AUTO_TEST_CASE(until_the_baseline_is_complete_the_model_grows_in_silence) {
  auto fresh = told_tree{"/r"};
  auto& d = fresh.create(fresh.tree().root(), "d", facts(file_type::directory));
  fresh.create(d, "f", facts(file_type::file));
  BOOST_TEST(fresh.is_silent());
  BOOST_TEST(!fresh.has_news());
  fresh.tell_overflow(now); // the baseline is being read anyway
  fresh.tell_recovered(now);
  BOOST_TEST(!fresh.has_news());
  fresh.tell_ready("inotify", 410ms);
  fresh.tell_ready("inotify", 1ms); // one a root
  const auto batch = fresh.next_batch();
  BOOST_REQUIRE(batch.size() == 1u);
  BOOST_TEST(batch[0].path == "/r");
  BOOST_TEST(batch[0].text == "inotify");
  BOOST_TEST(batch[0].directories == 2u);
  BOOST_TEST(batch[0].files == 1u);
  BOOST_TEST(batch[0].took.count() == 410);
}

BOOST_AUTO_TEST_CASE(an_initial_listing_is_marked_and_comes_before_ready) {
  auto fresh = told_tree{"/r"};
  fresh.tell_initial();
  fresh.create(fresh.tree().root(), "f", facts(file_type::file, 3));
  fresh.tell_ready("inotify", 1ms);
  fresh.create(fresh.tree().root(), "g", facts(file_type::file, 3));
  const auto batch = fresh.next_batch();
  BOOST_TEST(lines_of(batch) == (texts{"create /r/f", "ready /r", "create /r/g"}),
    boost::test_tools::per_element());
  BOOST_TEST(batch[0].initial);
  BOOST_TEST(!batch[2].initial);
}

BOOST_AUTO_TEST_CASE(a_create_tells_type_size_and_time) {
  told.create(root(), "f", facts(file_type::file, 5));
  const auto batch = read_batch();
  BOOST_REQUIRE(batch.size() == 1u);
  BOOST_TEST(batch[0].path == "/r/f");
  BOOST_TEST((batch[0].ftype == file_type::file));
  BOOST_TEST(batch[0].size == 5u);
  BOOST_TEST((batch[0].time != wall_time{}));
}

BOOST_AUTO_TEST_CASE(a_second_look_tells_a_difference_once) {
  auto& f = file(root(), "f");
  read();
  auto same = f.facts();
  told.compare(f, same, false, false);
  BOOST_TEST(read().empty());
  same.size = 9;
  told.compare(f, same, false, false);
  BOOST_TEST(read() == texts{"modify /r/f"}, boost::test_tools::per_element());
  same.attributes.mode = 0600;
  told.compare(f, same, false, false);
  BOOST_TEST(read() == texts{"attrib /r/f"}, boost::test_tools::per_element());
  same.modified = 7;
  same.attributes.mode = 0644; // both: the content speaks for it
  told.compare(f, same, false, false);
  BOOST_TEST(read() == texts{"modify /r/f"}, boost::test_tools::per_element());
  told.compare(f, same, false, false);
  BOOST_TEST(read().empty());
  told.compare(f, same, true, false); // the kernel says so
  BOOST_TEST(read() == texts{"modify /r/f"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(another_file_of_the_name_is_a_replacement) {
  auto& f = file(root(), "f");
  read();
  told.replace(f, facts(file_type::file, 2));
  const auto batch = read_batch();
  BOOST_REQUIRE(batch.size() == 1u);
  BOOST_TEST(batch[0].replaced);
  BOOST_TEST(batch[0].size == 2u);
}

BOOST_AUTO_TEST_CASE(a_tree_is_removed_leaves_first_and_its_watches_are_given_back) {
  auto& d = folder(root(), "d");
  d.set_watch(4);
  auto& e = folder(d, "e");
  e.set_watch(5);
  file(e, "f");
  file(d, "g");
  read();
  told.remove(d);
  const auto lines = read();
  BOOST_REQUIRE(lines.size() == 4u);
  BOOST_TEST(lines.back() == "delete /r/d");
  const auto at = [&](const char* line) { return std::find(lines.begin(), lines.end(), line); };
  BOOST_TEST((at("delete /r/d/e/f") < at("delete /r/d/e")));
  auto watches = dropped();
  std::sort(watches.begin(), watches.end());
  BOOST_TEST(watches == (std::vector<int>{4, 5}), boost::test_tools::per_element());
  BOOST_TEST(told.take_dropped_watches().empty());
  BOOST_TEST(told.tree().directories() == 1u);
  BOOST_TEST(told.tree().files() == 0u);
}

BOOST_AUTO_TEST_CASE(a_deep_tree_is_removed_and_its_deepest_watch_given_back) {
  auto* at = &folder(root(), "x");
  auto* top = at;
  for (auto i = 0; i < 3000; ++i) {
    at = &told.create(*at, "x", facts(file_type::directory));
    if (i % 500 == 0)
      read(); // paths grow; let go of them
  }
  read();
  at->set_watch(7);
  told.remove(*top);
  BOOST_TEST(dropped() == std::vector<int>{7}, boost::test_tools::per_element());
  BOOST_TEST(told.tree().directories() == 1u);
}

BOOST_AUTO_TEST_CASE(a_rename_tells_both_names_and_carries_the_subtree) {
  auto& d = folder(root(), "d");
  auto& f = file(d, "f");
  read();
  told.rename(d, root(), "e", told_tree::target::free);
  const auto batch = read_batch();
  BOOST_REQUIRE(batch.size() == 1u);
  BOOST_TEST((batch[0].type == event_type::rename));
  BOOST_TEST(batch[0].from == "/r/d");
  BOOST_TEST(batch[0].path == "/r/e");
  BOOST_TEST(!batch[0].replaced);
  told.remove(f);
  BOOST_TEST(read() == texts{"delete /r/e/f"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_overflow_is_told_once_and_its_recovery_counts_the_changes) {
  told.tell_overflow(now);
  told.tell_overflow(now + 1s);
  file(root(), "a");
  file(root(), "b");
  told.tell_recovered(now + 84ms);
  told.tell_recovered(now + 99ms);
  const auto batch = read_batch();
  BOOST_TEST(
    lines_of(batch) == (texts{"overflow /r", "create /r/a", "create /r/b", "recovered /r"}),
    boost::test_tools::per_element());
  BOOST_TEST(batch[3].changes == 2u);
  BOOST_TEST(batch[3].took.count() == 84);
  told.tell_overflow(now);
  BOOST_TEST(read() == texts{"overflow /r"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_lost_root_takes_everything_with_it_and_is_told_once) {
  file(folder(root(), "d"), "f");
  read();
  told.tell_root_lost("it was deleted");
  told.tell_root_lost("it was deleted");
  const auto batch = read_batch();
  BOOST_TEST(lines_of(batch) == (texts{"delete /r/d/f", "delete /r/d", "root_lost /r"}),
    boost::test_tools::per_element());
  BOOST_TEST(batch[2].text == "it was deleted");
  BOOST_TEST(told.is_root_lost());
  told.tell_root_back();
  BOOST_TEST(!told.is_root_lost());
  BOOST_TEST(read() == texts{"root_back /r"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_was_refused_is_offered_again_before_anything_newer) {
  file(root(), "a");
  const auto first = lines_of(told.next_batch());
  file(root(), "b");
  BOOST_TEST(lines_of(told.next_batch()) == first, boost::test_tools::per_element());
  told.handed_on();
  BOOST_TEST(told.has_news());
  BOOST_TEST(read() == texts{"create /r/b"}, boost::test_tools::per_element());
  BOOST_TEST(!told.has_news());
  BOOST_TEST(told.next_batch().empty());
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

/// A tree that is remembered from another process, before its first scan.
struct remembering {
  told_tree told{"/r"};
  std::uint64_t last_identity = 0;

  file_facts facts(file_type ftype, std::uint64_t size = 0) {
    auto x = file_facts{};
    x.identity = {++last_identity};
    x.ftype = ftype;
    x.attributes = {.mode = 0644, .links = 1};
    x.size = size;
    return x;
  }
  tree_node& known(std::string_view name, file_type ftype) {
    return told.tree().create(told.tree().root(), name, facts(ftype, 1));
  }
  texts read() {
    auto batch = told.next_batch();
    told.handed_on();
    return lines_of(batch);
  }
  texts look_again(tree_node& node, file_facts now) {
    now.identity = node.identity();
    now.size = 1;
    told.compare(node, now, false, false);
    return read();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(remembered_tree_tests, remembering)

BOOST_AUTO_TEST_CASE(what_differs_from_what_is_remembered_is_told_before_ready) {
  told.remember();
  told.tell_initial();
  told.create(told.tree().root(), "new", facts(file_type::file));
  BOOST_TEST(!told.next_batch()[0].initial);
  BOOST_TEST(read() == texts{"create /r/new"}, boost::test_tools::per_element());
  BOOST_TEST(told.is_silent());
}

BOOST_AUTO_TEST_CASE(batches_are_marked_with_numbers_that_go_on_after_a_hang) {
  told.mark_batches(3);
  told.remember();
  told.create(told.tree().root(), "a", facts(file_type::file));
  BOOST_TEST(told.next_batch().marks()->number_of(3) == 1u);
  BOOST_TEST(told.next_batch().marks()->number_of(3) == 1u); // the same, offered again
  told.handed_on();
  auto next = told_tree{"/r", told};
  BOOST_TEST(next.is_baseline_due()); // the reader knew something though ready was not told
  next.create(next.tree().root(), "a", facts(file_type::file));
  BOOST_TEST(next.next_batch().marks()->number_of(3) == 2u);
  BOOST_TEST(next.last_number() == 2u);
  BOOST_TEST(told.last_number() == 1u);
}

BOOST_AUTO_TEST_CASE(a_path_the_reader_may_have_is_told_as_gone_and_then_as_it_is) {
  known("a", file_type::file);
  auto& d = known("d", file_type::directory);
  told.tree().create(d, "f", facts(file_type::file));
  told.remember();
  told.doubt("/r/d", event_type::remove, file_type::directory);
  told.doubt("/r/b", event_type::remove, file_type::link);
  BOOST_TEST((told.next_batch()[2].ftype == file_type::link));
  BOOST_TEST(read() == (texts{"delete /r/d/f", "delete /r/d", "delete /r/b"}),
    boost::test_tools::per_element());
  BOOST_TEST(told.tree().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_path_that_changed_in_place_is_told_again_when_it_is_met) {
  auto& a = known("a", file_type::file);
  auto& d = known("d", file_type::directory);
  told.remember();
  told.doubt("/r/a", event_type::modify, file_type::file);
  told.doubt("/r/d", event_type::attrib, file_type::directory);
  told.doubt("/r", event_type::attrib, file_type::directory);
  BOOST_TEST(!told.has_news());
  BOOST_TEST(look_again(a, facts(file_type::file)) == texts{"modify /r/a"},
    boost::test_tools::per_element());
  auto as_before = facts(file_type::directory);
  BOOST_TEST(look_again(d, as_before) == texts{"attrib /r/d"}, boost::test_tools::per_element());
  BOOST_TEST(look_again(d, as_before).empty());
}

BOOST_AUTO_TEST_CASE(another_identity_is_taken_once_and_in_silence_from_what_looks_the_same) {
  auto& a = known("a", file_type::file);
  auto& b = known("b", file_type::file);
  auto& d = known("d", file_type::directory);
  told.remember();
  auto other = a.facts();
  other.identity = {100};
  BOOST_TEST(!told.adopt(a, other)); // identities are trusted
  told.distrust_identities();
  BOOST_TEST(told.adopt(a, other));
  BOOST_TEST(a.identity().value == 100u);
  other.identity = {101};
  BOOST_TEST(!told.adopt(a, other)); // from now on it is known
  other.size = 2;
  BOOST_TEST(!told.adopt(b, other)); // it looks different
  auto moved = facts(file_type::directory);
  moved.modified = 99;
  BOOST_TEST(told.adopt(d, moved));
  BOOST_TEST(!told.has_news());
}

BOOST_AUTO_TEST_SUITE_END()
