#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace actors {

/// What a full queue does with one more item.
enum class overflow_policy : std::uint8_t {
  hold,        ///< refuse it; the sender keeps it and is told when there is room. Nothing is lost.
  reject,      ///< refuse it; the sender is told once and that is all
  drop_newest, ///< lose it, and count the loss
  drop_oldest, ///< lose the oldest item nobody works on, and count the loss
};

struct mailbox_limits {
  /// Bounds the wait in line: at one batch a millisecond (what a busy watcher sends), a second.
  std::size_t messages_max = 1024;

  /// Bounds memory. 4 MiB is some 40,000 changes with 60-byte paths.
  std::size_t bytes_max = 4 * 1024 * 1024;

  overflow_policy on_full = overflow_policy::hold;
};

/// Counts since the queue was made. At any time `accepted == released + evicted + depth`.
struct queue_counters {
  std::uint64_t accepted = 0;
  std::uint64_t released = 0;
  std::uint64_t refused = 0; ///< by `hold` and `reject`: the sender knows
  std::uint64_t dropped = 0; ///< by `drop_newest` and a crowded-out `drop_oldest`: never accepted
  std::uint64_t evicted = 0; ///< accepted, then lost: by `drop_oldest`, or left over at the end
  std::size_t high_water = 0;
};

/// A queue with a bound on count and weight, whose items stay until they are *released*.
///
/// An item is pushed, then given to the consumer, then released. What was given but not released
/// still counts against the bound, and is given again, in order, after a `rewind`: so a consumer
/// that crashes loses nothing it had not finished.
///
/// An item heavier than the whole bound is accepted when the queue is empty; otherwise it could
/// never pass. Not thread-safe; a mailbox puts a lock around it.
template <class T>
class bounded_queue {
public:
  enum class outcome : std::uint8_t { taken, full, dropped };

  struct given {
    std::uint64_t id; ///< for release; grows with each item
    const T& item;    ///< valid until it is released
  };

  explicit bounded_queue(mailbox_limits limits = {}) : limits_{limits} {}

  outcome push(T item, std::size_t bytes) {
    if (!has_room(bytes) && !make_room(bytes))
      return turn_away();
    put(std::move(item), bytes);
    return outcome::taken;
  }

  /// Sets room aside for one item of `bytes`, for a sender that cannot commit yet. False when
  /// there is none; under a dropping policy there always is, since the push itself may drop.
  [[nodiscard]] bool reserve(std::size_t bytes) {
    if (!drops() && !has_room(bytes)) {
      ++counters_.refused;
      return false;
    }
    ++reserved_;
    reserved_bytes_ += bytes;
    return true;
  }

  void cancel(std::size_t bytes) {
    assert(reserved_ > 0 && reserved_bytes_ >= bytes);
    --reserved_;
    reserved_bytes_ -= bytes;
  }

  /// Pushes an item for which room was reserved.
  outcome push_reserved(T item, std::size_t bytes) {
    cancel(bytes);
    return push(std::move(item), bytes);
  }

  /// The first item not given since the last rewind; nothing when all were given.
  std::optional<given> give() {
    if (given_ == items_.size())
      return std::nullopt;
    const auto& x = items_[given_++];
    return given{x.id, x.item};
  }

  /// The same without giving it.
  std::optional<given> peek() const {
    if (given_ == items_.size())
      return std::nullopt;
    return given{items_[given_].id, items_[given_].item};
  }

  /// Removes every given item up to and including `id`.
  void release(std::uint64_t id) {
    while (given_ > 0 && items_.front().id <= id) {
      bytes_ -= items_.front().bytes;
      items_.pop_front();
      --given_;
      ++counters_.released;
    }
  }

  /// Everything not released will be given again, oldest first.
  void rewind() { given_ = 0; }

  /// Counts an item that came when nobody takes items any more.
  void refuse() { ++counters_.dropped; }

  /// Drops everything, counted. Returns how many items that were.
  std::size_t clear() {
    const auto lost = items_.size();
    counters_.evicted += lost;
    items_.clear();
    given_ = 0;
    bytes_ = 0;
    return lost;
  }

  std::size_t depth() const { return items_.size(); }
  std::size_t waiting() const { return items_.size() - given_; } ///< not given yet
  std::size_t bytes() const { return bytes_; }
  const queue_counters& counters() const { return counters_; }
  const mailbox_limits& limits() const { return limits_; }

  /// True when an item of `bytes` would be taken without dropping another.
  bool has_room(std::size_t bytes) const { return fits(items_.size(), bytes_, bytes); }

  /// How full, 0 to 1, by whichever bound is nearer.
  double fill() const {
    const auto by_count = static_cast<double>(items_.size())
                          / static_cast<double>(std::max<std::size_t>(limits_.messages_max, 1));
    const auto by_bytes = static_cast<double>(bytes_)
                          / static_cast<double>(std::max<std::size_t>(limits_.bytes_max, 1));
    return std::max(by_count, by_bytes);
  }

private:
  struct entry {
    std::uint64_t id;
    std::size_t bytes;
    T item;
  };

  bool drops() const {
    return limits_.on_full == overflow_policy::drop_newest
           || limits_.on_full == overflow_policy::drop_oldest;
  }

  /// Whether an item of `bytes` fits beside `count` items of `weight`. Where the push itself may
  /// drop, reservations keep no room.
  bool fits(std::size_t count, std::size_t weight, std::size_t bytes) const {
    if (!drops()) {
      count += reserved_;
      weight += reserved_bytes_;
    }
    return count == 0 || (count < limits_.messages_max && weight + bytes <= limits_.bytes_max);
  }

  void put(T item, std::size_t bytes) {
    items_.push_back({++last_id_, bytes, std::move(item)});
    bytes_ += bytes;
    ++counters_.accepted;
    counters_.high_water = std::max(counters_.high_water, items_.size());
  }

  outcome turn_away() {
    if (limits_.on_full == overflow_policy::hold || limits_.on_full == overflow_policy::reject) {
      ++counters_.refused;
      return outcome::full;
    }
    ++counters_.dropped;
    return outcome::dropped;
  }

  /// Under `drop_oldest`, evicts the oldest items not given until there is room. An item in work
  /// is never evicted.
  bool make_room(std::size_t bytes) {
    if (limits_.on_full != overflow_policy::drop_oldest)
      return false;
    auto in_work = std::size_t{0};
    for (std::size_t i = 0; i < given_; ++i)
      in_work += items_[i].bytes;
    if (!fits(given_, in_work, bytes))
      return false; // evicting all that waits would not help
    while (!has_room(bytes) && given_ < items_.size()) {
      auto oldest = items_.begin() + static_cast<std::ptrdiff_t>(given_);
      bytes_ -= oldest->bytes;
      items_.erase(oldest);
      ++counters_.evicted;
    }
    return has_room(bytes);
  }

  mailbox_limits limits_;
  std::deque<entry> items_; ///< the first `given_` of them are in work
  std::size_t given_ = 0;
  std::size_t bytes_ = 0;
  std::size_t reserved_ = 0;
  std::size_t reserved_bytes_ = 0;
  std::uint64_t last_id_ = 0;
  queue_counters counters_;
};

} // namespace actors
