#pragma once

#include "actors/runtime/engine.hpp"
#include "actors/testkit/deterministic_system.hpp"
#include "actors/testkit/scripted_stage.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace actors::test {

using namespace testkit;

/// A pipeline of stages alone, under its supervisor, in virtual time. The test plays the source:
/// it pushes into the mailboxes.
class supervised : public deterministic_system {
public:
  ~supervised() {
    if (!running)
      return;
    running->request_stop();
    settle();
    running->abandon(); // whoever is still there
    settle();
  }

  /// A child; later ones feed earlier ones.
  child_spec& child(
    std::string name, stage_script script, std::optional<std::size_t> downstream = {}) {
    return child(
      std::move(name), stage_factory{scripted_stage::factory(std::move(script))}, downstream);
  }
  child_spec& child(
    std::string name, stage_factory make, std::optional<std::size_t> downstream = {}) {
    auto x = child_spec{};
    x.rules.id = std::move(name);
    x.make = std::move(make);
    if (downstream)
      x.downstream = {*downstream};
    spec.children.push_back(std::move(x));
    return spec.children.back();
  }

  void start() {
    began = now();
    running = runtime.start(spec, outlets{[this](const log_line& line) {
      lines.push_back(line);
      if (on_line)
        on_line(line);
    }});
    settle();
  }

  emit_result push(std::size_t child, event_batch batch) {
    return mailbox(child).push(std::move(batch), nullptr);
  }
  bounded_mailbox& mailbox(std::size_t child) { return running->declared()[child]->mailbox; }

  std::vector<child_health> health() {
    auto rows = std::vector<child_health>{};
    running->append_health(rows, now());
    return rows;
  }

  std::chrono::milliseconds since_start() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now() - began);
  }

  /// How many lines of the log have this id (and are about this child).
  auto logged(std::string_view event, std::string_view about = {}) const {
    return std::count_if(lines.begin(), lines.end(), [&](const log_line& x) {
      return x.event == event && (about.empty() || field(x, "child") == about);
    });
  }

  static std::string field(const log_line& line, std::string_view key) {
    for (const auto& [name, value] : line.fields)
      if (name == key)
        return value;
    return {};
  }

  pipeline_spec spec{"p", {}, {}};
  engine runtime{sys, engine::supervisors::scheduled};
  std::vector<log_line> lines;
  std::function<void(const log_line&)> on_line; ///< called with each line, when it is written
  std::shared_ptr<running_pipeline> running;
  time_point began{};
};

} // namespace actors::test
