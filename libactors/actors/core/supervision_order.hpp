#pragma once

#include "actors/core/notice.hpp"

#include <cstdint>

namespace actors {

/// A thing for the supervisor to do to a child.
struct supervision_order {
  enum class verb : std::uint8_t {
    start,   ///< build the instance of `incarnation`
    drain,   ///< work off what was accepted, then report `drained`
    stop,    ///< end, then report `stopped`
    abandon, ///< it hangs: let go of the instance, never touch it again; the slot stays
    close,   ///< it will not run again, unless it is reset: refuse its messages, count those left
    remove,  ///< it is gone, its slot too
  };
  verb what{};
  child_key child = 0;
  std::uint64_t incarnation = 0;

  friend bool operator==(const supervision_order&, const supervision_order&) = default;
};

} // namespace actors
