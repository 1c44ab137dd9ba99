#include "actors/os/mount_table.hpp"

#include "actors/os/poll.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>
#include <string>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace mount_table_tests {

mount_point at(int id, int parent, std::string path) {
  auto is = mount_point{};
  is.id = id;
  is.parent = parent;
  is.path = std::move(path);
  return is;
}

std::vector<int> below(const std::vector<mount_point>& table, std::string_view root) {
  auto ids = std::vector<int>{};
  for (const auto& x : mounts_below(table, root))
    ids.push_back(x.id);
  return ids;
}

using ids = std::vector<int>;

} // namespace mount_table_tests

BOOST_AUTO_TEST_SUITE(mount_table_tests)

BOOST_AUTO_TEST_CASE(a_line_of_the_manual_page_is_read) {
  const auto table = parse_mountinfo(
    "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n");
  BOOST_REQUIRE(table.size() == 1u);
  BOOST_TEST(table[0].id == 36);
  BOOST_TEST(table[0].parent == 35);
  BOOST_TEST(table[0].device_major == 98u);
  BOOST_TEST(table[0].device_minor == 0u);
  BOOST_TEST(table[0].root == "/mnt1");
  BOOST_TEST(table[0].path == "/mnt2");
  BOOST_TEST(table[0].type == "ext3");
}

BOOST_AUTO_TEST_CASE(tags_may_be_none_or_many_and_the_source_empty) {
  const auto table =
    parse_mountinfo("1 0 0:1 / / rw - tmpfs  rw\n"
                    "2 1 0:2 / /a rw shared:1 master:2 propagate_from:3 - proc p rw\n"
                    "3 1 0:4 net:[4026531840] /run/ns rw - nsfs nsfs rw");
  BOOST_REQUIRE(table.size() == 3u);
  BOOST_TEST(table[0].type == "tmpfs");
  BOOST_TEST(table[1].type == "proc");
  BOOST_TEST(table[2].root == "net:[4026531840]");
}

BOOST_AUTO_TEST_CASE(escaped_bytes_are_themselves_again) {
  const auto table = parse_mountinfo(
    "1 0 0:1 /r\\040t /a\\040b\\011c\\012d\\134e\\377\\400\\08\\ rw - fuse.x\\040y s rw\n");
  BOOST_REQUIRE(table.size() == 1u);
  BOOST_TEST(table[0].root == "/r t");
  BOOST_TEST(table[0].path == "/a b\tc\nd\\e\xFF\\400\\08\\");
  BOOST_TEST(table[0].type == "fuse.x y");
}

BOOST_AUTO_TEST_CASE(a_line_that_makes_no_sense_is_left_out) {
  const auto good = std::string{"1 0 0:1 / /good rw - tmpfs t rw\n"};
  for (const auto* bad :
    {"", " ", "x", "1", "1 0 0:1", "1 0 0:1 / /a rw tmpfs t rw", "1 0 0:1 / /a rw -",
      "1 0 0:1 / /a rw - ", "1 0 0:1 / a rw - tmpfs t rw", "1 0 0:1  /a rw - tmpfs t rw",
      "1 0 0-1 / /a rw - tmpfs t rw", "1 0 :1 / /a rw - tmpfs t rw",
      "1x 0 0:1 / /a rw - tmpfs t rw", "99999999999 0 0:1 / /a rw - tmpfs t rw",
      "1 0 0:-1 / /a rw - tmpfs t rw", "1 0 0:1 / /a\\000b rw - tmpfs t rw"}) {
    const auto table = parse_mountinfo(good + bad + "\n" + good);
    BOOST_TEST(table.size() == 2u, bad);
  }
}

BOOST_AUTO_TEST_CASE(any_bytes_at_all_are_read) {
  auto random = std::mt19937{17};
  const auto sound = std::string{"36 35 98:0 / /mnt\\0402 rw shared:1 - ext3 /dev/root rw\n"
                                 "37 36 98:0 / /mnt\\0402/x rw - ext3 /dev/root rw\n"};
  for (auto i = 0; i < 100'000; ++i) {
    auto text = sound;
    for (auto changes = random() % 8; changes > 0; --changes)
      text[random() % text.size()] = static_cast<char>(
        random() % 2 == 0 ? random() : static_cast<unsigned char>(sound[random() % sound.size()]));
    const auto table = parse_mountinfo(text);
    for (const auto& x : table)
      BOOST_REQUIRE((x.path.starts_with('/') && !x.type.empty()));
    BOOST_REQUIRE(mounts_below(table, "/mnt 2").size() <= table.size());
  }
}

