// Says what a gitignore file means for paths, for check_ignore.py to compare with git.
//
// Standard input is a row of texts with a NUL behind each: 'r' and a gitignore file, then 'd' and a
// directory or 'f' and something else, each path relative to the file's directory. A line is
// printed for each path: none, ignored or kept.
#include "actors/core/ignore_rules.hpp"

#include <iostream>
#include <string>

using actors::file_type;
using actors::ignore_rules;

namespace {

/// As git walks: from the top, and what is below an ignored directory is ignored.
ignore_rules::verdict walk(const ignore_rules& rules, const std::string& path, file_type type) {
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
    if (rules.judge(path.substr(0, slash), file_type::directory) == ignore_rules::verdict::ignored)
      return ignore_rules::verdict::ignored;
  return rules.judge(path, type);
}

const char* name_of(ignore_rules::verdict said) {
  switch (said) {
    case ignore_rules::verdict::none: return "none";
    case ignore_rules::verdict::ignored: return "ignored";
    case ignore_rules::verdict::kept: return "kept";
  }
  return "?";
}

} // namespace

int main() {
  auto rules = ignore_rules{};
  for (auto text = std::string{}; std::getline(std::cin, text, '\0');) {
    const auto what = text.empty() ? '?' : text.front();
    const auto rest = text.substr(text.empty() ? 0 : 1);
    if (what == 'r') {
      rules = ignore_rules{};
      rules.add_text(rest);
    } else {
      std::cout << name_of(walk(rules, rest, what == 'd' ? file_type::directory : file_type::file))
                << '\n';
    }
  }
}
