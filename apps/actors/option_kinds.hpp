#pragma once

#include "actors/core/node_config.hpp"
#include "actors/runtime/log.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

namespace actors::program {

/// An option that takes a duration: 250ms, 2s, 1m; 0 is a duration too.
CLI::Option* add_duration(CLI::App& command, const std::string& name, const std::string& help,
  std::function<void(std::chrono::milliseconds)> use);

/// An option that takes one of a few words.
template <class T, class U>
void add_choice(CLI::App& command, const std::string& name, const std::string& help,
  const std::vector<std::pair<std::string, T>>& choices, U& chosen) {
  auto words = std::string{};
  for (const auto& [word, value] : choices)
    words += (words.empty() ? "" : "|") + word;
  command
    .add_option_function<std::string>(
      name,
      [name, words, choices, &chosen](const std::string& text) {
        for (const auto& [word, value] : choices)
          if (word == text)
            return void(chosen = value);
        throw CLI::ValidationError{name, "\"" + text + "\" is none of " + words};
      },
      help)
    ->type_name(words);
}

/// An option that takes a pattern, and may be given many times.
void add_patterns(CLI::App& command, const std::string& name, const std::string& help,
  std::vector<std::string>& patterns);

/// How much is logged, and how.
void add_logging(CLI::App& command, log_level& level_min, log_format& format);

/// Where the node can be asked.
void add_doors(CLI::App& command, std::string& admin, http_door_options& http);

} // namespace actors::program
