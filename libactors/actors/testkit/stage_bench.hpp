#pragma once

#include "actors/protocol/factory.hpp"
#include "actors/protocol/stage.hpp"
#include "actors/testkit/fake_contexts.hpp"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace actors::testkit {

/// Runs one stage as a cell does, without actors, threads or time: effects of a handler happen when
/// it returns, unreleased input comes again after a crash, after `full` nothing is given until
/// room. An exception of the stage's own goes through to the test.
class stage_bench {
public:
  /// Builds the first incarnation and starts it.
  explicit stage_bench(factory<stage> make) : make_{std::move(make)} { restart(); }

  // -- what the test plays

  /// A batch arrives; it is given at once unless the stage is blocked or dead.
  void give(event_batch batch) {
    input_.push_back(std::move(batch));
    deliver();
  }

  /// Time passes; timers fire when they are due.
  void pass(std::chrono::milliseconds span) {
    const auto end = context_.clock + span;
    for (;;) {
      auto next = std::min_element(timers_.begin(), timers_.end(),
        [](const timer& a, const timer& b) { return a.due < b.due; });
      if (next == timers_.end() || next->due > end)
        break;
      const auto due = *next;
      timers_.erase(next);
      context_.clock = std::max(context_.clock, due.due);
      if (stage_)
        run([&] { stage_->on_timer(due.token, context_); });
    }
    context_.clock = end;
  }

  /// Downstream has no room for more than so many batches from now on.
  void limit_downstream(std::size_t batches) { room_ = batches; }

  /// Downstream has room again, and says so.
  void make_room(std::size_t batches = SIZE_MAX) {
    room_ = batches;
    if (!stage_ || !std::exchange(context_.blocked, false))
      return;
    run([&] { stage_->on_room(context_); });
    deliver();
  }

  /// The next handler throws after it has done its work.
  void crash_next() { crash_next_ = true; }

  /// It crashed, and was not restarted.
  bool is_dead() const { return stage_ == nullptr; }

  /// The next incarnation.
  void restart() {
    context_.blocked = false;
    stage_ = make_(std::exchange(how_, succession::after_end));
    given_ = 0;
    timers_.clear();
    run([&] { stage_->on_start(context_); });
    deliver();
  }

  /// A question; what the stage answers, once its effects are committed.
  result<event_batch> ask(const event_batch& question) {
    auto answer = result<event_batch>{};
    if (stage_)
      run([&] { answer = stage_->on_ask(question, context_); });
    if (is_dead())
      return failure(errc::crashed, "the stage is dead");
    return answer;
  }

  /// No more input will come.
  void drain() {
    if (stage_ && !context_.blocked)
      run([&] { stage_->on_drain(context_); });
  }

  // -- what it sees

  /// What it said of itself; empty: all is well.
  const std::string& degradation() const { return context_.degradation; }
  /// What it logged.
  const std::vector<log_line>& log_lines() const { return context_.lines; }
  std::vector<event_batch> out;         ///< what was committed downstream
  std::size_t fill_messages = SIZE_MAX; ///< capacity, for `input_fill`
  std::size_t unreleased() const {
    return input_.size();
  }                                                     ///< batches that a crash would bring back
  std::size_t timers() const { return timers_.size(); } ///< set, and not due yet
  std::size_t timers_most() const { return timers_most_; } ///< at one time
  bool is_blocked() const { return context_.blocked; }     ///< downstream said full
  std::size_t offers() const { return context_.offers; }   ///< calls of emit with something in it
  time_point now() const { return context_.clock; }        ///< moved by `pass` alone

private:
  struct timer {
    time_point due;
    timer_token token;
  };

  class stage_context final : public fake_base_context<context> {
  public:
    explicit stage_context(stage_bench& host) : host_{host} {}

    emit_result emit(event_batch batch) override {
      if (batch.empty())
        return emit_result::taken;
      ++offers;
      if (blocked || emits.size() >= host_.room_) {
        blocked = true;
        return emit_result::full;
      }
      emits.push_back(std::move(batch));
      return emit_result::taken;
    }
    void release() override { release_asked = true; }
    timer_token after(std::chrono::milliseconds delay) override {
      set.push_back({clock + delay, ++host_.last_timer_});
      return host_.last_timer_;
    }
    double input_fill() const override {
      return static_cast<double>(host_.input_.size()) / static_cast<double>(host_.fill_messages);
    }

    std::vector<event_batch> emits;
    std::vector<timer> set;
    bool release_asked = false;
    bool blocked = false;
    std::size_t offers = 0;

  private:
    stage_bench& host_;
  };

  void deliver() {
    while (stage_ && !context_.blocked && given_ < input_.size()) {
      const auto batch = input_[given_++];
      run([&] {
        stage_->on_batch(batch, context_);
        if (stage_->releases() == release_mode::on_return)
          context_.release();
      });
    }
  }

  template <class Handler>
  void run(Handler handler) {
    handler();
    if (std::exchange(crash_next_, false)) {
      stage_.reset();
      timers_.clear(); // the next incarnation ignores them
    } else {
      commit();
    }
    context_.emits.clear();
    context_.set.clear();
    context_.release_asked = false;
  }

  void commit() {
    for (auto& batch : context_.emits) {
      out.push_back(std::move(batch));
      if (room_ != SIZE_MAX)
        --room_;
    }
    if (context_.release_asked) {
      input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(given_));
      given_ = 0;
    }
    timers_.insert(timers_.end(), context_.set.begin(), context_.set.end());
    timers_most_ = std::max(timers_most_, timers_.size());
  }

  factory<stage> make_;
  std::deque<event_batch> input_; ///< unreleased; the first `given_` were given
  std::size_t given_ = 0;
  std::size_t room_ = SIZE_MAX;
  bool crash_next_ = false;
  succession how_ = succession::first;
  std::vector<timer> timers_;
  std::size_t timers_most_ = 0;
  timer_token last_timer_ = 0;
  std::unique_ptr<stage> stage_;
  stage_context context_{*this};
};

} // namespace actors::testkit
