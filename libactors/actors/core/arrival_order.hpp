#pragma once

#include <cassert>
#include <cstdint>

namespace actors {

/// Whether what comes over one connection comes in order: the receiver's side of a
/// `delivery_window`. It is in two steps, since what has come is not safe before it is committed,
/// and only what is safe may be acknowledged.
class arrival_order {
public:
  enum class verdict : std::uint8_t {
    next,     ///< take it
    repeated, ///< it came before over this connection
    gap       ///< one before it did not come: the connection is of no use any more
  };

  /// Judges the item of that number; `next` counts it as come. The first number is 1.
  verdict take(std::uint64_t number) {
    if (number == come_ + 1 && number != 0)
      return ++come_, verdict::next;
    return number == 0 || number > come_ ? verdict::gap : verdict::repeated;
  }

  /// Everything up to that number is safe now. Requires that it has come. Never goes back.
  void commit(std::uint64_t number) {
    assert(number <= come_);
    if (number > safe_)
      safe_ = number;
  }

  std::uint64_t upto() const { return safe_; }            ///< what to acknowledge
  std::uint64_t come() const { return come_; }            ///< the last that was `next`
  std::uint64_t waiting() const { return come_ - safe_; } ///< have come and are not safe yet

private:
  std::uint64_t come_ = 0;
  std::uint64_t safe_ = 0;
};

} // namespace actors
