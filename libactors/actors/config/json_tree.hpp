#pragma once

#include "actors/config/config_mistake.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace actors {

/// A value of a JSON file, and the line it begins on.
struct json_node {
  enum class kind : std::uint8_t { null, flag, whole, real, text, list, object };

  struct name {
    std::string text;
    std::size_t line = 1;
  };

  kind is = kind::null;
  std::size_t line = 0;
  bool flag = false;
  std::int64_t whole = 0;
  double real = 0; ///< of a whole number too
  std::string text;
  std::vector<json_node> items; ///< of a list, or of an object
  std::vector<name> names;      ///< of an object, one an item

  /// Of an object: the item of that name.
  const json_node* find(std::string_view key) const;
};

/// "a text", "a list", ...: as a message names it.
std::string_view name_of(json_node::kind kind) noexcept;

/// What a configuration file may cost.
struct json_limits {
  /// A pipeline takes some hundred bytes: room for thousands of them.
  std::size_t bytes_max = 4 * 1024 * 1024;
  std::size_t values_max = 200'000; ///< some 200 bytes each in memory
  std::size_t depth_max = 32;       ///< a configuration has six levels
};

/// Reads JSON with comments (// and /* */). Nothing when it is none, and then `mistakes` say why;
/// a key that stands twice in an object is a mistake too. Notes the line of every key.
std::optional<json_node> parse_json(
  std::string_view text, mistake_list& mistakes, json_limits limits = {});

} // namespace actors
