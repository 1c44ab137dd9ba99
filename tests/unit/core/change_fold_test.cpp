#include "actors/core/change_fold.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace actors;

namespace change_fold_tests {

constexpr auto file = file_type::file;
constexpr auto directory = file_type::directory;

/// Gives changes below /r to a fold and shows what it makes of them, a line a record.
struct folding {
  void create(const std::string& path, file_type ftype = file, std::uint64_t size = 0) {
    give(event_type::create, path, ftype, size);
  }
  void modify(const std::string& path, std::uint64_t size = 0) {
    give(event_type::modify, path, file, size);
  }
  void attrib(const std::string& path, file_type ftype = file) {
    give(event_type::attrib, path, ftype, 0);
  }
  void remove(const std::string& path, file_type ftype = file) {
    give(event_type::remove, path, ftype, 0);
  }
  void rename(const std::string& from, const std::string& to, file_type ftype = file) {
    rename_as(from, to, ftype, false);
  }
  void rename_over(const std::string& from, const std::string& to, file_type ftype = file) {
    rename_as(from, to, ftype, true);
  }

  std::vector<std::string> net() {
    auto out = batch_builder{};
    fold.take(out);
    auto lines = std::vector<std::string>{};
    for (const auto& x : out.finish())
      lines.push_back(line_of(x));
    return lines;
  }

  change_fold fold;

private:
  void give(event_type type, const std::string& path, file_type ftype, std::uint64_t size) {
    auto what = event{};
    what.type = type;
    what.ftype = ftype;
    what.size = size;
    const auto full = "/r/" + path;
    what.path = full;
    fold.add(what);
  }

  void rename_as(const std::string& from, const std::string& to, file_type ftype, bool replaced) {
    auto what = event{};
    what.type = event_type::rename;
    what.ftype = ftype;
    what.replaced = replaced;
    const auto full_from = "/r/" + from;
    const auto full_to = "/r/" + to;
    what.from = full_from;
    what.path = full_to;
    fold.add(what);
  }

  static std::string line_of(const event& what) {
    auto line = std::string{name_of(what.type)} + " ";
    line += letter_of(what.ftype);
    if (!what.from.empty())
      line.append(" ").append(what.from.substr(3)).append(" ->");
    line.append(" ").append(what.path.substr(3));
    if (what.size != 0)
      line += " " + std::to_string(what.size);
    line += what.replaced ? " replaced" : "";
    line += what.initial ? " initial" : "";
    return line;
  }
};

using lines = std::vector<std::string>;

/// The three records of a swap; the name in between is the fold's own business.
void check_swap(const lines& got, const std::string& letter) {
  BOOST_REQUIRE_EQUAL(got.size(), 3u);
  const auto arrow = got[0].find(" -> ");
  BOOST_REQUIRE(arrow != std::string::npos);
  const auto aside = got[0].substr(arrow + 4);
  const auto first = got[0].substr(9, arrow - 9);
  const auto second = std::string{first == "a" ? "b" : "a"};
  BOOST_TEST(aside.ends_with(".actors-swap"));
  BOOST_TEST(got[0] == "rename " + letter + " " + first + " -> " + aside);
  BOOST_TEST(got[1] == "rename " + letter + " " + second + " -> " + first);
  BOOST_TEST(got[2] == "rename " + letter + " " + aside + " -> " + second);
}

} // namespace change_fold_tests

#define EXPECT_NET(...) BOOST_TEST(net() == (lines{__VA_ARGS__}), boost::test_tools::per_element())

BOOST_FIXTURE_TEST_SUITE(change_fold_tests, folding)

BOOST_AUTO_TEST_CASE(nothing_folds_to_nothing) {
  BOOST_TEST(fold.empty());
  BOOST_TEST(fold.paths() == 0u);
  EXPECT_NET();
  BOOST_TEST(fold.empty());
}

BOOST_AUTO_TEST_CASE(take_leaves_it_empty_and_as_good_as_new) {
  create("d", directory);
  modify("e/f", 1);
  BOOST_TEST(!fold.empty());
  BOOST_TEST(fold.paths() >= 3u);
  net();
  BOOST_TEST(fold.empty());
  BOOST_TEST(fold.paths() == 0u);
  EXPECT_NET();
  modify("d/x", 2); // d was there before, as far as this window knows
  EXPECT_NET("modify f d/x 2");
}

BOOST_AUTO_TEST_CASE(what_came_and_went_is_nothing) {
  create("a", file, 1);
  modify("a", 2);
  remove("a");
  EXPECT_NET();
}

