#pragma once

#include "actors/codec/event_line.hpp"
#include "actors/core/told_numbers.hpp"
#include "actors/os/byte_sink.hpp"
#include "actors/protocol/sink.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace actors {

/// A line sink's kept value: how far the reader has got. It belongs to the slot, so that after a
/// crash no line is written twice and none is torn.
struct line_progress {
  told_numbers written; ///< records whose lines are wholly out
  std::string torn;     ///< the rest of a line of which a part is out
};

/// Which records are written.
enum class line_choice : std::uint8_t {
  all,
  notices, ///< only that a root is ready, and errors
};

/// Writes one line a record: NDJSON, text or bare paths.
class line_sink final : public sink {
public:
  /// `out` and `progress` must outlive the sink.
  line_sink(byte_sink& out, line_progress& progress, line_format format,
    line_choice choice = line_choice::all)
    : out_{out}, progress_{progress}, format_{format}, choice_{choice} {}

  void offer(const event_batch& batch, sink_context& ctx) override;
  bool offer_now(const event_batch& batch, sink_context& ctx) override;

private:
  std::size_t append_lines(const event_batch& batch, std::size_t from);
  bool write_block(sink_context& ctx);
  void settle(std::size_t written);

  byte_sink& out_;
  line_progress& progress_;
  line_format format_;
  line_choice choice_;

  struct line_end {
    std::size_t at;
    std::uint64_t seq;
  };
  std::string block_;          ///< whole lines, not written yet
  std::vector<line_end> ends_; ///< where each of them ends
};

} // namespace actors
