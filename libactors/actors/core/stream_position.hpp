#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace actors {

/// How far a stream of numbered records has been stored: its high-water mark. Batches may come
/// again, in other pieces than before; what is at or below the mark is known.
class stream_position {
public:
  /// The number of the last record that is stored; 0: none is. Records are numbered from 1.
  constexpr stream_position() = default;
  explicit constexpr stream_position(std::uint64_t upto) : upto_{upto} {}

  constexpr std::uint64_t upto() const { return upto_; }

  /// Numbers that records can have: a store has signed ones, and 0 means not numbered. What a peer
  /// says is to be asked this first.
  static constexpr bool is_possible(std::uint64_t first_seq, std::size_t count) {
    constexpr auto last = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return first_seq >= 1 && first_seq <= last && count <= last - first_seq + 1;
  }

  struct placement {
    std::size_t known = 0;     ///< so many records, the first of the batch, are stored already
    std::uint64_t missing = 0; ///< so many before the first did not come. Legitimate where an edge
                               ///< may lose records, or another receiver has them: counted

    friend constexpr bool operator==(const placement&, const placement&) = default;
  };

  /// Where the records [first_seq, first_seq + count) stand. Requires possible numbers.
  constexpr placement place(std::uint64_t first_seq, std::size_t count) const {
    if (count == 0)
      return {};
    if (first_seq > upto_)
      return {.known = 0, .missing = first_seq - upto_ - 1};
    const auto covered = upto_ - first_seq + 1;
    return {.known = covered < count ? static_cast<std::size_t>(covered) : count, .missing = 0};
  }

  /// They are stored now. The mark never goes back.
  constexpr void advance(std::uint64_t first_seq, std::size_t count) {
    if (count > 0)
      upto_ = std::max(upto_, first_seq + (count - 1));
  }

  friend constexpr bool operator==(const stream_position&, const stream_position&) = default;

private:
  std::uint64_t upto_ = 0;
};

} // namespace actors
