#include "actors/core/change_fold.hpp"
#include "actors/core/file_version.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace actors;

namespace change_fold_identity_tests {

constexpr auto directory = file_type::directory;

/// Which file a record is about and what it is like, in small numbers. A file's size is its
/// content.
struct told {
  std::uint64_t identity = 0;
  std::uint64_t content = 1;
  std::uint64_t attributes = 1;
  file_type ftype = file_type::file;
  bool initial = false;

  std::uint64_t size() const { return ftype == directory ? 0 : content; }
  std::uint64_t version() const { return version_of_parts(size(), attributes); }
};

told folder(std::uint64_t identity, std::uint64_t attributes = 1) {
  return {.identity = identity, .attributes = attributes, .ftype = directory};
}

/// Gives changes below /r to a fold and shows what it makes of them, a line a record.
struct folding {
  void create(const std::string& path, const told& x) { give(event_type::create, path, x); }
  void modify(const std::string& path, const told& x) { give(event_type::modify, path, x); }
  void attrib(const std::string& path, const told& x) { give(event_type::attrib, path, x); }
  void remove(const std::string& path, const told& x) { give(event_type::remove, path, x); }
  void replace(const std::string& path, const told& old, const told& x) {
    give(event_type::modify, path, x, {}, &old);
  }
  void rename(const std::string& from, const std::string& to, const told& x) {
    give(event_type::rename, to, x, from);
  }
  void rename_over(const std::string& from, const std::string& to, const told& old, const told& x) {
    give(event_type::rename, to, x, from, &old);
  }

  std::vector<std::string> net() {
    auto lines = std::vector<std::string>{};
    for (const auto& x : take())
      lines.push_back(line_of(x));
    return lines;
  }

  event_batch take() {
    auto out = batch_builder{};
    fold.take(out);
    return out.finish();
  }

  change_fold fold;

private:
  void give(event_type type, const std::string& path, const told& x, const std::string& from = {},
    const told* lost = nullptr) {
    const auto full = "/r/" + path;
    const auto full_from = from.empty() ? "" : "/r/" + from;
    auto what = event{};
    what.type = type;
    what.ftype = x.ftype;
    what.initial = x.initial;
    if (type != event_type::remove && type != event_type::rename)
      what.size = x.size();
    what.path = full;
    what.from = full_from;
    what.identity = x.identity;
    what.version = x.identity == 0 ? 0 : x.version();
    what.replaced = lost != nullptr;
    if (lost != nullptr) {
      what.lost_identity = lost->identity;
      what.lost_version = lost->identity == 0 ? 0 : lost->version();
    }
    fold.add(what);
  }

