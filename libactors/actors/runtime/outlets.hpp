#pragma once

#include "actors/runtime/dead_letter_office.hpp"
#include "actors/runtime/event_bus.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/overflow_tally.hpp"
#include "actors/runtime/tap_board.hpp"

#include <memory>
#include <utility>

namespace actors {

/// Where children and supervisors tell what happens. Shared by the node and its pipelines: one that
/// was abandoned may outlive the node.
struct outlets {
  outlets(log_function to = [](const log_line&) {}) : log{std::move(to)} {} // NOLINT: a log will do

  log_function log;
  std::shared_ptr<event_bus> transitions = std::make_shared<event_bus>();
  std::shared_ptr<dead_letter_office> dead_letters = std::make_shared<dead_letter_office>();
  std::shared_ptr<overflow_tally> overflows = std::make_shared<overflow_tally>();
  std::shared_ptr<tap_board> taps = std::make_shared<tap_board>();
};

} // namespace actors
