#include "actors/runtime/dead_letter_office.hpp"

#include <utility>

namespace actors {

void dead_letter_office::take(loss reason, const std::string& child, const event_batch& what) {
  auto letter = dead_letter{reason, child, what.size(), {}, std::chrono::system_clock::now()};
  if (!what.empty()) {
    letter.what = name_of(what[0].type);
    letter.what.append(" ").append(what[0].path);
  }
  const auto held = std::scoped_lock{mutex_};
  counts_.add(reason, what.size());
  journal_.add(std::move(letter));
}

loss_counts dead_letter_office::counts() const {
  const auto held = std::scoped_lock{mutex_};
  return counts_;
}

journal<dead_letter>::page dead_letter_office::read(std::uint64_t after, std::size_t max) const {
  const auto held = std::scoped_lock{mutex_};
  return journal_.read(after, max);
}

} // namespace actors
