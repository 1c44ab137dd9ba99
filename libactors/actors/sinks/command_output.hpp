#pragma once

#include "actors/core/time_point.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace actors {

/// Makes lines for the log of what a command writes: cut when they are long, left out and counted
/// when they are many. Has no clock.
class command_output {
public:
  using tell = std::function<void(std::string_view line)>;

  /// A line of the log has room for some 4 KiB.
  static constexpr std::size_t line_bytes_max = 2000;

  /// More is read by nobody, and would crowd out everything else.
  static constexpr std::uint64_t lines_a_second = 100;

  explicit command_output(tell each) : tell_{std::move(each)} {}

  void add(std::string_view text, time_point now);
  void finish(time_point now); ///< a last line without an end

  std::uint64_t lines_left_out() const { return left_out_; }

private:
  void end_line(time_point now);

  tell tell_;
  std::string line_;
  std::optional<time_point> second_;
  std::uint64_t told_in_second_ = 0;
  std::uint64_t left_out_ = 0;
};

} // namespace actors