  static std::string line_of(const event& what) {
    auto line = std::string{name_of(what.type)} + " " + letter_of(what.ftype);
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

} // namespace change_fold_identity_tests

#define EXPECT_NET(...) BOOST_TEST(net() == (lines{__VA_ARGS__}), boost::test_tools::per_element())

BOOST_FIXTURE_TEST_SUITE(change_fold_identity_tests, folding)

// -- out and back ---------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_file_that_went_and_is_back_never_went) {
  remove("f", {1});
  create("f", {1});
  EXPECT_NET();
}

BOOST_AUTO_TEST_CASE(a_file_that_is_back_with_another_content_was_modified) {
  remove("f", {1, 5});
  create("f", {1, 6});
  EXPECT_NET("modify f f 6");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_back_with_another_mode_has_other_attributes) {
  remove("f", {1, 5, 1});
  create("f", {1, 5, 2});
  EXPECT_NET("attrib f f 5");
}

BOOST_AUTO_TEST_CASE(a_file_whose_content_was_not_known_is_modified_when_it_is_back) {
  remove("f", {1, 0});
  create("f", {1, 6});
  EXPECT_NET("modify f f 6");
}

BOOST_AUTO_TEST_CASE(what_was_written_before_it_went_is_modified_when_it_is_back) {
  modify("f", {1, 6});
  remove("f", {1, 6});
  create("f", {1, 6});
  EXPECT_NET("modify f f 6");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_back_elsewhere_was_renamed) {
  remove("f", {1});
  create("g", {1});
  EXPECT_NET("rename f f -> g");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_back_elsewhere_with_another_content_is_renamed_and_modified) {
  remove("f", {1, 5});
  create("g", {1, 6});
  EXPECT_NET("rename f f -> g", "modify f g 6");
}

BOOST_AUTO_TEST_CASE(what_goes_comes_moves_and_goes_again_is_where_it_is_in_the_end) {
  remove("f", {1});
  create("g", {1});
  rename("g", "h", {1});
  remove("h", {1});
  EXPECT_NET("delete f f");
  remove("f", {1});
  create("g", {1});
  rename("g", "h", {1});
  remove("h", {1});
  create("f", {1});
  EXPECT_NET();
}

BOOST_AUTO_TEST_CASE(another_type_of_the_same_identity_is_another_thing) {
  remove("f", {1});
  create("f", folder(1));
  remove("g", {2});
  create("h", folder(2));
  EXPECT_NET("delete f f", "delete f g", "create d f", "create d h");
}

BOOST_AUTO_TEST_CASE(what_is_back_in_the_place_of_another_replaces_it) {
  remove("f", {1, 5});
  remove("g", {2, 6});
  create("g", {1, 5});
  EXPECT_NET("rename f f -> g replaced");
}

BOOST_AUTO_TEST_CASE(without_an_identity_what_is_back_is_another) {
  remove("f", {});
  create("f", {.identity = 1});
  remove("g", {2});
  create("g", {});
  EXPECT_NET("modify f f 1 replaced", "modify f g 1 replaced");
}

BOOST_AUTO_TEST_CASE(what_came_in_this_window_and_went_leaves_no_trace) {
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    create("a", {i});
    remove("a", {i});
  }
  BOOST_TEST(fold.paths() <= 2u);
  create("b", {7});
  EXPECT_NET("create f b 1");
}

BOOST_AUTO_TEST_CASE(what_was_there_before_the_watch_and_moves_about_stays_so) {
  create("a", {.identity = 1, .initial = true});
  rename("a", "b", {1});
  create("c", {.identity = 1, .initial = true}); // a second name of it
  EXPECT_NET("create f b 1 initial", "create f c 1 initial");
}

// -- directories ----------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_directory_that_went_and_is_back_with_all_in_it_never_went) {
  remove("d/e/f", {3});
  remove("d/e", folder(2));
  remove("d", folder(1));
  create("d", folder(1));
  create("d/e", folder(2));
  create("d/e/f", {3});
  EXPECT_NET();
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_back_elsewhere_was_renamed_and_took_all_along) {
  remove("d/e/f", {3});
  remove("d/e", folder(2));
  remove("d", folder(1));
  create("z", folder(1));
  create("z/e", folder(2));
  create("z/e/f", {3});
  EXPECT_NET("rename d d -> z");
}

BOOST_AUTO_TEST_CASE(what_is_not_back_with_its_directory_is_deleted) {
  remove("d/f", {2, 5});
  remove("d/g", {3, 5});
  remove("d", folder(1));
  create("d", folder(1));
  create("d/f", {2, 6});
  create("d/new", {4, 7});
  EXPECT_NET("delete f d/g", "create f d/new 7", "modify f d/f 6");
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_back_inside_a_new_one_of_its_name_is_saved_in_between) {
  remove("d", folder(1));
  create("d", folder(2));
  create("d/old", folder(1));
  const auto got = net();
  BOOST_REQUIRE_EQUAL(got.size(), 3u);
  BOOST_TEST(got[0].starts_with("rename d d -> "));
  BOOST_TEST(got[1] == "create d d");
  BOOST_TEST(got[2].ends_with(" -> d/old"));
}

