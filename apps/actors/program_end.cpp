#include "program_end.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace actors::program {

void complain(std::string_view text) {
  auto all = std::string{};
  for (auto is_first = true; is_first || !text.empty(); is_first = false) {
    const auto end = std::min(text.find('\n'), text.size());
    all.append("actors: ").append(text, 0, end).append("\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::cerr << all;
}

void end_at_once(const std::string& admin) {
  complain("second signal: ending at once");
  ::unlink(admin.c_str());
  std::_Exit(run_time_error);
}

exit_code end_of(const stop_report& stop, exit_code code, const std::string& admin) {
  if (stop.clean)
    return code;
  ::unlink(admin.c_str());
  std::_Exit(code);
}

} // namespace actors::program
