#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace actors {

/// Numbers from `first` to `last`, both of them.
struct number_range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  friend bool operator==(const number_range&, const number_range&) = default;
};

/// Which numbers of a stream have been taken in: all up to the highest, but for some ranges. They
/// come in ascending order as a rule; where the stream takes several ways, some come late.
class number_ranges {
public:
  /// A way that is late is late by a window or two of batches, so a few ranges are open at a time.
  /// An edge that filters leaves ranges open for ever, and those need not be remembered long.
  static constexpr std::size_t missing_max = 128;

  struct taken {
    std::vector<number_range> fresh; ///< the parts that were not taken in before, ascending
    std::uint64_t passed_over = 0;   ///< numbers before them that have not come
    std::uint64_t late = 0;          ///< of the fresh, those that were passed over before
  };

  /// Requires 1 <= first <= last.
  taken take(number_range numbers);

  /// All up to this have been taken in, or are missing.
  std::uint64_t last() const { return last_; }

  /// Passed over, and taken when they come late. Of more than `missing_max` ranges the lowest are
  /// given up: what then comes of them counts as taken in before.
  const std::vector<number_range>& missing() const { return missing_; }

  /// The missing as text, "5-7,9"; and back: nullopt when it is none.
  std::string missing_text() const;
  static std::optional<number_ranges> read(std::uint64_t last, std::string_view missing);

private:
  std::uint64_t last_ = 0;
  std::vector<number_range> missing_; ///< ascending, none touches the next
};

} // namespace actors
