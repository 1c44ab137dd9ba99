#pragma once

#include "actors/protocol/context.hpp"

namespace actors {

/// Where events come from. It runs on a thread of its own and may block, but only on descriptors of
/// which one is the context's wake descriptor.
class source {
public:
  virtual ~source() = default;

  /// Works until a drain or stop is requested, then returns. Returning otherwise, or throwing, is a
  /// crash. What must survive one is kept outside the object.
  virtual void run(source_context& ctx) = 0;
};

} // namespace actors
