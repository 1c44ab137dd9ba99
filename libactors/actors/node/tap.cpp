#include "actors/node/tap.hpp"

#include "actors/runtime/tap_board.hpp"

namespace actors {

journal<sighting>::page tap::read(
  std::uint64_t after, std::size_t max, std::chrono::milliseconds within) const {
  return at_->read(after, max, std::chrono::steady_clock::now() + within);
}

} // namespace actors
