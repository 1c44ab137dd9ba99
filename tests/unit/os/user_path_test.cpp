#include "actors/os/user_path.hpp"

#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace actors;
using namespace actors::test;

BOOST_AUTO_TEST_SUITE(user_path_tests)

BOOST_AUTO_TEST_CASE(what_is_absolute_loses_only_what_means_nothing) {
  BOOST_TEST(absolute_path("/") == "/");
  BOOST_TEST(absolute_path("///") == "/");
  BOOST_TEST(absolute_path("/a/b/") == "/a/b");
  BOOST_TEST(absolute_path("//a/.//b/./") == "/a/b");
  BOOST_TEST(absolute_path("/a/../b") == "/a/../b"); // only the kernel knows where a link's .. is
  BOOST_TEST(absolute_path("/a/...") == "/a/...");
  BOOST_TEST(absolute_path("/.a/b.") == "/.a/b.");
  BOOST_TEST(absolute_path("/ /\n") == "/ /\n");
}

BOOST_AUTO_TEST_CASE(what_is_relative_hangs_from_the_working_directory) {
  const auto here = std::filesystem::current_path().string();
  BOOST_TEST(absolute_path("a") == here + "/a");
  BOOST_TEST(absolute_path("./a/") == here + "/a");
  BOOST_TEST(absolute_path(".") == here);
  BOOST_TEST(absolute_path("") == here);
  BOOST_TEST(absolute_path("../a") == here + "/../a");
}

BOOST_AUTO_TEST_CASE(a_directory_that_can_be_watched_is_accepted_also_through_a_link) {
  const auto where = temporary_directory{};
  BOOST_TEST(check_path(where.path()).has_value());
  BOOST_REQUIRE(::symlink(where.path().c_str(), (where / "link").c_str()) == 0);
  BOOST_TEST(check_path(where / "link").has_value());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_watched_is_refused_with_advice) {
  const auto where = temporary_directory{};
  std::ofstream{where / "file"} << "x";
  const auto is = [](const result<void>& x, errc code, const char* words) {
    return !x && x.error().code == code && x.error().text.find(words) != std::string::npos;
  };
  BOOST_TEST(is(check_path(where / "nothing"), errc::not_found, "does not exist"));
  BOOST_TEST(check_path(where / "file").has_value());
  BOOST_TEST(is(check_path(where / "file/x"), errc::not_found, "not a directory"));
  BOOST_TEST(!check_path(std::string(5000, 'x')).has_value());
  BOOST_REQUIRE(::symlink("loop", (where / "loop").c_str()) == 0);
  BOOST_TEST(!check_path(where / "loop").has_value());
  BOOST_TEST(
    check_path(where / "nothing").error().text.find(where / "nothing") != std::string::npos);
  if (::geteuid() == 0)
    return; // root may enter everything
  BOOST_REQUIRE(::mkdir((where / "locked").c_str(), 0) == 0);
  BOOST_TEST(is(check_path(where / "locked"), errc::permission_denied, "chmod"));
  BOOST_TEST(is(check_path(where / "locked/x"), errc::permission_denied, "above"));
}

BOOST_AUTO_TEST_SUITE_END()
