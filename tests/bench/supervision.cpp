// bench_supervision [--quick]
//
// What supervision costs: a flood that control must get through, questions, restarts by the
// thousand, health of many children, and many children coming and going. Where plain CAF can do the
// same, it does so in the same run. Every workload checks that all was done before it tells a time.
// Prints one line of JSON a figure and repetition; tools/bench makes medians of them.
//
//   fan-in        100 threads send to one worker; a ping each 10 ms
//   ask           a thread asks a worker, one question after the other
//   ask-100       100 threads do
//   ask-in-vain   100 threads do, of a worker that is busy for longer than they wait
//   storm         so many workers crash at once; until all are ready again
//   schedule      200 workers crash until their five restarts are used up: when each start comes
//   health        10,000 children: the numbers, and all rows in pages
//   health-busy   the same, while 100 of them crash a second and another is sent what it can take
//   spawn         100,000 children start, and all are stopped; three times

#include <map>

#include "field.hpp"
#include "memory.hpp"
#include "questions.hpp"

namespace actors::bench {

namespace {

pool_options with(overflow_policy policy, std::size_t capacity) {
  auto options = pool_options{};
  options.mailbox.on_full = policy;
  options.mailbox.messages_max = capacity;
  options.mailbox.bytes_max = 1u << 30;
  return options;
}

/// Of Jain, Chiu and Hawe: 1 when all senders got through equally often, 1/n when one did.
double fairness(const handled_counts& counts, std::size_t senders) {
  auto sum = 0.0;
  auto squares = 0.0;
  for (std::size_t i = 0; i < senders; ++i) {
    const auto x = static_cast<double>(counts.of[i]);
    sum += x;
    squares += x * x;
  }
  return sum * sum / (static_cast<double>(senders) * squares);
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
    threads.emplace_back([&, i] {
      const auto batch = one("/of/" + std::to_string(i), i); // the key of `conflate`
      for (std::size_t k = 0; k < messages; ++k)
        on.push(0, batch);
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
           + losses[static_cast<std::size_t>(loss::evicted)]
           + losses[static_cast<std::size_t>(loss::conflated)];
  };
  await("sent == handled + lost", [&] { return on.handled.total() + lost() == sent; });
  const auto seconds = seconds_since(start);
  tell(name, "actors", "delivered_per_s", static_cast<double>(on.handled.total()) / seconds);
  tell(name, "actors", "sent_per_s", static_cast<double>(sent) / seconds);
  tell(name, "actors", "lost", static_cast<double>(lost()));
  tell(name, "actors", "fairness", fairness(on.handled, producers));
  tell(name, "actors", "ping_p50_us", 1e6 * quantile(pings, 0.5));
  tell(name, "actors", "ping_p99_us", 1e6 * quantile(pings, 0.99));
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
    on.push(i, crash);
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

/// Crashes at every message, and writes down when, and when its incarnations were made.
struct lives {
  std::vector<clock::time_point> made;
  std::vector<clock::time_point> crashed;
};

class crashing_worker final : public stage {
public:
  explicit crashing_worker(lives& mine) : mine_{mine} { mine_.made.push_back(clock::now()); }

  void on_batch(const event_batch&, context& ctx) override {
    mine_.crashed.push_back(clock::now());
    ctx.fail("at every message");
  }

private:
  lives& mine_;
};

/// Rules as they are by default, 1, 2, 4, 8 and 16 seconds apart, but for `base`.
void schedule(std::size_t count, std::chrono::milliseconds base) {
  auto options = pool_options{};
  options.restart.backoff.base = base;
  auto all = std::map<std::string, lives>{};
  for (std::size_t i = 0; i < count; ++i)
    all[std::to_string(i)];
  auto on = field{options, [&](const std::string& id, const std::string&) {
                    return std::make_unique<crashing_worker>(all.at(id));
                  }};
  on.add(count);
  const auto attempts = options.restart.backoff.attempts_max;
  for (std::size_t i = 0; i < count; ++i)
    for (auto k = 0u; k < attempts; ++k)
      on.push(i, one("/x"));
  await("all have been restarted", [&] {
    const auto now = on.totals();
    return now.restarts == attempts * count && now.in(child_state::ready) == count;
  });
  auto late = std::vector<double>{};
  for (const auto& [_, life] : all)
    for (auto k = 0u; k < attempts; ++k)
      late.push_back(
        std::chrono::duration<double>(life.made.at(k + 1) - life.crashed.at(k) - base * (1u << k))
          .count());
  tell("schedule", "actors", "late_p50_us", 1e6 * quantile(late, 0.5));
  tell("schedule", "actors", "late_p99_us", 1e6 * quantile(late, 0.99));
  tell("schedule", "actors", "late_most_us", 1e6 * quantile(late, 1));
  tell("schedule", "actors", "late_least_us", 1e6 * quantile(late, 0)); // below 0: too early
}

/// A pool that is kept busy: a worker is sent what it can take, and another crashes each 10 ms.
class commotion {
public:
  commotion(field& where, std::size_t workers)
    : flood_{[this, &where] {
        for (const auto what = one("/x"); !over_; ++sent_)
          where.push(0, what);
      }},
      crashes_{[this, &where, workers] {
        for (std::size_t i = 0; !over_; ++i) {
          where.push(1 + i % (workers - 1), one("/crash"));
          std::this_thread::sleep_for(10ms);
        }
      }} {}
  commotion(const commotion&) = delete;
  commotion& operator=(const commotion&) = delete;
  ~commotion() {
    over_ = true;
    flood_.join();
    crashes_.join();
  }

  std::uint64_t sent() const { return sent_; }

private:
  std::atomic<bool> over_{false};
  std::atomic<std::uint64_t> sent_{0};
  std::thread flood_;
  std::thread crashes_;
};

void look_at_health(const std::string& name, const field& on, std::size_t children,
  std::size_t queries, std::chrono::microseconds pause) {
  auto numbers = std::vector<double>{};
  for (std::size_t i = 0; i < queries; ++i) {
    const auto asked = clock::now();
    const auto seen = on.totals().children();
    numbers.push_back(seconds_since(asked));
    if (seen != children)
      throw std::runtime_error{"a child is missing"};
    std::this_thread::sleep_for(pause);
  }
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
  tell(name, "actors", "numbers_p50_us", 1e6 * quantile(numbers, 0.5));
  tell(name, "actors", "numbers_p99_us", 1e6 * quantile(numbers, 0.99));
  tell(name, "actors", "all_rows_p50_ms", 1e3 * quantile(rows, 0.5));
}

void health(std::size_t children, std::size_t queries) {
  auto on = field{};
  on.add(children);
  look_at_health("health", on, children, queries, 0us);
  const auto start = clock::now();
  const auto busy = commotion{on, children};
  look_at_health("health-busy", on, children, queries, 1ms);
  tell("health-busy", "actors", "meanwhile_messages_per_s",
    static_cast<double>(busy.sent()) / seconds_since(start));
}

void spawn(std::size_t children) {
  auto left_by_the_first = 0.0;
  for (auto turn = 0; turn < 3; ++turn) {
    {
      auto on = field{};
      const auto before = resident_mib();
      auto start = clock::now();
      on.add(children);
      tell("spawn", "actors", "start_us_per_child",
        1e6 * seconds_since(start) / static_cast<double>(children));
      tell("spawn", "actors", "bytes_per_child",
        (resident_mib() - before) * 1024 * 1024 / static_cast<double>(children));
      start = clock::now();
      on.workers->request_stop();
      await("the pool is done", [&] { return on.workers->is_done(); });
      tell("spawn", "actors", "stop_us_per_child",
        1e6 * seconds_since(start) / static_cast<double>(children));
    }
    if (turn == 0)
      left_by_the_first = resident_mib();
  }
  tell("spawn", "actors", "memory_kept_mib", resident_mib() - left_by_the_first);
}

void measure(bool quick) {
  const auto producers = quick ? 20u : 100u;
  const auto messages = quick ? 5'000u : 50'000u;
  fan_in("fan-in-hold", overflow_policy::hold, producers, messages / 10);
  fan_in("fan-in-drop_newest", overflow_policy::drop_newest, producers, messages);
  fan_in("fan-in-drop_oldest", overflow_policy::drop_oldest, producers, messages);
  fan_in("fan-in-conflate", overflow_policy::conflate, producers, messages);
  ask(quick ? 5'000 : 50'000);
  ask_in_a_crowd(100, quick ? 100 : 1'000);
  ask_in_vain(100, quick ? 10 : 100);
  const auto thousand = storm(1'000);
  const auto ten_thousand = storm(10'000);
  tell("storm-10000", "actors", "ratio_to_1000", 10 * ten_thousand / thousand);
  schedule(quick ? 50 : 200, quick ? 20ms : 1000ms);
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
