#pragma once

#include "actors/core/watch_options.hpp"
#include "actors/os/change_source.hpp"
#include "actors/protocol/source.hpp"
#include "actors/watch/state_file.hpp"
#include "actors/watch/told_tree.hpp"

#include <functional>
#include <memory>

namespace actors {

/// Tells what changes below a directory: the flagship source.
///
/// What the kernel says is a hint to look; what is told is the difference between the disk and the
/// model. The model (`told_tree`) is a kept value: it outlives this object, and whoever is built on
/// it begins by comparing the whole tree with it. So after a crash, an overflow or a stall there is
/// a delay, never a gap.
class watcher final : public source {
public:
  using queue_factory = std::function<result<std::unique_ptr<change_source>>(watch_backend)>;

  /// No other watcher may use `told` meanwhile. It is shared with whoever builds the next one.
  /// So is `state`, and with the pipeline; none: nothing is remembered over the end of the process.
  watcher(watch_options options, std::shared_ptr<told_tree> told, queue_factory open_queue,
    std::shared_ptr<state_file> state = nullptr)
    : options_{std::move(options)}, told_{std::move(told)},
      open_queue_{std::move(open_queue)}, state_{std::move(state)} {}

  void run(source_context& ctx) override;

private:
  watch_options options_;
  std::shared_ptr<told_tree> told_;
  queue_factory open_queue_;
  std::shared_ptr<state_file> state_;
};

} // namespace actors
