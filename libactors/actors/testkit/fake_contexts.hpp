#pragma once

#include "actors/protocol/context.hpp"
#include "actors/protocol/log_line.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace actors::testkit {

/// The part of a fake context that is the same for all: a clock that stands still, a diary.
template <class Base>
class fake_base_context : public Base {
public:
  time_point now() const override { return clock; } ///< stands still until the test moves it
  /// Kept in `lines`.
  void log(log_level level, std::string_view id,
    std::vector<std::pair<std::string, std::string>> fields = {}) override {
    lines.push_back({level, std::string{id}, std::move(fields)});
  }
  void progress(const char* activity) override { activities.emplace_back(activity); } ///< kept
  void waiting(const char* for_what) override { activities.emplace_back(for_what); }  ///< kept
  void note(std::string_view text) override { noted = text; }                         ///< kept
  void degraded(std::string_view reason) override { degradation = reason; }           ///< kept
  void recovered() override { degradation.clear(); } ///< forgets the degradation

  time_point clock{
    std::chrono::hours{1}};    ///< what `now` says; not 0, so that going back an hour is possible
  std::vector<log_line> lines; ///< of the log
  std::vector<std::string> activities; ///< of `progress` and `waiting`
  std::string noted;                   ///< the last note
  std::string degradation;             ///< empty: all is well
};

/// What a sink sees.
class fake_sink_context final : public fake_base_context<sink_context> {
public:
  int wake_descriptor() const override { return wake; }
  bool stop_requested() const override { return stop; }
  void lost(const event_batch& records) override { records_lost += records.size(); }
  void release(std::size_t offers) override { released += offers; }
  void end(std::string_view why, fate) override { ended = why; }

  int wake = -1;                ///< the descriptor; -1: poll(2) passes it over
  bool stop = false;            ///< a stop is asked for
  std::size_t records_lost = 0; ///< by `lost`
  std::size_t released = 0;     ///< offers, by `release`
  std::string ended;            ///< empty: it has not
};

/// What a source sees, for sources that can be run on the test's own thread: `emit` keeps what it
/// is given, and asks for the stop after `stop_after` batches.
class fake_source_context final : public fake_base_context<source_context> {
public:
  emit_result emit(event_batch batch) override {
    if (batch.empty())
      return emit_result::taken;
    if (full)
      return emit_result::full;
    out.push_back(std::move(batch));
    stop |= out.size() >= stop_after;
    return emit_result::taken;
  }
  int wake_descriptor() const override { return wake; }
  bool acknowledge() override { return std::exchange(news, false); }
  bool drain_requested() const override { return drain; }
  bool stop_requested() const override { return stop; }
  void ready() override { is_ready = true; }

  std::vector<event_batch> out;      ///< what was emitted
  std::size_t stop_after = SIZE_MAX; ///< batches; then a stop is asked for
  int wake = -1;                     ///< the descriptor; -1: poll(2) passes it over
  bool full = false;                 ///< there is no room downstream
  bool news = false;                 ///< what `acknowledge` finds
  bool drain = false;                ///< a drain is asked for
  bool stop = false;                 ///< a stop is asked for
  bool is_ready = false;             ///< it has said so
};

} // namespace actors::testkit
