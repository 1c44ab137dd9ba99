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

/// Sends the load once, as fast as there is room, then waits for the end.
class sending_source final : public source {
public:
  sending_source(const load& what, stopwatch& clock) : load_{what}, clock_{clock} {}

  void run(source_context& ctx) override {
    ctx.ready();
    clock_.start();
    for (std::size_t i = 0; i < load_.messages && !ctx.stop_requested();)
      if (ctx.emit(load_.message(i)) == emit_result::taken)
        ++i;
      else
        await_news(ctx);
    while (!ctx.drain_requested() && !ctx.stop_requested())
      await_news(ctx);
  }

private:
  static void await_news(source_context& ctx) {
    wait_readable({ctx.wake_descriptor()}, std::nullopt);
    ctx.acknowledge();
  }

  const load& load_;
  stopwatch& clock_;
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
  auto clock = stopwatch{};
  clock.start();
  for (std::size_t i = 0; i < what.messages;)
    if (mailbox.push(what.message(i), room) == emit_result::taken)
      ++i;
    else
      room->await();
  seen.await_all(patience);
  return clock.stop();
}

cost through_our_pipeline(engine& where, const load& what) {
  auto seen = tally{what};
  auto clock = stopwatch{};
  auto spec = pipeline_spec{"pipeline", {}, {}};
  const auto pass = stage_factory{[] { return std::make_unique<passing_stage>(); }};
  spec.children.push_back(
    child("sink", sink_factory{[&] { return std::make_unique<counting_sink>(seen); }}));
  spec.children.push_back(child("second", pass, 0));
  spec.children.push_back(child("first", pass, 1));
  spec.children.push_back(child(
    "source", source_factory{[&] { return std::make_unique<sending_source>(what, clock); }}, 2));
  auto running = started{where, std::move(spec)};
  seen.await_all(patience);
  return clock.stop();
}

// -- all of them ----------------------------------------------------------------------------------

void print(const std::string& workload, std::string_view who, const load& what, const cost& spent) {
  const auto tell = [&](const char* metric, double value) {
    std::printf(R"({"workload":"%s","who":"%s","metric":"%s","value":%.6g})"
                "\n",
      workload.c_str(), std::string{who}.c_str(), metric, value);
  };
  const auto messages = static_cast<double>(what.messages);
  tell("messages_per_s", messages / spent.seconds);
  if (what.batch != 1)
    tell("events_per_s", messages * static_cast<double>(what.batch) / spent.seconds);
  tell("cpu_us_per_message", 1e6 * spent.cpu_seconds / messages);
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
  // Long enough for a median to mean something, short enough for the unbounded ones' memory.
  const auto loads = std::array{load{1, quick ? 500'000u : 1'000'000u},
    load{64, quick ? 50'000u : 200'000u}, load{256, quick ? 20'000u : 80'000u}};
  const auto repetitions = quick ? 2u : 7u;
  for (const auto& what : loads)
    for (const auto one_by_one : {true, false})
      for (auto repetition = 0u; repetition <= repetitions; ++repetition)
        for (auto i = std::size_t{0}; i < contestants.size(); ++i) {
          // The order turns, so that nobody always follows the one that leaves memory behind.
          const auto& next = contestants[(i + repetition) % contestants.size()];
          const auto spent = one_by_one ? next.mailbox(what) : next.pipeline(what);
          if (repetition == 0)
            continue; // warms up
          print((one_by_one ? "mailbox-" : "pipeline-") + std::to_string(what.batch), next.who,
            what, spent);
        }
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
