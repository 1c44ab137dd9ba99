#include "actors/config/option_keys.hpp"

namespace actors {

using namespace std::chrono_literals;

namespace {

constexpr named_value<restart_strategy> strategy_words[] = {
  {"one_for_one", restart_strategy::one_for_one}, {"one_for_all", restart_strategy::one_for_all},
  {"rest_for_one", restart_strategy::rest_for_one}};

constexpr named_value<escalation> escalation_words[] = {{"escalate", escalation::escalate},
  {"isolate", escalation::isolate}, {"restart_group", escalation::restart_group},
  {"shutdown", escalation::shutdown}};

constexpr named_value<down_policy> down_words[] = {{"hold", down_policy::hold},
  {"reject", down_policy::reject}, {"dead_letter", down_policy::dead_letter}};

void describe(key_visitor& keys, backoff_rules& rules) {
  keys.millis("base_ms", rules.base, 0ms, 1h,
    "The wait before the first restart. A second lets a passing fault pass.");
  keys.real("multiplier", rules.multiplier, 1, 100, "Each wait is so many times the one before.");
  keys.millis("cap_ms", rules.cap, 1ms, 24h, "No wait is longer.");
  keys.real("jitter", rules.jitter, 0, 1,
    "Spreads the waits by so much of them, up and down. 0.2 keeps a fleet from restarting in step; "
    "0 is predictable.");
  keys.number("attempts_max", rules.attempts_max, 0, 1'000'000,
    "Restarts in a row before giving up. With the defaults, after 1+2+4+8+16 = 31 s.");
  if (!keys.has("stable_after_ms") && keys.has("cap_ms"))
    rules.stable_after = 2 * rules.cap;
  keys.millis("stable_after_ms", rules.stable_after, 1ms, 48h,
    "A child that ran so long has its restarts forgotten. Without this key, twice `cap_ms`, so "
    "that "
    "the longest wait cannot look like stability.");
  keys.flag("manual_reset", rules.manual_reset,
    "Restarts are forgotten only by `actors reset`: for what a person must look at each time.");
}

void describe(key_visitor& keys, supervision_rules& rules) {
  keys.choice("strategy", rules.strategy, strategy_words,
    "Who restarts when one child crashes: it alone, all of them, or it and those behind it. As in "
    "Erlang/OTP.");
  keys.choice("on_failure", rules.on_failure, escalation_words,
    "When a child has used up its restarts: `escalate` ends the pipeline, `isolate` lets the "
    "others "
    "go on, `restart_group` starts all of them anew, `shutdown` ends the pipeline.");
  keys.number("restarts_max", rules.budget.restarts_max, 0, 1'000'000,
    "Of all children together, within `restarts_window_ms`. Six children that use up their five "
    "fit.");
  keys.millis("restarts_window_ms", rules.budget.window, 0ms, 24h, "See `restarts_max`.");
  keys.millis("drain_deadline_ms", rules.drain_deadline, 0ms, 1h,
    "At a stop, for what was accepted to reach the sinks.");
  keys.millis("stop_deadline_ms", rules.stop_deadline, 0ms, 1h,
    "For one child to end; it is then abandoned, and named.");
  keys.millis("total_deadline_ms", rules.total_deadline, 0ms, 2h,
    "For the whole stop. Service managers kill after 90 s.");
  keys.millis("ready_grace_ms", rules.ready_grace, 0ms, 1h,
    "How long a child may be away before readiness says so.");
  keys.number("abandoned_max", rules.abandoned_max, 0, 1'000,
    "With so many hung instances left behind, no child is replaced any more: each may hold a "
    "thread.");
}

} // namespace

void describe(key_visitor& keys, supervise_options& options, down_policy& on_down) {
  describe(keys, options.restart.backoff);
  keys.millis("start_deadline_ms", options.restart.start_deadline, 1ms, 1h,
    "A start that shows no progress for so long has failed. Outlasts a slow disk.");
  keys.millis("hang_after_ms", options.hang_after, 2ms, 1h,
    "A child that works so long on one batch without a sign of progress is replaced. What waits "
    "for "
    "a receiver does not count.");
  describe(keys, options.group);
  keys.choice("on_down", on_down, down_words,
    "What a mailbox does while its child waits for its restart: takes what comes until it is full, "
    "refuses it, or loses and counts it.");
}

} // namespace actors
