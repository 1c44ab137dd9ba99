#include "actors/stages/debouncer.hpp"

#include "actors/core/time_point.hpp"

#include <algorithm>

namespace actors {

namespace {

/// The window is handed on early when its input takes so much of the mailbox: the rest is room for
/// what arrives while downstream is being waited for.
constexpr double fill_max = 0.75;

bool has_marker(const event_batch& batch) {
  return std::any_of(batch.begin(), batch.end(), [](const event& x) { return !is_change(x.type); });
}

} // namespace

void debouncer::on_batch(const event_batch& batch, context& ctx) {
  take_in(batch, ctx);
  if (!out_.empty() || window_.is_full() || ctx.input_fill() >= fill_max)
    hand_on(ctx);
  else
    arm(ctx);
}

void debouncer::on_timer(timer_token, context& ctx) {
  armed_ = false;
  if (const auto due = window_.due(); due && *due <= ctx.now())
    hand_on(ctx);
  else
    arm(ctx);
}

/// A batch with markers goes out whole, at once: a part of it could not be released alone.
void debouncer::take_in(const event_batch& batch, context& ctx) {
  if (!has_marker(batch))
    return window_.add(batch, ctx.now());
  auto changes = batch_builder{};
  const auto fold = [&] {
    if (!changes.empty())
      window_.add(changes.finish(), ctx.now());
    window_.take(out_);
  };
  for (const auto& what : batch) {
    if (is_change(what.type)) {
      changes.add(what);
    } else {
      fold();
      out_.add(what);
    }
  }
  fold();
}

void debouncer::hand_on(context& ctx) {
  if (refused_.empty()) {
    window_.take(out_);
    refused_ = out_.finish();
  }
  if (ctx.emit(refused_) == emit_result::full)
    return;
  refused_ = {};
  ctx.release();
}

void debouncer::arm(context& ctx) {
  const auto due = window_.due();
  if (armed_ || !due)
    return;
  armed_ = true;
  ctx.after(left_until(*due, ctx.now()));
}

} // namespace actors
