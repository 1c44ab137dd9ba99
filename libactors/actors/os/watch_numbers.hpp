#pragma once

#include "actors/core/file_facts.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace actors {

/// Which directory an inotify watch is on. Numbers are given in rising order and never again while
/// the instance lives (inotify(7)), so a sorted list is enough: 16 bytes a directory, where a hash
/// map takes 40.
class watch_numbers {
public:
  /// The kernel gives the number that a directory has already, should it be watched twice.
  void set(int number, file_identity directory) {
    last_ = {};
    if (list_.empty() || list_.back().number < number) {
      list_.push_back({number, directory});
      return;
    }
    auto at = find(number);
    if (at != list_.end() && at->number == number) {
      erased_ -= at->directory ? 0 : 1;
      at->directory = directory;
    } else {
      list_.insert(at, {number, directory}); // the numbers wrapped around, after 2^31 of them
    }
  }

  /// Nobody: it was erased, or never set.
  file_identity directory_of(int number) const {
    if (number == last_.number)
      return last_.directory; // events cluster
    const auto at = find(number);
    if (at == list_.end() || at->number != number)
      return {};
    last_ = *at;
    return at->directory;
  }

  void erase(int number) {
    const auto at = find(number);
    if (at == list_.end() || at->number != number || !at->directory)
      return;
    at->directory = {};
    last_ = {};
    if (++erased_ > list_.size() / 2) {
      std::erase_if(list_, [](const entry& x) { return !x.directory; });
      erased_ = 0;
    }
  }

  std::size_t size() const { return list_.size() - erased_; }

private:
  struct entry {
    int number = -1;
    file_identity directory;
  };

  template <class Self>
  static auto find_in(Self& list, int number) {
    return std::lower_bound(
      list.begin(), list.end(), number, [](const entry& x, int n) { return x.number < n; });
  }
  std::vector<entry>::iterator find(int number) { return find_in(list_, number); }
  std::vector<entry>::const_iterator find(int number) const { return find_in(list_, number); }

  std::vector<entry> list_; ///< sorted; erased ones stay, without a directory, until they are many
  std::size_t erased_ = 0;
  mutable entry last_; ///< found last
};

} // namespace actors