BOOST_AUTO_TEST_CASE(a_directory_with_another_mode_has_other_attributes) {
  remove("d", folder(1, 1));
  create("d", folder(1, 2));
  EXPECT_NET("attrib d d");
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_gone_without_a_record_of_its_own_cannot_come_back) {
  attrib("d/e", folder(2)); // it may hold what nobody spoke of
  remove("d", folder(1));
  create("e", folder(2));
  EXPECT_NET("delete d d/e", "delete d d", "create d e");
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_met_under_its_new_name_first_was_renamed) {
  create("z", folder(1));
  create("z/f", {2});
  create("z/new", {3});
  remove("d/f", {2});
  remove("d", folder(1));
  EXPECT_NET("rename d d -> z", "create f z/new 1");
}

// -- second names ---------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_second_name_is_a_new_file) {
  create("b", {1});
  EXPECT_NET("create f b 1");
}

BOOST_AUTO_TEST_CASE(a_second_name_whose_first_goes_is_a_rename) {
  create("b", {1});
  remove("a", {1});
  EXPECT_NET("rename f a -> b");
}

BOOST_AUTO_TEST_CASE(a_second_name_that_was_written_is_a_rename_and_a_modify) {
  create("b", {1, 5});
  modify("b", {1, 6});
  remove("a", {1, 5});
  EXPECT_NET("rename f a -> b", "modify f b 6");
}

BOOST_AUTO_TEST_CASE(of_many_new_names_one_is_the_old_file) {
  create("b", {1});
  create("c", {1});
  remove("a", {1});
  BOOST_TEST(fold.paths() == 3u); // and /r
  const auto got = net();
  BOOST_REQUIRE_EQUAL(got.size(), 2u);
  BOOST_TEST(got[0].starts_with("create f "));
  BOOST_TEST(got[1].starts_with("rename f a -> "));
}

BOOST_AUTO_TEST_CASE(of_two_old_names_one_new_one_is_one_of_them) {
  remove("a", {1});
  remove("b", {1});
  create("c", {1});
  const auto got = net();
  BOOST_REQUIRE_EQUAL(got.size(), 2u);
  BOOST_TEST(got[0].starts_with("delete f "));
  BOOST_TEST(got[1].ends_with(" -> c"));
}

BOOST_AUTO_TEST_CASE(a_name_that_is_made_again_from_its_link_never_went) {
  create("b", {1}); // ln a b; rm a; ln b a
  remove("a", {1});
  create("a", {1});
  EXPECT_NET("create f b 1");
}

BOOST_AUTO_TEST_CASE(names_of_one_file_that_change_places_are_as_they_were) {
  rename("a", "t", {1});
  rename("b", "a", {1});
  rename("t", "b", {1});
  EXPECT_NET();
}

BOOST_AUTO_TEST_CASE(a_name_that_takes_the_place_of_its_twin_is_just_gone) {
  rename_over("b", "a", {1}, {1});
  EXPECT_NET("delete f b");
}

BOOST_AUTO_TEST_CASE(a_link_that_replaces_the_name_it_was_made_from_is_nothing) {
  create("b", {1});
  rename_over("b", "a", {1}, {1});
  EXPECT_NET();
}

// -- replaced -------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_name_that_another_file_had_meanwhile_was_not_replaced) {
  replace("f", {1, 5}, {2, 6});
  replace("f", {2, 6}, {1, 5});
  EXPECT_NET();
}

BOOST_AUTO_TEST_CASE(a_name_that_another_file_has_in_the_end_was_replaced) {
  replace("f", {1, 5}, {2, 6});
  replace("f", {2, 6}, {3, 7});
  EXPECT_NET("modify f f 7 replaced");
}

BOOST_AUTO_TEST_CASE(a_file_that_was_replaced_and_is_back_elsewhere_is_a_rename_and_a_create) {
  replace("f", {1, 5}, {2, 6});
  create("g", {1, 5});
  EXPECT_NET("rename f f -> g", "create f f 6");
}

