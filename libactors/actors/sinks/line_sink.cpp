#include "actors/sinks/line_sink.hpp"

#include <algorithm>

namespace actors {

namespace {

/// Written at once: what a pipe holds by default, pipe(7). A reader sees whole lines soon, and a
/// large batch does not double in memory.
constexpr std::size_t block_bytes = 64 * 1024;

} // namespace

void line_sink::offer(const event_batch& batch, sink_context& ctx) {
  block_ = progress_.torn;
  ends_.clear();
  auto seq = batch.first_seq();
  for (const auto& what : batch) {
    if (seq == 0 || seq > progress_.seq_written) {
      append_line(what, seq, format_, block_);
      ends_.push_back({block_.size(), seq});
    }
    if (seq != 0)
      ++seq;
    if (block_.size() >= block_bytes && !write_block(ctx))
      return;
  }
  write_block(ctx);
}

/// False when it is over: the reader is gone or a stop was asked for.
bool line_sink::write_block(sink_context& ctx) {
  if (block_.empty())
    return true;
  ctx.waiting("write"); // for the reader, as long as it takes
  auto written = std::size_t{0};
  const auto outcome = out_.write(block_, ctx.wake_descriptor(), written);
  ctx.progress("written");
  settle(written);
  if (!outcome)
    ctx.fail(outcome.error().text);
  if (*outcome == byte_sink::outcome::gone)
    ctx.end("the reader is gone", sink_context::fate::undelivered);
  return *outcome == byte_sink::outcome::written;
}

/// Notes how far the reader has got.
void line_sink::settle(std::size_t written) {
  const auto torn_before = progress_.torn.size(); // it is the beginning of the block
  progress_.torn =
    block_.substr(std::min(written, torn_before), torn_before - std::min(written, torn_before));
  auto line_begin = torn_before;
  for (const auto& [at, seq] : ends_) {
    if (written <= line_begin)
      break;
    progress_.seq_written = seq;
    if (written < at) // the rest of this line must come first next time
      progress_.torn = block_.substr(written, at - written);
    line_begin = at;
  }
  block_.clear();
  ends_.clear();
}

} // namespace actors
