#pragma once

#include "actors/protocol/context.hpp"
#include "actors/runtime/lease.hpp"
#include "actors/runtime/slot.hpp"

#include <cstdint>
#include <exception>
#include <string>
#include <utility>

namespace actors {

/// The part of a context that is the same for every kind of child. `Base` is the context it fills
/// in.
template <class Base>
class slot_context : public Base {
public:
  slot_context(slot& where, std::uint64_t incarnation, lease& right)
    : slot_{where}, incarnation_{incarnation}, lease_{right} {}

  void log(log_level level, std::string_view event,
    std::vector<std::pair<std::string, std::string>> fields = {}) override {
    slot_.write_log(level, event, std::move(fields));
  }
  void progress(const char* activity) override {
    lease_.act([&] { slot_.note_progress(activity, this->now(), incarnation_); });
  }
  void waiting(const char* for_what) override {
    lease_.act([&] { slot_.note_waiting(for_what); });
  }
  void note(std::string_view text) override {
    lease_.act([&] { slot_.note.set(std::string{text}); });
  }
  void degraded(std::string_view reason) override {
    report(report::kind::degraded, std::string{reason});
    is_degraded_ = true;
  }
  void recovered() override {
    if (std::exchange(is_degraded_, false))
      report(report::kind::recovered);
  }

  /// For the host. Says nothing when the incarnation was let go.
  void report(report::kind what, std::string text = {}) {
    lease_.act([&] { slot_.report_to_supervisor(what, incarnation_, std::move(text)); });
  }

protected:
  slot& slot_;
  const std::uint64_t incarnation_;
  lease& lease_;

private:
  bool is_degraded_ = false;
};

/// The text of the exception in flight, and the handler that threw it.
inline std::string describe_crash(const char* handler) {
  try {
    throw;
  } catch (const std::exception& x) {
    return std::string{x.what()} + " (in " + handler + ")";
  } catch (...) {
    return std::string{"something that is no std::exception was thrown (in "} + handler + ")";
  }
}

} // namespace actors
