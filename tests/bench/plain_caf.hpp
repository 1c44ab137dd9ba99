#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "tally.hpp"

namespace actors::bench {

/// The same work on CAF as it comes: an actor system of its own, no supervision, no bound but the
/// one written here.
class plain_caf {
public:
  enum mode {
    unbounded, ///< send and forget; memory is the only limit
    credit,    ///< a window of `capacity` messages an edge, granted again in quarters
  };

  plain_caf(std::size_t capacity, std::chrono::seconds patience);
  ~plain_caf();

  /// One thread sends to one actor.
  cost mailbox(const load& what, mode how);

  /// One thread sends through two actors to a third.
  cost pipeline(const load& what, mode how);

private:
  struct inside;
  cost run(const load& what, mode how, std::size_t passing);

  std::unique_ptr<inside> inside_;
};

} // namespace actors::bench
