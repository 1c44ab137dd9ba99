#pragma once

#include "actors/protocol/context.hpp"
#include "actors/runtime/slot.hpp"

#include <cstdint>
#include <exception>
#include <string>

namespace actors {

/// The part of a context that is the same for every kind of child. `Base` is the context it fills
/// in.
template <class Base>
class slot_context : public Base {
public:
  slot_context(slot& where, std::uint64_t incarnation) : slot_{where}, incarnation_{incarnation} {}

  void log(log_level level, std::string_view event,
    std::vector<std::pair<std::string, std::string>> fields = {}) override {
    slot_.write_log(level, event, std::move(fields));
  }
  void progress(const char* activity) override { slot_.note_progress(activity, this->now()); }
  void degraded(std::string_view reason) override {
    slot_.report_to_supervisor(report::kind::degraded, incarnation_, std::string{reason});
    is_degraded_ = true;
  }
  void recovered() override {
    if (std::exchange(is_degraded_, false))
      slot_.report_to_supervisor(report::kind::recovered, incarnation_);
  }

protected:
  slot& slot_;
  std::uint64_t incarnation_;

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
