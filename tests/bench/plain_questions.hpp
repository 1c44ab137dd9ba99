#pragma once

#include "actors/core/event_batch.hpp"

#include <memory>

namespace actors::bench {

/// A plain CAF actor that answers with what it is asked, and a thread that asks it: the least a
/// question costs in CAF.
class plain_questions {
public:
  plain_questions();
  ~plain_questions();

  /// Throws when there is no answer within a second.
  void ask(const event_batch& question);

private:
  struct inside;
  std::unique_ptr<inside> inside_;
};

} // namespace actors::bench
