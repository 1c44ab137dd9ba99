#pragma once

#include "actors/core/event_batch.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

namespace actors {

/// The changes that one run of a command is for.
class gathered_changes {
public:
  /// Takes in the changes of a batch, and no markers. False when there are none.
  bool add(const event_batch& batch);

  /// For a run that is for no change: the first, at `ready`.
  void add_ready(const event& ready);

  bool empty() const { return type_.empty(); }
  std::size_t bytes() const { return input_.size(); }

  const std::string& input() const { return input_; } ///< as NDJSON
  std::size_t count() const { return count_; }

  /// Each once, in the order they were told of; of a rename the new name.
  const std::vector<std::string>& paths() const { return paths_; }

  // Of the first one.
  std::uint64_t seq() const { return seq_; }
  const std::string& path() const { return path_; }
  const std::string& from() const { return from_; } ///< of a rename
  const std::string& type() const { return type_; }

private:
  void note_first(const event& what, std::uint64_t seq);

  std::string input_;
  std::size_t count_ = 0;
  std::vector<std::string> paths_;
  std::unordered_set<std::string> known_;
  std::uint64_t seq_ = 0;
  std::string path_, from_, type_;
};

} // namespace actors
