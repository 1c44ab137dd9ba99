#include "actors/spool/archive_reader.hpp"

#include "actors/os/poll.hpp"

#include <chrono>

namespace actors {

namespace {

/// When nothing is told: after an error of the disk, or a receiver that refuses and says no more.
constexpr auto look_again = std::chrono::milliseconds{1000};

/// A receiver that takes nothing for so long is not waited for at a stop: its batches are safe.
constexpr auto drain_patience = std::chrono::milliseconds{1000};

} // namespace

void archive_reader::run(source_context& ctx) {
  ctx.note(archive_->path());
  ctx.ready();
  while (!ctx.stop_requested()) {
    news_->lower(); // before reading, so that nothing is missed
    ctx.acknowledge();
    const auto last = hand_on(ctx);
    if (last == turn::handed_on)
      continue;
    if (ctx.drain_requested() && must_end(last, ctx))
      return;
    ctx.waiting(last == turn::refused ? "room" : "news");
    wait_readable({ctx.wake_descriptor(), last == turn::nothing_there ? news_->descriptor() : -1},
      ctx.drain_requested() ? drain_patience / 10 : look_again);
  }
}

archive_reader::turn archive_reader::hand_on(source_context& ctx) {
  if (!next_) {
    ctx.waiting("store"); // for the disk
    auto found = archive_->read_after(*at_);
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
void archive_reader::complain(const error& why, source_context& ctx) {
  if (!std::exchange(in_trouble_, true))
    ctx.log(log_level::warning, "store_not_read", {{"reason", why.text}});
  ctx.degraded(why.text);
}

bool archive_reader::must_end(turn last, source_context& ctx) {
  return last == turn::nothing_there || ctx.now() - *refused_since_ >= drain_patience;
}

// -- the cursor -----------------------------------------------------------------------------------

void archive_cursor::has_sink(std::size_t sink) {
  const auto held = std::scoped_lock{mutex_};
  ledger_.add_sink(sink);
}

void archive_cursor::delivered(std::size_t sink, const batch_marks& marks) {
  if (marks.number_of(archive_reader::source) == 0)
    return;
  const auto held = std::scoped_lock{mutex_};
  ledger_.deliver(sink, marks);
  const auto upto = ledger_.delivered(archive_reader::source);
  if (upto > written_ && (++behind_ >= lag_max || upto >= archive_->size().last_id))
    write(upto);
}

void archive_cursor::at_end() {
  const auto held = std::scoped_lock{mutex_};
  if (const auto upto = ledger_.delivered(archive_reader::source); upto > written_)
    write(upto);
}

/// Should it fail, the next one writes this too.
void archive_cursor::write(std::uint64_t upto) {
  const auto done = archive_->advance(consumer_, upto);
  if (!done && std::exchange(writes_, false))
    log_({log_level::warning, "store_cursor_not_written",
      {{"file", archive_->path()}, {"consumer", consumer_}, {"reason", done.error().text}}});
  writes_ = done.has_value();
  behind_ = 0;
  if (done)
    written_ = upto;
}

} // namespace actors
