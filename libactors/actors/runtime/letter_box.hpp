#pragma once

#include "actors/runtime/running_pipeline.hpp"

#include <caf/event_based_actor.hpp>

#include <memory>
#include <string>

namespace actors {

/// An actor in front of a child: what is sent to it over CAF goes into the child's mailbox, on the
/// sender's thread, and what does not fit there is lost, and told. A request is a question.
///
/// It stays when what runs the child is exchanged, and keeps nothing alive but the record of the
/// pipeline. Nothing waits in it: `enqueue` diverts all data, so its own mailbox is empty.
class letter_box final : public caf::event_based_actor {
public:
  letter_box(
    caf::actor_config& config, std::shared_ptr<running_pipeline> pipeline, std::string child);

  using caf::event_based_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* unit) override;

protected:
  caf::behavior make_behavior() override;

private:
  void take_in(const event_batch& batch) const;

  std::shared_ptr<running_pipeline> pipeline_; ///< shared with the node, its threads and actors
  std::string child_;                          ///< full id
};

} // namespace actors
