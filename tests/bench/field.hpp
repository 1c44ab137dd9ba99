#pragma once

#include "actors/actors.hpp"
#include "actors/core/batch_builder.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace actors::bench {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto patience = 120s;

inline double seconds_since(clock::time_point then) {
  return std::chrono::duration<double>(clock::now() - then).count();
}

inline void tell(
  const std::string& workload, std::string_view who, const char* metric, double value) {
  std::printf(R"({"workload":"%s","who":"%s","metric":"%s","value":%.6g})"
              "\n",
    workload.c_str(), std::string{who}.c_str(), metric, value);
  std::fflush(stdout);
}

/// Waits for a condition that others bring about.
template <class Condition>
void await(const char* what, Condition holds) {
  for (const auto due = clock::now() + patience; !holds();) {
    if (clock::now() > due)
      throw std::runtime_error{std::string{"in vain: "} + what};
    std::this_thread::sleep_for(200us);
  }
}

inline void check(const result<void>& done) {
  if (!done)
    throw std::runtime_error{done.error().text};
}

inline double quantile(std::vector<double> values, double which) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(which * static_cast<double>(values.size() - 1))];
}

/// Seconds, of each call.
inline std::vector<double> time_each(std::size_t count, const std::function<void()>& call) {
  auto times = std::vector<double>{};
  for (std::size_t i = 0; i < count; ++i) {
    const auto asked = clock::now();
    call();
    times.push_back(seconds_since(asked));
  }
  return times;
}

/// One event. `sender` says who sends it, where that is counted.
inline event_batch one(const std::string& path, std::uint64_t sender = 0) {
  auto builder = batch_builder{};
  builder.add({.type = event_type::modify, .ftype = file_type::file, .path = path, .size = sender});
  return builder.finish();
}

/// What workers have handled, by sender.
struct handled_counts {
  std::array<std::atomic<std::uint64_t>, 100> of{};

  std::uint64_t total() const {
    auto sum = std::uint64_t{0};
    for (const auto& x : of)
      sum += x;
    return sum;
  }
};

/// Counts what it gets, answers with what it is asked, crashes on "/crash".
class any_worker final : public stage {
public:
  explicit any_worker(handled_counts& handled) : handled_{handled} {}

  void on_batch(const event_batch& batch, context& ctx) override {
    if (batch[0].path == "/crash")
      ctx.fail("told to");
    handled_.of.at(batch[0].size).fetch_add(1, std::memory_order_relaxed);
  }
  result<event_batch> on_ask(const event_batch& question, context&) override { return question; }

private:
  handled_counts& handled_;
};

/// A node with a pool of workers in it, by default of `any_worker`.
struct field {
  explicit field(pool_options options = {}, worker_maker make = {})
    : workers{host.pool("p",
      make ? std::move(make) : worker_maker{[this](const std::string&, const std::string&) {
        return std::make_unique<any_worker>(handled);
      }},
      std::move(options))} {
    if (!workers)
      throw std::runtime_error{workers.error().text};
  }

  void add(std::size_t count) {
    auto all = std::vector<worker>{};
    for (std::size_t i = 0; i < count; ++i)
      all.push_back({std::to_string(i)});
    check(workers->add(std::move(all), patience));
    await("all are ready", [&] { return totals().in(child_state::ready) == count; });
  }

  void push(std::size_t worker, const event_batch& what) {
    check(workers->push(std::to_string(worker), what, patience));
  }

  health_totals totals() const { return host.health({.rows_max = 0}).totals; }

  handled_counts handled;
  node host{{.name = "bench", .log = [](const log_line&) {}}};
  result<pool> workers;
};

} // namespace actors::bench
