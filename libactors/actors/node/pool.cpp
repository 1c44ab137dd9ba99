#include "actors/node/pool.hpp"

#include "actors/node/names.hpp"
#include "actors/runtime/running_pipeline.hpp"

#include <utility>

namespace actors {

namespace {

/// A worker's id is "pool/workers/id": to the runtime a pool is a pipeline with one member.
const auto prefix = std::string{pool_member} + "/";

} // namespace

result<void> pool::add(std::vector<worker> workers, std::chrono::milliseconds within) {
  for (const auto& who : workers)
    if (!is_name(who.id))
      return failure(errc::invalid_argument, "worker \"" + who.id + "\": " + name_rule);
  return pipeline_.order(command_verb::add, pool_member, std::move(workers), within);
}

result<void> pool::remove(const std::string& worker, std::chrono::milliseconds within) {
  return pipeline_.order(command_verb::remove, prefix + worker, {}, within);
}

result<void> pool::push(
  const std::string& worker, const event_batch& what, std::chrono::milliseconds within) {
  return pipeline_.push(prefix + worker, what, within);
}

result<event_batch> pool::ask(
  const std::string& worker, const event_batch& question, std::chrono::milliseconds within) {
  return pipeline_.ask(prefix + worker, question, within);
}

result<void> pool::reset(const std::string& worker, std::chrono::milliseconds within) {
  return pipeline_.reset(prefix + worker, within);
}

} // namespace actors
