#pragma once

#include "actors/core/crawl_progress.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace actors {

/// How changes are learnt.
enum class watch_backend : std::uint8_t {
  automatic, ///< the first of the others that can, for each file system by itself
  fanotify,  ///< one mark on the file system: needs CAP_SYS_ADMIN and Linux 5.17
  inotify,   ///< a watch on each directory
  poll,      ///< no word from the kernel: all is looked at again and again
};

inline constexpr auto watch_backend_names =
  std::array<std::string_view, 4>{"auto", "fanotify", "inotify", "poll"};

constexpr std::string_view name_of(watch_backend backend) noexcept {
  return watch_backend_names[static_cast<std::size_t>(backend)];
}

/// Nothing when it is none.
constexpr std::optional<watch_backend> parse_watch_backend(std::string_view name) noexcept {
  for (std::size_t i = 0; i < watch_backend_names.size(); ++i)
    if (watch_backend_names[i] == name)
      return static_cast<watch_backend>(i);
  return std::nullopt;
}

/// What to watch, and how.
struct watch_options {
  /// For `depth_max`.
  static constexpr auto no_limit = std::numeric_limits<std::size_t>::max();

  /// A directory or a single file; made absolute, but links in it are kept, so that paths are told
  /// the way the user wrote them.
  std::string path;

  /// Who tells of changes: fanotify, inotify, a look now and then; or the best of them that works
  /// here.
  watch_backend backend = watch_backend::automatic;

  /// How many levels below the root are told: 1 is what lies in it and no more.
  std::size_t depth_max = no_limit;

  /// Patterns of gitignore(5), relative to the root. What `ignore` matches is not watched, nor
  /// anything below it: an ignored directory costs nothing. Of the rest, if there are any `include`
  /// patterns, only what they match is told; directories are entered all the same.
  std::vector<std::string> ignore;
  std::vector<std::string> include; ///< see `ignore`

  /// The rules of the .gitignore files in the tree (and of the repository it is part of) count too,
  /// where `ignore` says nothing; .git itself is left out. They are read again when they change:
  /// what they ignore from then on is told as deleted.
  bool gitignore = false;

  /// A link to a directory outside of the tree is watched as if that directory stood there. One
  /// that leads back into the tree is a link: what it leads to is told under its own path.
  bool follow = false;

  /// Directories on which another file system is mounted are told, and not entered.
  bool one_file_system = false;

  /// Tell a create, marked as initial, for everything that is there at the start.
  bool initial = false;

  /// A file in which the tree is remembered over the end of the process: the next one that watches
  /// the root with it tells what changed meanwhile before `ready`, and takes no note of `initial`.
  /// It is of one root, and never runs ahead of what the sinks took. Empty: nothing is remembered.
  std::string state_file;

  /// The root need not exist yet.
  bool wait_for_path = false;

  /// How often directories are read that cannot be watched (see `degraded`), and how often a lost
  /// root is looked for. A second is what people wait for without asking.
  std::chrono::milliseconds poll_interval{1000};

  /// Bounds memory: at some 150 bytes each, ten million entries are 1.5 GB. What lies beyond is not
  /// watched, and `degraded` says so.
  std::size_t entries_max = 10'000'000;

  /// Counts what is read before `ready`, for whoever shows it; may be none. Shared with him.
  std::shared_ptr<crawl_progress> progress;

  friend bool operator==(const watch_options&, const watch_options&) = default;
};

} // namespace actors
