#pragma once

#include "actors/core/ignore_rules.hpp"
#include "actors/core/path_tree.hpp"
#include "actors/core/watch_options.hpp"
#include "actors/os/directory.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace actors {

/// Which entries of the tree are watched and told, by their names: patterns, the rules of
/// .gitignore files, depth.
class entry_filter {
public:
  entry_filter(const watch_options& options, const path_tree& tree);

  enum class verdict : std::uint8_t {
    told,
    silent,   ///< a directory that no `include` pattern matches: what is in it may be told
    left_out, ///< nor is anything below it
  };
  verdict judge(const tree_node& directory, std::string_view name, file_type type);

  /// Whether what lies in the directory is told at all.
  bool may_enter(const tree_node& directory) const;

  /// The verdict on an entry may change when a directory above it moves.
  bool depends_on_place() const { return judges_ || has_depth_; }

  /// Takes in the .gitignore file of a directory that is about to be read. True when its rules are
  /// others than before: then all below must be judged again.
  bool take_rules(const tree_node& directory, const actors::directory& where);

  /// Whether a change of this name changes rules.
  bool makes_rules(std::string_view name) const { return gitignore_ && name == rules_file; }

  /// Lines of .gitignore files left out for want of room, and other things to tell; once each.
  std::vector<std::string> take_complaints() { return std::exchange(complaints_, {}); }

  static constexpr std::string_view rules_file = ".gitignore";

private:
  struct directory_rules {
    ignore_rules rules;
    std::uint64_t digest = 0; ///< of the text
  };

  /// Rules that hold from a directory above the root on; paths begin with `prefix`.
  struct rules_above {
    ignore_rules rules;
    std::string prefix; ///< "" or "a/b/": from there to the root
  };

  void read_rules_above(const std::string& root);
  bool is_ignored(const tree_node& directory, file_type type) const;
  bool is_included(const tree_node& directory, file_type type) const;
  std::string_view path_from(const tree_node* ancestor) const;
  void write_path(const tree_node& directory, std::string_view name);

  const path_tree& tree_;
  ignore_rules ignore_;
  ignore_rules include_;
  bool gitignore_;
  bool judges_;
  bool has_depth_;
  std::size_t depth_max_;
  std::vector<rules_above> above_;                           ///< the nearest first
  std::unordered_map<std::uint64_t, directory_rules> below_; ///< by number of the directory
  std::unordered_set<std::uint64_t> unread_; ///< directories whose rules file was complained of
  std::vector<std::string> complaints_;

  std::string path_;                    ///< of the entry in question, from the root
  std::vector<std::size_t> path_steps_; ///< where in it the path from each ancestor begins
};

} // namespace actors
