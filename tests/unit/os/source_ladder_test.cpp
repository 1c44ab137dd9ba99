// On the real kernel: what is chosen depends on who runs it and where, and it says why.
#include "actors/os/source_ladder.hpp"

#include "actors/core/hint_set.hpp"
#include "actors/os/directory.hpp"
#include "actors/os/poll.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace source_ladder_tests {

std::unique_ptr<change_source> open(watch_backend wanted) {
  auto opened = source_ladder::open(wanted);
  BOOST_REQUIRE_MESSAGE(opened.has_value(), opened.error().text);
  return std::move(*opened);
}

bool can_mark(const std::string& path) {
  auto opened = source_ladder::open(watch_backend::fanotify);
  return opened && (*opened)->watch(*directory::open(path)).has_value();
}

/// In a child without privileges; true when it returns true there.
bool as_nobody(const std::function<bool()>& check) {
  const auto child = ::fork();
  if (child == 0) {
    const auto left = ::setgid(65534) == 0 && ::setuid(65534) == 0;
    ::_exit(left && check() ? 0 : 1);
  }
  auto status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// The kinds of all records about the name, once there are some.
int kinds_of(change_source& source, const std::string& name) {
  auto kinds = 0;
  auto records = std::vector<kernel_record>{};
  while (kinds == 0 && wait_readable({source.descriptor()}, 5s)) {
    BOOST_REQUIRE(source.read(records).has_value());
    for (const auto& x : records)
      if (x.name == name)
        kinds |= x.kinds;
  }
  return kinds;
}

struct fixture {
  temporary_directory where;
  directory root = *directory::open(where.path());
};

} // namespace source_ladder_tests

BOOST_FIXTURE_TEST_SUITE(source_ladder_tests, fixture)

BOOST_AUTO_TEST_CASE(auto_is_fanotify_where_a_file_system_can_be_marked) {
  if (!can_mark(where.path()))
    return; // not root, or a file system that cannot be
  auto source = open(watch_backend::automatic);
  const auto watch = source->watch(root);
  BOOST_REQUIRE(watch.has_value());
  BOOST_TEST(source->name() == "fanotify");
  BOOST_TEST(source->why() == "");
  std::ofstream{where / "f"} << "x";
  BOOST_TEST(kinds_of(*source, "f") != 0);
}

BOOST_AUTO_TEST_CASE(auto_on_proc_is_to_be_polled_and_says_why) {
  auto source = open(watch_backend::automatic);
  const auto watch = source->watch(*directory::open("/proc/sys/fs"));
  BOOST_REQUIRE(!watch.has_value());
  BOOST_TEST((watch.error().code == errc::not_supported));
  BOOST_TEST(source->name() == "poll");
  BOOST_TEST(source->why() == "proc does not tell of every change");
}

BOOST_AUTO_TEST_CASE(auto_as_nobody_is_inotify_and_says_why) {
  if (::geteuid() != 0)
    return;
  std::filesystem::permissions(where.path(), std::filesystem::perms{0755});
  BOOST_TEST(as_nobody([&] {
    auto source = source_ladder::open(watch_backend::automatic);
    return source && (*source)->watch(root).has_value() && (*source)->name() == "inotify"
           && (*source)->why().find("CAP_SYS_ADMIN") != std::string::npos;
  }));
}

BOOST_AUTO_TEST_CASE(fanotify_as_nobody_is_refused_for_want_of_permission) {
  if (::geteuid() != 0)
    return;
  BOOST_TEST(as_nobody([&] {
    const auto source = source_ladder::open(watch_backend::fanotify);
    return !source && source.error().code == errc::permission_denied
           && source.error().text.find("CAP_SYS_ADMIN") != std::string::npos;
  }));
}

BOOST_AUTO_TEST_CASE(inotify_by_name_is_inotify_and_needs_no_reason) {
  auto source = open(watch_backend::inotify);
  BOOST_REQUIRE(source->watch(root).has_value());
  BOOST_TEST(source->name() == "inotify");
  BOOST_TEST(source->why() == "");
  std::ofstream{where / "f"} << "x";
  BOOST_TEST(kinds_of(*source, "f") != 0);
}

