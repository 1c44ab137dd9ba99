#include "actors/sinks/line_sink.hpp"

#include <algorithm>

namespace actors {

namespace {

/// Written at once: what a pipe holds by default, pipe(7). A reader sees whole lines soon, and a
/// large batch does not double in memory.
constexpr std::size_t block_bytes = 64 * 1024;

/// Written on the thread of the sender: what a pipe takes whole or not at all (PIPE_BUF, pipe(7)),
/// and so few records that making their lines takes some microseconds.
constexpr std::size_t now_bytes_max = 4096;
constexpr std::size_t now_records_max = 16;

bool is_wanted(event_type type, line_choice choice) {
  return choice == line_choice::all || type == event_type::ready || type == event_type::error;
}

} // namespace

void line_sink::offer(const event_batch& batch, sink_context& ctx) {
  block_ = progress_.torn;
  progress_.written.begin(batch);
  ends_.clear();
  for (std::size_t next = 0; next < batch.size();) {
    next = append_lines(batch, next);
    if (!write_block(ctx))
      return;
  }
  write_block(ctx); // a torn line alone
}

/// From that record on, until the block is full. Returns the first that is not in it.
std::size_t line_sink::append_lines(const event_batch& batch, std::size_t from) {
  for (; from < batch.size() && block_.size() < block_bytes; ++from) {
    const auto seq = batch.seq_at(from);
    if (progress_.written.has(seq) || !is_wanted(batch.type_at(from), choice_))
      continue;
    append_line(batch, from, format_, block_);
    ends_.push_back({block_.size(), seq});
  }
  return from;
}

bool line_sink::offer_now(const event_batch& batch, sink_context&) {
  if (batch.size() > now_records_max || !progress_.torn.empty())
    return false;
  block_.clear();
  ends_.clear();
  progress_.written.begin(batch);
  append_lines(batch, 0);
  const auto size = block_.size();
  if (size > now_bytes_max)
    return false;
  const auto written = out_.write_now(block_);
  settle(written);
  return written == size;
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
    progress_.written.note(seq);
    if (written < at) // the rest of this line must come first next time
      progress_.torn = block_.substr(written, at - written);
    line_begin = at;
  }
  block_.clear();
  ends_.clear();
}

} // namespace actors
