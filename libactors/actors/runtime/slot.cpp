#include "actors/runtime/slot.hpp"

namespace actors {

bool slot::replace(product made_by) {
  const auto is_of_a_kind = std::visit(
    [&](const auto& x) { return std::holds_alternative<std::decay_t<decltype(x)>>(spec.make); },
    made_by);
  if (!is_of_a_kind)
    return false;
  const auto held = std::scoped_lock{replacement_mutex_};
  replacement_ = std::make_unique<product>(std::move(made_by));
  return true;
}

template <class Factory>
Factory slot::made_by() const {
  const auto held = std::scoped_lock{replacement_mutex_};
  return replacement_ ? std::get<Factory>(*replacement_) : std::get<Factory>(spec.make);
}

std::unique_ptr<source> slot::make_source(succession how) const {
  return made_by<source_factory>()(how);
}

std::unique_ptr<sink> slot::make_sink(succession how) const {
  return made_by<sink_factory>()(how);
}

std::unique_ptr<stage> slot::make_stage(succession how) const {
  if (came == origin::declared)
    return made_by<stage_factory>()(how);
  return std::get<pool_spec>(spec.make).make(id.substr(id.rfind('/') + 1), args);
}

// -- what crashes a handler -----------------------------------------------------------------------

void slot::work_failed() {
  if (giver.in_work() == nullptr)
    return giver.let_go();
  const auto what = *giver.in_work();
  if (what.reply == nullptr && mailbox.limits().on_crash == redelivery::once_more) {
    if (const auto poison = giver.failed())
      bury(*poison);
    return;
  }
  giver.let_go();
  mailbox.finish(what.id, bounded_mailbox::ending::crashed);
  on_loss(loss::crashed, what.batch);
  if (what.reply)
    what.reply->answer(failure(errc::crashed, id + " crashed on it"));
}

void slot::bury(const event_batch& poison) {
  const auto& what = poison[0];
  ++dead_letters;
  on_loss(loss::crashed, poison);
  write_log(log_level::error, "dead_letter",
    {{"reason", "handler_crashed"}, {"type", std::string{name_of(what.type)}},
      {"path", std::string{what.path}}});
  out_.transitions->add(
    {"dead_letter", id, 0, 0, {}, std::string{what.path}, std::chrono::system_clock::now()});
  const auto reason = "a change of this path was given up: it crashes " + id;
  obituaries.add({.type = event_type::error, .path = what.path, .text = reason, .time = what.time});
}

// -- what goes by ---------------------------------------------------------------------------------

void slot::count_handed_on(const event_batch& batch) {
  for (std::size_t i = 0; i < event_types; ++i)
    if (const auto more = batch.count(static_cast<event_type>(i)); more != 0)
      passage_->handed_on[i].fetch_add(more, std::memory_order_relaxed);
  if (batch.count(event_type::overflow) == 0 && batch.count(event_type::ready) == 0)
    return;
  for (const auto x : batch)
    if (x.type == event_type::overflow || x.type == event_type::ready)
      out_.overflows->add(x.path, x.type == event_type::overflow ? 1 : 0);
}

void slot::count_delivered(const event_batch& batch) {
  const auto now =
    std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
  for (std::size_t i = 0; i < batch.size();) { // records of a burst have the same time
    if (!is_change(batch.type_at(i))) {
      ++i;
      continue;
    }
    const auto noticed = batch.time_at(i);
    auto same = i + 1;
    while (same < batch.size() && batch.time_at(same) == noticed && is_change(batch.type_at(same)))
      ++same;
    if (noticed != wall_time{})
      passage_->latency.add(
        std::chrono::duration_cast<std::chrono::microseconds>(now - noticed), same - i);
    i = same;
  }
}

edge_counts slot::passed() const {
  auto counts = edge_counts{};
  if (has_mailbox())
    counts.events = mailbox.events();
  for (std::size_t i = 0; i < losses; ++i)
    counts.lost[i] = lost_[i].load(std::memory_order_relaxed);
  if (is_source())
    for (std::size_t i = 0; i < event_types; ++i)
      counts.events[i] = passage_->handed_on[i].load(std::memory_order_relaxed);
  if (is_sink())
    counts.latency = passage_->latency.counts();
  return counts;
}

// -- what is lost ---------------------------------------------------------------------------------

void slot::on_loss(loss reason, const event_batch& what) {
  out_.dead_letters->take(reason, id, what);
  lost_[static_cast<std::size_t>(reason)].fetch_add(1, std::memory_order_relaxed);
  auto to_tell = std::optional<std::uint64_t>{};
  auto must_ask = false;
  {
    const auto lock = std::scoped_lock{samplers_mutex_};
    if (!samplers_)
      samplers_ = std::make_unique<std::array<log_sampler, losses>>();
    auto& sampler = (*samplers_)[static_cast<std::size_t>(reason)];
    to_tell = sampler.count(std::chrono::steady_clock::now());
    must_ask = !to_tell && sampler.is_first_untold();
  }
  if (to_tell)
    tell_losses(reason, *to_tell);
  if (must_ask)
    report_to_supervisor(report::kind::losing, 0);
}

void slot::tell_untold_losses() {
  auto untold = std::array<std::uint64_t, losses>{};
  {
    const auto lock = std::scoped_lock{samplers_mutex_};
    for (std::size_t i = 0; samplers_ && i < losses; ++i)
      untold[i] = (*samplers_)[i].take_untold();
  }
  for (std::size_t i = 0; i < losses; ++i)
    if (untold[i] != 0)
      tell_losses(static_cast<loss>(i), untold[i]);
}

void slot::tell_losses(loss reason, std::uint64_t count) {
  const auto name = std::string{name_of(reason)};
  write_log(
    log_level::warning, "dropped_summary", {{"reason", name}, {"batches", std::to_string(count)}});
  out_.transitions->add({"dropped_summary", id, 0, 0, {},
    std::to_string(count) + " batches: " + name, std::chrono::system_clock::now()});
}

} // namespace actors
