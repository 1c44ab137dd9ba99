#include "actors/stages/fault_plan.hpp"

#include "actors/core/duration_text.hpp"

#include <charconv>
#include <thread>
#include <utility>

namespace actors {

namespace {

constexpr auto grammar =
  "expected CHILD[.HANDLER]:throw@N, CHILD[.HANDLER]:throw@N+ or CHILD[.HANDLER]:stall@N=DURATION";

/// Cuts `text` at the first `mark`; the rest is what follows it.
std::pair<std::string_view, std::string_view> cut(std::string_view text, char mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos)
    return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

class faulty_stage final : public stage {
public:
  faulty_stage(fault_plan plan, std::string child, std::unique_ptr<stage> inner)
    : plan_{std::move(plan)}, child_{std::move(child)}, inner_{std::move(inner)} {}

  release_mode releases() const override { return inner_->releases(); }
  void on_start(context& ctx) override {
    inner_->on_start(ctx);
    plan_.strike(child_, "on_start");
  }
  void on_batch(const event_batch& batch, context& ctx) override {
    inner_->on_batch(batch, ctx);
    plan_.strike(child_, "on_batch");
  }
  void on_timer(timer_token token, context& ctx) override {
    inner_->on_timer(token, ctx);
    plan_.strike(child_, "on_timer");
  }
  result<event_batch> on_ask(const event_batch& question, context& ctx) override {
    auto answer = inner_->on_ask(question, ctx);
    plan_.strike(child_, "on_ask");
    return answer;
  }
  void on_room(context& ctx) override {
    inner_->on_room(ctx);
    plan_.strike(child_, "on_room");
  }
  void on_drain(context& ctx) override {
    inner_->on_drain(ctx);
    plan_.strike(child_, "on_drain");
  }

private:
  fault_plan plan_;
  std::string child_;
  std::unique_ptr<stage> inner_;
};

/// A source has no handlers; what it says of its progress takes their place.
class faulty_source_context final : public source_context {
public:
  faulty_source_context(const fault_plan& plan, const std::string& child, source_context& inner)
    : plan_{plan}, child_{child}, inner_{inner} {}

  time_point now() const override { return inner_.now(); }
  void log(log_level level, std::string_view event,
    std::vector<std::pair<std::string, std::string>> fields) override {
    inner_.log(level, event, std::move(fields));
  }
  void progress(const char* activity) override {
    inner_.progress(activity);
    if (std::string_view{activity} != "emit") // that one strikes below
      plan_.strike(child_, activity);
  }
  void waiting(const char* for_what) override {
    inner_.progress(for_what); // a stall that is injected here is a hang
    plan_.strike(child_, for_what);
    inner_.waiting(for_what);
  }
  void note(std::string_view text) override { inner_.note(text); }
  void degraded(std::string_view reason) override { inner_.degraded(reason); }
  void recovered() override { inner_.recovered(); }
  emit_result emit(event_batch batch) override {
    plan_.strike(child_, "emit");
    return inner_.emit(std::move(batch));
  }
  int wake_descriptor() const override { return inner_.wake_descriptor(); }
  bool acknowledge() override { return inner_.acknowledge(); }
  bool drain_requested() const override { return inner_.drain_requested(); }
  bool stop_requested() const override { return inner_.stop_requested(); }
  void ready() override { inner_.ready(); }

private:
  const fault_plan& plan_;
  const std::string& child_;
  source_context& inner_;
};

class faulty_source final : public source {
public:
  faulty_source(fault_plan plan, std::string child, std::unique_ptr<source> inner)
    : plan_{std::move(plan)}, child_{std::move(child)}, inner_{std::move(inner)} {}

  void run(source_context& ctx) override {
    plan_.strike(child_, "on_start");
    auto wrapped = faulty_source_context{plan_, child_, ctx};
    inner_->run(wrapped);
  }

private:
  fault_plan plan_;
  std::string child_;
  std::unique_ptr<source> inner_;
};

class faulty_sink final : public sink {
public:
  faulty_sink(fault_plan plan, std::string child, std::unique_ptr<sink> inner)
    : plan_{std::move(plan)}, child_{std::move(child)}, inner_{std::move(inner)} {}

  void on_start(sink_context& ctx) override {
    inner_->on_start(ctx);
    plan_.strike(child_, "on_start");
  }
  void offer(const event_batch& batch, sink_context& ctx) override {
    inner_->offer(batch, ctx);
    plan_.strike(child_, "offer");
  }
  release_mode releases() const override { return inner_->releases(); }
  int news_descriptor() const override { return inner_->news_descriptor(); }
  std::optional<time_point> next_due() const override { return inner_->next_due(); }
  void tend(sink_context& ctx) override {
    inner_->tend(ctx);
    plan_.strike(child_, "tend");
  }

private:
  fault_plan plan_;
  std::string child_;
  std::unique_ptr<sink> inner_;
};

} // namespace

result<fault_plan> fault_plan::parse(std::string_view text) {
  auto plan = fault_plan{};
  while (!text.empty()) {
    const auto [one, rest] = cut(text, ',');
    text = rest;
    const auto [where, what] = cut(one, ':');
    const auto [verb, when] = cut(what, '@');
    const auto [number, span] = cut(when, '=');
    auto x = fault{};
    const auto [child, handler] = cut(where, '.');
    x.child = child;
    x.handler = handler;
    x.count = std::make_shared<std::atomic<std::uint64_t>>(0);
    const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), x.at);
    const auto suffix =
      std::string_view{end, static_cast<std::size_t>(number.data() + number.size() - end)};
    x.repeats = suffix == "+";
    const auto stall = parse_duration(span);
    const auto is_stall = verb == "stall" && stall && stall->count() > 0;
    if (child.empty() || problem != std::errc{} || x.at == 0 || (!suffix.empty() && !x.repeats)
        || (verb == "throw" ? !span.empty() : !is_stall))
      return failure(
        errc::invalid_argument, "fault \"" + std::string{one} + "\" is not understood: " + grammar);
    if (is_stall)
      x.stall = *stall;
    plan.faults_.push_back(std::move(x));
  }
  return plan;
}

void fault_plan::strike(std::string_view child, std::string_view handler) const {
  const auto takes_messages = handler == "on_batch" || handler == "offer" || handler == "emit";
  auto thrown = std::uint64_t{0};
  for (const auto& x : faults_) { // every one counts the call, whichever strikes
    if (x.child != child || (x.handler.empty() ? !takes_messages : x.handler != handler))
      continue;
    const auto count = ++*x.count;
    if (count != x.at && !(x.repeats && count > x.at))
      continue;
    if (x.stall.count() == 0)
      thrown = count;
    else
      std::this_thread::sleep_for(x.stall); // this is the fault
  }
  if (thrown != 0)
    throw stage_failure{"injected fault at call " + std::to_string(thrown)};
}

std::unique_ptr<stage> fault_plan::wrap(std::string child, std::unique_ptr<stage> inner) const {
  return std::make_unique<faulty_stage>(*this, std::move(child), std::move(inner));
}

std::unique_ptr<source> fault_plan::wrap(std::string child, std::unique_ptr<source> inner) const {
  return std::make_unique<faulty_source>(*this, std::move(child), std::move(inner));
}

std::unique_ptr<sink> fault_plan::wrap(std::string child, std::unique_ptr<sink> inner) const {
  return std::make_unique<faulty_sink>(*this, std::move(child), std::move(inner));
}

} // namespace actors
