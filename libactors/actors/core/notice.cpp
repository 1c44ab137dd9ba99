#include "actors/core/notice.hpp"

namespace actors {

std::string_view name_of(notice_id id) noexcept {
  switch (id) {
    case notice_id::child_starting: return "child_starting";
    case notice_id::child_ready: return "child_ready";
    case notice_id::child_degraded: return "child_degraded";
    case notice_id::child_recovered: return "child_recovered";
    case notice_id::child_crashed: return "child_crashed";
    case notice_id::child_backing_off: return "child_backing_off";
    case notice_id::child_stopped: return "child_stopped";
    case notice_id::child_failed: return "child_failed";
    case notice_id::child_hung: return "child_hung";
    case notice_id::child_abandoned: return "child_abandoned";
    case notice_id::child_reset: return "child_reset";
    case notice_id::group_budget_exceeded: return "group_budget_exceeded";
    case notice_id::group_restarting: return "group_restarting";
    case notice_id::fatal_error: return "fatal_error";
    case notice_id::draining: return "draining";
    case notice_id::shutdown_report: return "shutdown_report";
  }
  return "unknown";
}

} // namespace actors