BOOST_AUTO_TEST_CASE(poll_by_name_watches_nothing) {
  auto source = open(watch_backend::poll);
  const auto watch = source->watch(root);
  BOOST_REQUIRE(!watch.has_value());
  BOOST_TEST((watch.error().code == errc::not_supported));
  BOOST_TEST(watch.error().text == "");
  BOOST_TEST(source->name() == "poll");
  BOOST_TEST(source->descriptor() == -1);
}

BOOST_AUTO_TEST_CASE(the_root_names_the_source_whatever_is_watched_above_or_below_it) {
  auto source = open(watch_backend::automatic);
  BOOST_REQUIRE(source->watch(*directory::open("/"), change_source::interest::names).has_value());
  BOOST_TEST(source->name() == "poll"); // nobody yet
  (void)source->watch(root);
  const auto name = std::string{source->name()};
  BOOST_TEST(name != "poll");
  (void)source->watch(*directory::open("/proc/sys/fs"));
  BOOST_TEST(source->name() == name);
}

BOOST_AUTO_TEST_CASE(a_directory_above_tells_names_and_no_contents) {
  for (auto wanted : {watch_backend::automatic, watch_backend::inotify}) {
    auto source = open(wanted);
    BOOST_REQUIRE(source->watch(root, change_source::interest::names).has_value());
    std::ofstream{where / "f"} << "x";
    std::ofstream{where / "f"} << "more";
    std::filesystem::permissions(where / "f", std::filesystem::perms{0600});
    std::filesystem::remove(where / "f");
    auto kinds = 0;
    auto records = std::vector<kernel_record>{};
    while (!(kinds & hint::vanished) && wait_readable({source->descriptor()}, 5s)) {
      BOOST_REQUIRE(source->read(records).has_value());
      for (const auto& x : records)
        kinds |= x.kinds;
    }
    BOOST_TEST((kinds & hint::written) == 0);
    BOOST_TEST((kinds & hint::attributes) == 0);
    BOOST_TEST((kinds & hint::vanished) != 0);
  }
}

BOOST_AUTO_TEST_CASE(names_of_a_directory_that_is_watched_in_full_take_nothing_from_it) {
  auto source = open(watch_backend::inotify);
  const auto full = source->watch(root);
  const auto names = source->watch(root, change_source::interest::names);
  BOOST_REQUIRE((full.has_value() && names.has_value()));
  BOOST_TEST(*full == *names); // the same directory, the same number
  std::ofstream{where / "f"} << "x";
  auto kinds = 0;
  auto records = std::vector<kernel_record>{};
  while (!(kinds & hint::written) && wait_readable({source->descriptor()}, 5s)) {
    BOOST_REQUIRE(source->read(records).has_value());
    for (const auto& x : records)
      kinds |= x.kinds;
  }
  BOOST_TEST((kinds & hint::written) != 0);
}

BOOST_AUTO_TEST_CASE(a_watch_that_is_let_go_tells_so_and_then_nothing) {
  auto source = open(watch_backend::inotify);
  const auto watch = source->watch(root);
  BOOST_REQUIRE(watch.has_value());
  source->unwatch(*watch);
  auto records = std::vector<kernel_record>{};
  BOOST_REQUIRE(source->read(records).has_value());
  BOOST_REQUIRE(records.size() == 1u);
  BOOST_TEST(records[0].unwatched);
  BOOST_TEST(records[0].watch == *watch);
  std::ofstream{where / "f"} << "x";
  BOOST_REQUIRE(source->read(records).has_value());
  BOOST_TEST(records.empty());
}

BOOST_AUTO_TEST_CASE(after_a_change_of_mounts_what_is_marked_still_tells) {
  auto source = open(watch_backend::automatic);
  BOOST_REQUIRE(source->watch(root).has_value());
  source->mounts_changed();
  std::ofstream{where / "f"} << "x";
  BOOST_TEST(kinds_of(*source, "f") != 0);
  BOOST_REQUIRE(source->watch(root).has_value());
  std::ofstream{where / "g"} << "x";
  BOOST_TEST(kinds_of(*source, "g") != 0);
}

BOOST_AUTO_TEST_SUITE_END()