BOOST_AUTO_TEST_CASE(what_came_and_went_does_not_fill_the_window) {
  for (int i = 0; i < 1000; ++i) {
    create("a" + std::to_string(i));
    remove("a" + std::to_string(i));
  }
  BOOST_TEST(fold.paths() <= 2u); // /r, and at most the last of them
  EXPECT_NET();
}

BOOST_AUTO_TEST_CASE(a_new_file_written_many_times_is_one_create_with_the_last_size) {
  create("a");
  for (std::uint64_t size = 1; size <= 10; ++size)
    modify("a", size);
  EXPECT_NET("create f a 10");
}

BOOST_AUTO_TEST_CASE(a_file_written_many_times_is_one_modify_with_the_last_size) {
  for (std::uint64_t size = 1; size <= 10; ++size)
    modify("a", size);
  EXPECT_NET("modify f a 10");
}

BOOST_AUTO_TEST_CASE(a_file_written_and_removed_is_one_delete) {
  modify("a", 1);
  remove("a");
  EXPECT_NET("delete f a");
}

BOOST_AUTO_TEST_CASE(a_file_removed_and_made_again_is_a_modify_replaced) {
  remove("a");
  create("a", file, 7);
  EXPECT_NET("modify f a 7 replaced");
}

BOOST_AUTO_TEST_CASE(a_file_removed_made_again_and_removed_is_one_delete) {
  remove("a");
  create("a", file, 7);
  remove("a");
  EXPECT_NET("delete f a");
}

BOOST_AUTO_TEST_CASE(a_name_taken_by_another_type_is_a_delete_and_a_create) {
  remove("a");
  create("a", directory);
  remove("b", directory);
  create("b", file_type::link);
  remove("c");
  create("c", file_type::link);
  EXPECT_NET("delete f a", "delete d b", "delete f c", "create d a", "create l b", "create l c");
}

BOOST_AUTO_TEST_CASE(mode_and_content_changed_is_a_modify) {
  attrib("a");
  modify("a", 3);
  modify("b", 4);
  attrib("b"); // tells the size too: here it says 0
  attrib("c");
  attrib("c");
  EXPECT_NET("modify f a 3", "modify f b", "attrib f c");
}

BOOST_AUTO_TEST_CASE(a_create_of_before_the_watch_stays_one) {
  auto what = event{};
  what.type = event_type::create;
  what.ftype = file;
  what.initial = true;
  what.path = "/r/a";
  fold.add(what);
  modify("a", 3);
  create("b");
  EXPECT_NET("create f a 3 initial", "create f b");
}

BOOST_AUTO_TEST_CASE(an_atomic_save_is_one_modify_of_the_target) {
  create("a.tmp");
  modify("a.tmp", 5);
  rename_over("a.tmp", "a");
  EXPECT_NET("modify f a 5 replaced");
}

BOOST_AUTO_TEST_CASE(a_save_that_keeps_the_old_file_is_a_rename_and_a_create) {
  rename("a", "a~");
  create("a", file, 5);
  EXPECT_NET("rename f a -> a~", "create f a 5");
}

BOOST_AUTO_TEST_CASE(a_save_that_drops_the_old_file_is_one_modify) {
  rename("a", "a~");
  create("a", file, 5);
  remove("a~");
  EXPECT_NET("modify f a 5 replaced");
}

BOOST_AUTO_TEST_CASE(renames_in_a_row_are_one) {
  rename("a", "b");
  rename("b", "c");
  EXPECT_NET("rename f a -> c");
}

BOOST_AUTO_TEST_CASE(a_rename_there_and_back_is_nothing) {
  rename("a", "b");
  rename("b", "a");
  EXPECT_NET();
}

BOOST_AUTO_TEST_CASE(a_rename_over_a_file_says_so) {
  rename_over("a", "b");
  EXPECT_NET("rename f a -> b replaced");
}

BOOST_AUTO_TEST_CASE(a_rename_to_a_name_that_had_another_type_follows_its_delete) {
  remove("b", file_type::link);
  rename("a", "b");
  EXPECT_NET("delete l b", "rename f a -> b");
}

BOOST_AUTO_TEST_CASE(a_file_replaced_by_a_passer_by_is_deleted) {
  rename_over("a", "b");
  rename("b", "c");
  EXPECT_NET("delete f b", "rename f a -> c");
}

BOOST_AUTO_TEST_CASE(a_new_file_is_created_under_its_last_name) {
  create("a", file, 2);
  rename("a", "b");
  EXPECT_NET("create f b 2");
}

BOOST_AUTO_TEST_CASE(a_renamed_and_written_file_is_a_rename_and_a_modify) {
  modify("a", 2);
  rename("a", "b");
  EXPECT_NET("rename f a -> b", "modify f b 2");
}

