#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace actors {

/// What waits for one reader of a stream of lines. The text is shared with the other readers; whose
/// lines they are matters to nobody.
class reader_backlog {
public:
  /// Whole lines. Shared by the backlogs of all readers.
  using block = std::shared_ptr<const std::string>;

  explicit reader_backlog(std::size_t bytes_max) : bytes_max_{bytes_max} {}

  /// A block that is larger than the bound by itself finds room in an empty backlog.
  bool has_room_for(std::size_t bytes) const {
    return pieces_.empty() || bytes_ + bytes <= bytes_max_;
  }

  /// Requires lines, the last one with its end.
  void add(block lines);

  /// Drops the oldest whole lines until there is room, never the rest of a line of which the reader
  /// has the beginning. Returns how many.
  std::uint64_t make_room_for(std::size_t bytes);

  bool empty() const { return pieces_.empty(); }
  std::size_t bytes() const { return bytes_; }

  /// What is to be written next. Requires that it is not empty.
  std::string_view front() const;

  /// So much of the front is written.
  void written(std::size_t bytes);

private:
  struct piece {
    block lines;
    std::size_t begin;
    std::size_t end;
  };

  std::size_t end_of_line(const piece& x) const { return x.lines->find('\n', x.begin) + 1; }
  bool begins_within_a_line() const {
    const auto& x = pieces_.front();
    return x.begin != 0 && (*x.lines)[x.begin - 1] != '\n';
  }

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::deque<piece> pieces_;
};

} // namespace actors
