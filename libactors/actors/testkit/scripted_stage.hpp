#pragma once

#include "actors/protocol/stage.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace actors::testkit {

/// What a `scripted_stage` does; what is left empty does nothing.
struct stage_script {
  std::function<void(context&)> start;                                  ///< `stage::on_start`
  std::function<void(const event_batch&, context&)> batch;              ///< `stage::on_batch`
  std::function<void(timer_token, context&)> timer;                     ///< `stage::on_timer`
  std::function<result<event_batch>(const event_batch&, context&)> ask; ///< `stage::on_ask`
  std::function<void(context&)> room;                                   ///< `stage::on_room`
  std::function<void(context&)> drain;                                  ///< `stage::on_drain`
  release_mode releases = release_mode::on_return;                      ///< `stage::releases`
};

/// A stage made of functions of the test, one incarnation of it.
class scripted_stage final : public stage {
public:
  /// The functions are called as the handlers are.
  explicit scripted_stage(stage_script script) : script_{std::move(script)} {}

  /// A factory as a `child_spec` wants it.
  static std::function<std::unique_ptr<stage>()> factory(stage_script script) {
    return [script] { return std::make_unique<scripted_stage>(script); };
  }

  release_mode releases() const override { return script_.releases; }
  void on_start(context& ctx) override {
    if (script_.start)
      script_.start(ctx);
  }
  void on_batch(const event_batch& batch, context& ctx) override {
    if (script_.batch)
      script_.batch(batch, ctx);
  }
  void on_timer(timer_token token, context& ctx) override {
    if (script_.timer)
      script_.timer(token, ctx);
  }
  result<event_batch> on_ask(const event_batch& question, context& ctx) override {
    return script_.ask ? script_.ask(question, ctx) : stage::on_ask(question, ctx);
  }
  void on_room(context& ctx) override {
    if (script_.room)
      script_.room(ctx);
  }
  void on_drain(context& ctx) override {
    if (script_.drain)
      script_.drain(ctx);
  }

private:
  stage_script script_;
};

} // namespace actors::testkit
