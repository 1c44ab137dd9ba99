#pragma once

#include "actors/core/batch_marks.hpp"
#include "actors/core/event_batch.hpp"

#include <cstddef>

namespace actors {

/// Is told what becomes of batches at the sinks of a pipeline, on the threads of the sinks. `sink`
/// is the sink's place in the pipeline.
class delivery_listener {
public:
  virtual ~delivery_listener() = default;

  /// Before anything is delivered.
  virtual void has_sink(std::size_t sink) = 0;

  /// The records are about to be offered: from here on the reader may know of them. Throwing is a
  /// crash of the sink, and they are not offered.
  virtual void before_offer(std::size_t sink, const event_batch& records) = 0;

  /// What the marks speak of is safe where the sink took it, or was given up and is told of as an
  /// error.
  virtual void delivered(std::size_t sink, const batch_marks& marks) = 0;

  /// All children of the pipeline have ended; nothing more will come. The end is told after this.
  virtual void at_end() = 0;
};

} // namespace actors
