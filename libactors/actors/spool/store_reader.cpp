#include "actors/spool/store_reader.hpp"

#include "actors/os/poll.hpp"

#include <chrono>

namespace actors {

namespace {

/// When nothing is told: after an error of the disk, or a receiver that refuses and says no more.
constexpr auto look_again = std::chrono::milliseconds{1000};

/// A receiver that takes nothing for so long is not waited for at a stop: its batches are safe.
constexpr auto drain_patience = std::chrono::milliseconds{1000};

} // namespace

void store_reader::run(source_context& ctx) {
  ctx.note(path());
  ctx.ready();
  while (!ctx.stop_requested()) {
    lower_news(); // before reading, so that nothing is missed
    ctx.acknowledge();
    const auto last = hand_on(ctx);
    if (last == turn::handed_on)
      continue;
    if (ctx.drain_requested() && must_end(last, ctx))
      return;
    ctx.waiting(last == turn::refused ? "room" : "news");
    wait_readable({ctx.wake_descriptor(), last == turn::nothing_there ? news_descriptor() : -1},
      ctx.drain_requested() ? drain_patience / 10 : look_again);
  }
}

store_reader::turn store_reader::hand_on(source_context& ctx) {
  if (!next_) {
    ctx.waiting("store"); // for the disk
    auto found = read_after(*at_);
    if (!found) {
      complain(found.error(), ctx);
      return turn::nothing_there;
    }
    if (std::exchange(in_trouble_, false))
      ctx.recovered();
    next_ = std::move(*found);
  }
  if (!next_)
    return turn::nothing_there;
  const auto marks = batch_marks{{source, next_->id}};
  if (ctx.emit(next_->batch.marked(marks)) != emit_result::taken) {
    if (!refused_since_)
      refused_since_ = ctx.now();
    return turn::refused;
  }
  *at_ = next_->id;
  next_.reset();
  refused_since_.reset();
  return turn::handed_on;
}

/// One line an edge.
void store_reader::complain(const error& why, source_context& ctx) {
  if (!std::exchange(in_trouble_, true))
    log_trouble(why.text, ctx);
  ctx.degraded(why.text);
}

bool store_reader::must_end(turn last, source_context& ctx) {
  return last == turn::nothing_there || ctx.now() - *refused_since_ >= drain_patience;
}

} // namespace actors
