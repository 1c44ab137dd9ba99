#pragma once

#include "actors/core/event.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace actors {

/// One line of a gitignore file. It matches what git would match, where git is odd too (git 2.39,
/// with core.ignoreCase off); `ignore_against_git` in CTest compares the two.
///
/// It judges one path. That all below an ignored directory is ignored is the business of whoever
/// walks the tree: from the top, and not into what is ignored.
class ignore_pattern {
public:
  /// Nothing for a line that says nothing: blank, a comment, a slash with no name. `line` is
  /// without its newline; a carriage return before that is taken off, and so are spaces that are
  /// not quoted. As in git, a NUL ends the line.
  static std::optional<ignore_pattern> parse(std::string_view line);

  /// `path` is relative to the directory of the rules, without a slash at either end. No
  /// allocation; the time is at worst the product of the lengths (`wildcards_match`).
  bool matches(std::string_view path, file_type type) const noexcept;

  /// `!`: what matches is kept, though an earlier pattern ignored it.
  bool is_negated() const noexcept { return negated_; }

  /// Matches nothing, as in git: an unclosed `[`, an unknown `[:class:]`, a backslash at the end.
  bool is_malformed() const noexcept { return form_ == form::malformed; }

  /// Of text that it keeps.
  std::size_t bytes() const noexcept { return text_.size(); }

private:
  /// How to compare, the cheapest way there is.
  enum class form : std::uint8_t {
    name,           ///< the last name is the text
    name_ending,    ///< the last name ends with the text: "*.o"
    name_wildcards, ///< the last name matches the text
    path,           ///< the path is the text
    path_wildcards, ///< the path begins with `literal_` bytes of the text; the rest matches the
                    ///< rest
    malformed,
  };

  ignore_pattern() = default;

  std::string text_;
  std::size_t literal_ = 0;
  form form_ = form::malformed;
  bool negated_ = false;
  bool directories_only_ = false;
};

} // namespace actors
