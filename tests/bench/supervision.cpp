// bench_supervision [--quick]
//
// What supervision costs: a flood that control must get through, questions, restarts by the
// thousand, health of many children, and many children coming and going. Where plain CAF can do the
// same, it does so in the same run. Every workload checks that all was done before it tells a time.
// Prints one line of JSON a figure and repetition; tools/bench makes medians of them.
//
//   fan-in      100 threads send to one worker; a ping each 10 ms
//   ask         a thread asks a worker, one question after the other
//   storm       so many workers crash at once; until all are ready again
//   health      10,000 children: the numbers, and all rows in pages
//   spawn       100,000 children start, and all are stopped

#include "actors/actors.hpp"
#include "actors/core/batch_builder.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "plain_questions.hpp"

namespace actors::bench {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto patience = 120s;

double seconds_since(clock::time_point then) {
  return std::chrono::duration<double>(clock::now() - then).count();
}

void tell(const std::string& workload, std::string_view who, const char* metric, double value) {
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

double quantile(std::vector<double> values, double which) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(which * static_cast<double>(values.size() - 1))];
}

std::size_t resident_bytes() {
  auto file = std::ifstream{"/proc/self/statm"};
  auto size = std::size_t{0};
  auto resident = std::size_t{0};
  file >> size >> resident;
  return resident * 4096;
}

event_batch one(const char* path) {
  auto builder = batch_builder{};
  builder.add({.type = event_type::modify, .ftype = file_type::file, .path = path, .size = 1});
  return builder.finish();
}

/// Counts what it gets, answers with what it is asked, crashes on "/crash".
class any_worker final : public stage {
public:
  explicit any_worker(std::atomic<std::uint64_t>& handled) : handled_{handled} {}

  void on_batch(const event_batch& batch, context& ctx) override {
    if (batch[0].path == "/crash")
      ctx.fail("told to");
    handled_.fetch_add(1, std::memory_order_relaxed);
  }
  result<event_batch> on_ask(const event_batch& question, context&) override { return question; }

private:
  std::atomic<std::uint64_t>& handled_;
};

struct field {
  std::atomic<std::uint64_t> handled{0};
  node host{{.name = "bench", .log = [](const log_line&) {}}};
  result<pool> workers;

