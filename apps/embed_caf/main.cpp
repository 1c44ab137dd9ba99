// A host with an actor system of its own: pipelines run in it, its actors are sent batches, and
// they ask stages as they ask each other.
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>

#include <poll.h>

#include <array>
#include <iostream>
#include <memory>
#include <stdexcept>

#include <actors/caf.hpp>
#include <actors/core/batch_builder.hpp>

using namespace std::chrono_literals;

/// A batch of one record, to tell or to ask.
actors::event_batch about(std::string_view path, std::uint64_t number = 0) {
  auto one = actors::batch_builder{};
  one.add({.path = path, .size = number});
  return one.finish();
}

/// Says three times that something happened, then waits for the end.
class three_times final : public actors::source {
  void run(actors::source_context& ctx) override {
    ctx.ready();
    for (auto i = 0; i < 3 && ctx.emit(about("/door")) == actors::emit_result::taken;)
      ++i;
    while (!ctx.stop_requested() && !ctx.drain_requested()) {
      auto wake = pollfd{ctx.wake_descriptor(), POLLIN, 0};
      ::poll(&wake, 1, -1);
      ctx.acknowledge();
    }
  }
};

/// Passes everything on, and answers a question with the number of records so far.
class counter final : public actors::stage {
  actors::release_mode releases() const override { return actors::release_mode::manual; }
  void on_batch(const actors::event_batch& batch, actors::context& ctx) override {
    held_ = batch;
    on_room(ctx);
  }
  void on_room(actors::context& ctx) override {
    if (ctx.emit(held_) != actors::emit_result::taken)
      return; // no other batch is given until there is room
    records_ += held_.size();
    ctx.release();
  }
  actors::result<actors::event_batch> on_ask(
    const actors::event_batch&, actors::context&) override {
    return about("/count", records_);
  }

  actors::event_batch held_;
  std::uint64_t records_ = 0;
};

/// An actor of the host, as CAF has them.
caf::behavior doorman(caf::event_based_actor* self) {
  return {[self, rings = 0](const actors::event_batch& batch) mutable {
    for (const auto& event : batch)
      std::cout << "doorman: ring " << ++rings << " at " << event.path << std::endl;
    if (rings == 3)
      self->quit();
  }};
}

int main() {
  auto config = caf::actor_system_config{};
  auto system = caf::actor_system{config}; // outlives the node
  auto node = actors::node_in(system);
  auto person = system.spawn(doorman);

  auto pipeline =
    node.pipeline("bell")
      .source("button", [] { return std::make_unique<three_times>(); })
      .stage("counter", [] { return std::make_unique<counter>(); })
      .emit("to-doorman",
        [&](const actors::event_batch& batch) {  // on the sink's own thread, so it may wait:
          auto self = caf::scoped_actor{system}; // one batch at a time is on its way to the actor
          self->request(person, 5s, batch)
            .receive([] {},
              [&](const caf::error& x) {
                throw std::runtime_error{system.render(x)}; // a crash, supervised
              });
        })
      .start();
  if (!pipeline) {
    std::cerr << pipeline.error().text << '\n';
    return 78;
  }

  auto self = caf::scoped_actor{system};
  self->wait_for(person);
  const auto stage = actors::actor_of(system, *pipeline, "counter");
  auto counted = std::uint64_t{0};
  self->request(*stage, 5s, about("/count"))
    .receive([&](const actors::event_batch& answer) { counted = answer[0].size; },
      [&](const caf::error& x) { std::cerr << system.render(x) << '\n'; });
  std::cout << "the stage counted " << counted << '\n';
  return node.stop(5s).clean && counted == 3 ? 0 : 1;
}