BOOST_AUTO_TEST_CASE(a_save_that_keeps_the_old_file_as_a_link_is_a_rename_and_a_create) {
  create("tmp", {2, 6}); // gedit
  create("f~", {1, 5});
  rename_over("tmp", "f", {1, 5}, {2, 6});
  EXPECT_NET("rename f f -> f~", "create f f 6");
}

BOOST_AUTO_TEST_CASE(the_same_save_seen_as_a_replacement_is_told_the_same) {
  create("f~", {1, 5});
  replace("f", {1, 5}, {2, 6});
  EXPECT_NET("rename f f -> f~", "create f f 6");
}

BOOST_AUTO_TEST_CASE(a_ring_of_replacements_is_a_ring_of_renames) {
  replace("a", {1, 1}, {2, 2});
  replace("b", {2, 2}, {3, 3});
  replace("c", {3, 3}, {1, 1});
  const auto got = net();
  BOOST_REQUIRE_EQUAL(got.size(), 4u); // one of them has to step aside
  for (const auto& line : got)
    BOOST_TEST(line.starts_with("rename f "));
}

BOOST_AUTO_TEST_CASE(a_replacement_by_nobody_knows_whom_is_one_for_good) {
  replace("f", {}, {2, 6});
  remove("f", {2, 6});
  create("f", {2, 6});
  EXPECT_NET("modify f f 6 replaced");
}

// -- what is handed on ----------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_result_says_which_file_it_is_about) {
  replace("f", {1, 5}, {2, 6});
  remove("g", {3, 7});
  const auto batch = take();
  BOOST_REQUIRE(batch.size() == 2u);
  BOOST_TEST(batch[0].identity == 3u);
  BOOST_TEST(content_of_version(batch[0].version) == 7u);
  BOOST_TEST(batch[1].identity == 2u);
  BOOST_TEST(content_of_version(batch[1].version) == 6u);
  BOOST_TEST(batch[1].lost_identity == 1u);
  BOOST_TEST(content_of_version(batch[1].lost_version) == 5u);
}

BOOST_AUTO_TEST_CASE(a_delete_says_what_the_reader_knew_not_what_he_was_never_told) {
  modify("f", {1, 6});
  remove("f", {1, 6});
  const auto batch = take();
  BOOST_REQUIRE(batch.size() == 1u);
  BOOST_TEST(batch[0].version == 0u);
}

// -- what it costs --------------------------------------------------------------------------------

namespace {

/// Nodes touched by a day's worth of records, in a window that holds `held` files that were removed
/// and `held` names of one file.
std::uint64_t cost_beside(std::uint64_t held) {
  auto x = folding{};
  constexpr auto one_file = std::uint64_t{1} << 40;
  for (std::uint64_t i = 0; i < held; ++i) {
    x.remove("d/gone" + std::to_string(i), {i + 1000});
    x.create("d/link" + std::to_string(i), {one_file});
  }
  const auto before = x.fold.touched();
  x.remove("d/f", {1});
  x.create("d/f", {1});
  x.modify("d/f", {1, 2});
  x.rename("d/f", "d/g", {1, 2});
  x.create("d/h", {1, 2});
  x.remove("d/g", {1, 2});
  x.replace("d/k", {2}, {1});
  x.create("d/another", {one_file});
  x.remove("d/another", {one_file});
  x.remove("d/first", {one_file});
  x.create("d/first", {one_file});
  x.create("d/gone0 again", {1000 + held / 2});
  x.remove("d/e/f", {4});
  x.remove("d/e", folder(3));
  x.create("d/e", folder(3));
  x.create("d/e/f", {4});
  return x.fold.touched() - before;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_record_costs_the_same_however_many_are_held) {
  const auto cost = cost_beside(10);
  BOOST_TEST(cost > 0u);
  BOOST_TEST(cost < 100u); // 16 records
  BOOST_TEST(cost_beside(1'000) == cost);
  BOOST_TEST(cost_beside(30'000) == cost);
}

BOOST_AUTO_TEST_SUITE_END()
