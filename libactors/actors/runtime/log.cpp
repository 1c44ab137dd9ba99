#include "actors/runtime/log.hpp"

#include "actors/core/utf8.hpp"
#include "actors/os/poll.hpp"
#include "actors/os/service_manager.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

namespace actors {

namespace {

spdlog::level::level_enum level_of(log_level level) {
  switch (level) {
    case log_level::debug: return spdlog::level::debug;
    case log_level::info: return spdlog::level::info;
    case log_level::warning: return spdlog::level::warn;
    case log_level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

/// As the journal takes it at the beginning of a line: those of syslog (sd-daemon(3)).
std::string_view priority_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::err: return "<3>";
    case spdlog::level::warn: return "<4>";
    case spdlog::level::info: return "<6>";
    default: return "<7>";
  }
}

class priority_flag final : public spdlog::custom_flag_formatter {
public:
  void format(
    const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const auto text = priority_of(message.level);
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<priority_flag>();
  }
};

/// The journal notes the time itself, so that a line of text need not bear it.
std::unique_ptr<spdlog::formatter> formatter_of(log_format format, bool to_journal) {
  auto pattern = std::string{to_journal ? "%*" : ""};
  if (format == log_format::json)
    pattern += R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ",%v})";
  else
    pattern += to_journal ? "%v" : "%Y-%m-%dT%H:%M:%S.%eZ %v";
  auto made = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  made->add_flag<priority_flag>('*').set_pattern(pattern);
  return made;
}

/// Nothing in a value may end the line or the quotes: error texts and paths hold any byte.
void append_quoted(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    const auto length = utf8_length(text);
    const auto byte = static_cast<unsigned char>(text.front());
    if (length == 0) {
      out += "\xEF\xBF\xBD"; // U+FFFD
    } else if (byte == '"' || byte == '\\') {
      out += '\\';
      out += text.front();
    } else if (is_control(text)) {
      char escape[8]; // of C1, U+0080 to U+009F, the second byte is the number
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned char>(text[length - 1]));
      out += escape;
    } else {
      out.append(text, 0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

bool needs_quotes(std::string_view text) {
  if (text.empty())
    return true;
  for (auto c : text)
    if (c <= ' ' || c >= 0x7F || c == '"' || c == '=' || c == '\\')
      return true;
  return false;
}

/// A pipe that can be written takes so many bytes without waiting, and in one piece (pipe(7)).
constexpr std::size_t line_bytes_max = 4096;

/// For what the formatter puts around the text: a priority, a time, braces.
constexpr std::size_t frame_bytes_max = 64;

/// The text of a line, of which the longest values lose their ends when it is too long.
std::string fitted(log_line line, log_format format) {
  constexpr auto left_out = std::string_view{"..."};
  for (;;) {
    auto text = format == log_format::json ? to_json(line) : to_text(line);
    const auto longest = std::max_element(line.fields.begin(), line.fields.end(),
      [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
    if (text.size() <= line_bytes_max - frame_bytes_max || longest == line.fields.end()
        || longest->second.size() <= 2 * left_out.size())
      return text;
    longest->second.resize(longest->second.size() / 2); // an escape may be six times its byte
    longest->second += left_out;
  }
}

/// A log that nobody reads must not stop what it tells of: a full pipe is waited for once, briefly;
/// from then on lines are dropped, and counted, until there is room again.
class patient_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
  explicit patient_sink(log_format format) : form_{format} {}

protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const auto is_behind = dropped_ != 0;
    if (!wait_writable(STDERR_FILENO, is_behind ? std::chrono::milliseconds{0} : patience)) {
      ++dropped_;
      return;
    }
    if (is_behind)
      tell_dropped(message);
    if (is_behind && !wait_writable(STDERR_FILENO, std::chrono::milliseconds{0}))
      ++dropped_;
    else
      write(message);
  }

  void flush_() override {}

private:
  static constexpr auto patience = std::chrono::milliseconds{100};

  void tell_dropped(const spdlog::details::log_msg& before) {
    const auto lines = std::to_string(std::exchange(dropped_, 0));
    const auto text = fitted({log_level::warning, "log_dropped", {{"lines", lines}}}, form_);
    write(spdlog::details::log_msg{before.logger_name, spdlog::level::warn, text});
  }

  void write(const spdlog::details::log_msg& message) {
    auto line = spdlog::memory_buf_t{};
    formatter_->format(message, line);
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
  }

  const log_format form_;
  std::uint64_t dropped_ = 0;
};

} // namespace

std::string to_text(const log_line& line) {
  auto out = std::string{name_of(line.level)} + " event=" + line.event;
  for (const auto& [key, value] : line.fields) {
    out.append(" ").append(key).append("=");
    if (needs_quotes(value))
      append_quoted(value, out);
    else
      out += value;
  }
  return out;
}

std::string to_json(const log_line& line) {
  auto out =
    "\"level\":\"" + std::string{name_of(line.level)} + "\",\"event\":\"" + line.event + "\"";
  for (const auto& [key, value] : line.fields) {
    out.append(",\"").append(key).append("\":");
    append_quoted(value, out);
  }
  return out;
}

log_function standard_error_log(log_level level_min, log_format format) {
  auto out = std::make_shared<spdlog::logger>("actors", std::make_shared<patient_sink>(format));
  out->set_level(level_of(level_min));
  out->set_formatter(formatter_of(format, writes_to_journal(STDERR_FILENO)));
  return [out, format](const log_line& line) {
    if (const auto level = level_of(line.level); out->should_log(level))
      out->log(level, fitted(line, format));
  };
}

} // namespace actors
