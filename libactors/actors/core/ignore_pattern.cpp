#include "actors/core/ignore_pattern.hpp"

#include "actors/core/wildcards.hpp"

namespace actors {

namespace {

/// Spaces at the end mean nothing, unless a backslash stands before them. Tabs stay (git does not
/// take them off, though a reader may not see them).
std::string_view without_trailing_spaces(std::string_view line) {
  auto end = std::size_t{0};
  for (auto at = std::size_t{0}; at < line.size(); ++at) {
    if (line[at] == ' ')
      continue;
    if (line[at] == '\\')
      ++at;
    if (at >= line.size())
      return line; // a lone backslash quotes nothing
    end = at + 1;
  }
  return line.substr(0, end);
}

std::string_view significant(std::string_view line) {
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  line = line.substr(0, line.find('\0'));
  return without_trailing_spaces(line);
}

bool take_front(std::string_view& text, char what) {
  const auto is_there = text.starts_with(what);
  text.remove_prefix(is_there ? 1 : 0);
  return is_there;
}

bool take_back(std::string_view& text, char what) {
  const auto is_there = text.ends_with(what);
  text.remove_suffix(is_there ? 1 : 0);
  return is_there;
}

bool is_last_name(std::string_view name, std::string_view path) {
  return path.ends_with(name)
         && (path.size() == name.size() || path[path.size() - name.size() - 1] == '/');
}

} // namespace

std::optional<ignore_pattern> ignore_pattern::parse(std::string_view line) {
  if (line.starts_with('#'))
    return std::nullopt;
  auto text = significant(line);
  auto made = ignore_pattern{};
  made.negated_ = take_front(text, '!');
  made.directories_only_ = take_back(text, '/');
  const auto anchored = text.find('/') != std::string_view::npos;
  take_front(text, '/');
  if (text.empty())
    return std::nullopt;
  made.literal_ = literal_length(text);
  const auto literal = made.literal_ == text.size();
  const auto ending = text.front() == '*' && literal_length(text.substr(1)) == text.size() - 1;
  if (!wildcards_are_whole(text))
    made.form_ = form::malformed;
  else if (anchored)
    made.form_ = literal ? form::path : form::path_wildcards;
  else
    made.form_ = literal ? form::name : ending ? form::name_ending : form::name_wildcards;
  made.text_ = text.substr(made.form_ == form::name_ending ? 1 : 0);
  return made;
}

bool ignore_pattern::matches(std::string_view path, file_type type) const noexcept {
  if (path.empty() || (directories_only_ && type != file_type::directory))
    return false;
  const auto text = std::string_view{text_};
  switch (form_) {
    case form::name: return is_last_name(text, path);
    case form::name_ending: return path.ends_with(text); // there is no slash in it
    case form::name_wildcards: return wildcards_match(text, path.substr(path.rfind('/') + 1));
    case form::path: return path == text;
    case form::path_wildcards:
      // What follows the literal is matched alone, as in git: so `a**/b`, where the stars come to
      // stand first, matches ab and ax/b.
      return path.starts_with(text.substr(0, literal_))
             && wildcards_match(text.substr(literal_), path.substr(literal_));
    case form::malformed: break;
  }
  return false;
}

} // namespace actors
