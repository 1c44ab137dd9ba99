#pragma once

#include "actors/core/mailbox_limits.hpp"
#include "actors/core/ring.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace actors {

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
    const T& item;    ///< valid until the queue changes: copy it
  };

  explicit bounded_queue(mailbox_limits limits = {}) : limits_{limits} {}

  /// `key` says which items stand for the same thing, for `conflate`.
  outcome push(T item, std::size_t bytes, std::uint64_t key = 0) {
    if (has_room(bytes) || make_room(bytes)) {
      put(std::move(item), bytes, key);
      return outcome::taken;
    }
    return conflate(item, bytes, key) ? outcome::taken : turn_away();
  }

  /// Sets room aside for one item of `bytes`, for a sender that cannot commit yet. False when
  /// there is none; under a dropping policy there always is, since the push itself may drop.
  [[nodiscard]] bool reserve(std::size_t bytes) {
    if (!drops() && !has_room(bytes)) {
      ++counters_.refused;
      return false;
    }
    set_aside(bytes);
    return true;
  }

  /// The same whether there is room or not.
  void set_aside(std::size_t bytes) {
    ++reserved_;
    reserved_bytes_ += bytes;
  }

  void cancel(std::size_t bytes) {
    assert(reserved_ > 0 && reserved_bytes_ >= bytes);
    --reserved_;
    reserved_bytes_ -= bytes;
  }

  /// Pushes an item for which room was reserved.
  outcome push_reserved(T item, std::size_t bytes, std::uint64_t key = 0) {
    cancel(bytes);
    return push(std::move(item), bytes, key);
  }

  /// What was accepted and then lost since the last call; to be asked for after each push or clear.
  std::vector<T> take_lost() { return std::exchange(lost_, {}); }

  /// The first item not given since the last rewind; nothing when all were given.
  std::optional<given> give() {
    if (given_ == items_.size())
      return std::nullopt;
    const auto& x = items_[given_++];
    if (auto waiting = by_key_.find(x.key); waiting != by_key_.end() && waiting->second == x.id)
      by_key_.erase(waiting); // an item in work is not exchanged
    return given{x.id, x.item};
  }

  /// The same without giving it.
  std::optional<given> peek() const {
    if (given_ == items_.size())
      return std::nullopt;
    return given{items_[given_].id, items_[given_].item};
  }

  /// Removes every given item up to and including `id`, and shows each to `look` before.
  template <class Look>
  void release(std::uint64_t id, Look look) {
    while (given_ > 0 && items_.front().id <= id) {
      look(items_.front().item);
      bytes_ -= items_.front().bytes;
      items_.pop_front();
      --given_;
      ++counters_.released;
    }
  }

  void release(std::uint64_t id) {
    release(id, [](const T&) {});
  }

  /// Nothing before the given item `id` is there any more.
  bool is_oldest(std::uint64_t id) const { return given_ > 0 && items_.front().id == id; }

  /// What became of an item that does not wait for the ones before it.
  enum class ending : std::uint8_t { handled, crashed };

  /// Removes the given item `id` alone.
  void finish(std::uint64_t id, ending how) {
    for (std::size_t i = 0; i < given_; ++i) {
      if (items_[i].id != id)
        continue;
      bytes_ -= items_[i].bytes;
      items_.erase(i);
      --given_;
      ++(how == ending::handled ? counters_.released : counters_.crashed);
      return;
    }
  }

  /// Calls `look(item)` for each item that was not given since the last rewind, oldest first.
  template <class Look>
  void for_each_waiting(Look look) const {
    for (auto i = given_; i < items_.size(); ++i)
      look(items_[i].item);
  }

  /// Everything not released will be given again, oldest first.
  void rewind() {
    if (limits_.on_full == overflow_policy::conflate)
      for (auto i = given_; i-- > 0;)                 // the newest first
        by_key_.emplace(items_[i].key, items_[i].id); // unless a newer one waits
    given_ = 0;
  }

  // For items that were turned away before they came here.
  void count_dropped() { ++counters_.dropped; }
  void count_refused() { ++counters_.refused; }

  /// Drops everything, counted. Returns how many items that were.
  std::size_t clear() {
    const auto lost = items_.size();
    counters_.evicted += lost;
    for (std::size_t i = 0; i < lost; ++i)
      lost_.push_back(std::move(items_[i].item));
    items_.clear();
    by_key_.clear();
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
    std::uint64_t id = 0;
    std::uint64_t key = 0;
    std::size_t bytes = 0;
    T item{};
  };

  bool drops() const {
    return limits_.on_full == overflow_policy::drop_newest
           || limits_.on_full == overflow_policy::drop_oldest
           || limits_.on_full == overflow_policy::conflate;
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

  void put(T item, std::size_t bytes, std::uint64_t key) {
    items_.push_back({++last_id_, key, bytes, std::move(item)});
    if (limits_.on_full == overflow_policy::conflate)
      by_key_[key] = last_id_;
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
      auto& oldest = items_[given_];
      bytes_ -= oldest.bytes;
      lost_.push_back(std::move(oldest.item));
      items_.erase(given_);
      ++counters_.evicted;
    }
    return has_room(bytes);
  }

  /// Under `conflate`, puts the item in the place of the waiting one with its key. False when there
  /// is none, or the exchange would break the bound on bytes.
  bool conflate(T& item, std::size_t bytes, std::uint64_t key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end())
      return false;
    auto& waiting = entry_of(found->second);
    if (items_.size() > 1 && bytes_ - waiting.bytes + bytes > limits_.bytes_max)
      return false;
    bytes_ = bytes_ - waiting.bytes + bytes;
    waiting.bytes = bytes;
    lost_.push_back(std::exchange(waiting.item, std::move(item)));
    ++counters_.conflated;
    ++counters_.accepted;
    return true;
  }

  /// The item `id`, which is there. Ids grow from front to back.
  entry& entry_of(std::uint64_t id) {
    auto low = std::size_t{0};
    for (auto high = items_.size(); high - low > 1;) {
      const auto middle = low + (high - low) / 2;
      (items_[middle].id <= id ? low : high) = middle;
    }
    return items_[low];
  }

  mailbox_limits limits_;
  ring<entry> items_; ///< the first `given_` of them are in work
  std::size_t given_ = 0;
  std::size_t bytes_ = 0;
  std::size_t reserved_ = 0;
  std::size_t reserved_bytes_ = 0;
  std::uint64_t last_id_ = 0;
  std::unordered_map<std::uint64_t, std::uint64_t> by_key_; ///< newest waiting id; conflate only
  std::vector<T> lost_;
  queue_counters counters_;
};

} // namespace actors
