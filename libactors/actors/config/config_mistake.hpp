#pragma once

#include "actors/protocol/error.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace actors {

/// One thing that is wrong with a configuration.
struct config_mistake {
  std::string file;
  std::size_t line = 1;
  std::string key;  ///< "pipelines[0].debounce.quiet_ms"; empty: the file as a whole
  std::string text; ///< the rule and the value
  errc code = errc::invalid_argument; ///< other codes speak of this machine, not of the file
};

/// FILE:LINE: KEY: TEXT
std::string to_text(const config_mistake& mistake);

/// Bytes of a file as they may stand in a message: whole UTF-8, no control characters, at most so
/// many bytes. Nothing can end the line or steer the terminal.
std::string shown(std::string_view text, std::size_t bytes_max = 80);

/// The mistakes of one file, which knows on which line each key stands.
class mistake_list {
public:
  explicit mistake_list(std::string file) : file_{std::move(file)} {}

  /// From a reader that knows the place.
  void place(const std::string& key, std::size_t line) { lines_[key] = line; }

  void add(std::size_t line, std::string key, std::string text);

  /// At the line of the key, or of what it stands in.
  void add(std::string key, std::string text, errc code = errc::invalid_argument);

  std::size_t line_of(std::string_view key) const;

  /// Whether the key stands in the file.
  bool knows(std::string_view key) const { return lines_.contains(key); }

  /// Whether something is wrong with this very key.
  bool has(std::string_view key) const;

  /// In the order of lines.
  std::vector<config_mistake> take();

  const std::string& file() const { return file_; }
  bool empty() const { return mistakes_.empty(); }

private:
  void add(config_mistake mistake);

  /// More than anybody reads at once; a file may be hostile.
  static constexpr std::size_t mistakes_max = 200;

  std::string file_;
  std::map<std::string, std::size_t, std::less<>> lines_;
  std::vector<config_mistake> mistakes_;
  std::size_t left_out_ = 0;
};

} // namespace actors
