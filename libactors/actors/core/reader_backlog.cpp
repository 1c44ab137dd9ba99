#include "actors/core/reader_backlog.hpp"

#include <utility>

namespace actors {

void reader_backlog::add(block lines) {
  const auto size = lines->size();
  if (size == 0)
    return;
  bytes_ += size;
  pieces_.push_back({std::move(lines), 0, size});
}

std::uint64_t reader_backlog::make_room_for(std::size_t bytes) {
  if (has_room_for(bytes))
    return 0;
  auto first = std::size_t{0}; // of those that may go
  if (begins_within_a_line()) {
    auto& torn = pieces_.front();
    const auto cut = end_of_line(torn);
    if (cut < torn.end) {
      auto rest = piece{torn.lines, cut, torn.end};
      torn.end = cut;
      pieces_.insert(pieces_.begin() + 1, std::move(rest));
    }
    first = 1;
  }
  auto dropped = std::uint64_t{0};
  while (bytes_ + bytes > bytes_max_ && pieces_.size() > first) {
    auto& oldest = pieces_[first];
    const auto next = end_of_line(oldest);
    bytes_ -= next - oldest.begin;
    oldest.begin = next;
    ++dropped;
    if (oldest.begin == oldest.end)
      pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(first));
  }
  return dropped;
}

std::string_view reader_backlog::front() const {
  const auto& x = pieces_.front();
  return std::string_view{*x.lines}.substr(x.begin, x.end - x.begin);
}

void reader_backlog::written(std::size_t bytes) {
  auto& x = pieces_.front();
  x.begin += bytes;
  bytes_ -= bytes;
  if (x.begin == x.end)
    pieces_.pop_front();
}

} // namespace actors
