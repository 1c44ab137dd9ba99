// How far a source got, and that every sink was told of it: through every kind of stage, crashes
// and all, on real threads.
#include "actors/os/poll.hpp"
#include "actors/runtime/engine.hpp"
#include "actors/stages/debouncer.hpp"
#include "actors/stages/fault_plan.hpp"
#include "actors/stages/kind_filter.hpp"
#include "actors/stages/sequencer.hpp"
#include "actors/testkit/batches.hpp"
#include "actors/testkit/scripted_stage.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <mutex>
#include <set>
#include <string>
#include <thread>

using namespace actors;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace marks_tests {

/// What the sink was given, and what the pipeline says was delivered. The second must never be
/// ahead of the first.
class book final : public delivery_listener {
public:
  void has_sink(std::size_t sink) override { sinks.insert(sink); }
  void before_offer(std::size_t, const event_batch& records) override {
    const auto held = std::scoped_lock{mutex_};
    for (const auto& x : records)
      announced_.emplace(x.path);
  }
  void offer(const event_batch& records) {
    const auto held = std::scoped_lock{mutex_};
    has_seen_empty |= records.empty();
    for (const auto& x : records) {
      has_seen_unannounced |= announced_.count(std::string{x.path}) == 0;
      given_.emplace(x.path);
    }
  }
  void delivered(std::size_t sink, const batch_marks& marks) override {
    const auto held = std::scoped_lock{mutex_};
    has_seen_strangers |= sinks.count(sink) == 0;
    number_ = std::max(number_, marks.number_of(7));
    for (auto i = std::uint64_t{1}; must_be_given && i <= number_; ++i)
      is_ahead |= given_.count("/" + std::to_string(i)) == 0;
  }
  void at_end() override { has_ended = true; }

  bool has_reached(std::uint64_t number) {
    for (auto i = 0; i < 20'000; ++i) {
      {
        const auto held = std::scoped_lock{mutex_};
        if (number_ >= number)
          return number_ == number;
      }
      std::this_thread::sleep_for(1ms);
    }
    return false;
  }

  bool must_be_given = true; ///< no stage leaves anything out
  bool has_seen_empty = false;
  bool has_seen_unannounced = false;
  bool has_seen_strangers = false;
  bool is_ahead = false;
  std::atomic<bool> has_ended{false};
  std::set<std::size_t> sinks;

private:
  std::mutex mutex_;
  std::set<std::string> announced_;
  std::set<std::string> given_;
  std::uint64_t number_ = 0;
};

class booking_sink final : public sink {
public:
  explicit booking_sink(book& to) : book_{to} {}
  void offer(const event_batch& batch, sink_context&) override { book_.offer(batch); }

private:
  book& book_;
};

/// Tells of /1, /2, ... in batches of one, each marked with its number.
class marking_source final : public source {
public:
  marking_source(std::uint64_t& next, std::uint64_t last, bool vanish)
    : next_{next}, last_{last}, vanish_{vanish} {}

  void run(source_context& ctx) override {
    ctx.ready();
    while (!ctx.stop_requested() && !ctx.drain_requested()) {
      if (next_ <= last_ && ctx.emit(batch(next_)) == emit_result::taken) {
        ++next_;
        continue;
      }
      wait_readable({ctx.wake_descriptor()}, std::nullopt);
      ctx.acknowledge();
    }
  }

private:
  /// With `vanish` a file that comes and goes: its net effect is nothing.
  event_batch batch(std::uint64_t number) const {
    const auto path = "/" + std::to_string(number);
    auto builder = batch_builder{};
    builder.add({.type = event_type::create, .ftype = file_type::file, .path = path});
    if (vanish_)
      builder.add({.type = event_type::remove, .ftype = file_type::file, .path = path});
    return builder.finish().marked(batch_marks{{7, number}});
  }

  std::uint64_t& next_;
  std::uint64_t last_;
  bool vanish_;
};

struct fixture {
  std::shared_ptr<book> told = std::make_shared<book>();
  pipeline_spec spec{"p", {}, {}};
  fault_plan plan;
  std::uint64_t next = 1;
  std::uint64_t last = 300;
  bool vanish = false;
  std::size_t room = 1024;

  child_spec& add(std::string id, auto make) {
    auto x = child_spec{};
    x.rules.id = std::move(id);
    x.rules.restart.backoff.base = 10ms;
    x.make = std::move(make);
    x.mailbox.messages_max = room;
    if (!spec.children.empty())
      x.downstream = {spec.children.size() - 1};
    spec.children.push_back(std::move(x));
    return spec.children.back();
  }

  void sink() {
    add("sink", sink_factory{[this](succession) {
      return plan.wrap("sink", std::make_unique<booking_sink>(*told));
    }});
  }
  template <class Stage, class... Arguments>
  void stage(std::string id, Arguments... arguments) {
    add(id, stage_factory{[this, id, arguments...](succession) {
      return plan.wrap(id, std::unique_ptr<actors::stage>{new Stage{arguments...}});
    }});
  }

  /// Whether everything the source told is delivered in the end; the other promises are tested.
  bool run() {
    add("source", source_factory{[this](succession) {
      return plan.wrap("source", std::unique_ptr<source>{new marking_source{next, last, vanish}});
    }});
    spec.listeners = {told};
    for (auto& x : spec.children)
      if (std::holds_alternative<sink_factory>(x.make))
        x.listeners = {told};
    auto runtime = engine{};
    auto running = runtime.start(spec, outlets{});
    const auto reached = told->has_reached(last);
    BOOST_TEST(!told->has_ended);
    running->request_stop();
    BOOST_TEST(running->wait_until_done(std::chrono::steady_clock::now() + 20s));
    BOOST_TEST(told->has_ended);
    BOOST_TEST(running->end().undelivered == 0u);
    BOOST_TEST((told->sinks == std::set<std::size_t>{0}));
    BOOST_TEST(!told->has_seen_empty);
    BOOST_TEST(!told->has_seen_unannounced);
    BOOST_TEST(!told->has_seen_strangers);
    BOOST_TEST(!told->is_ahead);
    return reached;
  }
};

constexpr auto quick = debounce_limits{.quiet = 2ms, .hold_max = 10ms};

} // namespace marks_tests

