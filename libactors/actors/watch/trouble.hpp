#pragma once

#include "actors/protocol/context.hpp"
#include "actors/watch/told_tree.hpp"
#include "actors/watch/tree_scan.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace actors {

/// What keeps a watcher from seeing all of its tree: a lost root, directories that cannot be
/// watched or read. Told once each, shown in health until it is over, and tried again and again.
class trouble {
public:
  using time_point = path_tree::time_point;

  trouble(told_tree& told, source_context& ctx, std::chrono::milliseconds poll_interval)
    : told_{told}, ctx_{ctx}, poll_interval_{poll_interval} {}

  void note(const std::vector<tree_scan::finding>& findings, time_point now);
  void root_lost(std::string_view why);
  void root_found();

  /// When the unwatched directories are to be read next; nothing when there are none.
  std::optional<time_point> due() const {
    return polled_.empty() ? std::nullopt : std::optional{due_};
  }

  /// The directories to read now.
  std::vector<std::uint64_t> take_due(time_point now);

private:
  void tell(const tree_node& node, const std::string& why);
  void show();
  void forget_the_gone();

  told_tree& told_;
  source_context& ctx_;
  std::chrono::milliseconds poll_interval_;
  std::set<std::uint64_t> polled_; ///< no watch to be had: read every now and then
  std::set<std::uint64_t> denied_; ///< no permission: a change of mode is a hint to try again
  std::string latest_;             ///< the latest reason
  std::string root_lost_;          ///< why; empty: it is not
  time_point due_{};
};

} // namespace actors
