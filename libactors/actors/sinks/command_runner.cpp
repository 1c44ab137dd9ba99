#include "actors/sinks/command_runner.hpp"

#include "actors/os/poll.hpp"
#include "actors/sinks/command_call.hpp"
#include "actors/sinks/command_run.hpp"

#include <algorithm>
#include <utility>

namespace actors {

namespace {

using namespace std::chrono_literals;

/// What waits in the mailbox comes within microseconds; a run that begins so much later includes
/// it.
constexpr auto gather = 20ms;

/// When more goes on coming.
constexpr auto gather_max = 200ms;

/// NDJSON for one run. When there is so much, it begins, and the rest waits in the mailbox.
constexpr std::size_t pending_bytes_max = 16 * 1024 * 1024;

} // namespace

command_runner::command_runner(command_sink_options options, std::string pipeline, log_function log)
  : options_{std::move(options)}, pipeline_{std::move(pipeline)}, log_{std::move(log)}, thread_{
                                                                                          [this] {
                                                                                            live();
                                                                                          }} {}

command_runner::~command_runner() {
  request_stop();
  thread_.join();
}

void command_runner::request_stop() {
  stop_wanted_ = true;
  work_.raise();
}

void command_runner::kill(std::chrono::milliseconds patience) {
  kill_wanted_ = true;
  request_stop();
  for (const auto due = clock::now() + patience; !is_idle() && clock::now() < due;)
    wait_readable({}, 1ms);
}

command_runner::verdict command_runner::offer(const event_batch& changes) {
  const auto held = std::scoped_lock{mutex_};
  if (stop_wanted_)
    return verdict::stopped;
  const auto first = changes.first_seq();
  const auto last = first == 0 ? 0 : first + changes.size() - 1;
  taken_.begin(changes);
  if (taken_.has(last) && !options_.retry_failed)
    return verdict::taken;
  const auto result = take(changes);
  if (result == verdict::taken)
    taken_.note(last);
  return result;
}

command_runner::verdict command_runner::take(const event_batch& changes) {
  if (is_running_) {
    switch (options_.on_busy) {
      case busy_policy::queue: return verdict::busy;
      case busy_policy::ignore:
        if (const auto count = ignored_.count(clock::now()))
          log(log_level::info, "changes_ignored", {{"batches", std::to_string(*count)}});
        return verdict::taken;
      case busy_policy::signal:
        signal_wanted_ = true;
        work_.raise();
        return verdict::taken;
      case busy_policy::restart:
        restart_wanted_ = true;
        work_.raise();
        break;
    }
  }
  if (pending_.bytes() >= pending_bytes_max)
    return verdict::busy;
  last_pending_ = clock::now();
  if (pending_.empty())
    first_pending_ = last_pending_;
  pending_.add(changes);
  work_.raise();
  return verdict::taken;
}

command_runner::verdict command_runner::offer_first(const event& ready) {
  const auto held = std::scoped_lock{mutex_};
  if (stop_wanted_)
    return verdict::stopped;
  if (std::exchange(had_first_, true) || is_running_ || !pending_.empty())
    return verdict::taken;
  first_pending_ = last_pending_ = clock::now();
  pending_.add_ready(ready);
  work_.raise();
  return verdict::taken;
}

bool command_runner::is_idle() {
  const auto held = std::scoped_lock{mutex_};
  return !is_running_ && (pending_.empty() || stop_wanted_);
}

std::string command_runner::last_failure() {
  const auto held = std::scoped_lock{mutex_};
  return last_failure_;
}

// -- the thread -----------------------------------------------------------------------------------

void command_runner::live() {
  auto has_more = false;
  while (!stop_wanted_) {
    wait_readable({work_.descriptor()}, has_more ? std::optional{gather} : std::nullopt);
    work_.lower();
    auto due = gathered_changes{};
    if (take_due(due)) {
      run_for(due);
      moved_.raise();
    }
    const auto held = std::scoped_lock{mutex_};
    has_more = !pending_.empty();
  }
  const auto held = std::scoped_lock{mutex_};
  if (pending_.count() != 0)
    log(log_level::warning, "command_not_run",
      {{"changes", std::to_string(pending_.count())}, {"reason", "stopped"}});
  moved_.raise();
}

/// False when nothing is to be run yet.
bool command_runner::take_due(gathered_changes& due) {
  const auto held = std::scoped_lock{mutex_};
  const auto now = clock::now();
  const auto is_due = now - last_pending_ >= gather || now - first_pending_ >= gather_max
                      || pending_.bytes() >= pending_bytes_max;
  if (stop_wanted_ || pending_.empty() || !is_due)
    return false;
  due = std::exchange(pending_, {});
  is_running_ = true;
  restart_wanted_ = false;
  signal_wanted_ = false;
  return true;
}

void command_runner::run_for(const gathered_changes& changes) {
  auto failure = std::string{};
  const auto tell = [this](log_level level, const char* event, auto fields) {
    log(level, event, std::move(fields));
  };
  auto one = command_run{options_, tell};
  if (one.start(changes, pipeline_, failure)) {
    while (!one.is_over()) {
      if (signal_wanted_.exchange(false))
        one.signal(options_.signal);
      if (stop_wanted_)
        one.stop("the pipeline stops");
      else if (restart_wanted_)
        one.stop("it is started anew");
      if (kill_wanted_.exchange(false))
        one.kill();
      one.wait(work_.descriptor());
      work_.lower();
    }
    failure = one.finish();
  }
  const auto held = std::scoped_lock{mutex_};
  is_running_ = false;
  last_failure_ = failure;
}

void command_runner::log(
  log_level level, const char* event, std::vector<std::pair<std::string, std::string>> fields) {
  fields.insert(fields.begin(), {{"pipeline", pipeline_}, {"command", options_.argv.front()}});
  log_({level, event, std::move(fields)});
}

} // namespace actors