BOOST_FIXTURE_TEST_SUITE(marks_tests, fixture)

BOOST_AUTO_TEST_CASE(marks_reach_the_sink_with_their_records) {
  sink();
  BOOST_TEST(run());
}

BOOST_AUTO_TEST_CASE(a_debouncer_passes_the_marks_of_all_it_folded) {
  sink();
  stage<debouncer>("debouncer", quick);
  BOOST_TEST(run());
}

BOOST_AUTO_TEST_CASE(marks_go_on_when_nothing_is_left_of_the_records) {
  vanish = true;
  told->must_be_given = false;
  sink();
  stage<debouncer>("debouncer", quick);
  BOOST_TEST(run());
}

BOOST_AUTO_TEST_CASE(a_filter_passes_the_marks_of_what_it_leaves_out) {
  told->must_be_given = false;
  sink();
  stage<kind_filter>("filter", std::get<change_kinds>(change_kinds::parse("delete")));
  BOOST_TEST(run());
}

BOOST_AUTO_TEST_CASE(marks_alone_pass_a_stage_that_folds) {
  told->must_be_given = false;
  sink();
  stage<debouncer>("debouncer", quick);
  stage<kind_filter>("filter", std::get<change_kinds>(change_kinds::parse("delete")));
  BOOST_TEST(run());
}

BOOST_AUTO_TEST_CASE(marks_pass_every_stage_over_mailboxes_of_two) {
  room = 2;
  sink();
  stage<kind_filter>("filter", change_kinds::all());
  stage<debouncer>("debouncer", quick);
  stage<sequencer>("sequencer");
  BOOST_TEST(run());
}

BOOST_AUTO_TEST_CASE(marks_of_nothing_pass_mailboxes_of_two) {
  room = 2;
  told->must_be_given = false;
  sink();
  stage<sequencer>("sequencer");
  stage<kind_filter>("filter", std::get<change_kinds>(change_kinds::parse("delete")));
  BOOST_TEST(run());
}

BOOST_AUTO_TEST_CASE(a_stage_that_makes_its_own_batches_need_not_know_of_marks) {
  sink();
  add("own",
    stage_factory{scripted_stage::factory({.batch = [](const event_batch& batch, context& ctx) {
      auto copy = batch_builder{};
      copy.add(batch);
      [[maybe_unused]] const auto verdict = ctx.emit(copy.finish());
    }})});
  BOOST_TEST(run());
}

BOOST_AUTO_TEST_CASE(nothing_is_acknowledged_early_when_every_part_crashes) {
  plan =
    *fault_plan::parse("sink:throw@3,sink:throw@40,debouncer:throw@5,debouncer.on_timer:throw@2,"
                       "sequencer:throw@7,sequencer:throw@8,source:throw@9");
  sink();
  stage<debouncer>("debouncer", quick);
  stage<sequencer>("sequencer");
  BOOST_TEST(run());
}

BOOST_AUTO_TEST_CASE(what_is_given_up_counts_as_delivered) {
  told->must_be_given = false;
  last = 5;
  plan = *fault_plan::parse("sequencer:throw@2,sequencer:throw@3,sequencer:throw@4");
  sink();
  stage<sequencer>("sequencer");
  BOOST_TEST(run());
}

BOOST_AUTO_TEST_SUITE_END()
