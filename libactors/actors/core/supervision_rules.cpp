#include "actors/core/supervision_rules.hpp"

#include <set>
#include <sstream>
#include <string_view>

namespace actors {

namespace {

using std::chrono::milliseconds;

std::string text_of(milliseconds value) {
  return std::to_string(value.count()) + "ms";
}

std::string text_of(double value) {
  auto text = std::ostringstream{};
  text << value;
  return text.str();
}

class checklist {
public:
  void duration(const std::string& where, const char* field, milliseconds value) {
    if (value.count() < 0)
      found.push_back(where + field + " must not be negative, but is " + text_of(value));
  }

  template <class Enum>
  void choice(const std::string& where, const char* field, Enum value, Enum last) {
    if (value > last)
      found.push_back(
        where + field + " " + std::to_string(static_cast<int>(value)) + " is unknown");
  }

  void restart(const std::string& where, const restart_rules& rules) {
    const auto& backoff = rules.backoff;
    duration(where, "start_deadline", rules.start_deadline);
    choice(where, "restart type", rules.type, restart_type::temporary);
    if (backoff.base.count() < 0 || backoff.cap < backoff.base)
      found.push_back(where + "base must be from 0 to cap (" + text_of(backoff.cap) + "), but is "
                      + text_of(backoff.base));
    if (!(backoff.multiplier >= 1.0))
      found.push_back(
        where + "multiplier must be at least 1, but is " + text_of(backoff.multiplier));
    if (!(backoff.jitter >= 0.0 && backoff.jitter <= 1.0))
      found.push_back(where + "jitter must be from 0 to 1, but is " + text_of(backoff.jitter));
    if (backoff.stable_after < backoff.cap)
      found.push_back(where + "stable_after must not be less than cap (" + text_of(backoff.cap)
                      + "), or every wait looks like stability, but is "
                      + text_of(backoff.stable_after));
  }

  void child(const child_rules& rules, std::size_t index, auto_shutdown ends_with) {
    const auto where =
      (rules.id.empty() ? "child " + std::to_string(index + 1) : "child \"" + rules.id + "\"")
      + ": ";
    if (rules.id.empty())
      found.push_back(where + "it has no id");
    else if (!ids_.insert(rules.id).second)
      found.push_back(where + "the id is used twice");
    restart(where, rules.restart);
    if (rules.hang_after < milliseconds{2})
      found.push_back(
        where + "hang_after must be at least 2ms, but is " + text_of(rules.hang_after));
    if (rules.stop_deadline)
      duration(where, "stop_deadline", *rules.stop_deadline);
    if (rules.significant && rules.restart.type == restart_type::permanent)
      found.push_back(where
                      + "significant needs restart type transient or temporary: a permanent "
                        "child never ends by itself");
    if (rules.significant && ends_with == auto_shutdown::never)
      found.push_back(where + "significant means nothing while auto_shutdown is never");
  }

  std::vector<std::string> found;

private:
  std::set<std::string_view> ids_;
};

} // namespace

std::vector<std::string> mistakes_in(
  const supervision_rules& rules, const std::vector<child_rules>& children) {
  auto list = checklist{};
  list.choice("", "strategy", rules.strategy, restart_strategy::rest_for_one);
  list.choice("", "on_failure", rules.on_failure, escalation::shutdown);
  list.choice("", "auto_shutdown", rules.ends_with, auto_shutdown::all_significant);
  list.duration("", "drain_deadline", rules.drain_deadline);
  list.duration("", "stop_deadline", rules.stop_deadline);
  list.duration("", "total_deadline", rules.total_deadline);
  list.duration("", "budget window", rules.budget.window);
  list.duration("", "ready_grace", rules.ready_grace);
  for (std::size_t i = 0; i < children.size(); ++i)
    list.child(children[i], i, rules.ends_with);
  return std::move(list.found);
}

} // namespace actors
