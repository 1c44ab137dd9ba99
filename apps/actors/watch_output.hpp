#pragma once

#include "actors/os/wake_event.hpp"
#include "actors/sinks/line_sink.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <utility>

namespace actors::program {

/// What the program wants to know of what passes on its way to standard output. Shared by the
/// sink's thread and the main one.
struct watch_progress {
  bool once = false;         ///< end after the first batch of changes
  bool exit_on_lost = false; ///< end when a root is lost
  std::atomic<bool> changes_written{false};
  std::atomic<bool> root_lost{false};
  std::atomic<bool> command_failed{false}; ///< with `once`: the run it was for
  std::atomic<std::chrono::steady_clock::rep> last_write{0};
};

/// Writes lines to standard output, and notes what passes.
class watch_output final : public sink {
public:
  /// `kept` is shared with whoever builds the next one.
  watch_output(byte_sink& out, std::shared_ptr<line_progress> kept, line_format format,
    line_choice choice, watch_progress& progress)
    : kept_{std::move(kept)}, lines_{out, *kept_, format, choice}, progress_{progress} {}

  void offer(const event_batch& batch, sink_context& ctx) override;
  bool offer_now(const event_batch& batch, sink_context& ctx) override;

private:
  void note(const event_batch& batch, time_point now);

  std::shared_ptr<line_progress> kept_;
  line_sink lines_;
  watch_progress& progress_;
};

} // namespace actors::program
