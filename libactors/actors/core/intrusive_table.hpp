#pragma once

#include <cstddef>
#include <vector>

namespace actors {

/// A hash table whose links live in the items: 8 bytes an item and about 8 for its bucket, where
/// std::unordered_set takes 40 and an allocation. The tree of a million files has two of them.
///
/// `Traits` gives `static Item*& next(Item&)` and `static std::size_t hash(const Item&)`. The table
/// owns nothing; items must be erased before their hash changes. Equal items may be held together.
template <class Item, class Traits>
class intrusive_table {
public:
  void insert(Item& item) {
    if (size_ >= buckets_.size())
      grow();
    link(item);
    ++size_;
  }

  /// Requires that it is in the table.
  void erase(Item& item) {
    auto** at = &buckets_[index_of(Traits::hash(item))];
    while (*at != &item)
      at = &Traits::next(**at);
    *at = Traits::next(item);
    Traits::next(item) = nullptr;
    --size_;
  }

  /// The first item with this hash for which `matches` holds; nullptr when there is none.
  template <class Predicate>
  Item* find(std::size_t hash, Predicate matches) const {
    if (buckets_.empty())
      return nullptr;
    for (auto* item = buckets_[index_of(hash)]; item != nullptr; item = Traits::next(*item))
      if (matches(*item))
        return item;
    return nullptr;
  }

  std::size_t size() const { return size_; }

private:
  std::size_t index_of(std::size_t hash) const {
    return (hash * 0x9E3779B97F4A7C15ULL) >> shift_; // Fibonacci hashing spreads poor hashes
  }

  void link(Item& item) {
    auto*& first = buckets_[index_of(Traits::hash(item))];
    Traits::next(item) = first;
    first = &item;
  }

  void grow() {
    auto old = std::move(buckets_);
    buckets_.assign(old.empty() ? 16 : old.size() * 2, nullptr);
    shift_ = old.empty() ? 60 : shift_ - 1;
    for (auto* item : old)
      while (item != nullptr) {
        auto* next = Traits::next(*item);
        link(*item);
        item = next;
      }
  }

  std::vector<Item*> buckets_; ///< a power of two
  unsigned shift_ = 60;        ///< 64 minus its logarithm
  std::size_t size_ = 0;
};

} // namespace actors
