#include "actors/sinks/command_output.hpp"

#include <algorithm>

namespace actors {

void command_output::add(std::string_view text, time_point now) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto part = text.substr(0, end);
    line_.append(part.substr(0, line_bytes_max - std::min(line_bytes_max, line_.size())));
    if (end == std::string_view::npos)
      return;
    end_line(now);
    text.remove_prefix(end + 1);
  }
}

void command_output::finish(time_point now) {
  if (!line_.empty())
    end_line(now);
}

void command_output::end_line(time_point now) {
  if (!second_ || now - *second_ >= std::chrono::seconds{1}) {
    second_ = now;
    told_in_second_ = 0;
  }
  if (told_in_second_ < lines_a_second) {
    ++told_in_second_;
    tell_(line_);
  } else {
    ++left_out_;
  }
  line_.clear();
}

} // namespace actors