BOOST_AUTO_TEST_CASE(a_new_directory_that_was_filled_is_created_under_its_last_name) {
  create("d", directory);
  create("d/f", file, 3);
  rename("d", "e", directory);
  EXPECT_NET("create d e", "create f e/f 3");
}

BOOST_AUTO_TEST_CASE(what_was_written_in_a_renamed_directory_is_modified_under_the_new_name) {
  modify("d/f", 3);
  rename("d", "e", directory);
  EXPECT_NET("rename d d -> e", "modify f e/f 3");
}

BOOST_AUTO_TEST_CASE(changes_in_a_renamed_directory_follow_it) {
  rename("d", "e", directory);
  create("e/x", file, 1);
  remove("e/y");
  EXPECT_NET("delete f d/y", "rename d d -> e", "create f e/x 1");
}

BOOST_AUTO_TEST_CASE(a_removed_directory_is_deleted_after_what_was_named_in_it) {
  modify("d/f", 3);
  create("d/new");
  remove("d/f");
  remove("d/g");
  remove("d/e", directory);
  remove("d", directory);
  EXPECT_NET("delete f d/f", "delete f d/g", "delete d d/e", "delete d d");
}

BOOST_AUTO_TEST_CASE(a_directory_nobody_spoke_of_goes_with_the_one_above_it) {
  modify("d/e/f", 3);
  remove("d", directory);
  const auto got = net();
  BOOST_TEST(got.size() <= 2u); // never more records than came in
  BOOST_TEST(got.back() == "delete d d");
}

BOOST_AUTO_TEST_CASE(what_is_moved_out_of_a_removed_directory_lives_on) {
  rename("d/e/f", "f");
  remove("d", directory);
  EXPECT_NET("rename f d/e/f -> f", "delete d d");
}

BOOST_AUTO_TEST_CASE(a_removed_directory_and_a_new_one_of_its_name_are_two) {
  remove("d/x");
  remove("d", directory);
  create("d", directory);
  create("d/y", file, 1);
  EXPECT_NET("delete f d/x", "delete d d", "create d d", "create f d/y 1");
}

BOOST_AUTO_TEST_CASE(a_removed_directory_goes_once_though_something_in_it_was_saved) {
  rename("d/e/f", "f");
  remove("d/e", directory);
  remove("d", directory);
  create("d", directory);
  EXPECT_NET("rename f d/e/f -> f", "delete d d/e", "delete d d", "create d d");
}

BOOST_AUTO_TEST_CASE(what_is_moved_into_the_new_directory_is_out_of_the_old_one_first) {
  rename("d/f", "f");
  remove("d", directory);
  create("d", directory);
  rename("f", "d/f");
  const auto got = net();
  BOOST_REQUIRE_EQUAL(got.size(), 4u); // out, delete, create, in
  BOOST_TEST(got[0].starts_with("rename f d/f -> "));
  BOOST_TEST(got[1] == "delete d d");
  BOOST_TEST(got[2] == "create d d");
  BOOST_TEST(got[3].ends_with(" -> d/f"));
}

BOOST_AUTO_TEST_CASE(two_files_that_swapped_names_pass_through_a_third) {
  rename("a", "t");
  rename("b", "a");
  rename("t", "b");
  check_swap(net(), "f");
}

BOOST_AUTO_TEST_CASE(two_directories_that_swapped_names_pass_through_a_third) {
  rename("a", "t", directory);
  rename("b", "a", directory);
  rename("t", "b", directory);
  check_swap(net(), "d");
}

BOOST_AUTO_TEST_CASE(a_long_ring_of_renames_does_not_exhaust_the_stack) {
  constexpr auto names = std::size_t{60'000};
  rename("1", "t");
  for (std::size_t i = 2; i <= names; ++i)
    rename(std::to_string(i), std::to_string(i - 1));
  rename("t", std::to_string(names));
  BOOST_TEST(net().size() <= names + names / 100); // a few may have to step aside
}

BOOST_AUTO_TEST_CASE(a_very_deep_directory_does_not_exhaust_the_stack) {
  auto path = std::string{"d"};
  for (int i = 0; i < 3000; ++i)
    path += "/d";
  modify(path, 3);
  rename("d", "e", directory);
  BOOST_TEST(net().size() == 2u);
  modify(path, 4);
  remove("d", directory);
  BOOST_TEST(net().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_child_that_became_the_parent_goes_first) {
  rename("a/b", "b", directory);
  rename("a", "b/a", directory);
  EXPECT_NET("rename d a/b -> b", "rename d a -> b/a");
}

BOOST_AUTO_TEST_CASE(an_empty_directory_that_was_replaced_is_deleted_first) {
  rename_over("d", "e", directory);
  EXPECT_NET("delete d e", "rename d d -> e");
}

BOOST_AUTO_TEST_SUITE_END()
