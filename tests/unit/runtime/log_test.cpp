#include "actors/runtime/log.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <sstream>
#include <vector>

using namespace actors;

namespace log_tests {

constexpr auto pipe_bytes = 8'192;

/// Standard error goes into a small pipe while this lives.
class caught {
public:
  caught() {
    BOOST_REQUIRE(::pipe2(pipe_.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    BOOST_REQUIRE(::fcntl(pipe_[1], F_SETPIPE_SZ, pipe_bytes) >= pipe_bytes);
    BOOST_REQUIRE(::dup2(pipe_[1], STDERR_FILENO) == STDERR_FILENO);
  }
  caught(const caught&) = delete;
  caught& operator=(const caught&) = delete;
  ~caught() {
    ::dup2(kept_, STDERR_FILENO);
    for (const auto fd : {kept_, pipe_[0], pipe_[1]})
      ::close(fd);
  }

  /// What is there, as lines, each with its end.
  std::vector<std::string> lines() {
    auto text = std::string(2 * pipe_bytes, ' ');
    const auto size = ::read(pipe_[0], text.data(), text.size());
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    auto all = std::vector<std::string>{};
    for (std::size_t begin = 0; begin < text.size();) {
      const auto end = std::min(text.find('\n', begin), text.size() - 1) + 1;
      all.push_back(text.substr(begin, end - begin));
      begin = end;
    }
    return all;
  }

private:
  int kept_ = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  std::array<int, 2> pipe_{};
};

log_line line_with(std::string value) {
  return {log_level::warning, "command_output", {{"pid", "7"}, {"text", std::move(value)}}};
}

std::vector<std::string> written(log_format format, const log_line& line) {
  auto errors = caught{};
  const auto log = standard_error_log(log_level::info, format);
  log(line);
  log({log_level::info, "next", {}});
  return errors.lines();
}

} // namespace log_tests

using namespace log_tests;

BOOST_AUTO_TEST_SUITE(log_tests)

BOOST_AUTO_TEST_CASE(a_line_that_is_too_long_loses_the_end_of_its_longest_value_and_not_its_own) {
  for (const auto& value : {std::string(10'000, 'x'), std::string(10'000, '\x01'),
         std::string(3'000, '"'), std::string(4'096, '\xFF')})
    for (const auto format : {log_format::text, log_format::json}) {
      const auto lines = written(format, line_with(value));
      BOOST_REQUIRE(lines.size() == 2U);
      BOOST_TEST(lines[0].size() <= 4'096U);
      BOOST_TEST(lines[0].back() == '\n');
      BOOST_TEST(lines[0].find("...") != std::string::npos);
      BOOST_TEST(lines[1].find("next") != std::string::npos);
      if (format == log_format::json) {
        const auto read = nlohmann::json::parse(lines[0]);
        BOOST_TEST(read["event"] == "command_output");
        BOOST_TEST(read["pid"] == "7");
      }
    }
}

BOOST_AUTO_TEST_CASE(no_value_steers_a_terminal) {
  const auto line = line_with("\x1B[2J \xC2\x9B"
                              "2J \xC3\xA4 \x7F");
  for (const auto& text : {to_text(line), to_json(line)}) {
    BOOST_TEST(text.find(R"(\u001b[2J \u009b2J)") != std::string::npos, text);
    BOOST_TEST(text.find("\xC3\xA4 \\u007f") != std::string::npos, text);
    BOOST_TEST(text.find('\x1B') == std::string::npos);
    BOOST_TEST(text.find("\xC2\x9B") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(lines_nobody_read_are_counted_in_a_line_of_the_same_form) {
  for (const auto format : {log_format::text, log_format::json}) {
    auto errors = caught{};
    const auto log = standard_error_log(log_level::info, format);
    const auto large = line_with(std::string(3'000, 'x'));
    for (auto i = 0; i < 20; ++i)
      log(large);
    const auto kept = errors.lines().size();
    BOOST_REQUIRE(kept < 20U);
    log({log_level::info, "next", {}});
    const auto lines = errors.lines();
    BOOST_REQUIRE(lines.size() == 2U);
    const auto lost = std::to_string(20 - kept);
    if (format == log_format::json) {
      const auto told = nlohmann::json::parse(lines[0]);
      BOOST_TEST(told["event"] == "log_dropped");
      BOOST_TEST(told["lines"] == lost);
    } else {
      BOOST_TEST(
        lines[0].find("Z warning event=log_dropped lines=" + lost + "\n") != std::string::npos,
        lines[0]);
    }
    BOOST_TEST(lines[1].find("next") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
