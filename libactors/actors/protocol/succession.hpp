#pragma once

#include <cstdint>

namespace actors {

/// What became of the incarnation before: what a factory must know of the values it keeps.
enum class succession : std::uint8_t {
  first,      ///< there was none
  after_end,  ///< it crashed or was stopped, and is gone: what it kept is its successor's
  after_hang, ///< it hangs, and may come back to what it was given: share nothing with it
};

} // namespace actors
