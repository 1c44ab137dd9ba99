#include "actors/sinks/file_sink.hpp"

#include "actors/codec/event_line.hpp"
#include "actors/core/backoff.hpp"
#include "actors/os/poll.hpp"

#include <algorithm>

namespace actors {

namespace {

using namespace std::chrono_literals;

/// Between tries: room is noticed soon, and a disk that stays full is not asked often.
constexpr auto retries = backoff_rules{.base = 100ms, .cap = 5s};

/// After a rotation that failed: the file grows meanwhile, and somebody has to look.
constexpr auto turn_over_pause = 1min;

/// What `sync_policy::interval` promises.
constexpr auto sync_delay = 1s;

} // namespace

void file_sink::on_start(sink_context& ctx) {
  if (options_.sync == sync_policy::interval && !kept_->syncs)
    kept_->syncs = std::make_unique<delayed_sync>(
      sync_delay, [log = log_, path = options_.path](const std::string& why) {
        log({log_level::error, "file_not_synced", {{"path", path}, {"reason", why}}});
      });
  if (const auto fine = make_ready(ctx); !fine)
    blocked(fine.error().text, ctx); // it may be well before the first batch comes
}

void file_sink::offer(const event_batch& batch, sink_context& ctx) {
  lines_.clear();
  last_seq_ = 0;
  kept_->written.begin(batch);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    last_seq_ = batch.seq_at(i);
    if (!kept_->written.has(last_seq_))
      append_line(batch, i, line_format::json, lines_);
  }
  for (auto attempt = std::uint32_t{1}; !lines_.empty(); ++attempt) {
    try_to_write(ctx);
    if (lines_.empty() || ctx.stop_requested())
      return;
    ctx.waiting("room"); // for as long as it takes
    if (wait_readable({ctx.wake_descriptor()}, delay(retries, attempt)))
      return;
  }
}

void file_sink::try_to_write(sink_context& ctx) {
  ctx.progress("write");
  if (const auto fine = make_ready(ctx); !fine)
    return blocked(fine.error().text, ctx);
  turn_over_if_due(ctx);
  if (kept_->file)
    write(ctx);
}

/// Opens the file when it is not, or when the name belongs to another by now.
result<void> file_sink::make_ready(sink_context& ctx) {
  if (kept_->file && kept_->file.is_still(options_.path))
    return {};
  auto opened = record_file::open(options_.path);
  if (!opened)
    return tl::unexpected{opened.error()};
  ctx.log(
    log_level::info, kept_->file ? "file_reopened" : "file_opened", {{"path", options_.path}});
  kept_->file = std::move(*opened);
  kept_->first_record = ctx.now();
  if (kept_->file.size() > 0)
    kept_->first_record -= kept_->file.age();
  ctx.note(options_.path);
  return {};
}

bool file_sink::is_due(time_point now) const {
  const auto size = kept_->file.size();
  if (size == 0 || (turn_over_after_ && now < *turn_over_after_))
    return false;
  const auto is_full = options_.bytes_max != 0 && size + lines_.size() > options_.bytes_max;
  const auto is_old =
    options_.age_max.count() != 0 && now - kept_->first_record >= options_.age_max;
  return is_full || is_old;
}

void file_sink::turn_over_if_due(sink_context& ctx) {
  if (!is_due(ctx.now())) {
    if (kept_->file.size() == 0)
      kept_->first_record = ctx.now();
    return;
  }
  const auto done = rotate_files(options_.path, options_.keep);
  turn_over_after_.reset();
  if (!done) { // better a file that is too large than no record
    turn_over_after_ = ctx.now() + turn_over_pause;
    return ctx.log(log_level::warning, "file_not_rotated",
      {{"path", options_.path}, {"reason", done.error().text}});
  }
  ctx.log(log_level::info, "file_rotated", {{"path", options_.path}});
  if (const auto fine = make_ready(ctx); !fine) {
    kept_->file = {}; // it has another name now
    blocked(fine.error().text, ctx);
  }
}

void file_sink::write(sink_context& ctx) {
  const auto [written, problem] = kept_->file.append(
    lines_, options_.sync == sync_policy::each_batch ? durability::of_the_machine
                                                     : durability::of_the_program);
  if (written != 0 && kept_->syncs)
    kept_->syncs->written(kept_->file.shared_descriptor());
  if (problem.empty()) {
    kept_->written.note(last_seq_);
    lines_.clear();
    if (!std::exchange(blocked_by_, {}).empty()) {
      ctx.recovered();
      ctx.log(log_level::info, "file_writable", {{"path", options_.path}});
    }
    return;
  }
  if (last_seq_ != 0) // the rest of the batch is numbered without a gap
    kept_->written.note(
      last_seq_
      - static_cast<std::uint64_t>(
        std::count(lines_.begin() + static_cast<std::ptrdiff_t>(written), lines_.end(), '\n')));
  lines_.erase(0, written);
  blocked(options_.path + ": " + problem, ctx);
}

/// Says so once for each reason.
void file_sink::blocked(const std::string& why, sink_context& ctx) {
  if (blocked_by_ == why)
    return;
  blocked_by_ = why;
  ctx.degraded(why);
  ctx.log(log_level::warning, "file_blocked", {{"path", options_.path}, {"reason", why}});
}

} // namespace actors
