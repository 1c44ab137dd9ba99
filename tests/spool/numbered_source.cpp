// A host application for test_spool.py: emits /RUN/1, /RUN/2, ... as fast as they are taken, to an
// HTTP receiver over a spool, until it is stopped or killed.
//
//   numbered_source URL SPOOL RUN RECORDS   (RECORDS 0: for ever)
#include "actors/actors.hpp"
#include "actors/core/batch_builder.hpp"

#include <poll.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

using namespace actors;
using namespace std::chrono_literals;

namespace {

class numbered_source final : public source {
public:
  numbered_source(std::string run, std::uint64_t last, std::atomic<std::uint64_t>& next)
    : run_{std::move(run)}, last_{last}, next_{next} {}

  void run(source_context& ctx) override {
    ctx.ready();
    while (!ctx.stop_requested() && !ctx.drain_requested()) {
      if ((last_ == 0 || next_ <= last_) && ctx.emit(batch()) == emit_result::taken) {
        next_ += batch_records;
        continue;
      }
      auto news = pollfd{ctx.wake_descriptor(), POLLIN, 0};
      ::poll(&news, 1, 100);
      ctx.acknowledge();
    }
  }

private:
  static constexpr std::uint64_t batch_records = 5;

  event_batch batch() const {
    auto builder = batch_builder{};
    for (std::uint64_t i = 0; i < batch_records; ++i) {
      const auto path = "/" + run_ + "/" + std::to_string(next_ + i);
      builder.add({.type = event_type::create, .ftype = file_type::file, .path = path});
    }
    return builder.finish();
  }

  std::string run_;
  std::uint64_t last_;
  std::atomic<std::uint64_t>& next_;
};

} // namespace

int main(int count, char** words) {
  if (count != 5)
    return 64;
  auto host = node{};
  auto next = std::atomic<std::uint64_t>{1};
  const auto run = std::string{words[3]};
  const auto last = std::strtoull(words[4], nullptr, 10);
  auto http = http_sink_options{.url = words[1]};
  http.retry_base = 20ms;
  http.retry_max = 100ms;
  const auto started =
    host.pipeline("numbers")
      .source("source",
        factory<source>{[&] { return std::make_unique<numbered_source>(run, last, next); }})
      .emit(emitter_options{.name = "out", .to = http, .spool = spool_options{words[2]}})
      .start();
  if (!started) {
    std::fprintf(stderr, "%s\n", started.error().text.c_str());
    return 78;
  }
  std::puts("started");
  std::fflush(stdout);
  std::getchar(); // until the test closes it
  return host.stop(10s).clean ? 0 : 1;
}
