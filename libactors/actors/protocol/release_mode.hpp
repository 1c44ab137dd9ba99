#pragma once

#include <cstdint>

namespace actors {

/// When a batch leaves its mailbox for good. Until then a crash brings it back.
enum class release_mode : std::uint8_t {
  on_return, ///< when the handler it was given to returns
  manual, ///< when the stage or sink says so: it folds several into one, or has them on their way
};

} // namespace actors
