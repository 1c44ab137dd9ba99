#pragma once

#include "actors/core/event_batch.hpp"
#include "actors/core/inbox_limits.hpp"

#include <cstddef>
#include <memory>
#include <optional>

namespace actors {

class inbox_store;

/// Where a pipeline leaves its batches for a host that has an event loop of its own: the loop waits
/// on a descriptor, beside all its others, and takes what there is on its own thread. No code of
/// the host runs anywhere else.
///
///   auto inbox = actors::batch_inbox{};
///   auto pipeline = node.pipeline("sources").watch("/srv").emit("to-loop", inbox).start();
///   auto waits = pollfd{inbox.descriptor(), POLLIN, 0};
///   while (!inbox.is_done() && poll(&waits, 1, -1) > 0)
///     while (auto batch = inbox.take())
///       ...
///
/// A batch counts as delivered when it is in the inbox. When that is full, the mailbox before it
/// fills, and then what its policy says happens: by default the pipeline waits for the host. So a
/// loop that wants to stop asks (`pipeline::request_stop`) and goes on taking until `is_done`;
/// `node::stop` would wait, in the loop, for what only the loop can take.
///
/// Several pipelines may fill one inbox. It may be destroyed before they end: their sinks for it
/// then end too. Thread-safe, but for construction and destruction.
class batch_inbox {
public:
  /// Throws std::system_error when the machine has no descriptor left.
  explicit batch_inbox(inbox_limits limits = {});
  ~batch_inbox();
  batch_inbox(const batch_inbox&) = delete;
  batch_inbox& operator=(const batch_inbox&) = delete;

  /// Readable (POLLIN) while there is something to take, and once it is done. Only to be waited
  /// on; it is the inbox's, and valid as long.
  int descriptor() const;

  /// The oldest batch; none: there is none now. Never waits.
  std::optional<event_batch> take();

  /// Batches that wait.
  std::size_t size() const;

  /// All pipelines that filled it have ended, and all is taken. False before the first has started.
  bool is_done() const;

private:
  friend class pipeline_builder;

  std::shared_ptr<inbox_store> store_; ///< shared with the sinks that fill it
};

} // namespace actors
