#pragma once

#include "actors/core/batch_marks.hpp"
#include "actors/core/batch_origin.hpp"
#include "actors/core/event.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace actors {

/// Records handed on together, in order. Immutable and shared: a copy costs one reference count.
///
/// All text lies in one block, so a batch costs a handful of allocations and not one a record.
/// Made by a `batch_builder`.
class event_batch {
public:
  class iterator;
  using value_type =
    event; ///< what can be walked must say what is in it, or CAF refuses to send it

  event_batch() = default;

  /// How many records it has.
  std::size_t size() const noexcept { return block_ ? block_->records.size() : 0; }
  /// No records; marks it may have.
  bool empty() const noexcept { return size() == 0; }

  /// Neither records nor marks: such a batch is taken and forgotten.
  bool is_void() const noexcept { return empty() && marks_ == nullptr; }

  /// Memory its records hold, in bytes; what a mailbox counts against its bound. (Marks are a few
  /// bytes, and there is a batch for each: the bound on batches bounds them.)
  std::size_t bytes() const noexcept { return block_ ? block_->bytes() : 0; }

  /// How many of its records are of that type. Costs nothing: they were counted when it was made.
  std::size_t count(event_type type) const noexcept {
    return block_ ? block_->by_type[static_cast<std::size_t>(type)] : 0;
  }

  /// Without the rest of the record. Requires `index < size()`.
  event_type type_at(std::size_t index) const noexcept { return block_->records[index].type; }

  /// When the record was noticed. Requires `index < size()`.
  wall_time time_at(std::size_t index) const noexcept {
    return wall_time{std::chrono::nanoseconds{block_->records[index].time}};
  }

  /// Requires `index < size()`.
  event operator[](std::size_t index) const noexcept;

  /// Walks the records in order; they are views into the batch.
  iterator begin() const noexcept;
  iterator end() const noexcept; ///< behind the last record

  /// The sequence number of the first record; the others follow without a gap. 0: not numbered yet.
  std::uint64_t first_seq() const noexcept { return first_seq_; }

  /// The sequence number of the record at that place; 0: it has none.
  std::uint64_t seq_at(std::size_t index) const noexcept {
    return first_seq_ == 0 ? 0 : first_seq_ + index;
  }

  /// The same records, numbered from `first`.
  event_batch numbered(std::uint64_t first) const {
    auto copy = *this;
    copy.first_seq_ = first;
    return copy;
  }

  /// How far the sources had got (see `source_mark`); nullptr: nothing is said, as for most
  /// batches. The runtime hands marks on when their batch is released; stages need not know of
  /// them.
  const batch_marks* marks() const noexcept { return marks_.get(); }

  /// The same records, with these marks and no others.
  event_batch marked(batch_marks marks) const {
    auto copy = *this;
    copy.marks_ = marks.empty() ? nullptr : std::make_shared<const batch_marks>(std::move(marks));
    return copy;
  }
  /// The same records without marks.
  event_batch unmarked() && {
    marks_ = nullptr;
    return std::move(*this);
  }

  /// Where it was made; nullptr: in this pipeline. The number of its first record is of there.
  const std::shared_ptr<const batch_origin>& origin() const noexcept { return origin_; }

  /// The same records, made there.
  event_batch from(std::shared_ptr<const batch_origin> origin) const {
    auto copy = *this;
    copy.origin_ = std::move(origin);
    return copy;
  }

private:
  friend class batch_builder;

  struct record {
    std::uint64_t size = 0; ///< for a marker: index into `markers`
    std::int64_t time = 0;
    std::uint64_t identity = 0;
    std::uint64_t version = 0;
    std::uint32_t path_at = 0;
    std::uint32_t path_size = 0;
    std::uint32_t from_at = 0;
    std::uint32_t from_size = 0;
    std::uint32_t lost_at = 0; ///< index into `lost`, plus 1; 0: nothing was
    event_type type{};
    file_type ftype{};
    bool replaced = false;
    bool initial = false;
  };

  static_assert(sizeof(record) == 56, "there are many of them");

  /// What had the name before, where that is known.
  struct loss {
    std::uint64_t identity = 0;
    std::uint64_t version = 0;
  };

  /// What only markers carry; they are rare.
  struct marker {
    std::string text;
    std::uint64_t directories = 0;
    std::uint64_t files = 0;
    std::uint64_t changes = 0;
    std::chrono::milliseconds took{0};
    bool baseline = false;
  };

  struct contents {
    std::string text;
    std::vector<record> records;
    std::vector<loss> lost;
    std::vector<marker> markers;
    std::size_t marker_text = 0; ///< bytes
    std::array<std::uint32_t, event_types> by_type{};

    std::size_t bytes() const noexcept {
      return sizeof(contents) + text.capacity() + marker_text + records.capacity() * sizeof(record)
             + lost.capacity() * sizeof(loss) + markers.capacity() * sizeof(marker);
    }
  };

  explicit event_batch(std::shared_ptr<const contents> block) : block_{std::move(block)} {}

  std::shared_ptr<const contents> block_;      ///< shared by every mailbox and stage it is in
  std::shared_ptr<const batch_marks> marks_;   ///< shared by the same
  std::shared_ptr<const batch_origin> origin_; ///< shared by all batches of a stream
  std::uint64_t first_seq_ = 0;
};

/// Walks a batch; yields `event` by value, since an event is a view.
class event_batch::iterator {
public:
  using value_type = event;
  using difference_type = std::ptrdiff_t;

  iterator() = default;
  iterator(const event_batch* batch, std::size_t index) : batch_{batch}, index_{index} {}

  event operator*() const noexcept { return (*batch_)[index_]; }
  iterator& operator++() noexcept {
    ++index_;
    return *this;
  }
  iterator operator++(int) noexcept {
    auto before = *this;
    ++index_;
    return before;
  }
  friend bool operator==(const iterator& a, const iterator& b) noexcept {
    return a.index_ == b.index_;
  }

private:
  const event_batch* batch_ = nullptr;
  std::size_t index_ = 0;
};

inline event_batch::iterator event_batch::begin() const noexcept {
  return {this, 0};
}
inline event_batch::iterator event_batch::end() const noexcept {
  return {this, size()};
}

} // namespace actors
