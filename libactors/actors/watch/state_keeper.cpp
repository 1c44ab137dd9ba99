#include "actors/watch/state_keeper.hpp"

#include <algorithm>

namespace actors {

void state_keeper::begin(const directory* root) {
  if (file_ == nullptr)
    return;
  told_.mark_batches(file_->source());
  if (root != nullptr)
    device_ = root->device();
  if (!file_->is_recalled())
    recall(root);
}

void state_keeper::recall(const directory* root) {
  ctx_.progress("recall");
  const auto only = root != nullptr ? std::optional{told_.only_name()} : std::nullopt;
  const auto found = file_->recall(told_.tree(), only, options_.entries_max);
  if (!found.trouble.empty()) {
    const auto text = "state file " + file_->path() + ": " + found.trouble;
    ctx_.log(log_level::warning, "state_unusable",
      {{"root", told_.root_path()}, {"file", file_->path()}, {"reason", found.trouble}});
    told_.mark({.type = event_type::error, .text = text});
  }
  switch (found.is) {
    case state_file::memory::kind::none: return;
    case state_file::memory::kind::must_forget: return told_.forget();
    case state_file::memory::kind::tree: break;
  }
  if (root == nullptr && !found.only_name.empty())
    told_.watch_only(found.only_name);
  told_.remember();
  if (root != nullptr && found.device != device_)
    told_.distrust_identities();
  for (const auto& [path, what] : found.doubts)
    told_.doubt(path, what.of == told_path::what::changed ? event_type::modify : event_type::remove,
      what.ftype);
  // Up to here the reader is brought to what the tree says; what comes now is what the disk says.
  // The marker keeps the two from being folded into a rename of something he may not have.
  if (!found.doubts.empty())
    told_.tell_overflow(ctx_.now());
}

void state_keeper::before_ready() {
  if (file_ == nullptr)
    return;
  if (told_.has_told())
    return schedule_.note_news({}); // it is due, as soon as all of it is handed on
  // What may have been told are markers, which need not be told again.
  auto done = write(moment::running, 0);
  if (done)
    done = commit();
  if (!done && !told_.remembers())
    ctx_.fail(done.error().text); // without a first image, what comes after `ready` may be missed
  complain(done);
}

void state_keeper::turn() {
  if (file_ == nullptr || told_.is_silent())
    return;
  if (pictured_ != told_.last_number())
    schedule_.note_news(ctx_.now());
  if (waits_ && ctx_.now() >= ask_due_)
    complain(commit());
  if (!waits_ && !told_.has_news() && schedule_.is_due(ctx_.now()))
    complain(write(moment::running, told_.last_number()));
}

std::optional<time_point> state_keeper::due() const {
  if (file_ == nullptr || told_.is_silent())
    return std::nullopt;
  return waits_ ? ask_due_ : schedule_.due();
}

void state_keeper::at_stop() {
  if (file_ == nullptr || told_.is_silent() || told_.has_news())
    return;
  auto done = waits_ ? commit() : result<void>{};
  if (done)
    done = write(moment::last, told_.last_number());
  complain(done);
}

result<void> state_keeper::write(moment when, std::uint64_t number) {
  const auto began = ctx_.now();
  ctx_.progress("state");
  schedule_.begin();
  auto done = file_->write(
    right_, {told_.tree(), told_.only_name(), device_, number, when == moment::last}, [this] {
      ctx_.progress("state");
      between_();
    });
  schedule_.worked(ctx_.now(), ctx_.now() - began);
  if (!done) {
    schedule_.note_news(ctx_.now());
    return done;
  }
  pictured_ = told_.last_number();
  waits_ = true;
  ask_after_ = ask_first;
  ask_due_ = ctx_.now() + ask_after_;
  return {};
}

result<void> state_keeper::commit() {
  const auto began = ctx_.now();
  ctx_.waiting("state"); // for the disk, as long as it takes
  const auto done = file_->commit(right_);
  ctx_.progress("state");
  waits_ = done && *done == state_file::outcome::waits;
  if (waits_) {
    ask_after_ = std::min(2 * ask_after_, ask_max);
    ask_due_ = ctx_.now() + ask_after_;
    return {};
  }
  schedule_.worked(ctx_.now(), ctx_.now() - began);
  if (done)
    return {};
  schedule_.note_news(ctx_.now()); // it is lost: another one will be written
  return tl::unexpected{done.error()};
}

/// One line an edge.
void state_keeper::complain(const result<void>& done) {
  if (!done && !std::exchange(in_trouble_, true))
    ctx_.log(log_level::warning, "state_not_written",
      {{"root", told_.root_path()}, {"reason", done.error().text}});
  if (done && !waits_ && std::exchange(in_trouble_, false))
    ctx_.log(log_level::info, "state_written", {{"root", told_.root_path()}});
}

} // namespace actors
