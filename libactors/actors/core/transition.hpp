#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace actors {

/// One line of the history of a node: something that a supervisor or a child told. Each is an edge;
/// what happens for every message is summed up.
struct transition {
  std::string_view event; ///< stable id, a literal: the same as in the log
  std::string child;      ///< "pipeline/child"; the pipeline's name when it is about all of it
  std::uint64_t incarnation = 0;                ///< of the child; 0: it is about none
  std::uint32_t attempt = 0;                    ///< child_backing_off: which one comes next
  std::chrono::milliseconds delay{0};           ///< child_backing_off: until the next start
  std::string text;                             ///< the reason, for people
  std::chrono::system_clock::time_point when{}; ///< when it was told
};

} // namespace actors
