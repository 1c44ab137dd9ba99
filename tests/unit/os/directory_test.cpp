#include "actors/os/directory.hpp"

#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <set>

using namespace actors;
using namespace actors::test;

namespace directory_tests {

struct fixture {
  temporary_directory where;
  directory root = *directory::open(where.path());

  file_facts look(const char* name) {
    const auto seen = root.look(name);
    BOOST_REQUIRE_MESSAGE(seen.is == sight::kind::present, name);
    return seen.facts;
  }
  bool is_absent(const char* name) { return root.look(name).is == sight::kind::absent; }

  void write(const std::string& name, const std::string& text) {
    std::ofstream{where / name} << text;
  }
};

ino_t inode_of(const std::string& path) {
  struct stat st {};
  BOOST_REQUIRE(::lstat(path.c_str(), &st) == 0);
  return st.st_ino;
}

} // namespace directory_tests

BOOST_FIXTURE_TEST_SUITE(directory_tests, fixture)

BOOST_AUTO_TEST_CASE(a_file_keeps_its_identity_under_another_name) {
  write("a", "x");
  const auto before = look("a");
  BOOST_REQUIRE(::rename((where / "a").c_str(), (where / "b").c_str()) == 0);
  BOOST_TEST(is_absent("a"));
  const auto after = look("b");
  BOOST_TEST((before.identity == after.identity));
}

BOOST_AUTO_TEST_CASE(a_hard_link_is_the_same_file_and_another_file_is_not) {
  write("a", "x");
  write("c", "x");
  BOOST_REQUIRE(::link((where / "a").c_str(), (where / "b").c_str()) == 0);
  BOOST_TEST((look("a").identity == look("b").identity));
  BOOST_TEST(look("a").attributes.links == 2u);
  BOOST_TEST(!(look("a").identity == look("c").identity));
}

BOOST_AUTO_TEST_CASE(a_new_file_with_a_reused_inode_is_another_file) {
  auto reused = 0;
  for (auto i = 0; i < 50; ++i) {
    write("a", "x");
    const auto before = look("a");
    const auto inode = inode_of(where / "a");
    ::unlink((where / "a").c_str());
    write("a", "x");
    reused += inode_of(where / "a") == inode;
    BOOST_REQUIRE(!(before.identity == look("a").identity));
    ::unlink((where / "a").c_str());
  }
  BOOST_TEST_MESSAGE("inodes reused: " << reused << " of 50");
}

BOOST_AUTO_TEST_CASE(a_look_tells_what_is_there_and_follows_no_link) {
  write("file", "12345");
  BOOST_REQUIRE(::mkdir((where / "directory").c_str(), 0750) == 0);
  BOOST_REQUIRE(::symlink("directory", (where / "link").c_str()) == 0);
  BOOST_REQUIRE(::symlink("nowhere", (where / "dangling").c_str()) == 0);
  BOOST_REQUIRE(::mkfifo((where / "fifo").c_str(), 0600) == 0);
  BOOST_TEST((look("file").ftype == file_type::file));
  BOOST_TEST(look("file").size == 5u);
  BOOST_TEST((look("directory").ftype == file_type::directory));
  BOOST_TEST(look("directory").size == 0u);
  BOOST_TEST(look("directory").attributes.mode == 0750u);
  BOOST_TEST((look("link").ftype == file_type::link));
  BOOST_TEST((look("dangling").ftype == file_type::link));
  BOOST_TEST((look("fifo").ftype == file_type::other));
  BOOST_TEST(!(look("link").identity == look("directory").identity));
  BOOST_TEST(is_absent("nothing"));
}

BOOST_AUTO_TEST_CASE(a_subdirectory_is_not_an_attribute_of_the_directory_it_is_in) {
  BOOST_REQUIRE(::mkdir((where / "d").c_str(), 0700) == 0);
  const auto before = look("d");
  BOOST_REQUIRE(::mkdir((where / "d/e").c_str(), 0700) == 0);
  BOOST_TEST((look("d").attributes == before.attributes));
}

BOOST_AUTO_TEST_CASE(a_link_is_followed_to_a_directory_when_asked) {
  BOOST_REQUIRE(::mkdir((where / "d").c_str(), 0700) == 0);
  BOOST_REQUIRE(::symlink("d", (where / "to_d").c_str()) == 0);
  write("f", "x");
  BOOST_REQUIRE(::symlink("f", (where / "to_f").c_str()) == 0);
  BOOST_REQUIRE(::symlink("nowhere", (where / "broken").c_str()) == 0);
  const auto followed = root.look("to_d", link_policy::followed).facts;
  BOOST_TEST((followed.ftype == file_type::directory));
  BOOST_TEST((followed.identity == look("d").identity));
  BOOST_TEST((root.look("to_f", link_policy::followed).facts.ftype == file_type::link));
  BOOST_TEST((root.look("broken", link_policy::followed).facts.ftype == file_type::link));
  const auto opened = root.open_below("to_d", link_policy::followed);
  BOOST_REQUIRE(opened.has_value());
  BOOST_TEST((opened->identity() == followed.identity));
}

