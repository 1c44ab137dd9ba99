#pragma once

#include <cstdint>
#include <vector>

namespace actors {

/// What a batch says of the sources: "all that `source` told up to `number` is in this batch, or in
/// one before it on this way".
struct source_mark {
  std::uint32_t source = 0;
  std::uint64_t number = 0;

  friend bool operator==(const source_mark&, const source_mark&) = default;
};

/// The marks of one batch, at most one a source: the highest. A pipeline has few sources that mark
/// their batches, so they are searched one by one.
class batch_marks {
public:
  batch_marks() = default;
  explicit batch_marks(source_mark only) : marks_{only} {}

  void add(source_mark what);
  void add(const batch_marks& others);

  bool empty() const { return marks_.empty(); }

  /// 0 when nothing is said of that source.
  std::uint64_t number_of(std::uint32_t source) const;

  auto begin() const { return marks_.begin(); }
  auto end() const { return marks_.end(); }
  friend bool operator==(const batch_marks&, const batch_marks&) = default;

private:
  std::vector<source_mark> marks_;
};

} // namespace actors
