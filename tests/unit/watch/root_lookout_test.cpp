#include "actors/watch/root_lookout.hpp"

#include "actors/os/directory.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <map>
#include <set>

using namespace actors;
using namespace actors::test;
namespace fs = std::filesystem;

namespace root_lookout_tests {

/// Gives each directory a number, and takes note of what is asked of it.
class fake_source final : public change_source {
public:
  std::string_view name() const override { return "fake"; }
  int descriptor() const override { return -1; }
  result<int> watch(const directory& where, interest what) override {
    BOOST_TEST((what == interest::names));
    if (refuses)
      return failure(errc::not_supported, "no");
    auto& number = numbers[where.identity().value];
    if (number == 0)
      number = static_cast<int>(numbers.size());
    active.insert(number);
    return number;
  }
  void unwatch(int watch) override { active.erase(watch); }
  result<amount> read(std::vector<kernel_record>&) override { return amount::nothing; }

  bool refuses = false;
  std::map<std::uint64_t, int> numbers;
  std::set<int> active;
};

struct fixture {
  temporary_directory where;
  fake_source source;
  root_lookout lookout;
  std::string top = fs::canonical(where.path()).string();

  kernel_record record(const std::string& path, std::string_view name) {
    const auto identity = directory::open(path)->identity();
    auto x = kernel_record{};
    x.directory = identity;
    x.watch = source.numbers.contains(identity.value) ? source.numbers[identity.value] : -1;
    x.name = name;
    return x;
  }
  bool concerns(const std::string& path, std::string_view name) {
    return lookout.concerns(record(path, name));
  }
  bool watches(const std::string& path) {
    const auto found = source.numbers.find(directory::open(path)->identity().value);
    return found != source.numbers.end() && source.active.contains(found->second);
  }
};

} // namespace root_lookout_tests

BOOST_FIXTURE_TEST_SUITE(root_lookout_tests, fixture)

BOOST_AUTO_TEST_CASE(each_name_on_the_way_concerns_the_root_and_no_other) {
  fs::create_directories(top + "/a/b/root/in");
  lookout.watch(source, top + "/a/b/root");
  BOOST_TEST(watches("/"));
  BOOST_TEST(watches(top + "/a"));
  BOOST_TEST(!watches(top + "/a/b/root"));
  BOOST_TEST(concerns(top + "/a/b", "root"));
  BOOST_TEST(concerns(top + "/a", "b"));
  BOOST_TEST(concerns(top, "a"));
  BOOST_TEST(!concerns(top + "/a/b", "other"));
  BOOST_TEST(!concerns(top + "/a", "root"));
  BOOST_TEST(!concerns(top + "/a/b/root", "in"));
}

BOOST_AUTO_TEST_CASE(a_directory_on_the_way_that_itself_goes_concerns_the_root) {
  fs::create_directories(top + "/a/root");
  lookout.watch(source, top + "/a/root");
  auto gone = record(top + "/a", "");
  BOOST_TEST(!lookout.concerns(gone));
  gone.self_moved = true;
  BOOST_TEST(lookout.concerns(gone));
  gone.self_moved = false;
  gone.unwatched = true;
  BOOST_TEST(lookout.concerns(gone));
  gone.watch = 99; // another's
  BOOST_TEST(!lookout.concerns(gone));
}

BOOST_AUTO_TEST_CASE(a_root_that_is_not_there_is_waited_for_where_its_way_ends) {
  lookout.watch(source, top + "/a/b/root");
  BOOST_TEST(watches(top));
  BOOST_TEST(concerns(top, "a"));
  fs::create_directories(top + "/a");
  lookout.watch(source, top + "/a/b/root");
  BOOST_TEST(concerns(top + "/a", "b"));
  fs::create_directories(top + "/a/b/root");
  lookout.watch(source, top + "/a/b/root");
  BOOST_TEST(concerns(top + "/a/b", "root"));
}

BOOST_AUTO_TEST_CASE(what_is_not_on_the_way_any_more_is_let_go) {
  fs::create_directories(top + "/a/root");
  lookout.watch(source, top + "/a/root");
  fs::rename(top + "/a", top + "/b");
  lookout.watch(source, top + "/a/root");
  BOOST_TEST(!watches(top + "/b"));
  BOOST_TEST(!concerns(top + "/b", "root"));
  BOOST_TEST(watches(top));
  fs::rename(top + "/b", top + "/a");
  lookout.watch(source, top + "/a/root");
  BOOST_TEST(concerns(top + "/a", "root"));
}

BOOST_AUTO_TEST_CASE(links_on_the_way_are_followed) {
  fs::create_directories(top + "/store/deep/root");
  fs::create_directory_symlink("store/deep", top + "/link");
  fs::create_directory_symlink(top + "/link/root", top + "/current");
  lookout.watch(source, top + "/current");
  BOOST_TEST(concerns(top, "current"));
  BOOST_TEST(concerns(top, "link"));
  BOOST_TEST(concerns(top, "store"));
  BOOST_TEST(concerns(top + "/store", "deep"));
  BOOST_TEST(concerns(top + "/store/deep", "root"));
  BOOST_TEST(!watches(top + "/store/deep/root"));
}

BOOST_AUTO_TEST_CASE(dots_in_links_lead_where_the_kernel_goes) {
  fs::create_directories(top + "/a/b");
  fs::create_directories(top + "/c/root");
  fs::create_directory_symlink(".././../c/./root", top + "/a/b/link");
  lookout.watch(source, top + "/a/b/link");
  BOOST_TEST(concerns(top, "c"));
  BOOST_TEST(concerns(top + "/c", "root"));
  fs::create_directory_symlink("/../../..//" + top, top + "/a/b/up");
  lookout.watch(source, top + "/a/b/up/c/root");
  BOOST_TEST(concerns(top + "/c", "root"));
}

BOOST_AUTO_TEST_CASE(a_link_that_leads_nowhere_is_waited_for_where_it_leads) {
  fs::create_directory_symlink("later/root", top + "/link");
  lookout.watch(source, top + "/link");
  BOOST_TEST(concerns(top, "link"));
  BOOST_TEST(concerns(top, "later"));
}

BOOST_AUTO_TEST_CASE(a_loop_of_links_ends) {
  fs::create_directory_symlink("two", top + "/one");
  fs::create_directory_symlink("one", top + "/two");
  lookout.watch(source, top + "/one/root");
  BOOST_TEST(concerns(top, "one"));
  BOOST_TEST(concerns(top, "two"));
}

BOOST_AUTO_TEST_CASE(the_root_of_everything_has_nothing_above) {
  lookout.watch(source, "/");
  BOOST_TEST(source.active.empty());
}

BOOST_AUTO_TEST_CASE(without_watches_nothing_concerns) {
  source.refuses = true;
  lookout.watch(source, top + "/root");
  BOOST_TEST(!concerns(top, "root"));
}

BOOST_AUTO_TEST_SUITE_END()
