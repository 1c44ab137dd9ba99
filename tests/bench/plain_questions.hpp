#pragma once

#include "actors/core/event_batch.hpp"

#include <functional>
#include <memory>

namespace actors::bench {

/// A plain CAF actor that answers with what it is asked, and threads that ask it: the least a
/// question costs in CAF.
class plain_questions {
public:
  plain_questions();
  ~plain_questions(); ///< no asker may be left

  /// A call, for one thread, that asks and waits for the answer; it throws when there is none
  /// within ten seconds.
  std::function<void()> asker(const event_batch& question);

private:
  struct inside;
  std::unique_ptr<inside> inside_;
};

} // namespace actors::bench
