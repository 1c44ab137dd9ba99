#pragma once

#include "actors/core/file_sink_options.hpp"
#include "actors/core/told_numbers.hpp"
#include "actors/os/delayed_sync.hpp"
#include "actors/os/record_file.hpp"
#include "actors/protocol/sink.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace actors {

/// NDJSON in a file that is turned over by size and age.
///
/// What stands in the way of writing (a full disk, a directory that is gone) is waited out, for
/// ever: the batch stays, the child is degraded and says why. The edge's policy decides what
/// becomes of those behind it.
class file_sink final : public sink {
public:
  /// Outlives the sink: no line is written twice and none is torn.
  struct kept {
    record_file file;
    time_point first_record{}; ///< when the file began
    told_numbers written;      ///< what was written last
    std::unique_ptr<delayed_sync> syncs;
  };

  /// Where lines of the thread that syncs go.
  /// `all` is shared with whoever builds the next one.
  file_sink(std::shared_ptr<kept> all, file_sink_options options, log_function log)
    : kept_{std::move(all)}, options_{std::move(options)}, log_{std::move(log)} {}

  void on_start(sink_context& ctx) override;
  void offer(const event_batch& batch, sink_context& ctx) override;

private:
  void try_to_write(sink_context& ctx);
  result<void> make_ready(sink_context& ctx);
  void turn_over_if_due(sink_context& ctx);
  bool is_due(time_point now) const;
  void write(sink_context& ctx);
  void blocked(const std::string& why, sink_context& ctx);

  std::shared_ptr<kept> kept_;
  file_sink_options options_;
  log_function log_;
  std::string lines_;                         ///< of the batch in work, not written yet
  std::uint64_t last_seq_{};                  ///< of its last record; 0: it has no numbers
  std::string blocked_by_;                    ///< why nothing can be written; empty: all is well
  std::optional<time_point> turn_over_after_; ///< it failed: not before
};

} // namespace actors
