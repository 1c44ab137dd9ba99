#include "reloader.hpp"

#include "actors/node/config_file.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace actors::program {

namespace {

std::string joined(const std::vector<std::string>& lines) {
  auto text = std::string{};
  for (const auto& line : lines)
    text += (text.empty() ? "" : "\n") + line;
  return text;
}

} // namespace

reloader::reloader(node& host, std::string file, log_function log, wake_event& changed)
  : host_{host}, file_{std::move(file)}, log_{std::move(log)}, changed_{changed}, thread_{[this] {
      run();
    }} {}

reloader::~reloader() {
  close();
}

void reloader::close() {
  {
    const auto turn = std::scoped_lock{turn_};
    is_closed_ = true;
  }
  {
    const auto held = std::scoped_lock{mutex_};
    is_ending_ = true;
  }
  asked_.notify_one();
  if (thread_.joinable())
    thread_.join();
  pipelines_.clear();
}

void reloader::run() {
  auto held = std::unique_lock{mutex_};
  for (;;) {
    asked_.wait(held, [&] { return is_asked_ || is_ending_; });
    if (is_ending_)
      return;
    is_asked_ = false;
    held.unlock();
    [[maybe_unused]] const auto told = reload(); // it is in the log
    held.lock();
    --under_way_;
    changed_.raise();
  }
}

void reloader::reload_soon() {
  {
    const auto held = std::scoped_lock{mutex_};
    if (!std::exchange(is_asked_, true))
      ++under_way_;
  }
  asked_.notify_one();
}

reload_report reloader::begin(const node_config& config) {
  const auto turn = std::scoped_lock{turn_};
  return apply(config);
}

reload_report reloader::apply(const node_config& config) {
  return follow([&] {
    auto report = host_.reload(config);
    const auto held = std::scoped_lock{mutex_};
    stop_deadline_ = {};
    for (const auto& pipeline : config.pipelines)
      stop_deadline_ = std::max(stop_deadline_, pipeline.supervise.group.total_deadline);
    if (config.collect)
      stop_deadline_ = std::max(stop_deadline_, supervise_options{}.group.total_deadline);
    return report;
  });
}

reload_report reloader::follow(const std::function<reload_report()>& change) {
  {
    const auto held = std::scoped_lock{mutex_};
    ++under_way_;
    pipelines_.clear(); // what a pipeline holds is free when nobody holds it
  }
  auto report = change();
  {
    const auto held = std::scoped_lock{mutex_};
    --under_way_;
    pipelines_ = report.pipelines;
  }
  for (auto& pipeline : report.started)
    pipeline.on_done([&changed = changed_] { changed.raise(); });
  changed_.raise();
  return report;
}

void reloader::log(const reload_report& report) const {
  for (const auto& line : report.done)
    log_({log_level::info, "config_applied", {{"change", line}}});
  for (const auto& each : report.failed)
    log_({log_level::error, "config_not_applied", {{"reason", each.text}}});
}

reload_report reloader::change_root(const root_change& what) {
  const auto turn = std::scoped_lock{turn_};
  if (is_closed_) {
    auto refused = reload_report{};
    refused.failed.push_back({errc::closed, "the program ends", {}});
    return refused;
  }
  auto report = follow([&] { return host_.change_root(what); });
  log(report);
  return report;
}

result<std::string> reloader::reload() {
  const auto turn = std::scoped_lock{turn_};
  if (is_closed_)
    return failure(errc::closed, "the program ends");
  log_({log_level::info, "config_reloading", {{"file", file_}}});
  const auto config = load_config(file_);
  if (!config) {
    [[maybe_unused]] const auto done = host_.reload_certificates(); // apart; it is in the log
    auto lines = std::istringstream{config.error().text};
    for (auto line = std::string{}; std::getline(lines, line);)
      log_({log_level::error, "config_rejected", {{"mistake", line}}});
    log_({log_level::error, "config_kept",
      {{"file", file_}, {"reason", "the new one is rejected; all runs on as before"}}});
    return tl::unexpected{config.error()};
  }
  const auto report = apply(*config);
  log(report);
  auto problems = std::vector<std::string>{};
  for (const auto& each : report.failed)
    problems.push_back(each.text);
  log_({log_level::info, "config_reloaded",
    {{"file", file_}, {"changes", std::to_string(report.done.size())},
      {"failed", std::to_string(report.failed.size())}}});
  if (!problems.empty())
    return failure(report.failed.front().code, joined(problems));
  return report.done.empty() ? "nothing has changed" : joined(report.done);
}

bool reloader::is_under_way() const {
  const auto held = std::scoped_lock{mutex_};
  return under_way_ != 0;
}

bool reloader::is_over() const {
  const auto held = std::scoped_lock{mutex_};
  return under_way_ == 0 && std::all_of(pipelines_.begin(), pipelines_.end(), [](const auto& x) {
    return x.is_done();
  });
}

bool reloader::has_failed() const {
  const auto held = std::scoped_lock{mutex_};
  return std::any_of(pipelines_.begin(), pipelines_.end(),
    [](const auto& x) { return x.is_done() && x.has_failed(); });
}

std::chrono::milliseconds reloader::stop_deadline() const {
  const auto held = std::scoped_lock{mutex_};
  return stop_deadline_;
}

} // namespace actors::program
