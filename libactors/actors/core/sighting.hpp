#pragma once

#include "actors/core/event_batch.hpp"

#include <string>

namespace actors {

/// A batch that went into a child's mailbox.
struct sighting {
  std::string edge;  ///< the full id of who receives it
  event_batch batch; ///< as it went in
};

} // namespace actors
