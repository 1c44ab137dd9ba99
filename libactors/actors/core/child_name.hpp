#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace actors {

/// What pipelines, children and workers may be called: it stands in ids, logs and metrics.
inline bool is_name(std::string_view text) {
  constexpr auto letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return !text.empty() && text.size() <= 64
         && text.find_first_not_of(letters) == std::string_view::npos;
}

constexpr auto name_rule = "a name has 1 to 64 letters, digits, '-' or '_'";

// What the children are called that a pipeline makes by itself.

constexpr auto debouncer_name = "debouncer";
constexpr auto filter_name = "filter"; ///< of kinds of changes
constexpr auto sequencer_name =
  "sequencer"; ///< in front of the sinks of several roots, if nothing else is

/// Of the root that was given as number `place`, from 0.
inline std::string watcher_name(std::size_t place) {
  return place == 0 ? "watcher" : "watcher-" + std::to_string(place + 1);
}

/// What writes to the spool, or reads the spool or store, in front of the sink of that name.
inline std::string spool_writer_name(const std::string& sink) {
  return sink + "-spool";
}
inline std::string store_reader_name(const std::string& sink) {
  return sink + "-reader";
}

} // namespace actors
