#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace actors {

/// What a record tells. The first five are *changes* of one path; the rest are *markers*, which
/// speak of a whole root. The numbers travel between nodes: add at the end.
enum class event_type : std::uint8_t {
  create,
  modify,
  remove, ///< "delete" in the stream
  rename,
  attrib, ///< owner, mode, link count; the content is the same
  ready,
  overflow,
  recovered,
  root_lost,
  root_back,
  mount,
  unmount,
  degraded,
  error,
};

constexpr auto event_types = std::size_t{14};

/// The name in the stream: "create", "delete", "ready", ...
std::string_view name_of(event_type type) noexcept;

/// True for create, modify, remove, rename and attrib.
constexpr bool is_change(event_type type) noexcept {
  return type <= event_type::attrib;
}

enum class file_type : std::uint8_t { unknown, file, directory, link, other };

/// The letter in the stream: f d l o, and '?' for unknown.
char letter_of(file_type type) noexcept;

/// Wall-clock time; the epoch means "not known".
using wall_time = std::chrono::sys_time<std::chrono::nanoseconds>;

/// One record, as a reader sees it. It owns no text: the views live as long as the batch (or the
/// builder's argument) they came from.
///
/// Paths are bytes, as the kernel gave them: any byte but NUL. They are absolute.
struct event {
  event_type type = event_type::modify; ///< what it tells
  file_type ftype = file_type::unknown; ///< what `path` is; of markers: unknown
  /// modify: another file took the name. rename: something of the same type that had the name
  /// `path` is gone; something of another type is deleted by a record of its own, before.
  bool replaced = false;
  bool initial = false;   ///< create: it was there before the watch began (`--initial`)
  bool baseline = false;  ///< overflow: forget the root, all of it follows as create
  std::string_view path;  ///< a marker's root, or the path it is about
  std::string_view from;  ///< rename only: the old path
  std::string_view text;  ///< ready: the backend. degraded, error, root_lost, ...: the reason
  std::uint64_t size = 0; ///< bytes, of files; 0 otherwise
  wall_time time{};       ///< when it was noticed
  std::uint64_t directories = 0;     ///< ready: directories in the model
  std::uint64_t files = 0;           ///< ready: everything else in the model
  std::uint64_t changes = 0;         ///< recovered: changes found by the rescan
  std::chrono::milliseconds took{0}; ///< ready, recovered: how long it took

  // What folding needs to know and no reader is told; of changes only, 0: not known.

  /// Which file it is (`file_identity`), or was: a remove. A remove of a directory that says so
  /// promises that whatever was in it was told to be gone before, each by itself.
  std::uint64_t identity = 0;
  /// What it is like now (`file_version.hpp`); a remove and a rename: what it was last told to be.
  std::uint64_t version = 0;
  /// Where `replaced`: the same of the file that had the name before.
  std::uint64_t lost_identity = 0;
  std::uint64_t lost_version = 0; ///< as `version`

  friend bool operator==(const event&, const event&) = default;
};

} // namespace actors
