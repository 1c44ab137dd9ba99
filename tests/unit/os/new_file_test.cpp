#include "actors/os/new_file.hpp"

#include "support/files.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>

using namespace actors;
using namespace actors::test;

namespace new_file_tests {

struct fixture {
  temporary_directory where;

  auto mode_of(const std::string& name) const {
    struct stat st {};
    ::stat((where / name).c_str(), &st);
    return st.st_mode & 07777;
  }
  auto count() const {
    return std::distance(
      std::filesystem::directory_iterator{where.path()}, std::filesystem::directory_iterator{});
  }
};

} // namespace new_file_tests

BOOST_FIXTURE_TEST_SUITE(new_file_tests, fixture)

BOOST_AUTO_TEST_CASE(a_file_is_made_for_whom_it_is) {
  BOOST_TEST(write_new_file(where / "secret", "s", readers::owner).has_value());
  BOOST_TEST(write_new_file(where / "public", "p", readers::all).has_value());
  BOOST_TEST(content_of(where / "secret") == "s");
  BOOST_TEST(mode_of("secret") == 0600u);
  BOOST_TEST(mode_of("public") == 0644u);
  BOOST_TEST(count() == 2); // and nothing beside them
}

BOOST_AUTO_TEST_CASE(what_is_there_is_left_alone) {
  write_file(where / "f", "precious");
  std::filesystem::create_symlink("nowhere", where / "link");
  for (const auto* name : {"f", "link"}) {
    const auto made = write_new_file(where / name, "new", readers::all);
    BOOST_REQUIRE(!made);
    BOOST_TEST((made.error().code == errc::unavailable));
    BOOST_TEST(made.error().text == where / name + ": is there already");
  }
  BOOST_TEST(content_of(where / "f") == "precious");
  BOOST_TEST(count() == 2);
}

BOOST_AUTO_TEST_CASE(a_place_that_is_not_there_is_an_error) {
  BOOST_TEST((write_new_file(where / "no/f", "x", readers::all).error().code == errc::not_found));
  BOOST_TEST((make_private_directory(where / "no/d").error().code == errc::not_found));
}

BOOST_AUTO_TEST_CASE(a_directory_is_made_for_its_owner_or_taken_as_it_is) {
  BOOST_TEST(make_private_directory(where / "d").has_value());
  BOOST_TEST(mode_of("d") == 0700u);
  std::filesystem::permissions(where / "d", std::filesystem::perms{0755});
  BOOST_TEST(make_private_directory(where / "d").has_value());
  BOOST_TEST(mode_of("d") == 0755u);
  write_file(where / "f", "x");
  BOOST_TEST((make_private_directory(where / "f").error().code == errc::not_a_directory));
}

BOOST_AUTO_TEST_SUITE_END()
