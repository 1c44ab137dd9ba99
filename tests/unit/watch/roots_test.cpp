#include "actors/watch/roots.hpp"

#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace actors;
using namespace actors::test;
namespace fs = std::filesystem;

namespace roots_tests {

struct fixture {
  temporary_directory where;
  std::string top = where.path();

  fixture() { fs::create_directories(top + "/a/b/c"); }

  watch_options at(const std::string& name) {
    auto options = watch_options{};
    options.path = name.empty() ? top : top + "/" + name;
    return options;
  }
  bool covers(const std::string& outer, const std::string& inner) {
    return actors::covers(at(outer), at(inner));
  }
};

} // namespace roots_tests

BOOST_FIXTURE_TEST_SUITE(roots_tests, fixture)

BOOST_AUTO_TEST_CASE(a_root_covers_itself_and_what_lies_below) {
  BOOST_TEST(covers("a", "a"));
  BOOST_TEST(covers("a", "a/b"));
  BOOST_TEST(covers("a", "a/b/c"));
  BOOST_TEST(!covers("a/b", "a"));
}

BOOST_AUTO_TEST_CASE(a_name_that_only_begins_alike_is_not_covered) {
  fs::create_directories(top + "/ab");
  BOOST_TEST(!covers("a", "ab"));
}

BOOST_AUTO_TEST_CASE(the_root_of_everything_covers_all) {
  auto all = watch_options{};
  all.path = "/";
  BOOST_TEST(actors::covers(all, at("a")) == (fs::canonical(top) == fs::path{top}));
  BOOST_TEST(actors::covers(all, all));
}

BOOST_AUTO_TEST_CASE(a_file_is_covered_by_its_directory) {
  std::ofstream{top + "/a/f"} << "x";
  BOOST_TEST(covers("a", "a/f"));
}

BOOST_AUTO_TEST_CASE(a_link_on_the_way_leads_out) {
  fs::create_directories(top + "/other/d");
  fs::create_directory_symlink(top + "/other", top + "/a/link");
  BOOST_TEST(!covers("a", "a/link"));
  BOOST_TEST(!covers("a", "a/link/d"));
  fs::create_directory_symlink("b", top + "/a/inside"); // told under another path there
  BOOST_TEST(!covers("a", "a/inside"));
  BOOST_TEST(!covers("a", "a/inside/c"));
}

BOOST_AUTO_TEST_CASE(a_link_above_both_is_no_matter) {
  fs::create_directory_symlink("a", top + "/link");
  BOOST_TEST(covers("link", "link/b"));
  BOOST_TEST(!covers("a", "link/b")); // other paths
  BOOST_TEST(!covers("link", "a/b"));
}

BOOST_AUTO_TEST_CASE(a_root_that_does_not_tell_all_covers_only_itself) {
  auto flat = at("a");
  flat.depth_max = 1;
  auto ignoring = at("a");
  ignoring.ignore = {"x"};
  auto including = at("a");
  including.include = {"x"};
  auto obeying = at("a");
  obeying.gitignore = true;
  auto staying = at("a");
  staying.one_file_system = true;
  for (const auto& outer : {flat, ignoring, including, obeying, staying}) {
    BOOST_TEST(!actors::covers(outer, at("a/b")));
    BOOST_TEST(actors::covers(outer, at("a")));
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_there_yet_is_not_known_to_be_covered) {
  BOOST_TEST(!covers("a", "a/later"));
  BOOST_TEST(!covers("later", "later/b"));
  BOOST_TEST(covers("later", "later"));
}

BOOST_AUTO_TEST_CASE(a_root_is_there_or_waited_for) {
  BOOST_TEST(check_root(at("a")).has_value());
  auto later = at("later");
  BOOST_REQUIRE(!check_root(later).has_value());
  BOOST_TEST((check_root(later).error().code == errc::not_found));
  later.wait_for_path = true;
  for (auto backend : {watch_backend::automatic, watch_backend::inotify, watch_backend::poll}) {
    later.backend = backend;
    BOOST_TEST(check_root(later).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_backend_that_cannot_is_named_with_the_root_and_a_way_out) {
  auto proc = watch_options{};
  proc.path = "/proc/sys/fs";
  BOOST_TEST(check_root(proc).has_value()); // auto polls it
  proc.backend = watch_backend::inotify;
  const auto checked = check_root(proc);
  BOOST_REQUIRE(!checked.has_value());
  for (const auto* part : {"/proc/sys/fs", "inotify", "proc does not tell", "auto"})
    BOOST_TEST(checked.error().text.find(part) != std::string::npos, part);
}

BOOST_AUTO_TEST_CASE(a_single_file_is_a_root_on_each_backend) {
  std::ofstream{top + "/a/f"} << "x";
  auto file = at("a/f");
  for (auto backend : {watch_backend::automatic, watch_backend::inotify, watch_backend::poll}) {
    file.backend = backend;
    BOOST_TEST(check_root(file).has_value());
  }
}

BOOST_AUTO_TEST_SUITE_END()
