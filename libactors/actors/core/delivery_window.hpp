#pragma once

#include "actors/core/ring.hpp"
#include "actors/core/time_point.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace actors {

/// What was accepted for a receiver and is not known to be safe there: the sender's side.
///
/// A connection is a *session*. In each, items are numbered 1, 2, ... from the oldest that is not
/// known to be safe, so a new session gives everything again that the last one left open. The
/// receiver acknowledges numbers of the session, all up to one at once, and says how many may be
/// open after that (its credit). Which session an ack belongs to is known by the connection it came
/// on: one of an earlier connection must not be given to the window.
///
/// The window has no clock: times are given, and must not go backwards.
template <class T>
class delivery_window {
public:
  /// Holds so many items; requires at least 1.
  explicit delivery_window(std::size_t items_max) : items_max_{items_max} {
    assert(items_max >= 1);
  }

  bool has_room() const { return items_.size() < items_max_; }
  std::size_t size() const { return items_.size(); }
  std::size_t capacity() const { return items_max_; }

  /// Requires room.
  void add(T item) {
    assert(has_room());
    items_.push_back(std::move(item));
  }

  /// A new connection: whatever is not acknowledged will be given (again), numbered from 1.
  void begin_session(std::size_t credit) {
    end_session();
    is_in_session_ = true;
    credit_ = credit;
  }

  /// The connection is gone. Nothing is given until there is another.
  void end_session() {
    is_in_session_ = false;
    credit_ = 0;
    acked_ = 0;
    in_flight_ = 0;
    waiting_since_.reset();
  }

  bool is_in_session() const { return is_in_session_; }

  struct outgoing {
    std::uint64_t number = 0; ///< in this session
    const T* item = nullptr;  ///< until the window is changed
    bool is_repeat = false;   ///< it was given in an earlier session
  };

  /// The next item to send, which counts as sent. Nothing: wait for an ack, or for an item.
  std::optional<outgoing> next(time_point now) {
    if (in_flight_ >= credit_ || in_flight_ >= items_.size())
      return std::nullopt;
    const auto index = in_flight_++;
    const auto is_repeat = index < given_;
    given_ = std::max(given_, in_flight_);
    ++(is_repeat ? repeated_ : sent_);
    if (!waiting_since_)
      waiting_since_ = now;
    return outgoing{acked_ + in_flight_, &items_[index], is_repeat};
  }

  /// The receiver has everything up to that number safe, and takes `credit` more. How many of the
  /// oldest items that makes safe: they are removed. 0 for an ack that is old or says nothing new.
  /// Nothing when the receiver speaks nonsense: it was not sent that; then nothing changes.
  ///
  /// Of two acks of the same number the later one has the right credit; an older number has none.
  std::optional<std::size_t> acknowledge(std::uint64_t upto, std::size_t credit, time_point now) {
    if (upto > acked_ + in_flight_)
      return std::nullopt;
    if (!is_in_session_ || upto < acked_)
      return 0;
    credit_ = credit;
    const auto count = static_cast<std::size_t>(upto - acked_);
    if (count == 0)
      return 0;
    for (std::size_t i = 0; i < count; ++i)
      items_.pop_front();
    acked_ = upto;
    in_flight_ -= count;
    given_ -= count;
    acknowledged_ += count;
    waiting_since_.reset();
    if (in_flight_ > 0)
      waiting_since_ = now;
    return count;
  }

  /// Since when something that was sent waits for an ack without any progress. Nothing: nothing
  /// that was sent is open.
  std::optional<time_point> waiting_since() const { return waiting_since_; }

  std::size_t in_flight() const { return in_flight_; }              ///< sent in this session, open
  std::size_t unsent() const { return items_.size() - in_flight_; } ///< in this session
  std::size_t credit() const { return credit_; }

  std::uint64_t sent() const { return sent_; }         ///< items, each once
  std::uint64_t repeated() const { return repeated_; } ///< times one was given again
  std::uint64_t acknowledged() const { return acknowledged_; }

private:
  std::size_t items_max_;
  ring<T> items_;         ///< the oldest first; none of them is acknowledged
  std::size_t given_ = 0; ///< how many of them were given in some session
  bool is_in_session_ = false;
  std::size_t credit_ = 0;
  std::uint64_t acked_ = 0;   ///< the last number of this session that was
  std::size_t in_flight_ = 0; ///< how many of the items were given in this session
  std::optional<time_point> waiting_since_;
  std::uint64_t sent_ = 0;
  std::uint64_t repeated_ = 0;
  std::uint64_t acknowledged_ = 0;
};

} // namespace actors
