#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

namespace actors {

/// A queue in one block that doubles when it is full. Holds no memory while it is empty and new: a
/// std::deque takes 600 bytes at once, which would be a quarter of a child.
template <class T>
class ring {
public:
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// For how many items there is memory.
  std::size_t capacity() const { return block_.capacity(); }

  T& operator[](std::size_t index) { return block_[(first_ + index) & (block_.size() - 1)]; }
  const T& operator[](std::size_t index) const {
    return block_[(first_ + index) & (block_.size() - 1)];
  }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }

  void push_back(T item) {
    if (size_ == block_.size())
      grow();
    (*this)[size_++] = std::move(item);
  }

  void pop_front() {
    assert(size_ > 0);
    front() = T{}; // what it held is let go of now
    first_ = (first_ + 1) & (block_.size() - 1);
    --size_;
  }

  /// Costs as much as there is before `index`: meant for items near the front.
  void erase(std::size_t index) {
    for (; index > 0; --index)
      (*this)[index] = std::move((*this)[index - 1]);
    pop_front();
  }

  /// Drops everything, and the memory.
  void clear() {
    block_ = std::vector<T>{}; // `= {}` would keep it
    first_ = size_ = 0;
  }

private:
  void grow() {
    auto block = std::vector<T>(std::max<std::size_t>(4, block_.size() * 2));
    for (std::size_t i = 0; i < size_; ++i)
      block[i] = std::move((*this)[i]);
    block_ = std::move(block);
    first_ = 0;
  }

  std::vector<T> block_; ///< as long as a power of two, or empty
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

} // namespace actors
