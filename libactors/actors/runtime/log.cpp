#include "actors/runtime/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <cstdio>
#include <memory>
#include <string_view>

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

/// Nothing in a value may end the line or the quotes: error texts and paths hold any byte.
void append_quoted(std::string_view text, std::string& out) {
  out += '"';
  for (auto c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte >= 0x7F) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", byte);
      out += escape;
    } else {
      out += c;
    }
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
  auto out =
    std::make_shared<spdlog::logger>("actors", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  out->set_level(level_of(level_min));
  const auto is_json = format == log_format::json;
  out->set_pattern(is_json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %v",
    spdlog::pattern_time_type::utc);
  return [out, is_json](const log_line& line) {
    if (const auto level = level_of(line.level); out->should_log(level))
      out->log(level, is_json ? to_json(line) : to_text(line));
  };
}

} // namespace actors
