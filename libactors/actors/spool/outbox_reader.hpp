#pragma once

#include "actors/protocol/source.hpp"
#include "actors/spool/outbox.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace actors {

/// Hands on what is in an outbox, in order, each batch marked with its id. On a drain it goes on
/// while the receiver takes something; what is left stays where it is.
class outbox_reader final : public source {
public:
  /// Kept value: how far was handed on. Atomic, so that one that hangs may come back to it.
  using position = std::atomic<std::uint64_t>;

  /// `from` and `at` are shared with whoever makes the next one; `from` with the writer too.
  outbox_reader(std::shared_ptr<outbox> from, std::shared_ptr<position> at)
    : outbox_{std::move(from)}, at_{std::move(at)} {}

  void run(source_context& ctx) override;

private:
  enum class turn : std::uint8_t { handed_on, refused, nothing_there };

  turn hand_on(source_context& ctx);
  void complain(const error& why, source_context& ctx);
  bool must_end(turn last, source_context& ctx);

  std::shared_ptr<outbox> outbox_;
  std::shared_ptr<position> at_;
  std::optional<outbox::entry> next_; ///< read, and not taken yet
  std::optional<time_point> refused_since_;
  bool in_trouble_ = false;
};

} // namespace actors
