#include "questions.hpp"

#include <future>

#include "field.hpp"
#include "memory.hpp"
#include "plain_questions.hpp"

namespace actors::bench {

namespace {

void tell_times(
  const std::string& workload, std::string_view who, const std::vector<double>& times) {
  tell(workload, who, "p50_us", 1e6 * quantile(times, 0.5));
  tell(workload, who, "p99_us", 1e6 * quantile(times, 0.99));
  tell(workload, who, "p999_us", 1e6 * quantile(times, 0.999));
}

/// Calls from many threads at once; each gets its call from `caller`. Returns the times of all.
std::vector<double> time_crowd(
  std::size_t threads, std::size_t calls, const std::function<std::function<void()>()>& caller) {
  auto all = std::vector<std::future<std::vector<double>>>{};
  for (std::size_t i = 0; i < threads; ++i)
    all.push_back(std::async(std::launch::async, [=, call = caller()] { // as a thread of its own
      return time_each(calls, call);
    }));
  auto times = std::vector<double>{};
  for (auto& x : all)
    for (const auto time : x.get())
      times.push_back(time);
  return times;
}

/// Takes one message and keeps its worker busy with it until it is let go.
class busy_worker final : public stage {
public:
  busy_worker(std::atomic<bool>& is_busy, std::shared_future<void> end)
    : is_busy_{is_busy}, end_{std::move(end)} {}

  void on_batch(const event_batch&, context&) override {
    is_busy_ = true;
    end_.wait();
  }
  result<event_batch> on_ask(const event_batch& question, context&) override { return question; }

private:
  std::atomic<bool>& is_busy_;
  std::shared_future<void> end_;
};

} // namespace

void ask(std::size_t questions) {
  auto on = field{};
  on.add(1);
  const auto question = one("/x");
  tell_times("ask", "actors", time_each(questions, [&] {
    if (!on.workers->ask("0", question, 1s))
      throw std::runtime_error{"no answer"};
  }));
  auto plain = plain_questions{};
  tell_times("ask", "raw-caf", time_each(questions, plain.asker(question)));
}

void ask_in_a_crowd(std::size_t threads, std::size_t questions) {
  const auto question = one("/x");
  const auto compete = [&](std::string_view who,
                         const std::function<std::function<void()>()>& caller) {
    const auto start = clock::now();
    const auto times = time_crowd(threads, questions, caller);
    tell("ask-100", who, "answers_per_s", static_cast<double>(times.size()) / seconds_since(start));
    tell_times("ask-100", who, times);
  };
  auto on = field{};
  on.add(1);
  compete("actors", [&] {
    return [&] {
      if (!on.workers->ask("0", question, 10s))
        throw std::runtime_error{"no answer"};
    };
  });
  auto plain = plain_questions{};
  compete("raw-caf", [&] { return plain.asker(question); });
}

void ask_in_vain(std::size_t threads, std::size_t questions) {
  constexpr auto patience_of_askers = 100ms;
  auto is_busy = std::atomic<bool>{false};
  auto end = std::promise<void>{};
  auto options = pool_options{};
  options.mailbox.messages_max = threads * questions + 2; // all wait in line, and one more
  options.mailbox.bytes_max = 1u << 30;
  options.hang_after = 1h; // it hangs, but that is not what is measured
  auto on = field{options, [&, told = end.get_future().share()](const auto&, const auto&) {
                    return std::make_unique<busy_worker>(is_busy, told);
                  }};
  on.add(1);
  on.push(0, one("/x"));
  await("it is busy", [&] { return is_busy.load(); });
  const auto before = forget_peak_of_memory();
  const auto question = one("/x");
  auto times = time_crowd(threads, questions, [&] {
    return [&] {
      const auto answer = on.workers->ask("0", question, patience_of_askers);
      if (answer || answer.error().code != errc::timed_out)
        throw std::runtime_error{"an answer of a worker that is busy"};
    };
  });
  end.set_value();
  if (!on.workers->ask("0", question, 10s)) // in line behind all of them
    throw std::runtime_error{"no answer afterwards"};
  for (auto& x : times)
    x -= std::chrono::duration<double>(patience_of_askers).count();
  tell("ask-in-vain", "actors", "late_p50_us", 1e6 * quantile(times, 0.5));
  tell("ask-in-vain", "actors", "late_p99_us", 1e6 * quantile(times, 0.99));
  tell("ask-in-vain", "actors", "memory_growth_mib", peak_of_memory_mib() - before);
  tell("ask-in-vain", "actors", "memory_left_mib", resident_mib() - before);
}

} // namespace actors::bench
