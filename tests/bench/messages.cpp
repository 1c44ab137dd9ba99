// bench_messages [--quick]
//
// How many messages a second pass our bounded mailboxes, beside plain CAF: without any bound, and
// with a hand-written credit window of the same capacity. Every contestant carries the same
// batches; the receiver folds what it sees into a checksum that depends on order, so nothing lost,
// doubled or swapped is ever timed. Prints one line of JSON a repetition; tools/bench makes medians
// of them.
//
//   mailbox   one thread sends to one actor
//   pipeline  source -> stage -> stage -> sink
//   ... paced  200,000 messages a second: how old each is when it arrives, from when it was due
//   ... slow   the sink is busy with each for 10 us: nothing may be faster, and nothing may pile up
//
// The number behind a workload's name is the events of a batch.

#include "actors/core/batch_builder.hpp"
#include "actors/os/poll.hpp"
#include "actors/runtime/engine.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "plain_caf.hpp"
#include "tally.hpp"
#include <time.h>

namespace actors::bench {

namespace {

using namespace std::chrono_literals;

/// Bounds every repetition: a hundred times what the slowest takes on a small machine.
constexpr auto patience = 120s;

/// The capacity of the bounded contestants, in messages; the default of `mailbox_limits`. The bound
/// on bytes is lifted, so that all hold the same number of large batches.
constexpr auto capacity = std::size_t{1024};
constexpr auto limits = mailbox_limits{.messages_max = capacity, .bytes_max = 1u << 30};

// -- ours -----------------------------------------------------------------------------------------

class counting_stage final : public stage {
public:
  explicit counting_stage(tally& seen) : seen_{seen} {}
  void on_batch(const event_batch& batch, context&) override { seen_.add(batch); }

private:
  tally& seen_;
};

/// Hands on what it gets; keeps what there is no room for.
class passing_stage final : public stage {
public:
  void on_batch(const event_batch& batch, context& ctx) override {
    if (ctx.emit(batch) == emit_result::full)
      kept_.push_back(batch);
  }
  void on_room(context& ctx) override {
    auto sent = std::size_t{0};
    while (sent < kept_.size() && ctx.emit(kept_[sent]) == emit_result::taken)
      ++sent;
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(sent));
  }
  void on_drain(context& ctx) override { on_room(ctx); }

private:
  std::vector<event_batch> kept_; ///< one at most: after `full` no batch comes until `on_room`
};

class counting_sink final : public sink {
public:
  explicit counting_sink(tally& seen) : seen_{seen} {}
  void offer(const event_batch& batch, sink_context&) override { seen_.add(batch); }

private:
  tally& seen_;
};

/// Sends the load once, as fast as it is due and there is room, then waits for the end.
class sending_source final : public source {
public:
  sending_source(const load& what, tally& seen) : load_{what}, seen_{seen} {}

  void run(source_context& ctx) override {
    ctx.ready();
    seen_.start();
    for (std::size_t i = 0; i < load_.messages; ++i) {
      seen_.await_due(i);
      while (ctx.emit(load_.message(i)) != emit_result::taken) {
        if (ctx.stop_requested())
          return;
        await_news(ctx);
      }
    }
    while (!ctx.drain_requested() && !ctx.stop_requested())
      await_news(ctx);
  }

private:
  static void await_news(source_context& ctx) {
    wait_readable({ctx.wake_descriptor()}, std::nullopt);
    ctx.acknowledge();
  }

  const load& load_;
  tally& seen_;
};

child_spec child(std::string id, decltype(child_spec::make) make,
  std::optional<std::size_t> downstream = std::nullopt) {
  auto spec = child_spec{};
  spec.rules.id = std::move(id);
  spec.make = std::move(make);
  spec.mailbox = limits;
  if (downstream)
    spec.downstream = {*downstream};
  return spec;
}

/// A pipeline that is stopped, and known to have stopped well, when this ends.
class started {
public:
  started(engine& where, pipeline_spec spec)
    : pipeline_{where.start(
      std::move(spec), outlets{standard_error_log(log_level::warning, log_format::text)})} {}
  started(const started&) = delete;
  started& operator=(const started&) = delete;
  ~started() {
    pipeline_->request_stop();
    if (!pipeline_->wait_until_done(std::chrono::steady_clock::now() + patience)) {
      std::fputs("bench_messages: a pipeline does not stop\n", stderr);
      std::_Exit(1);
    }
  }

  bounded_mailbox& mailbox(std::size_t index) { return pipeline_->declared()[index]->mailbox; }

