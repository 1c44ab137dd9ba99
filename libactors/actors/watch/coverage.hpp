#pragma once

#include "actors/core/time_point.hpp"
#include "actors/core/watch_options.hpp"
#include "actors/protocol/context.hpp"
#include "actors/watch/told_tree.hpp"
#include "actors/watch/tree_scan.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace actors {

/// How well the tree is seen. A directory is live (the kernel tells of it), polled (read again and
/// again, for want of a watch), denied (it may not be read), or beyond the bound of the model; a
/// root may be gone. What is not live is told once a subtree, shown in health until it is over, and
/// tried again and again.
class coverage {
public:
  coverage(told_tree& told, source_context& ctx, std::chrono::milliseconds poll_interval)
    : told_{told}, ctx_{ctx}, poll_interval_{poll_interval} {}

  /// What health says of a watcher that has nothing to complain of.
  void works_with(std::string_view backend, const std::string& why);

  void note(const std::vector<tree_scan::finding>& findings, time_point now);
  void root_lost(std::string_view why);
  void root_found();

  /// When the directories without a watch are to be read next; nothing when there are none, or
  /// they are being read.
  std::optional<time_point> due() const { return due_; }

  /// The directories to read now: a *pass* begins. It ends with `end_pass`, when all are read; the
  /// next one comes soon when names vanished in it, since they may have gone where it had been.
  std::vector<std::uint64_t> take_due(time_point now);
  enum class next_pass : std::uint8_t { in_turn, soon };
  void end_pass(time_point now, next_pass when);
  bool in_pass() const { return pass_since_.has_value(); }

  bool polls() const { return !polled_.empty(); }

  /// The next pass is not to wait for its turn.
  void hurry(time_point now) {
    if (due_)
      due_ = std::min(*due_, now);
  }

  /// What vanished then cannot turn up any more as far as polling goes: all that is polled has been
  /// read since.
  bool has_looked_since(time_point then) const { return polled_.empty() || then < looked_since_; }

private:
  using directories = std::unordered_set<std::uint64_t>;

  directories& kind_of(errc code);
  bool forget(std::uint64_t directory);
  void tell(const tree_node& node, const directories& kind, const std::string& why);
  void show();
  void forget_the_gone();

  /// Polling takes at most a tenth of a core: a tree that takes long to read is read less often.
  static constexpr auto pause_for_pass = 9;

  /// So many directories are named before only their number counts: when a limit is met, all that
  /// come after it are concerned.
  static constexpr std::size_t told_max = 100;

  told_tree& told_;
  source_context& ctx_;
  std::chrono::milliseconds poll_interval_;
  directories polled_;        ///< no watch to be had: read every now and then
  directories denied_;        ///< no permission: a change of mode is a hint to try again
  directories beyond_;        ///< the model was full: read when the others are
  std::size_t full_size_ = 0; ///< of the model, when it was full
  bool quiet_ = false;        ///< polling is what was asked for
  std::string latest_;        ///< the latest reason
  std::string root_lost_;     ///< why; empty: it is not
  std::string backend_;       ///< and why it is no better
  std::optional<time_point> due_;
  std::optional<time_point> pass_since_;
  time_point looked_since_{}; ///< when the last complete pass began
};

} // namespace actors
