#pragma once

#include "actors/core/watch_options.hpp"
#include "actors/os/directory.hpp"
#include "actors/protocol/context.hpp"
#include "actors/watch/image_schedule.hpp"
#include "actors/watch/state_file.hpp"
#include "actors/watch/told_tree.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

namespace actors {

/// One watcher's work on its state file: what is recalled from it at the first start, and when the
/// next image is written. Without a file it does nothing.
class state_keeper {
public:
  /// `between` is called while an image is written, and must not change the tree.
  state_keeper(state_file* file, const watch_options& options, told_tree& told, source_context& ctx,
    std::function<void()> between)
    : file_{file}, options_{options}, told_{told}, ctx_{ctx}, between_{std::move(between)},
      right_{file != nullptr ? file->take_over() : 0} {}

  /// Before anything is looked at. `root` is nullptr when there is none.
  void begin(const directory* root);

  /// The baseline is complete. Where nothing was told of it, it is in the file when this returns:
  /// whatever comes after `ready` is found by the next process, should this one be killed.
  void before_ready();

  /// All that could be handed on was.
  void turn();
  std::optional<time_point> due() const;

  /// Nothing will be told any more.
  void at_stop();

private:
  enum class moment : std::uint8_t { running, last };

  void recall(const directory* root);
  result<void> write(moment when, std::uint64_t number);
  result<void> commit();
  void complain(const result<void>& done);

  /// While the sinks have not come to what an image tells, they are asked again and again.
  static constexpr auto ask_first = std::chrono::milliseconds{50};
  static constexpr auto ask_max = std::chrono::milliseconds{1000};

  state_file* const file_;
  const watch_options& options_;
  told_tree& told_;
  source_context& ctx_;
  std::function<void()> between_;
  const std::uint64_t right_;
  image_schedule schedule_;
  std::uint64_t device_ = 0;
  std::optional<std::uint64_t> pictured_; ///< the last batch of which there is an image
  bool waits_ = false;                    ///< an image waits for the sinks
  bool in_trouble_ = false;               ///< and it was told
  time_point ask_due_{};
  std::chrono::milliseconds ask_after_{ask_first};
};

} // namespace actors
