#pragma once

#include "actors/core/change_kinds.hpp"
#include "actors/protocol/stage.hpp"

namespace actors {

/// Passes on the changes that are wanted, and every marker: a reader who asks for few kinds must
/// still know when to distrust what it knows.
///
/// Belongs behind a debouncer: what that folds is one change of another kind (a create that is
/// modified stays a create), so a choice before it would make it tell what never happened.
class kind_filter final : public stage {
public:
  explicit kind_filter(change_kinds wanted) : wanted_{wanted} {}

  release_mode releases() const override { return release_mode::manual; }
  void on_batch(const event_batch& batch, context& ctx) override;
  void on_room(context& ctx) override;

private:
  bool is_wanted(event_type type) const { return !is_change(type) || wanted_.holds(type); }
  event_batch wanted_of(const event_batch& batch) const;

  change_kinds wanted_;
  event_batch held_; ///< while downstream is full no other batch is given
};

} // namespace actors