BOOST_AUTO_TEST_CASE(below_is_strict_and_by_whole_names) {
  const auto table = std::vector{at(1, 0, "/"), at(2, 1, "/a"), at(3, 2, "/a/b"), at(4, 1, "/ab")};
  BOOST_TEST(below(table, "/a") == (ids{3}));
  BOOST_TEST(below(table, "/a/") == (ids{3}));
  BOOST_TEST(below(table, "/") == (ids{2, 3, 4}));
  BOOST_TEST(below(table, "/a/b") == ids{});
}

BOOST_AUTO_TEST_CASE(of_mounts_on_one_directory_the_top_one_counts) {
  const auto table =
    std::vector{at(1, 0, "/"), at(2, 1, "/a"), at(3, 2, "/a"), at(4, 3, "/a"), at(5, 3, "/a/b")};
  BOOST_TEST(below(table, "/") == (ids{4})); // 5 is on the covered 3
}

BOOST_AUTO_TEST_CASE(which_is_on_top_is_told_by_the_parents_and_not_by_the_order) {
  // `mount --move` takes an old mount, with its old number, onto a new one.
  const auto table = std::vector{at(1, 0, "/"), at(2, 3, "/a"), at(3, 1, "/a")};
  BOOST_TEST(below(table, "/") == (ids{2}));
}

BOOST_AUTO_TEST_CASE(the_later_of_two_lines_covers_when_the_parents_do_not_say) {
  const auto table = std::vector{at(1, 0, "/"), at(2, 1, "/a"), at(3, 1, "/a")};
  BOOST_TEST(below(table, "/") == (ids{3}));
}

BOOST_AUTO_TEST_CASE(what_a_mount_further_up_covers_is_not_found) {
  const auto table = std::vector{
    at(1, 0, "/"), at(2, 1, "/a/b"), at(3, 2, "/a/b/c"), at(4, 1, "/a"), at(5, 4, "/a/b")};
  BOOST_TEST(below(table, "/") == (ids{4, 5}));
}

BOOST_AUTO_TEST_CASE(a_table_whose_parents_circle_or_lack_is_walked_to_an_end) {
  BOOST_TEST(
    below({at(1, 1, "/a"), at(2, 3, "/b"), at(3, 2, "/c"), at(4, 99, "/d")}, "/").size() == 4u);
}

BOOST_AUTO_TEST_CASE(the_table_of_this_process_is_read) {
  auto watch = mount_watch::open();
  BOOST_REQUIRE(watch.has_value());
  BOOST_TEST(wait_readable({watch->descriptor()}, 0ms)); // nothing has been read yet
  const auto table = watch->read();
  BOOST_REQUIRE(table.has_value());
  BOOST_TEST(std::ranges::any_of(*table, [](const auto& x) { return x.path == "/"; }));
}

BOOST_AUTO_TEST_CASE(a_mount_and_its_end_are_told_until_the_table_is_read) {
  const auto where = temporary_directory{};
  const auto path = where / "with space";
  BOOST_REQUIRE(::mkdir(path.c_str(), 0700) == 0);
  auto watch = mount_watch::open();
  BOOST_REQUIRE(watch.has_value());
  BOOST_REQUIRE(watch->read().has_value());
  if (::mount("actors-unit", path.c_str(), "tmpfs", 0, "size=64k") != 0) {
    BOOST_TEST_MESSAGE("skipped: mount: " << std::strerror(errno));
    return;
  }
  for (auto i = 0; i < 3; ++i) // who waits for several things polls more than once
    BOOST_TEST(wait_readable({watch->descriptor()}, 2s));
  const auto mounted = mounts_below(*watch->read(), where.path());
  BOOST_TEST(mounted.size() == 1u);
  BOOST_TEST(mounted.at(0).path == path);
  BOOST_TEST(mounted.at(0).type == "tmpfs");
  struct stat st {};
  BOOST_TEST(::stat(path.c_str(), &st) == 0);

  BOOST_TEST(::umount2(path.c_str(), MNT_DETACH) == 0);
  BOOST_TEST(wait_readable({watch->descriptor()}, 2s));
  BOOST_TEST(mounts_below(*watch->read(), where.path()).empty());
}

BOOST_AUTO_TEST_SUITE_END()
