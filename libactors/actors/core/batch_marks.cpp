#include "actors/core/batch_marks.hpp"

#include <algorithm>

namespace actors {

void batch_marks::add(source_mark what) {
  const auto same = [&](const source_mark& x) { return x.source == what.source; };
  const auto known = std::find_if(marks_.begin(), marks_.end(), same);
  if (known == marks_.end())
    marks_.push_back(what);
  else
    known->number = std::max(known->number, what.number);
}

void batch_marks::add(const batch_marks& others) {
  for (const auto& x : others)
    add(x);
}

std::uint64_t batch_marks::number_of(std::uint32_t source) const {
  for (const auto& x : marks_)
    if (x.source == source)
      return x.number;
  return 0;
}

} // namespace actors
