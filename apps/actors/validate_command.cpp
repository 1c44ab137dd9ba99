#include "validate_command.hpp"

#include "actors/config/key_reference.hpp"
#include "actors/config/topology.hpp"
#include "actors/node/config_file.hpp"

#include <algorithm>
#include <iostream>

#include "exit_code.hpp"

namespace actors::program {

namespace {

std::string counted(std::ptrdiff_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

} // namespace

int validate(const validate_request& request) {
  if (request.what != validate_request::print::schedule) {
    std::cout << (request.what == validate_request::print::schema ? config_schema()
                                                                  : config_reference());
    return stopped_as_asked;
  }
  const auto config = load_config(request.file);
  if (!config) {
    const auto& text = config.error().text;
    std::cerr << text
              << "\nactors: " << counted(std::count(text.begin(), text.end(), '\n') + 1, "mistake")
              << '\n';
    return bad_config;
  }
  const auto schedule = restart_schedule(*config);
  for (const auto& line : schedule)
    std::cout << line << '\n';
  std::cout << "ok: " << counted(std::ssize(config->pipelines), "pipeline") << ", "
            << (schedule.size() == 1 ? "1 child" : std::to_string(schedule.size()) + " children")
            << '\n';
  return stopped_as_asked;
}

} // namespace actors::program
