#include "actors/runtime/letter_box.hpp"

#include "actors/runtime/messages.hpp"
#include "actors/runtime/question.hpp"

#include <utility>

namespace actors {

letter_box::letter_box(
  caf::actor_config& config, std::shared_ptr<running_pipeline> pipeline, std::string child)
  : caf::event_based_actor{config}, pipeline_{std::move(pipeline)}, child_{std::move(child)} {
  // CAF's own handlers print to standard output, which belongs to the data.
  set_default_handler(caf::drop);
  set_error_handler([](caf::scheduled_actor*, caf::error&) {});
  set_down_handler([](caf::scheduled_actor*, caf::down_msg&) {});
}

void letter_box::enqueue(caf::mailbox_element_ptr what, caf::execution_unit* unit) {
  const auto& content = what->content();
  if (!content.match_elements<event_batch>())
    return caf::event_based_actor::enqueue(std::move(what), unit);
  const auto& batch = content.get_as<event_batch>(0);
  if (!what->sender || !what->mid.is_request())
    return take_in(batch);
  const auto question = question_of(*what);
  const auto where = pipeline_->find(child_);
  if (!where || !where->has_mailbox())
    return question->answer(failure(errc::not_found, "there is no child " + child_));
  where->mailbox.put(batch, question, std::chrono::steady_clock::now());
}

/// Nobody waits for an answer, so what there is no room for is a loss.
void letter_box::take_in(const event_batch& batch) const {
  const auto where = pipeline_->find(child_);
  if (!where || !where->has_mailbox())
    return; // a worker that was removed: as if sent to an actor that has ended
  const auto sent = where->mailbox.push_until(batch, std::chrono::steady_clock::now());
  if (sent)
    return;
  switch (sent.error().code) {
    case errc::full: return where->on_loss(loss::full, batch);
    case errc::closed: return where->on_loss(loss::closed, batch);
    default: return where->on_loss(loss::down, batch);
  }
}

caf::behavior letter_box::make_behavior() {
  return {[](control_waits) {}}; // an actor without a behavior would end
}

} // namespace actors
