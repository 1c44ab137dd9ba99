#pragma once

#include "actors/core/event.hpp"
#include "actors/core/ignore_pattern.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace actors {

/// Whoever may write into a watched tree may write rules for it, so they are bounded.
struct ignore_limits {
  /// Each costs 20 ns a path (measured, six common forms, none matching), so 80 us when full. The
  /// lists people write have ten or a hundred.
  std::size_t patterns_max = 4'000;

  /// Of one pattern. A path the kernel takes has 4,095 bytes (PATH_MAX, path_resolution(7)): a
  /// longer pattern is not meant for one.
  std::size_t pattern_bytes_max = 4'096;

  /// Of all patterns: 16 for each of 4,000. Bounds memory, and what hostile patterns cost together:
  /// 0.1 s for the longest name, a second for the longest path (measured): far from a hang.
  std::size_t bytes_max = 64 * 1024;
};

/// The patterns of one gitignore file, or of one list of options, in their order: the last that
/// matches has the word. Paths are relative to the directory they speak of.
class ignore_rules {
public:
  enum class verdict : std::uint8_t {
    none, ///< no pattern speaks of it: ask the rules of the directory above
    ignored,
    kept, ///< a `!` pattern matches, whatever the rules of the directories above say
  };

  explicit ignore_rules(ignore_limits limits = {}) : limits_{limits} {}

  /// One line, without its newline (`ignore_pattern::parse`). One that is too long is left out.
  /// When there is no room for one, all that follow are left out too: what holds is a beginning of
  /// the list, and not a selection from it.
  void add(std::string_view line);

  /// A whole file: lines, of which the last needs no newline. A UTF-8 byte order mark is skipped.
  void add_text(std::string_view text);

  /// Of this path alone; what is below an ignored directory is for the caller to leave out.
  verdict judge(std::string_view path, file_type type) const noexcept;

  std::size_t size() const noexcept { return patterns_.size(); }
  bool empty() const noexcept { return patterns_.empty(); }

  /// Lines that said something and are not among the patterns, because of the limits. More than 0
  /// must be told: what git ignores is not ignored here.
  std::size_t left_out() const noexcept { return left_out_; }

private:
  bool take_room_for(const ignore_pattern& pattern) noexcept;

  ignore_limits limits_;
  std::vector<ignore_pattern> patterns_;
  std::size_t bytes_ = 0;
  bool is_full_ = false;
  std::size_t left_out_ = 0;
};

} // namespace actors
