#pragma once

#include "actors/core/file_facts.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace actors {

/// Keeps each combination of attributes once, however many files have it: a tree of a million files
/// has a few dozen. Holds no more than there are files.
class attribute_table {
public:
  /// Good until it is let go as often as it was taken.
  const file_attributes* take(const file_attributes& wanted) {
    const auto found = users_.try_emplace(wanted, 0).first;
    ++found->second;
    return &found->first;
  }

  void let_go(const file_attributes* taken) {
    const auto found = users_.find(*taken);
    if (--found->second == 0)
      users_.erase(found);
  }

  std::size_t size() const { return users_.size(); }

private:
  struct hash {
    std::size_t operator()(const file_attributes& x) const {
      auto mixed = (std::uint64_t{x.mode} << 32 | x.links) * 0x9E3779B97F4A7C15ULL;
      mixed ^= (std::uint64_t{x.owner} << 32 | x.group) * 0xC2B2AE3D27D4EB4FULL;
      return static_cast<std::size_t>(mixed ^ mixed >> 29);
    }
  };

  std::unordered_map<file_attributes, std::size_t, hash> users_;
};

} // namespace actors
