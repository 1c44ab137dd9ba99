#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <actors/actors.hpp>
#include <actors/core/batch_builder.hpp>

/// When each sensor was heard of last. The host keeps it, so that it outlives a crash of the stage.
using roll_call = std::map<std::string, actors::time_point, std::less<>>;

/// Says once of each sensor that it has been silent for a minute.
class silence_alarm final : public actors::stage {
public:
  explicit silence_alarm(std::shared_ptr<roll_call> roll) : roll_{std::move(roll)} {}

  void on_start(actors::context& ctx) override { ctx.after(look_every); }

  void on_batch(const actors::event_batch& readings, actors::context& ctx) override {
    for (const auto& reading : readings)
      (*roll_)[std::string{reading.path}] = ctx.now();
  }

  void on_timer(actors::timer_token, actors::context& ctx) override {
    auto missed = actors::batch_builder{};
    for (const auto& [sensor, heard] : *roll_)
      if (ctx.now() - heard >= silence_max)
        missed.add({.type = actors::event_type::error, .path = sensor, .text = "it is silent"});
    if (ctx.emit(missed.finish()) == actors::emit_result::taken) // full: it is told next time
      std::erase_if(*roll_, [&](const auto& x) { return ctx.now() - x.second >= silence_max; });
    ctx.after(look_every);
  }

private:
  static constexpr auto silence_max = std::chrono::seconds{60};
  static constexpr auto look_every = std::chrono::seconds{1};

  std::shared_ptr<roll_call> roll_; ///< shared with the incarnations before and after
};
