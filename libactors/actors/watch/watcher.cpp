#include "actors/watch/watcher.hpp"

#include "actors/watch/watch_session.hpp"

namespace actors {

void watcher::run(source_context& ctx) {
  auto queue = open_queue_(options_.backend);
  if (!queue)
    ctx.fail(queue.error().text);
  watch_session{options_, *told_, **queue, ctx, state_.get()}.run();
}

} // namespace actors
