// On the real kernel, in a child process with a mount namespace of its own.
#include "actors/watch/mount_lookout.hpp"

#include "actors/os/poll.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <iostream>

#include <sched.h>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace mount_lookout_tests {

using strings = std::vector<std::string>;

/// Runs the steps in the child. They call `want`, and the first thing that differs is printed.
struct fixture {
  temporary_directory where;
  std::string top = fs::canonical(where.path()).string();
  bool well = true;

  void in_a_namespace(const std::function<void()>& steps) {
    const auto child = ::fork();
    if (child == 0) {
      const auto flags = CLONE_NEWNS | (::geteuid() == 0 ? 0 : CLONE_NEWUSER);
      if (::unshare(flags) != 0
          || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        ::_exit(2);
      steps();
      ::_exit(well ? 0 : 1);
    }
    auto status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
      return void(BOOST_TEST_MESSAGE("no mount namespace to be had"));
    BOOST_TEST(status == 0);
  }

  void tmpfs(const std::string& name) {
    well &= ::mount("none", (top + "/" + name).c_str(), "tmpfs", 0, nullptr) == 0;
  }
  void bind(const std::string& what, const std::string& name) {
    const auto from = top + "/" + what;
    well &= ::mount(from.c_str(), (top + "/" + name).c_str(), nullptr, MS_BIND, nullptr) == 0;
  }
  void unmount(const std::string& name) { well &= ::umount((top + "/" + name).c_str()) == 0; }

  /// "+path type" and "-path type", paths as from `top`.
  void want(mount_lookout& lookout, const strings& changes) {
    auto got = strings{};
    for (const auto& x : lookout.take_changes())
      got.push_back((x.what == mount_lookout::change::kind::mounted ? "+" : "-")
                    + (x.path.starts_with(top) ? x.path.substr(top.size()) : x.path) + " "
                    + x.type);
    if (got == changes)
      return;
    well = false;
    for (const auto& x : got)
      std::cerr << "got " << x << '\n';
    for (const auto& x : changes)
      std::cerr << "want " << x << '\n';
  }
  bool is_readable(const mount_lookout& lookout) {
    return wait_readable({lookout.descriptor()}, 0ms);
  }
};

} // namespace mount_lookout_tests

BOOST_FIXTURE_TEST_SUITE(mount_lookout_tests, fixture)

BOOST_AUTO_TEST_CASE(what_is_mounted_below_at_first_is_not_told) {
  fs::create_directories(top + "/r/d");
  in_a_namespace([&] {
    tmpfs("r/d");
    auto lookout = mount_lookout{top + "/r"};
    want(lookout, {});
    want(lookout, {});
    unmount("r/d");
    want(lookout, {"-/r/d tmpfs"});
  });
}

BOOST_AUTO_TEST_CASE(a_mount_and_an_unmount_wake_and_are_told_once) {
  fs::create_directories(top + "/r/d");
  in_a_namespace([&] {
    auto lookout = mount_lookout{top + "/r"};
    want(lookout, {});
    well &= !is_readable(lookout);
    tmpfs("r/d");
    well &= is_readable(lookout);
    want(lookout, {"+/r/d tmpfs"});
    well &= !is_readable(lookout);
    want(lookout, {});
    unmount("r/d");
    well &= is_readable(lookout);
    want(lookout, {"-/r/d tmpfs"});
  });
}

BOOST_AUTO_TEST_CASE(one_that_was_exchanged_for_another_is_told_as_both) {
  fs::create_directories(top + "/r/d");
  in_a_namespace([&] {
    auto lookout = mount_lookout{top + "/r"};
    want(lookout, {});
    tmpfs("r/d");
    want(lookout, {"+/r/d tmpfs"});
    unmount("r/d");
    tmpfs("r/d");
    // The number of a mount is used again at once, so this may look like no change at all: but then
    // it is one for the directory, whose identity is another.
    auto kinds = strings{};
    for (const auto& x : lookout.take_changes())
      kinds.push_back(x.path);
    well &= kinds.empty() || kinds == strings{top + "/r/d", top + "/r/d"};
  });
}

BOOST_AUTO_TEST_CASE(mounts_elsewhere_are_not_told) {
  fs::create_directories(top + "/r/d");
  fs::create_directories(top + "/r2");
  in_a_namespace([&] {
    auto lookout = mount_lookout{top + "/r"};
    want(lookout, {});
    tmpfs("r2");
    want(lookout, {});
  });
}

BOOST_AUTO_TEST_CASE(paths_are_told_as_the_user_wrote_the_root) {
  fs::create_directories(top + "/releases/1/d");
  fs::create_directory_symlink("releases/1", top + "/current");
  in_a_namespace([&] {
    auto lookout = mount_lookout{top + "/current"};
    want(lookout, {});
    tmpfs("releases/1/d");
    want(lookout, {"+/current/d tmpfs"});
    unmount("releases/1/d");
    want(lookout, {"-/current/d tmpfs"});
  });
}

BOOST_AUTO_TEST_CASE(a_link_that_is_switched_to_a_longer_or_shorter_way) {
  fs::create_directories(top + "/r/1/d");
  fs::create_directories(top + "/r/a-very-much-longer-name-than-the-other/e");
  fs::create_directory_symlink("r/1", top + "/current");
  in_a_namespace([&] {
    tmpfs("r/1/d");
    tmpfs("r/a-very-much-longer-name-than-the-other/e");
    auto lookout = mount_lookout{top + "/current"};
    want(lookout, {});
    fs::remove(top + "/current");
    fs::create_directory_symlink("r/a-very-much-longer-name-than-the-other", top + "/current");
    want(lookout, {"-/current/d tmpfs", "+/current/e tmpfs"});
    fs::remove(top + "/current");
    want(lookout, {}); // it leads nowhere
    fs::create_directory_symlink("r/1", top + "/current");
    want(lookout, {"-/current/e tmpfs", "+/current/d tmpfs"});
  });
}

BOOST_AUTO_TEST_CASE(below_the_root_of_everything_paths_have_one_slash) {
  fs::create_directories(top + "/d");
  in_a_namespace([&] {
    auto lookout = mount_lookout{"/"};
    want(lookout, {});
    tmpfs("d");
    want(lookout, {"+/d tmpfs"});
  });
}

BOOST_AUTO_TEST_CASE(a_bind_mount_has_the_type_of_its_file_system) {
  fs::create_directories(top + "/r/d");
  fs::create_directories(top + "/r/e");
  in_a_namespace([&] {
    tmpfs("r/d");
    auto lookout = mount_lookout{top + "/r"};
    want(lookout, {});
    bind("r/d", "r/e");
    want(lookout, {"+/r/e tmpfs"});
  });
}

BOOST_AUTO_TEST_CASE(what_is_covered_is_unmounted_for_whoever_walks) {
  fs::create_directories(top + "/r/d/e");
  in_a_namespace([&] {
    tmpfs("r/d/e");
    auto lookout = mount_lookout{top + "/r"};
    want(lookout, {});
    tmpfs("r/d");
    want(lookout, {"-/r/d/e tmpfs", "+/r/d tmpfs"});
    unmount("r/d");
    want(lookout, {"-/r/d tmpfs", "+/r/d/e tmpfs"});
  });
}

BOOST_AUTO_TEST_CASE(a_root_that_does_not_exist_has_no_mounts) {
  auto lookout = mount_lookout{top + "/later/root"};
  BOOST_TEST(lookout.take_changes().empty());
  BOOST_TEST(lookout.failure_text() == "");
}

BOOST_AUTO_TEST_SUITE_END()
