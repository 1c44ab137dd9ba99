#include "actors/watch/told_tree.hpp"

#include "actors/core/file_version.hpp"
#include "actors/testkit/batches.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace actors;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace told_tree_tests {

using texts = std::vector<std::string>;

/// A told tree past its baseline, and a reader who takes what it tells.
struct fixture {
  told_tree told{"/r"};
  std::uint64_t last_identity = 0;
  time_point now{1h};

  fixture() {
    told.begin_turn();
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

} // namespace told_tree_tests

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

// -- what is told to those who fold: which file, and what it is like
// -------------------------------

BOOST_AUTO_TEST_CASE(each_change_says_which_file_it_is_about_and_what_it_is_like) {
  auto was = facts(file_type::file, 1);
  auto& f = told.create(root(), "f", was);
  auto later = was;
  later.size = 2;
  told.compare(f, later, false, false);
  told.rename(f, root(), "g", told_tree::target::free);
  told.remove(f);
  const auto batch = read_batch();
  BOOST_REQUIRE(batch.size() == 4u);
  for (const auto& what : batch)
    BOOST_TEST(what.identity == was.identity.value);
  BOOST_TEST(batch[0].version == version_of(was));
  BOOST_TEST(batch[1].version == version_of(later));
  BOOST_TEST(batch[2].version == version_of(later));
  BOOST_TEST(batch[3].version == version_of(later)); // what it was last told to be
}

BOOST_AUTO_TEST_CASE(a_replacement_says_which_file_had_the_name) {
  const auto old = facts(file_type::file, 1);
  const auto next = facts(file_type::file, 2);
  const auto third = facts(file_type::file, 3);
  auto& f = told.create(root(), "f", old);
  told.replace(f, next);
  auto& g = told.create(root(), "g", third);
  told.tree().remove(f);
  told.rename(g, root(), "f", told_tree::target::overwritten, next);
  const auto batch = read_batch();
  BOOST_REQUIRE(batch.size() == 4u);
  BOOST_TEST(batch[1].identity == next.identity.value);
  BOOST_TEST(batch[1].lost_identity == old.identity.value);
  BOOST_TEST(batch[1].lost_version == version_of(old));
  BOOST_TEST(batch[3].identity == third.identity.value);
  BOOST_TEST(batch[3].lost_identity == next.identity.value);
  BOOST_TEST(batch[3].lost_version == version_of(next));
}

BOOST_AUTO_TEST_CASE(what_went_before_a_write_was_looked_at_has_no_known_content) {
  auto& f = file(root(), "f");
  read();
  f.set_unseen_write(true);
  told.remove(f);
  BOOST_TEST(content_of_version(read_batch()[0].version) == 0u);
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

/// a/ and a/in/ are silent; a/x, a/in/y and a/told/z are not.
struct silent_fixture : fixture {
  tree_node& a = silent(root(), "a");
  tree_node& in = silent(a, "in");
  tree_node& x = file(a, "x");
  tree_node& y = file(in, "y");
  tree_node& loud = folder(a, "told");
  tree_node& z = file(loud, "z");

  tree_node& silent(tree_node& directory, std::string_view name) {
    return told.create(directory, name, facts(file_type::directory), told_tree::voice::silent);
  }
  /// "from -> to", of the renames that are told.
  texts renames() {
    auto lines = texts{};
    for (const auto& what : read_batch())
      lines.push_back(std::string{what.from} + " -> " + std::string{what.path});
    std::sort(lines.begin(), lines.end());
    return lines;
  }
};

BOOST_FIXTURE_TEST_CASE(a_silent_directory_is_not_told_and_what_is_in_it_is, silent_fixture) {
  BOOST_TEST(
    read()
      == (texts{"create /r/a/x", "create /r/a/in/y", "create /r/a/told", "create /r/a/told/z"}),
    boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_silent_directory_that_changes_is_not_told, silent_fixture) {
  read();
  auto changed = a.facts();
  changed.attributes.mode = 0700;
  told.compare(a, changed, false, true);
  BOOST_TEST(read().empty());
}

BOOST_FIXTURE_TEST_CASE(each_top_of_what_is_told_moves_with_a_silent_directory, silent_fixture) {
  read();
  told.rename(a, root(), "b", told_tree::target::free);
  BOOST_TEST(
    renames() == (texts{"/r/a/in/y -> /r/b/in/y", "/r/a/told -> /r/b/told", "/r/a/x -> /r/b/x"}),
    boost::test_tools::per_element());
  told.rename(a, root(), "a", told_tree::target::free); // a reader's mind is where it was
  BOOST_TEST(
    renames() == (texts{"/r/b/in/y -> /r/a/in/y", "/r/b/told -> /r/a/told", "/r/b/x -> /r/a/x"}),
    boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(an_empty_silent_directory_moves_in_silence, silent_fixture) {
  auto& empty = silent(root(), "empty");
  silent(empty, "more");
  read();
  told.rename(empty, a, "elsewhere", told_tree::target::free);
  BOOST_TEST(read().empty());
  BOOST_TEST(told.tree().path_of(empty) == "/r/a/elsewhere");
}

BOOST_FIXTURE_TEST_CASE(a_told_directory_moves_as_one_into_a_silent_one, silent_fixture) {
  read();
  told.rename(loud, in, "deeper", told_tree::target::free);
  BOOST_TEST(renames() == (texts{"/r/a/told -> /r/a/in/deeper"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(
  of_a_silent_directory_that_goes_only_what_is_in_it_is_told, silent_fixture) {
  read();
  told.remove(a);
  auto lines = read();
  std::sort(lines.begin(), lines.end());
  BOOST_TEST(
    lines == (texts{"delete /r/a/in/y", "delete /r/a/told", "delete /r/a/told/z", "delete /r/a/x"}),
    boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(silent_watches_are_let_go_too, silent_fixture) {
  a.set_watch(1);
  in.set_watch(2);
  told.remove(a);
  auto watches = dropped();
  std::sort(watches.begin(), watches.end());
  BOOST_TEST(watches == (std::vector<int>{1, 2}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_ghost_in_a_silent_directory_stays_one_when_that_moves, silent_fixture) {
  read();
  told.tree().make_ghost(x, now);
  told.rename(a, root(), "b", told_tree::target::free);
  BOOST_TEST(told.tree().ghosts().size() == 1u); // it is gone still, under its new name
  read();
  told.remove(x);
  BOOST_TEST(read() == (texts{"delete /r/b/x"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_very_deep_silent_tree_moves_and_goes_without_recursion) {
  auto* at = &told.create(root(), "d", facts(file_type::directory), told_tree::voice::silent);
  auto& top = *at;
  for (auto i = 0; i < 5'000; ++i)
    at = &told.create(*at, "d", facts(file_type::directory), told_tree::voice::silent);
  file(*at, "f");
  read();
  told.rename(top, root(), "e", told_tree::target::free);
  BOOST_TEST(read().size() == 1u);
  told.remove(top);
  BOOST_TEST(read().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

namespace remembered_tree_tests {

using namespace told_tree_tests;

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

} // namespace remembered_tree_tests

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
