#include "actors/os/record_file.hpp"

#include "support/files.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

using namespace actors;
using namespace actors::test;

namespace record_file_tests {

/// What a child process says of opening the file: its error code; 0 when it is fine.
int opened_elsewhere(const std::string& path) {
  const auto pid = ::fork();
  if (pid == 0) {
    const auto file = record_file::open(path);
    ::_exit(file ? 0 : static_cast<int>(file.error().code));
  }
  auto status = 0;
  ::waitpid(pid, &status, 0);
  return WEXITSTATUS(status);
}

} // namespace record_file_tests

BOOST_AUTO_TEST_SUITE(record_file_tests)

BOOST_AUTO_TEST_CASE(a_new_file_is_for_its_owner_to_write_and_its_group_to_read) {
  const auto where = temporary_directory{};
  BOOST_REQUIRE(record_file::open(where / "f"));
  struct stat st {};
  BOOST_REQUIRE(::stat((where / "f").c_str(), &st) == 0);
  BOOST_TEST((st.st_mode & 0777) == 0640u);
}

BOOST_AUTO_TEST_CASE(a_torn_last_line_is_taken_away_wherever_it_was_cut) {
  const auto where = temporary_directory{};
  const auto whole = std::string{"{\"seq\":1,\"type\":\"ready\"}\n"};
  const auto last = "{\"seq\":2,\"path\":\"" + std::string(40'000, 'x') + "\"}";
  for (auto size : {std::size_t{1}, std::size_t{5}, std::size_t{7}, std::size_t{9},
         std::size_t{16'383}, std::size_t{16'384}, last.size()})
    for (const auto& before : {std::string{}, whole}) {
      write_file(where / "f", before + last.substr(0, size));
      BOOST_REQUIRE(record_file::open(where / "f"));
      BOOST_TEST(content_of(where / "f") == before);
    }
  write_file(where / "f", whole + std::string(3, '\0')); // as after a power failure
  BOOST_REQUIRE(record_file::open(where / "f"));
  BOOST_TEST(content_of(where / "f") == whole);
}

BOOST_AUTO_TEST_CASE(a_file_of_somebody_else_is_left_alone) {
  const auto where = temporary_directory{};
  for (const auto* text : {"precious", "a letter\nwithout an end", "{\"see\":1"}) {
    write_file(where / "f", text);
    const auto file = record_file::open(where / "f");
    BOOST_REQUIRE(!file);
    BOOST_TEST((file.error().code == errc::invalid_argument));
    BOOST_TEST(content_of(where / "f") == text);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_regular_file_is_refused_with_a_word_for_it) {
  const auto where = temporary_directory{};
  std::filesystem::create_directory(where / "d");
  std::filesystem::create_symlink("elsewhere", where / "l");
  BOOST_REQUIRE(::mkfifo((where / "p").c_str(), 0600) == 0);
  for (const auto& [name, word] :
    {std::pair{"d", "a directory"}, std::pair{"l", "a link"}, std::pair{"p", "a pipe"}}) {
    const auto file = record_file::open(where / name);
    BOOST_REQUIRE(!file);
    BOOST_TEST(file.error().text.find(word) != std::string::npos, file.error().text);
  }
  BOOST_TEST(!std::filesystem::exists(where / "elsewhere"));
  BOOST_TEST((record_file::check(where / "no/f").error().code == errc::not_found));
  BOOST_TEST((record_file::check(where / "p/f").error().code == errc::not_a_directory));
  BOOST_TEST((record_file::check("").error().code == errc::invalid_argument));
  BOOST_TEST((record_file::check(where / "d/").error().code == errc::invalid_argument));
  BOOST_TEST(record_file::check(where / "new").has_value());
}

BOOST_AUTO_TEST_CASE(two_processes_do_not_write_one_file) {
  const auto where = temporary_directory{};
  const auto file = record_file::open(where / "f");
  BOOST_REQUIRE(file);
  BOOST_TEST(opened_elsewhere(where / "f") == static_cast<int>(errc::unavailable));
  BOOST_TEST(opened_elsewhere(where / "g") == 0);
}

BOOST_AUTO_TEST_CASE(beyond_the_limit_of_the_process_whole_lines_are_written_and_nothing_kills_it) {
  const auto where = temporary_directory{};
  const auto pid = ::fork();
  if (pid == 0) {
    const auto limit = rlimit{100, 100};
    auto file = record_file::open(where / "f");
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto lines = std::string(59, 'a') + "\n" + std::string(59, 'b') + "\n";
    const auto done = file->append(lines, durability::of_the_program);
    ::_exit(done.written == 60 && !done.problem.empty() && file->size() == 60 ? 0 : 1);
  }
  auto status = 0;
  ::waitpid(pid, &status, 0);
  BOOST_TEST(WIFEXITED(status));
  BOOST_TEST(WEXITSTATUS(status) == 0);
}

BOOST_AUTO_TEST_CASE(files_are_turned_over_in_order_and_the_last_one_goes) {
  const auto where = temporary_directory{};
  for (auto n = 1; n <= 5; ++n) {
    write_file(where / "f", std::to_string(n));
    BOOST_REQUIRE(rotate_files(where / "f", 3));
  }
  BOOST_TEST(!std::filesystem::exists(where / "f"));
  BOOST_TEST(content_of(where / "f.1") == "5");
  BOOST_TEST(content_of(where / "f.3") == "3");
  BOOST_TEST(!std::filesystem::exists(where / "f.4"));
}

BOOST_AUTO_TEST_CASE(a_rotation_that_was_cut_short_costs_no_file_in_the_next) {
  const auto where = temporary_directory{};
  write_file(where / "f.2", "2"); // f.1 was moved here, and f was not moved to f.1
  write_file(where / "f.3", "3");
  write_file(where / "f", "new");
  BOOST_REQUIRE(rotate_files(where / "f", 3));
  BOOST_TEST(content_of(where / "f.1") == "new");
  BOOST_TEST(content_of(where / "f.2") == "2");
  BOOST_TEST(content_of(where / "f.3") == "3");
}

BOOST_AUTO_TEST_CASE(with_nothing_to_keep_the_file_goes) {
  const auto where = temporary_directory{};
  write_file(where / "f", "1");
  BOOST_REQUIRE(rotate_files(where / "f", 0));
  BOOST_TEST(std::filesystem::is_empty(where.path()));
}

BOOST_AUTO_TEST_SUITE_END()
