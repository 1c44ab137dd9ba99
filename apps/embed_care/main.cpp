// A host that looks after its pipeline: log lines in its own log, parts that fall and rise
// together, a part exchanged while the rest runs, and what health and events say of all that.
#include <poll.h>

#include <atomic>
#include <functional>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <actors/actors.hpp>
#include <actors/core/batch_builder.hpp>

using namespace std::chrono_literals;

actors::event_batch about(std::string_view path) {
  auto one = actors::batch_builder{};
  one.add({.path = path});
  return one.finish();
}

/// Has nothing to tell: here the host pushes.
class silence final : public actors::source {
  void run(actors::source_context& ctx) override {
    ctx.ready();
    while (!ctx.stop_requested() && !ctx.drain_requested()) {
      auto wake = pollfd{ctx.wake_descriptor(), POLLIN, 0};
      ::poll(&wake, 1, -1);
      ctx.acknowledge();
    }
  }
};

/// Passes on what is not below a .git directory, in manual mode: a batch leaves the mailbox when
/// what became of it is downstream.
class without_git final : public actors::stage {
public:
  actors::release_mode releases() const override { return actors::release_mode::manual; }

  void on_batch(const actors::event_batch& batch, actors::context& ctx) override {
    auto kept = actors::batch_builder{};
    for (const auto& event : batch)
      if (event.path == "/unlucky")
        throw std::runtime_error{"cannot bear " + std::string{event.path}};
      else if (event.path.find("/.git/") == std::string_view::npos)
        kept.add(event);
    held_ = kept.finish();
    on_room(ctx);
  }

  void on_room(actors::context& ctx) override { // also the way out of on_batch
    if (ctx.emit(held_) == actors::emit_result::taken)
      ctx.release(); // the input may leave the mailbox
  }

private:
  actors::event_batch held_; // no other batch comes while downstream is full
};

/// What the host shows instead.
class loud final : public actors::sink {
public:
  explicit loud(std::atomic<bool>& shown) : shown_{shown} {}
  void offer(const actors::event_batch& batch, actors::sink_context&) override {
    std::cout << "UI! " << batch[0].path << std::endl;
    shown_ = true;
  }

private:
  std::atomic<bool>& shown_; // outlives the node
};

auto keep_trying(const std::function<bool()>& holds) {
  for (auto tries = 0; tries < 2'000 && !holds(); ++tries)
    std::this_thread::sleep_for(5ms);
  return holds();
}

int main() {
  auto seen_by_ui = std::atomic<bool>{false};
  auto options = actors::node_options{};
  options.name = "my-editor";
  options.log = [](const actors::log_line& line) { // called from any thread; must not throw
    if (line.level < actors::log_level::warning)
      return;
    auto text = line.event;
    for (const auto& [key, value] : line.fields)
      if (key == "child" || key == "text")
        text += " " + key + "=" + value;
    std::cout << "log: " + text + "\n";
  };
  auto node = actors::node{options};

  auto rules = actors::supervise_options{};
  rules.restart.backoff.base = 10ms; // default: 1 s, then 2, 4, 8, 16; five attempts
  rules.hang_after = 5min;           // the function of emit may take that long
  auto together = actors::supervision_rules{};
  together.strategy = actors::restart_strategy::one_for_all;
  auto pipeline =
    node.pipeline("sources")
      .source("nothing", [] { return std::make_unique<silence>(); })
      .stage("without-git", [] { return std::make_unique<without_git>(); })
      .stage("again", [] { return std::make_unique<without_git>(); })
      .emit("to-ui", [](const actors::event_batch& x) { std::cout << "ui: " << x[0].path << '\n'; })
      .emit("to-graph", [](const actors::event_batch&) {})
      .mailboxes({.on_crash = actors::redelivery::never}) // default: once more
      .mailbox("to-graph", {.messages_max = 64, .on_full = actors::overflow_policy::drop_oldest})
      .group("filters", {"without-git", "again"}, together)
      .supervise(rules)
      .start();
  if (!pipeline) {
    std::cerr << pipeline.error().text << '\n'; // all mistakes at once
    return 78;
  }

  (void)pipeline->push("filters/without-git", about("/unlucky")); // it crashes; so both start again
  const auto restarted = keep_trying(
    [&] { return node.health({.rows_max = 0}).totals.restarts >= 2 && pipeline->is_ready(); });
  for (const auto& child : node.health().children)
    if (child.restarts_total != 0)
      std::cout << child.id << ' ' << actors::name_of(child.state) << ", restarts "
                << child.restarts_total << '\n';

  for (auto seen = std::uint64_t{0};;) {
    const auto page = node.events(seen, 100, 0ms); // waits for news, up to that long
    if (page.entries.empty())
      break;
    for (const auto& [id, what] : page.entries) {
      if (what.event == "child_crashed")
        std::cout << "event: " << what.child << ": " << what.text << '\n';
      seen = id; // from here on, next time
    }
  }

  // Another UI, while the rest runs; what is in its mailbox it is given.
  const auto replaced = pipeline->replace(
    "to-ui", actors::factory<actors::sink>{[&] { return std::make_unique<loud>(seen_by_ui); }});
  (void)pipeline->push("filters/without-git", about("/srv/a"));
  const auto delivered = keep_trying([&] { return seen_by_ui.load(); });

  const auto is_live = node.ping(1s); // every supervisor answers
  const auto report = node.stop(5s);
  return restarted && replaced && delivered && is_live && report.clean ? 0 : 1;
}
