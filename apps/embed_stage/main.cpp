// A stage of your own and its test: an hour of silence and a crash, in no time at all.
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "silence_alarm.hpp"
#include <actors/testkit.hpp>

using namespace actors::testkit;
using namespace std::chrono_literals;
using texts = std::vector<std::string>;

void expect(bool holds, const std::string& what) {
  std::cout << (holds ? "ok: " : "FAILED: ") << what << '\n';
  if (!holds)
    std::exit(1);
}

/// A factory, called for every incarnation. After a hang the old one may still write to what was
/// kept, so the new one gets a roll of its own.
auto make_alarm() {
  return [roll = std::make_shared<roll_call>()](actors::succession how) mutable {
    if (how == actors::succession::after_hang)
      roll = std::make_shared<roll_call>(*roll);
    return std::make_unique<silence_alarm>(roll);
  };
}

void alone_on_a_bench() {
  auto bench = stage_bench{make_alarm()};
  bench.give(batch_of({"/attic", "/cellar"}));
  bench.pass(59s);
  expect(bench.out.empty(), "nobody is missed within a minute");
  bench.give(batch_of({"/attic"}));
  bench.pass(2s);
  expect(bench.out.size() == 1 && lines_of(bench.out[0]) == texts{"error /cellar"},
    "who was silent for a minute is missed");

  bench.limit_downstream(0);
  bench.pass(10min);
  expect(bench.out.size() == 1, "nobody listens");
  bench.make_room();
  bench.pass(1s);
  expect(bench.out.size() == 2, "and the alarm is not forgotten");
}

void in_a_pipeline() {
  auto house = virtual_pipeline{};
  house.stage("alarm", make_alarm()).faults("alarm:throw@2").start();
  house.push(batch_of({"/attic"}));
  house.push(batch_of({"/cellar"})); // here it crashes
  expect(house.health("alarm").state == actors::child_state::backing_off, "a crash is supervised");
  house.pass(1s);
  expect(house.health("alarm").state == actors::child_state::ready, "a second later it is back");
  house.pass(1h);
  expect(house.out_lines() == texts{"error /attic", "error /cellar"},
    "it knows what came before the crash, and was given again what came with it");
}

int main() {
  alone_on_a_bench();
  in_a_pipeline();
}