  void await_ready() const {
    for (const auto end = std::chrono::steady_clock::now() + 10s;
         !pipeline_->is_ready(std::chrono::steady_clock::now());) {
      if (std::chrono::steady_clock::now() > end)
        throw std::runtime_error{"a pipeline does not get ready"};
      std::this_thread::sleep_for(1ms);
    }
  }

private:
  std::shared_ptr<running_pipeline> pipeline_;
};

/// Lets a thread that is no source wait for room.
class room_signal final : public room_listener {
public:
  void on_room() override { room_.give(1); }
  void await() { static_cast<void>(room_.take_all(patience)); }

private:
  permits room_{0};
};

cost through_our_mailbox(engine& where, const load& what) {
  auto seen = tally{what};
  const auto room = std::make_shared<room_signal>();
  auto spec = pipeline_spec{"mailbox", {}, {}};
  spec.children.push_back(
    child("stage", stage_factory{[&] { return std::make_unique<counting_stage>(seen); }}));
  auto running = started{where, std::move(spec)};
  running.await_ready();
  auto& mailbox = running.mailbox(0);
  seen.start();
  for (std::size_t i = 0; i < what.messages; ++i) {
    seen.await_due(i);
    while (mailbox.push(what.message(i), room) != emit_result::taken)
      room->await();
  }
  return seen.await_all(patience);
}

cost through_our_pipeline(engine& where, const load& what) {
  auto seen = tally{what};
  auto spec = pipeline_spec{"pipeline", {}, {}};
  const auto pass = stage_factory{[] { return std::make_unique<passing_stage>(); }};
  spec.children.push_back(
    child("sink", sink_factory{[&] { return std::make_unique<counting_sink>(seen); }}));
  spec.children.push_back(child("second", pass, 0));
  spec.children.push_back(child("first", pass, 1));
  spec.children.push_back(child(
    "source", source_factory{[&] { return std::make_unique<sending_source>(what, seen); }}, 2));
  auto running = started{where, std::move(spec)};
  return seen.await_all(patience);
}

// -- all of them ----------------------------------------------------------------------------------

double quantile(const std::vector<double>& sorted, double which) {
  return sorted[static_cast<std::size_t>(which * static_cast<double>(sorted.size() - 1))];
}

void print(const std::string& workload, std::string_view who, const load& what, const cost& spent) {
  const auto tell = [&](const char* metric, double value) {
    std::printf(R"({"workload":"%s","who":"%s","metric":"%s","value":%.6g})"
                "\n",
      workload.c_str(), std::string{who}.c_str(), metric, value);
  };
  const auto messages = static_cast<double>(what.messages);
  const auto per_second = messages / spent.seconds;
  tell("messages_per_s", per_second);
  if (what.batch != 1)
    tell("events_per_s", per_second * static_cast<double>(what.batch));
  if (what.labor != what.labor.zero())
    tell("share_of_sink_rate", per_second * std::chrono::duration<double>(what.labor).count());
  if (what.apart == what.apart.zero() && what.labor == what.labor.zero())
    tell("cpu_us_per_message", 1e6 * spent.cpu_seconds / messages); // else somebody idles busily
  tell("age_p50_us", 1e6 * quantile(spent.ages, 0.5));
  tell("age_p99_us", 1e6 * quantile(spent.ages, 0.99));
  tell("age_p999_us", 1e6 * quantile(spent.ages, 0.999));
  tell("memory_growth_mib", spent.memory_growth_mib);
  std::fflush(stdout);
}

struct contestant {
  std::string_view who;
  std::function<cost(const load&)> mailbox;
  std::function<cost(const load&)> pipeline;
};

int compare(bool quick) {
  auto ours = engine{};
  auto plain = plain_caf{capacity, patience};
  const auto contestants = std::array{
    contestant{"actors", [&](const load& x) { return through_our_mailbox(ours, x); },
      [&](const load& x) { return through_our_pipeline(ours, x); }},
    contestant{"raw-caf", [&](const load& x) { return plain.mailbox(x, plain_caf::unbounded); },
      [&](const load& x) { return plain.pipeline(x, plain_caf::unbounded); }},
    contestant{"raw-caf-credit", [&](const load& x) { return plain.mailbox(x, plain_caf::credit); },
      [&](const load& x) { return plain.pipeline(x, plain_caf::credit); }},
  };
  const auto repetitions = quick ? 2u : 7u;
  const auto measure = [&](const std::string& workload, auto way, const load& what) {
    for (auto repetition = 0u; repetition <= repetitions; ++repetition)
      for (auto i = std::size_t{0}; i < contestants.size(); ++i) {
        // The order turns, so that nobody always follows the one that leaves memory behind.
        const auto& next = contestants[(i + repetition) % contestants.size()];
        const auto spent = (next.*way)(what);
        if (repetition != 0) // which warms up
          print(workload, next.who, what, spent);
      }
  };
  // Long enough for a median to mean something, short enough for the unbounded ones' memory.
  for (const auto& what : {load{1, quick ? 500'000u : 1'000'000u},
         load{64, quick ? 50'000u : 200'000u}, load{256, quick ? 20'000u : 80'000u}}) {
    measure("mailbox-" + std::to_string(what.batch), &contestant::mailbox, what);
    measure("pipeline-" + std::to_string(what.batch), &contestant::pipeline, what);
  }
  auto paced = load{1, quick ? 100'000u : 400'000u};
  paced.apart = 5us;
  measure("pipeline-1-paced", &contestant::pipeline, paced);
  auto slow = load{1, quick ? 50'000u : 200'000u};
  slow.labor = 10us;
  measure("pipeline-1-slow", &contestant::pipeline, slow);
  return 0;
}

} // namespace

} // namespace actors::bench

int main(int argc, char** argv) {
  try {
    return actors::bench::compare(argc > 1 && std::string_view{argv[1]} == "--quick");
  } catch (const std::exception& x) {
    std::fprintf(stderr, "bench_messages: %s\n", x.what());
    return 1;
  }
}
