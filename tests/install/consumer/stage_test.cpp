// A stage of a host application, and its test in virtual time with the testkit.
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <actors/testkit.hpp>

using namespace actors::testkit;
using namespace std::chrono_literals;

namespace {

/// Hands on one batch in a second, and drops the rest.
class thin_out final : public actors::stage {
public:
  void on_batch(const actors::event_batch& batch, actors::context& ctx) override {
    if (is_paused_)
      return;
    if (ctx.emit(batch) == actors::emit_result::taken)
      is_paused_ = true;
    ctx.after(1s);
  }
  void on_timer(actors::timer_token, actors::context&) override { is_paused_ = false; }

private:
  bool is_paused_ = false;
};

void require(bool holds, const char* what) {
  if (!holds) {
    std::fprintf(stderr, "failed: %s\n", what);
    std::exit(1);
  }
}

void on_a_bench() {
  auto bench = stage_bench{[] { return std::make_unique<thin_out>(); }};
  bench.give(batch_of({"/a"}));
  bench.give(batch_of({"/b"}));
  require(bench.out.size() == 1, "the second batch within a second is dropped");
  bench.pass(1s);
  bench.give(batch_of({"/c"}));
  require(bench.out.size() == 2, "after a second the next one passes");
}

void under_supervision() {
  auto flow = virtual_pipeline{};
  flow.stage("thin", [] { return std::make_unique<thin_out>(); }).faults("thin:throw@1").start();
  flow.push(batch_of({"/a"}));
  require(flow.out().empty() && flow.count("child_crashed") == 1, "the first batch crashes it");
  flow.pass(1s);
  require(flow.out_lines() == std::vector<std::string>{"modify /a"}, "its successor gets it again");
}

} // namespace

int main() {
  on_a_bench();
  under_supervision();
}
