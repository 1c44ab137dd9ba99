#include "actors/watch/entry_filter.hpp"

#include "actors/os/small_file.hpp"
#include "actors/os/user_path.hpp"

#include <functional>

namespace actors {

namespace {

/// The .gitignore of the Linux kernel has 3 kB; a megabyte is somebody else's file.
constexpr std::size_t rules_bytes_max = 1024 * 1024;

/// A tree may have a rules file in each directory; beyond so many they are not read.
constexpr std::size_t rules_files_max = 10'000;

/// Its own directory, or of a worktree or submodule a file that says where that is (gitrepository-
/// layout(5)).
bool has_repository(const std::string& directory) {
  if (read_small_file(directory + "/.git/HEAD", rules_bytes_max))
    return true;
  const auto text = read_small_file(directory + "/.git", rules_bytes_max);
  return text && text->starts_with("gitdir:");
}

ignore_rules rules_of(const std::vector<std::string>& lines) {
  auto rules = ignore_rules{};
  for (const auto& line : lines)
    rules.add(line);
  return rules;
}

} // namespace

entry_filter::entry_filter(const watch_options& options, const path_tree& tree)
  : tree_{tree}, ignore_{rules_of(options.ignore)}, include_{rules_of(options.include)},
    gitignore_{options.gitignore}, judges_{gitignore_ || !ignore_.empty() || !include_.empty()},
    has_depth_{options.depth_max != watch_options::no_limit}, depth_max_{options.depth_max} {
  if (const auto left_out = ignore_.left_out() + include_.left_out(); left_out != 0)
    complaints_.push_back(std::to_string(left_out) + " patterns were left out: there are too many");
  if (gitignore_)
    read_rules_above(tree.root_path());
}

/// The root may lie within a repository: the rules from its top down to the root hold too.
void entry_filter::read_rules_above(const std::string& root) {
  const auto real = real_path(root);
  auto found = std::vector<rules_above>{};
  auto is_top = has_repository(real);
  for (auto slash = real.rfind('/'); !is_top && slash != std::string::npos && slash != 0;
       slash = real.rfind('/', slash - 1)) {
    const auto directory = real.substr(0, slash);
    if (const auto text = read_small_file(directory + "/.gitignore", rules_bytes_max)) {
      auto& rules = found.emplace_back();
      rules.prefix = real.substr(slash + 1) + "/";
      rules.rules.add_text(*text);
    }
    is_top = has_repository(directory);
  }
  if (is_top) // else there is no repository, and what lies above is none of ours
    above_ = std::move(found);
}

entry_filter::verdict entry_filter::judge(
  const tree_node& directory, std::string_view name, file_type type) {
  if (!judges_)
    return verdict::told;
  if (gitignore_ && name == ".git")
    return verdict::left_out;
  write_path(directory, name);
  if (is_ignored(directory, type))
    return verdict::left_out;
  if (include_.empty() || is_included(directory, type))
    return verdict::told;
  return type == file_type::directory ? verdict::silent : verdict::left_out;
}

/// The nearest rules have the word: what was asked for, then the files from the bottom up.
bool entry_filter::is_ignored(const tree_node& directory, file_type type) const {
  auto said = ignore_.judge(path_, type);
  if (gitignore_)
    for (const auto* at = &directory; at != nullptr && said == ignore_rules::verdict::none;
         at = at->parent())
      if (const auto found = below_.find(at->number()); found != below_.end())
        said = found->second.rules.judge(path_from(at), type);
  for (auto i = above_.begin(); i != above_.end() && said == ignore_rules::verdict::none; ++i)
    said = i->rules.judge(i->prefix + path_, type);
  return said == ignore_rules::verdict::ignored;
}

/// What lies in a directory that is included is so too.
bool entry_filter::is_included(const tree_node& directory, file_type type) const {
  const auto inherits = directory.parent() != nullptr && !directory.is_silent();
  return inherits || include_.judge(path_, type) == ignore_rules::verdict::ignored;
}

void entry_filter::write_path(const tree_node& directory, std::string_view name) {
  path_.clear();
  path_steps_.clear();
  auto chain = std::vector<const tree_node*>{};
  for (const auto* at = &directory; at->parent() != nullptr; at = at->parent())
    chain.push_back(at);
  path_steps_.push_back(0);
  for (auto i = chain.rbegin(); i != chain.rend(); ++i) {
    path_.append((*i)->name()).push_back('/');
    path_steps_.push_back(path_.size());
  }
  path_.append(name);
}

std::string_view entry_filter::path_from(const tree_node* ancestor) const {
  auto depth = std::size_t{0};
  for (const auto* at = ancestor; at->parent() != nullptr; at = at->parent())
    ++depth;
  return std::string_view{path_}.substr(path_steps_[depth]);
}

bool entry_filter::may_enter(const tree_node& directory) const {
  if (!has_depth_)
    return true;
  auto depth = std::size_t{0};
  for (const auto* at = &directory; at->parent() != nullptr; at = at->parent())
    ++depth;
  return depth < depth_max_;
}

bool entry_filter::take_rules(const tree_node& directory, const actors::directory& where) {
  if (!gitignore_)
    return false;
  const auto number = directory.number();
  const auto before = below_.find(number);
  const auto text = read_small_file(where, rules_file, rules_bytes_max);
  if (!text || text->empty()) {
    const auto is_file = !text && where.look(rules_file.data()).facts.ftype == file_type::file;
    if (is_file && unread_.size() < rules_files_max && unread_.insert(number).second)
      complaints_.push_back(
        tree_.path_of(directory) + "/.gitignore: not read, it is larger than 1 MiB or may not be");
    return below_.erase(number) != 0;
  }
  unread_.erase(number);
  const auto digest = std::hash<std::string>{}(*text);
  if (before != below_.end() && before->second.digest == digest)
    return false;
  if (before == below_.end() && below_.size() >= rules_files_max) {
    std::erase_if(below_, [&](const auto& x) { return tree_.directory(x.first) == nullptr; });
    if (below_.size() >= rules_files_max) {
      complaints_.push_back(tree_.path_of(directory) + ": too many .gitignore files, not read");
      return false;
    }
  }
  auto& mine = below_[number];
  mine.rules = ignore_rules{};
  mine.rules.add_text(*text);
  mine.digest = digest;
  if (const auto left_out = mine.rules.left_out(); left_out != 0)
    complaints_.push_back(tree_.path_of(directory) + "/.gitignore: " + std::to_string(left_out)
                          + " lines were left out: there are too many");
  return true;
}

} // namespace actors