BOOST_AUTO_TEST_CASE(a_second_look_costs_half_and_tells_the_same) {
  write("a", "x");
  const auto known = look("a");
  write("a", "longer");
  const auto again = root.look_again("a", known);
  BOOST_TEST((again.is == sight::kind::present));
  BOOST_TEST(again.facts.size == 6u);
  BOOST_TEST((again.facts.identity == look("a").identity));
  ::unlink((where / "a").c_str());
  BOOST_TEST((root.look_again("a", known).is == sight::kind::absent));
  BOOST_REQUIRE(::mkdir((where / "a").c_str(), 0700) == 0);
  BOOST_TEST((root.look_again("a", known).facts.identity == look("a").identity));
}

BOOST_AUTO_TEST_CASE(what_may_not_be_asked_is_unknown_and_not_absent) {
  if (::geteuid() == 0)
    return; // root may ask everything
  BOOST_REQUIRE(::mkdir((where / "d").c_str(), 0700) == 0);
  write("d/f", "x");
  const auto inside = root.open_below("d");
  BOOST_REQUIRE(inside.has_value());
  BOOST_REQUIRE(::chmod((where / "d").c_str(), 0) == 0);
  BOOST_TEST((inside->look("f").is == sight::kind::unknown));
  BOOST_REQUIRE(::chmod((where / "d").c_str(), 0700) == 0);
}

BOOST_AUTO_TEST_CASE(an_open_directory_is_the_same_by_itself_and_by_its_name) {
  BOOST_REQUIRE(::mkdir((where / "d").c_str(), 0700) == 0);
  const auto inside = root.open_below("d");
  BOOST_REQUIRE(inside.has_value());
  BOOST_TEST((inside->facts().identity == look("d").identity));
  BOOST_REQUIRE(::rename((where / "d").c_str(), (where / "e").c_str()) == 0);
  BOOST_TEST((inside->facts().identity == look("e").identity));
  const auto itself = root.open_below("");
  BOOST_REQUIRE(itself.has_value());
  BOOST_TEST((itself->facts().identity == root.facts().identity));
}

BOOST_AUTO_TEST_CASE(open_below_does_not_follow_a_link_in_the_last_part) {
  BOOST_REQUIRE(::mkdir((where / "d").c_str(), 0700) == 0);
  BOOST_REQUIRE(::symlink("d", (where / "l").c_str()) == 0);
  BOOST_TEST(!root.open_below("l").has_value());
  const auto nothing = root.open_below("nothing");
  BOOST_REQUIRE(!nothing.has_value());
  BOOST_TEST((nothing.error().code == errc::not_found));
  write("file", "");
  BOOST_TEST((root.open_below("file").error().code == errc::not_a_directory));
}

BOOST_AUTO_TEST_CASE(the_path_a_user_gave_may_be_a_link) {
  BOOST_REQUIRE(::mkdir((where / "d").c_str(), 0700) == 0);
  BOOST_REQUIRE(::symlink("d", (where / "l").c_str()) == 0);
  BOOST_TEST((directory::open(where / "l")->facts().identity == look("d").identity));
  BOOST_TEST((directory::open(where / "nothing").error().code == errc::not_found));
}

BOOST_AUTO_TEST_CASE(a_path_longer_than_the_kernel_takes_is_opened_in_steps) {
  const auto part = std::string(200, 'p');
  auto path = std::string{};
  auto at = unique_fd{::open(where.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  struct stat deepest {};
  for (auto depth = 0; depth < 60; ++depth) { // 12,000 bytes
    BOOST_REQUIRE(::mkdirat(at.get(), part.c_str(), 0700) == 0);
    at = unique_fd{::openat(at.get(), part.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    path += (path.empty() ? "" : "/") + part;
    const auto opened = root.open_below(path);
    BOOST_REQUIRE_MESSAGE(opened.has_value(), path.size());
    BOOST_REQUIRE(::fstat(at.get(), &deepest) == 0);
    struct stat found {};
    BOOST_REQUIRE(::fstat(opened->descriptor(), &found) == 0);
    BOOST_REQUIRE(found.st_ino == deepest.st_ino);
  }
  BOOST_TEST(path.size() > 3u * 4096u - 300u);
  BOOST_TEST(!root.open_below(path + "/nothing").has_value());
}

BOOST_AUTO_TEST_CASE(a_listing_has_every_name_once_and_not_the_dots) {
  auto expected = std::set<std::string>{};
  for (auto i = 0; i < 300; ++i) {
    expected.insert("f" + std::to_string(i));
    write("f" + std::to_string(i), "");
  }
  expected.insert("\xFF\n");
  write("\xFF\n", "");
  auto reader = name_reader::open(root);
  BOOST_REQUIRE(reader.has_value());
  auto names = std::multiset<std::string>{};
  while (const auto* name = reader->next())
    names.insert(name);
  BOOST_TEST(reader->failed_with() == 0);
  BOOST_TEST(names.size() == expected.size());
  BOOST_TEST((std::set<std::string>{names.begin(), names.end()} == expected));
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_removed_has_no_names_and_that_is_no_failure) {
  BOOST_REQUIRE(::mkdir((where / "d").c_str(), 0700) == 0);
  const auto gone = directory::open(where / "d");
  BOOST_REQUIRE(gone.has_value());
  BOOST_REQUIRE(::rmdir((where / "d").c_str()) == 0);
  auto reader = name_reader::open(*gone);
  BOOST_REQUIRE(reader.has_value());
  BOOST_TEST(reader->next() == nullptr);
  BOOST_TEST(reader->failed_with() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
