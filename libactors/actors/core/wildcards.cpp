#include "actors/core/wildcards.hpp"

#include "actors/core/byte_set.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace actors {

namespace {

constexpr auto nowhere = std::string_view::npos;

/// A run of stars, and what it stands for.
struct stars {
  std::size_t end; ///< just behind the last one
  bool deep;       ///< `**` as a whole name: any bytes, slashes too
};

/// As git does: the run is deep when a slash or nothing stands on either side of it, where `\/` is
/// a slash behind it. More than two stars are two.
stars read_stars(std::string_view pattern, std::size_t at) {
  const auto end = std::min(pattern.find_first_not_of('*', at), pattern.size());
  const auto rest = pattern.substr(end);
  const auto opens = at == 0 || pattern[at - 1] == '/';
  const auto closes = rest.empty() || rest.front() == '/' || rest.starts_with("\\/");
  return {end, end - at > 1 && opens && closes};
}

/// Behind the token at `at`, when it stands for `byte`. It is not a star.
std::optional<std::size_t> step(std::string_view pattern, std::size_t at, char byte) {
  switch (pattern[at]) {
    case '?': return byte != '/' ? std::optional{at + 1} : std::nullopt;
    case '[': {
      const auto set = ask_byte_set(pattern, at, byte);
      return set && set->holds && byte != '/' ? std::optional{set->end} : std::nullopt;
    }
    case '\\': ++at; break;
    default: break;
  }
  return at < pattern.size() && pattern[at] == byte ? std::optional{at + 1} : std::nullopt;
}

/// Tries a pattern on a text. Of all stars only the last of the name and the last deep one are
/// remembered.
class attempt {
public:
  attempt(std::string_view pattern, std::string_view text) : pattern_{pattern}, text_{text} {}

  bool run() {
    for (;;) {
      if (at_.pattern == pattern_.size()) {
        if (at_.text == text_.size())
          return true;
        if (!go_back())
          return false;
      } else if (pattern_[at_.pattern] == '*') {
        if (!pass_stars())
          return false;
        if (ended_deep_)
          return true;
      } else if (!pass_byte() && !go_back()) {
        return false;
      }
    }
  }

private:
  struct place {
    std::size_t pattern = 0;
    std::size_t text = 0;
  };

  bool pass_byte() {
    if (at_.text == text_.size())
      return false;
    const auto next = step(pattern_, at_.pattern, text_[at_.text]);
    if (!next)
      return false;
    if (text_[at_.text] == '/')
      star_.reset(); // it cannot take a slash, so nothing is left to choose
    at_ = {*next, at_.text + 1};
    return true;
  }

  /// A star begins with nothing. A deep one with a slash behind it stands for that, too: `a/**/b`
  /// matches a/b.
  bool pass_stars() {
    const auto run = read_stars(pattern_, at_.pattern);
    at_.pattern = run.end;
    if (!run.deep) {
      star_ = at_;
      return true;
    }
    star_.reset();
    ended_deep_ = run.end == pattern_.size();
    if (ended_deep_)
      return true;
    const auto slash = pattern_[run.end] == '/' ? std::size_t{1} : std::size_t{2};
    at_.pattern += slash;
    deep_ = at_;
    return slash == 1 || go_back(); // git takes the short way only with a bare slash
  }

  /// Gives the last star one byte more, or the last deep one all up to the next slash.
  bool go_back() {
    if (star_ && star_->text < text_.size() && text_[star_->text] != '/') {
      ++star_->text;
      at_ = *star_;
      return true;
    }
    star_.reset();
    const auto slash = deep_ ? text_.find('/', deep_->text) : nowhere;
    if (slash == nowhere)
      return false;
    deep_->text = slash + 1;
    at_ = *deep_;
    return true;
  }

  std::string_view pattern_;
  std::string_view text_;
  place at_;
  std::optional<place> star_; ///< behind the star in the pattern, behind what it took in the text
  std::optional<place> deep_; ///< behind the star's slash in both
  bool ended_deep_ = false;
};

} // namespace

bool wildcards_match(std::string_view pattern, std::string_view text) noexcept {
  return attempt{pattern, text}.run();
}

bool wildcards_are_whole(std::string_view pattern) noexcept {
  for (auto at = std::size_t{0}; at < pattern.size();) {
    if (pattern[at] == '[') {
      const auto set = ask_byte_set(pattern, at, '/');
      if (!set)
        return false;
      at = set->end;
    } else {
      at += pattern[at] == '\\' ? 2 : 1;
      if (at > pattern.size())
        return false;
    }
  }
  return true;
}

std::size_t literal_length(std::string_view pattern) noexcept {
  return std::min(pattern.find_first_of("*?[\\"), pattern.size());
}

} // namespace actors
