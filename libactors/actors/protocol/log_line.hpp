#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace actors {

/// How much a line matters.
enum class log_level : std::uint8_t { debug, info, warning, error };

/// "debug", "info", "warning", "error".
constexpr std::string_view name_of(log_level level) noexcept {
  switch (level) {
    case log_level::debug: return "debug";
    case log_level::info: return "info";
    case log_level::warning: return "warning";
    case log_level::error: return "error";
  }
  return "unknown";
}

/// One line of the log: a stable id to search for, and fields. The text form is logfmt.
struct log_line {
  log_level level = log_level::info;                       ///< for filters
  std::string event;                                       ///< stable id, such as "child_crashed"
  std::vector<std::pair<std::string, std::string>> fields; ///< names and values, in order
};

/// Where log lines go. Called from any thread; must not throw or block for long.
using log_function = std::function<void(const log_line&)>;

} // namespace actors
