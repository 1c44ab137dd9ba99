#pragma once

#include "actors/node/node.hpp"
#include "actors/os/poll.hpp"
#include "actors/testkit/batches.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace actors::test {

using namespace std::chrono_literals;

/// Longer than any machine is busy, shorter than a person waits for a test that will fail.
constexpr auto patience = std::chrono::milliseconds{20'000};

/// Waits on a condition, not on luck.
template <class Condition>
bool eventually(Condition holds) {
  const auto due = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > due)
      return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

/// Whoever comes to it hangs there, until the test opens it.
class gate {
public:
  void pass() {
    auto held = std::unique_lock{mutex_};
    ++waiting_;
    changed_.notify_all();
    changed_.wait(held, [&] { return open_; });
    --waiting_;
  }

  void open() {
    const auto held = std::scoped_lock{mutex_};
    open_ = true;
    changed_.notify_all();
  }

  /// False when so many have not come in time.
  bool wait_for(int hanging) {
    auto held = std::unique_lock{mutex_};
    return changed_.wait_for(held, patience, [&] { return waiting_ >= hanging; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

/// What was delivered, a line for each record.
class diary {
public:
  void write(const event_batch& batch) {
    const auto held = std::scoped_lock{mutex_};
    for (auto& line : testkit::lines_of(batch))
      lines_.push_back(std::move(line));
    changed_.notify_all();
  }

  /// False when it did not come in time.
  bool wait_for(const std::string& line) {
    auto held = std::unique_lock{mutex_};
    return changed_.wait_for(held, patience,
      [&] { return std::find(lines_.begin(), lines_.end(), line) != lines_.end(); });
  }

  auto count(const std::string& line) const {
    const auto held = std::scoped_lock{mutex_};
    return std::count(lines_.begin(), lines_.end(), line);
  }

  std::vector<std::string> lines() const {
    const auto held = std::scoped_lock{mutex_};
    return lines_;
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

/// Emits nothing: the test pushes.
class silent_source final : public source {
public:
  void run(source_context& ctx) override {
    ctx.ready();
    while (!ctx.stop_requested() && !ctx.drain_requested()) {
      wait_readable({ctx.wake_descriptor()}, std::nullopt);
      ctx.acknowledge();
    }
  }
  static auto factory() {
    return [] { return std::make_unique<silent_source>(); };
  }
};

/// A node that says nothing on standard error.
inline node_options quiet() {
  auto options = node_options{};
  options.log = [](const log_line&) {};
  return options;
}

/// The row of that child; a default one when there is none.
inline child_health row_of(const node& host, const std::string& id) {
  for (auto page = health_page{};;) {
    const auto health = host.health(page);
    for (const auto& row : health.children)
      if (row.id == id)
        return row;
    if (!health.has_more)
      return {};
    page.after = health.children.back().id;
  }
}

/// How often that was told (about that child), of what is kept.
inline auto told(const node& host, std::string_view event, std::string_view child = {}) {
  const auto all = host.events(0, 10'000).entries;
  return std::count_if(all.begin(), all.end(), [&](const auto& x) {
    return x.what.event == event && (child.empty() || x.what.child == child);
  });
}

} // namespace actors::test