  explicit field(pool_options options = {})
    : workers{host.pool(
      "p",
      [this](
        const std::string&, const std::string&) { return std::make_unique<any_worker>(handled); },
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

  health_totals totals() const { return host.health({.rows_max = 0}).totals; }

  static void check(const result<void>& done) {
    if (!done)
      throw std::runtime_error{done.error().text};
  }
};

pool_options with(overflow_policy policy, std::size_t capacity) {
  auto options = pool_options{};
  options.mailbox.on_full = policy;
  options.mailbox.messages_max = capacity;
  options.mailbox.bytes_max = 1u << 30;
  return options;
}

// -- the workloads --------------------------------------------------------------------------------

void fan_in(
  const std::string& name, overflow_policy policy, std::size_t producers, std::size_t messages) {
  auto on = field{with(policy, 4096)};
  on.add(1);
  auto threads = std::vector<std::thread>{};
  auto finished = std::atomic<std::size_t>{0};
  const auto start = clock::now();
  for (std::size_t i = 0; i < producers; ++i)
    threads.emplace_back([&] {
      const auto batch = one("/x");
      for (std::size_t k = 0; k < messages; ++k)
        field::check(on.workers->push("0", batch, patience));
      ++finished;
    });
  auto pings = std::vector<double>{};
  while (finished < producers) {
    const auto asked = clock::now();
    if (!on.host.ping(10s))
      throw std::runtime_error{"no answer to a ping"};
    pings.push_back(seconds_since(asked));
    std::this_thread::sleep_until(asked + 10ms);
  }
  for (auto& x : threads)
    x.join();
  const auto sent = producers * messages;
  const auto lost = [&] {
    const auto losses = on.totals().losses.messages;
    return losses[static_cast<std::size_t>(loss::full)]
           + losses[static_cast<std::size_t>(loss::evicted)];
  };
  await("sent == handled + lost", [&] { return on.handled + lost() == sent; });
  const auto seconds = seconds_since(start);
  tell(name, "actors", "delivered_per_s", static_cast<double>(on.handled) / seconds);
  tell(name, "actors", "sent_per_s", static_cast<double>(sent) / seconds);
  tell(name, "actors", "lost", static_cast<double>(lost()));
  tell(name, "actors", "ping_p50_us", 1e6 * quantile(pings, 0.5));
  tell(name, "actors", "ping_p99_us", 1e6 * quantile(pings, 0.99));
}

void tell_times(std::string_view who, std::vector<double> times) {
  tell("ask", who, "p50_us", 1e6 * quantile(times, 0.5));
  tell("ask", who, "p99_us", 1e6 * quantile(times, 0.99));
}

std::vector<double> time_each(std::size_t count, const std::function<void()>& call) {
  auto times = std::vector<double>{};
  for (std::size_t i = 0; i < count; ++i) {
    const auto asked = clock::now();
    call();
    times.push_back(seconds_since(asked));
  }
  return times;
}

void ask(std::size_t questions) {
  auto on = field{};
  on.add(1);
  const auto question = one("/x");
  tell_times("actors", time_each(questions, [&] {
    if (!on.workers->ask("0", question, 1s))
      throw std::runtime_error{"no answer"};
  }));
  auto plain = plain_questions{};
  tell_times("raw-caf", time_each(questions, [&] { plain.ask(question); }));
}

/// Microseconds a restart.
double storm(std::size_t count) {
  auto options = pool_options{};
  options.restart.backoff = {
    .base = 0ms, .cap = 1ms, .attempts_max = 1'000'000, .stable_after = 1s};
  auto on = field{options};
  on.add(count);
  const auto crash = one("/crash");
  const auto name = "storm-" + std::to_string(count);
  const auto start = clock::now();
  for (std::size_t i = 0; i < count; ++i)
    field::check(on.workers->push(std::to_string(i), crash, patience));
  auto queries = std::vector<double>{};
  await("all are ready again", [&] {
    const auto asked = clock::now();
    const auto now = on.totals();
    queries.push_back(seconds_since(asked));
    return now.restarts == count && now.in(child_state::ready) == count;
  });
  const auto seconds = seconds_since(start);
  tell(name, "actors", "ms", 1e3 * seconds);
  tell(name, "actors", "health_p99_us", 1e6 * quantile(queries, 0.99));
  return 1e6 * seconds / static_cast<double>(count);
}

void health(std::size_t children, std::size_t queries) {
  auto on = field{};
  on.add(children);
  const auto numbers = time_each(queries, [&] {
    if (on.totals().children() != children)
      throw std::runtime_error{"a child is missing"};
  });
  const auto rows = time_each(20, [&] {
    auto seen = std::size_t{0};
    for (auto page = on.host.health();; page = on.host.health({.after = page.children.back().id})) {
      seen += page.children.size();
      if (!page.has_more)
        break;
    }
    if (seen != children + 1) // and the pool
      throw std::runtime_error{"a row is missing"};
  });
  tell("health", "actors", "numbers_p50_us", 1e6 * quantile(numbers, 0.5));
  tell("health", "actors", "numbers_p99_us", 1e6 * quantile(numbers, 0.99));
  tell("health", "actors", "all_rows_p50_ms", 1e3 * quantile(rows, 0.5));
}

void spawn(std::size_t children) {
  auto on = field{};
  const auto before = resident_bytes();
  auto start = clock::now();
  on.add(children);
  tell("spawn", "actors", "start_us_per_child",
    1e6 * seconds_since(start) / static_cast<double>(children));
  tell("spawn", "actors", "bytes_per_child",
    static_cast<double>(resident_bytes() - before) / static_cast<double>(children));
  start = clock::now();
  on.workers->request_stop();
  await("the pool is done", [&] { return on.workers->is_done(); });
  tell("spawn", "actors", "stop_us_per_child",
    1e6 * seconds_since(start) / static_cast<double>(children));
}

void measure(bool quick) {
  const auto producers = quick ? 20u : 100u;
  const auto messages = quick ? 5'000u : 50'000u;
  fan_in("fan-in-hold", overflow_policy::hold, producers, messages / 10);
  fan_in("fan-in-drop_newest", overflow_policy::drop_newest, producers, messages);
  fan_in("fan-in-drop_oldest", overflow_policy::drop_oldest, producers, messages);
  ask(quick ? 5'000 : 50'000);
  const auto thousand = storm(1'000);
  const auto ten_thousand = storm(10'000);
  tell("storm-10000", "actors", "ratio_to_1000", 10 * ten_thousand / thousand);
  health(10'000, 1'000);
  spawn(quick ? 20'000 : 100'000);
}

} // namespace

} // namespace actors::bench

int main(int argc, char** argv) {
  try {
    const auto quick = argc > 1 && std::string_view{argv[1]} == "--quick";
    for (auto repetition = quick ? 1 : 5; repetition > 0; --repetition)
      actors::bench::measure(quick);
  } catch (const std::exception& x) {
    std::fprintf(stderr, "bench_supervision: %s\n", x.what());
    return 1;
  }
}
