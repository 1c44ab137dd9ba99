#include "actors/runtime/notice_line.hpp"

#include "actors/core/duration_text.hpp"

namespace actors {

namespace {

log_level level_of(notice_id id) {
  switch (id) {
    case notice_id::fatal_error:
    case notice_id::child_failed:
    case notice_id::child_hung:
    case notice_id::child_abandoned:
    case notice_id::group_budget_exceeded: return log_level::error;
    case notice_id::child_crashed:
    case notice_id::child_backing_off:
    case notice_id::group_restarting:
    case notice_id::child_degraded: return log_level::warning;
    case notice_id::child_starting:
    case notice_id::child_stopped:
    case notice_id::draining: return log_level::debug;
    default: return log_level::info;
  }
}

} // namespace

log_line line_of(const notice& what, const std::string& pipeline, const std::string& child) {
  auto line = log_line{level_of(what.id), std::string{name_of(what.id)}, {{"pipeline", pipeline}}};
  if (!child.empty()) {
    line.fields.emplace_back("child", child);
    line.fields.emplace_back("incarnation", std::to_string(what.incarnation));
  }
  if (what.id == notice_id::child_backing_off) {
    line.fields.emplace_back("attempt", std::to_string(what.attempt));
    line.fields.emplace_back("delay", to_text(what.delay));
  }
  if (!what.text.empty())
    line.fields.emplace_back("text", what.text);
  return line;
}

} // namespace actors
