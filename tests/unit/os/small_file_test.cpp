#include "actors/os/small_file.hpp"

#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

using namespace actors;
using namespace actors::test;

namespace small_file_tests {

struct fixture {
  temporary_directory where;
  directory root = *directory::open(where.path());

  void write(const std::string& name, const std::string& text) {
    std::ofstream{where / name, std::ios::binary} << text;
  }
};

} // namespace small_file_tests

BOOST_FIXTURE_TEST_SUITE(small_file_tests, fixture)

BOOST_AUTO_TEST_CASE(the_content_is_read_to_the_last_byte) {
  const auto text = std::string{"a\0b\n", 4};
  write("f", text);
  BOOST_TEST((read_small_file(root, "f", 100) == text));
  BOOST_TEST((read_small_file(where / "f", 100) == text));
  write("empty", "");
  BOOST_TEST((read_small_file(root, "empty", 100) == ""));
}

BOOST_AUTO_TEST_CASE(the_bound_is_the_last_size_that_is_read) {
  write("f", std::string(100, 'x'));
  BOOST_TEST((read_small_file(root, "f", 100) == std::string(100, 'x')));
  BOOST_TEST(!read_small_file(root, "f", 99));
  BOOST_TEST(!read_small_file(root, "f", 0));
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_nothing) {
  BOOST_TEST(!read_small_file(root, "missing", 100));
  BOOST_TEST(!read_small_file(where / "missing", 100));
  BOOST_TEST(!read_small_file("", 100));
}

BOOST_AUTO_TEST_CASE(a_directory_is_nothing) {
  std::filesystem::create_directory(where / "d");
  BOOST_TEST(!read_small_file(root, "d", 100));
}

BOOST_AUTO_TEST_CASE(a_pipe_is_nothing_and_nobody_waits_for_its_writer) {
  BOOST_REQUIRE(::mkfifo((where / "pipe").c_str(), 0600) == 0);
  BOOST_TEST(!read_small_file(root, "pipe", 100));
  BOOST_TEST(!read_small_file(where / "pipe", 100));
}

BOOST_AUTO_TEST_CASE(a_socket_and_a_device_are_nothing) {
  const auto fd = unique_fd{::socket(AF_UNIX, SOCK_STREAM, 0)};
  auto address = sockaddr_un{};
  address.sun_family = AF_UNIX;
  const auto path = where / "socket";
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  BOOST_REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  BOOST_TEST(!read_small_file(root, "socket", 100));
  BOOST_TEST(!read_small_file("/dev/zero", 100));
}

BOOST_AUTO_TEST_CASE(a_link_is_not_followed_in_a_directory) {
  write("f", "x");
  std::filesystem::create_symlink("f", where / "link");
  BOOST_TEST(!read_small_file(root, "link", 100));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_there_when_it_is_read_is_larger_than_it_says) {
  // The files of /proc say 0 and have more: they are not regular rules files, and are not half
  // read.
  BOOST_TEST(!read_small_file("/proc/self/status", 0));
}

BOOST_AUTO_TEST_SUITE_END()
