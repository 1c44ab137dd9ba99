#include "actors/watch/watch_session.hpp"

#include "actors/core/earliest.hpp"
#include "actors/os/poll.hpp"

#include <algorithm>
#include <chrono>

namespace actors {

using namespace std::chrono_literals;

namespace {

/// A nap after a small read: the next read then finds a batch, and a blocked reader that is woken
/// for every two events costs seven times as much. 1 ms is 150 to 290 events of a flat-out writer,
/// against a queue of 16,384.
constexpr auto nap = 1ms;

/// Names looked at between two reads of the queue: some 2 ms of work.
constexpr std::size_t names_a_step = 1'000;

/// A batch is handed on when it has so many records, or holds so many bytes.
constexpr std::size_t batch_records = 512;
constexpr std::size_t batch_bytes = 64 * 1024;

/// How long work may pause with directories kept open (an open one blocks umount(2)).
constexpr auto pause_max = 20ms;

link_policy links_of(const watch_options& options) {
  return options.follow ? link_policy::followed : link_policy::kept;
}

} // namespace

watch_session::watch_session(const watch_options& options, told_tree& told, change_source& queue,
  source_context& ctx, state_file* state)
  : options_{options}, told_{told}, queue_{queue}, ctx_{ctx}, filter_{options, told.tree()},
    directories_{told.tree(), links_of(options)}, watches_{queue, told.tree()},
    reconcile_{told, directories_, filter_, links_of(options), options.entries_max},
    scan_{told, directories_, watches_, reconcile_, filter_,
      options.one_file_system ? tree_scan::boundary::file_system : tree_scan::boundary::none},
    coverage_{told, ctx, options.poll_interval}, mounts_{told.tree().root_path()}, state_{state,
                                                                                     options, told,
                                                                                     ctx, [this] {
                                                                                       read_queue();
                                                                                     }} {}

void watch_session::run() {
  begin();
  while (!ctx_.stop_requested()) {
    if (ctx_.drain_requested()) {
      drain();
      break;
    }
    ctx_.progress("read");
    read_queue();
    if (!blocked_)
      work();
    if (!blocked_ || woken_)
      hand_on();
    state_.turn();
    wait();
  }
  state_.at_stop();
}

// -- the queue ------------------------------------------------------------------------------------

void watch_session::read_queue() {
  told_.begin_turn();
  auto amount = queue_.read(records_);
  if (!amount)
    ctx_.fail(amount.error().text);
  last_read_ = *amount;
  for (const auto& record : records_)
    take_in(record);
}

void watch_session::take_in(const kernel_record& record) {
  if (record.queue_overflow) {
    told_.tell_overflow(ctx_.now());
    ask_rescan("the kernel's queue overflowed", "queue_overflow");
    return;
  }
  if (lookout_.concerns(record))
    way_changed_ = true;
  told_.tree().each_with_identity(record.directory, [&](tree_node& directory) {
    if (directory.is_directory())
      take_in(record, directory);
  });
}

void watch_session::take_in(const kernel_record& record, tree_node& directory) {
  const auto is_root = &directory == &told_.tree().root();
  auto taken = true;
  if (record.name.empty()) {
    root_doubted_ |= is_root && (record.self_moved || record.unwatched);
    if (record.unwatched && directory.watch() == record.watch) {
      directory.set_watch(-1);
      if (!is_root) // unmounted, perhaps; the table need not show it: numbers are used again
        taken = hints_.add(directory.parent()->number(), directory.name(), hint::arrived);
    }
    const auto is_new = (record.kinds & hint::attributes) != 0;
    if (is_new && is_root)
      scan_.add(directory.number()); // nobody else names it, and it may be readable again
    else if (is_new)
      taken = hints_.add(directory.parent()->number(), directory.name(), hint::attributes);
  } else if (directory.watch() >= 0) { // else it was not read: it will be, or is not to be
    taken = hints_.add(directory.number(), record.name, record.kinds, record.order, record.claim);
  }
  or_look_everywhere(taken);
}

/// A set of hints that takes no more costs more than a look at everything.
void watch_session::or_look_everywhere(bool taken) {
  if (!taken)
    ask_rescan("more hints than a look everywhere costs");
}

/// One line an edge: a rescan that is asked for already is not told again.
void watch_session::ask_rescan(const char* reason, const char* event) {
  if (!rescans_.is_asked())
    ctx_.log(log_level::warning, event, {{"root", told_.root_path()}, {"reason", reason}});
  rescans_.ask(ctx_.now());
}

// -- the disk -------------------------------------------------------------------------------------

void watch_session::work() {
  ctx_.progress("look");
  if (ctx_.now() >= mounts_due_)
    read_mounts();
  if (std::exchange(way_changed_, false)) {
    lookout_.watch(queue_, told_.tree().root_path());
    root_doubted_ = true;
    root_due_ = ctx_.now();
  }
  if (root_doubted_)
    check_root();
  if (told_.is_root_lost())
    return find_root();
  look_at_links();
  look_at_hints();
  scan();
  const auto drained = last_read_ != change_source::amount::much;
  if (drained && !rescans_.is_asked() && !scan_.is_whole())
    retry();
  if (drained && rescans_.begin(ctx_.now())) {
    put_off_.clear(); // the scan will look at them
    scan_.start_over();
  }
  const auto may_turn_up = scan_.is_whole() || (coverage_.in_pass() && !scan_.is_done());
  if (!may_turn_up)
    kill_ghosts(false);
  poll();
  // While a polled tree changes there is always something whose new place the next pass will show.
  const auto is_complete = !must_retry() || (told_.is_silent() && coverage_.polls());
  if (drained && !has_work() && is_complete && !rescans_.is_asked())
    finish_scan();
}

void watch_session::look_at_hints() {
  const auto now = ctx_.now();
  auto hints = hints_.take();
  for (auto& why : hints) {
    if (blocked_ || told_.is_root_lost()) { // the rest stays a hint
      or_look_everywhere(hints_.put_back(std::move(why)));
      continue;
    }
    if (!look_at(why, now))
      or_look_everywhere(put_off_.put_back(std::move(why).put_off()));
    if (told_.news() >= batch_records || told_.news_bytes() >= batch_bytes)
      hand_on();
  }
}

/// Where a followed link leads lies outside of the tree: nobody tells when that goes or comes.
void watch_session::look_at_links() {
  if (!options_.follow || ctx_.now() < links_due_)
    return;
  links_due_ = ctx_.now() + options_.poll_interval;
  for (const auto& [directory, name] : reconcile_.links_leading_out())
    or_look_everywhere(hints_.add(directory, name, hint::moved_away | hint::arrived));
}

/// False when it must be looked at again later.
bool watch_session::look_at(const hint& why, time_point now) {
  auto* directory = told_.tree().directory(why.directory);
  if (directory == nullptr)
    return true;
  if (path_tree::is_lost(*directory))
    return false;
  auto where = directories_.open(*directory);
  if (!where) {
    root_doubted_ = true; // or a directory above it moved: the hints will say
    return false;
  }
  if (filter_.makes_rules(why.name))
    scan_.add(directory->number());
  if (const auto& only = told_.only_name(); !only.empty() && only != why.name)
    return true;
  const auto verdict =
    reconcile_.look(*directory, **where, why.name.c_str(), why, look_reason::hint, now);
  take_fresh();
  if (verdict == reconciler::verdict::no_room)
    coverage_.note(
      {{directory->number(), errc::full, "the model holds entries_max entries"}}, ctx_.now());
  return verdict != reconciler::verdict::put_off;
}

void watch_session::take_fresh() {
  for (const auto& [number, deep] : reconcile_.take_fresh())
    deep ? scan_.add_deep(number) : scan_.add(number);
}

void watch_session::scan() {
  if (scan_.is_done() || blocked_)
    return;
  ctx_.progress("scan");
  const auto looked_at = scan_.step(names_a_step, put_off_, ctx_.now());
  if (options_.progress && told_.is_silent()) {
    options_.progress->directories = told_.tree().directories();
    options_.progress->entries += looked_at;
  }
  take_fresh();
  for (const auto& text : filter_.take_complaints()) {
    ctx_.log(log_level::warning, "rules_left_out", {{"reason", text}});
    told_.mark({.type = event_type::error, .text = text});
  }
  coverage_.note(scan_.take_findings(), ctx_.now());
  watches_.drop(told_.take_dropped_watches());
}

/// All that was asked for has been looked at.
void watch_session::finish_scan() {
  if (told_.is_silent()) {
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(ctx_.now() - began_);
    kill_ghosts(true);
    state_.before_ready();
    tell_ready(queue_.name(), took);
  }
  if (!std::exchange(introduced_, true))
    coverage_.works_with(queue_.name(), queue_.why());
  second_looks_.forget_vain();
  ctx_.ready();
  if (told_.tree().ghosts().empty())
    told_.tell_recovered(ctx_.now());
}

/// Reads what has no watch, when it is time and there is nothing else to read.
void watch_session::poll() {
  if (!scan_.is_done())
    return;
  coverage_.end_pass(ctx_.now(),
    told_.tree().ghosts().empty() ? coverage::next_pass::in_turn : coverage::next_pass::soon);
  for (auto number : coverage_.take_due(ctx_.now()))
    scan_.add(number);
}

void watch_session::kill_ghosts(bool all) {
  const auto now = ctx_.now();
  auto due = std::vector<std::pair<std::string, tree_node*>>{};
  for (const auto& [ghost, until] : told_.tree().ghosts())
    if (all || (until <= now && has_looked_since(until - ghost_grace)))
      due.emplace_back(told_.tree().path_of(*ghost), ghost);
  std::sort(due.begin(), due.end());
  for (auto i = due.size(); i-- > 0;) // the deepest first: a ghost may hold another
    told_.remove(*due[i].second);
  watches_.drop(told_.take_dropped_watches());
}

/// Looks again at what had to wait, now that everything before it has been looked at.
void watch_session::retry() {
  const auto now = ctx_.now();
  if (!must_retry() || !second_looks_.is_due(now) || has_work())
    return;
  second_looks_.begin(now);
  const auto lacks_directories = scan_.retry_put_off() != 0;
  root_doubted_ |= lacks_directories;
  if (lacks_directories && second_looks_.note_vain())
    look_further("directories cannot be found where the model has them");
  for (auto& why : put_off_.take()) {
    const auto* directory = told_.tree().directory(why.directory);
    const auto is_lost = directory != nullptr && path_tree::is_lost(*directory);
    auto& set = is_lost ? put_off_ : hints_; // what is below a ghost waits for its end
    if (why.tries > second_looks::looks_max) {
      look_further("names cannot be looked at where the model has them");
      why.tries = 0;
      if (!coverage_.polls())
        continue;
    }
    or_look_everywhere(set.put_back(std::move(why)));
  }
  look_at_hints();
}

/// Looking again does not help: something moved of which no hint tells. Polling will find it.
void watch_session::look_further(const char* reason) {
  second_looks_.forget_vain();
  if (coverage_.polls())
    coverage_.hurry(ctx_.now());
  else
    ask_rescan(reason);
}

/// Whether all places have been looked at where something that vanished `then` may have gone.
bool watch_session::has_looked_since(time_point then) const {
  return coverage_.has_looked_since(then)
         && (put_off_.empty() || second_looks_.has_begun_since(then));
}

// -- the way out ----------------------------------------------------------------------------------

void watch_session::hand_on() {
  while (told_.has_news()) {
    ctx_.progress("emit");
    blocked_ = ctx_.emit(told_.next_batch()) == emit_result::full;
    if (blocked_)
      return;
    told_.handed_on();
  }
  blocked_ = false;
}

void watch_session::wait() {
  if (last_read_ == change_source::amount::some && !has_work()) {
    wait_readable({ctx_.wake_descriptor()}, nap);
  } else if (last_read_ == change_source::amount::nothing && (blocked_ || !has_work())) {
    const auto span = left_until(next_due(), ctx_.now());
    if (!span || *span > pause_max)
      directories_.close_all();
    ctx_.waiting("wait");
    wait_readable({queue_.descriptor(), ctx_.wake_descriptor(), mounts_.descriptor()}, span);
    mounts_due_ = {};
  }
  directories_.close_idle(ctx_.now());
  woken_ = ctx_.acknowledge();
}

std::optional<time_point> watch_session::next_due() const {
  if (blocked_)
    return std::nullopt; // room is news on the wake descriptor
  auto due = earliest{};
  due.consider(state_.due());
  if (told_.is_root_lost()) {
    due.consider(root_due_);
    return due.first();
  }
  for (const auto& [ghost, until] : told_.tree().ghosts())
    if (has_looked_since(until - ghost_grace)) // else what it waits for is considered below
      due.consider(until);
  if (reconcile_.has_links_leading_out())
    due.consider(links_due_);
  due.consider(rescans_.due());
  if (rescans_.is_asked())
    return due.first(); // the rest waits for it
  due.consider(must_retry() ? second_looks_.due() : coverage_.due());
  return due.first();
}

/// Something waits for the model to catch up with a move.
bool watch_session::must_retry() const {
  return !put_off_.empty() || scan_.has_put_off();
}

bool watch_session::has_work() const {
  return !told_.is_root_lost() && (!hints_.empty() || !scan_.is_done());
}

/// Hands on all that the kernel has told so far, and returns.
void watch_session::drain() {
  if (told_.is_silent()) // nothing was promised yet
    return;
  for (auto turns = 0; turns < 1'000 && !ctx_.stop_requested(); ++turns) {
    ctx_.progress("drain");
    if (!blocked_) {
      read_queue();
      work();
    }
    hand_on();
    const auto idle = last_read_ == change_source::amount::nothing && !has_work();
    const auto done = idle && (told_.is_root_lost() || (!must_retry() && !rescans_.is_asked()));
    if (!blocked_ && done) {
      kill_ghosts(true);
      hand_on();
    }
    if (done && !told_.has_news() && told_.tree().ghosts().empty())
      return;
    if (blocked_ || idle)
      ctx_.waiting("drain");
    if (blocked_)
      wait_readable({ctx_.wake_descriptor()}, std::nullopt);
    else if (idle)
      wait_readable({queue_.descriptor(), ctx_.wake_descriptor()}, second_looks::apart);
    ctx_.acknowledge();
  }
}

} // namespace actors
