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

/// A log that nobody reads must not stop what it tells of: a full pipe is waited for once, briefly;
/// from then on lines are dropped, and counted, until there is room again.
class patient_sink final : public spdlog::sinks::base_sink<std::mutex> {
protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (!wait_writable(STDERR_FILENO, dropped_ == 0 ? patience : std::chrono::milliseconds{0})) {
      ++dropped_;
      return;
    }
    if (const auto lost = std::exchange(dropped_, 0); lost != 0)
      write("warning event=log_dropped lines=" + std::to_string(lost) + "\n");
    auto line = spdlog::memory_buf_t{};
    formatter_->format(message, line);
    write({line.data(), line.size()});
  }

  void flush_() override {}

private:
  /// A pipe that can be written takes so many bytes without waiting, and in one piece (pipe(7)).
  static constexpr std::size_t bytes_max = 4096;
  static constexpr auto patience = std::chrono::milliseconds{100};

  static void write(std::string_view line) {
    const auto size = std::min(line.size(), bytes_max);
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), size);
  }

  std::uint64_t dropped_ = 0;
};

/// Nothing in a value may end the line or the quotes: error texts and paths hold any byte.
void append_quoted(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    const auto length = utf8_length(text);
    const auto byte = static_cast<unsigned char>(text.front());
    if (length > 1) {
      out.append(text, 0, length);
    } else if (length == 0) {
      out += "\xEF\xBF\xBD"; // U+FFFD
    } else if (byte == '"' || byte == '\\') {
      out += '\\';
      out += text.front();
    } else if (byte < 0x20 || byte == 0x7F) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", byte);
      out += escape;
    } else {
      out += text.front();
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
  auto out = std::make_shared<spdlog::logger>("actors", std::make_shared<patient_sink>());
  out->set_level(level_of(level_min));
  const auto is_json = format == log_format::json;
  out->set_formatter(formatter_of(format, writes_to_journal(STDERR_FILENO)));
  return [out, is_json](const log_line& line) {
    if (const auto level = level_of(line.level); out->should_log(level))
      out->log(level, is_json ? to_json(line) : to_text(line));
  };
}

} // namespace actors
