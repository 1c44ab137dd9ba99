#pragma once

#include "actors/protocol/context.hpp"
#include "actors/protocol/error.hpp"
#include "actors/protocol/worker.hpp"
#include "actors/runtime/child_spec.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace actors {

/// What a child tells its supervisor.
struct report {
  enum class kind : std::uint8_t {
    ready,
    crashed,
    ended,
    degraded,
    recovered,
    drained,
    stopped,
    busy,     ///< a handler began: somebody must look after it in a while
    pressed,  ///< the mailbox is nearly full
    eased,    ///< no longer
    losing,   ///< losses were counted that nobody was told of: ask for them in a while
    returned, ///< an instance that was abandoned has ended after all
  };

  kind what{};
  std::size_t child = 0;
  std::uint64_t incarnation = 0;
  std::string text; ///< crashed: the error. degraded: the reason. ended: why.
};

enum class command_verb : std::uint8_t { ping, reset, replace, add, remove };

/// What an operator or the host asks of a supervisor. Answered once, on its thread.
struct command {
  command_verb what{};
  std::string child;           ///< full id. reset, remove: of the child. add: of the pool.
  std::vector<worker> workers; ///< add
  std::function<void(result<void>)> answer;
  product made_by{}; ///< replace: of the same kind as before
};

/// The supervisor's control lane: reports from any thread, never lost and yet bounded, because a
/// later report of the same kind from the same child takes the place of the earlier one. Data never
/// comes this way, so control never waits behind it.
class report_box {
public:
  /// Commands that wait: their senders are people and programs, which can ask again.
  static constexpr std::size_t commands_max = 64;

  /// Who is to be woken; called on the reporter's thread, once until `take`. Must only leave a
  /// note.
  void set_reader(std::function<void()> call) {
    const auto held = std::scoped_lock{mutex_};
    wake_ = std::move(call);
    wake_pending_ = false;
    if (!reports_.empty() || !commands_.empty() || stop_ != urgency::none)
      wake(); // what came before the reader
  }

  /// Nobody reads any more: an abandoned child may report for ever.
  void close() {
    auto unread = std::vector<command>{};
    {
      const auto held = std::scoped_lock{mutex_};
      closed_ = true;
      wake_ = nullptr;
      reports_.clear();
      places_.clear();
      unread = std::exchange(commands_, {});
    }
    for (const auto& x : unread)
      x.answer(failure(errc::closed, "the pipeline has ended"));
  }

  void put(report what) {
    const auto held = std::scoped_lock{mutex_};
    if (closed_)
      return;
    const auto key = what.child * kinds + static_cast<std::size_t>(what.what);
    if (what.what == report::kind::returned) {
      // Each counts; there are at most `abandoned_max` to come back.
    } else if (const auto [place, is_new] = places_.try_emplace(key, reports_.size()); !is_new) {
      reports_[place->second].child = replaced; // it counts from now
      place->second = reports_.size();
      ++replaced_;
    }
    reports_.push_back(std::move(what));
    if (replaced_ > reports_.size() / 2)
      tidy();
    wake();
  }

  void put(command what) {
    auto why = error{errc::closed, "the pipeline has ended", {}};
    {
      const auto held = std::scoped_lock{mutex_};
      if (!closed_ && commands_.size() < commands_max) {
        commands_.push_back(std::move(what));
        return wake();
      }
      if (!closed_)
        why = {errc::full, "too many commands wait for the supervisor", {}};
    }
    what.answer(tl::unexpected{std::move(why)});
  }

  enum class urgency : std::uint8_t {
    none,
    orderly,
    at_once, ///< who is still there is abandoned
  };

  /// Asks for the stop. Asked again, only greater urgency counts.
  void request_stop(urgency how) {
    const auto held = std::scoped_lock{mutex_};
    stop_ = std::max(stop_, how);
    wake();
  }

  /// Since when something waits that the reader was woken for; nothing: it has come.
  std::optional<time_point> unread_since() const {
    const auto held = std::scoped_lock{mutex_};
    return wake_pending_ ? std::optional{woken_at_} : std::nullopt;
  }

  struct content {
    std::vector<report> reports;
    std::vector<command> commands;
    urgency stop = urgency::none; ///< asked for since the last time
  };
  content take() {
    const auto held = std::scoped_lock{mutex_};
    wake_pending_ = false;
    tidy();
    places_.clear();
    return {std::exchange(reports_, {}), std::exchange(commands_, {}),
      std::exchange(stop_, urgency::none)};
  }

private:
  static constexpr std::size_t kinds = 12;
  static constexpr auto replaced = static_cast<std::size_t>(-1);

  void wake() {
    if (!wake_ || std::exchange(wake_pending_, true))
      return;
    woken_at_ = std::chrono::steady_clock::now();
    wake_();
  }

  /// Drops the reports that were replaced.
  void tidy() {
    if (std::exchange(replaced_, 0) == 0)
      return;
    std::erase_if(reports_, [](const report& x) { return x.child == replaced; });
    for (std::size_t i = 0; i < reports_.size(); ++i)
      places_[reports_[i].child * kinds + static_cast<std::size_t>(reports_[i].what)] = i;
  }

  mutable std::mutex mutex_;
  std::function<void()> wake_;
  time_point woken_at_{};
  std::vector<report> reports_; ///< at most one of a kind for each child, and as many replaced ones
  std::unordered_map<std::size_t, std::size_t> places_; ///< in `reports_`, by child and kind
  std::size_t replaced_ = 0;
  std::vector<command> commands_;
  urgency stop_ = urgency::none;
  bool wake_pending_ = false;
  bool closed_ = false;
};

} // namespace actors
