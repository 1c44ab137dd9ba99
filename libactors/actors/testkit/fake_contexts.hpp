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
  time_point now() const override { return clock; }
  void log(log_level level, std::string_view id,
    std::vector<std::pair<std::string, std::string>> fields = {}) override {
    lines.push_back({level, std::string{id}, std::move(fields)});
  }
  void progress(const char* activity) override { activities.emplace_back(activity); }
  void waiting(const char* for_what) override { activities.emplace_back(for_what); }
  void note(std::string_view text) override { noted = text; }
  void degraded(std::string_view reason) override { degradation = reason; }
  void recovered() override { degradation.clear(); }

  time_point clock{std::chrono::hours{1}};
  std::vector<log_line> lines;
  std::vector<std::string> activities;
  std::string noted;
  std::string degradation; ///< empty: all is well
};

/// What a sink sees.
class fake_sink_context final : public fake_base_context<sink_context> {
public:
  int wake_descriptor() const override { return wake; }
  bool stop_requested() const override { return stop; }
  void lost(const event_batch& records) override { records_lost += records.size(); }
  void release(std::size_t offers) override { released += offers; }
  void end(std::string_view why, fate) override { ended = why; }

  int wake = -1;
  bool stop = false;
  std::size_t records_lost = 0;
  std::size_t released = 0; ///< offers
  std::string ended;        ///< empty: it has not
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

  std::vector<event_batch> out;
  std::size_t stop_after = SIZE_MAX;
  int wake = -1;
  bool full = false;
  bool news = false;
  bool drain = false;
  bool stop = false;
  bool is_ready = false;
};

} // namespace actors::testkit
