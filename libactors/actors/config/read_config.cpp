#include "actors/config/read_config.hpp"

#include "actors/config/option_keys.hpp"
#include "actors/config/topology.hpp"

#include <utility>

namespace actors {

config_reading read_config(std::string_view text, std::string file) {
  auto reading = config_reading{{}, mistake_list{std::move(file)}, {}};
  auto& mistakes = reading.mistakes;
  const auto tree = parse_json(text, mistakes);
  if (!tree)
    return reading;
  if (tree->is != json_node::kind::object) {
    mistakes.add(tree->line, "",
      "must be an object with \"pipelines\" or \"collect\", not " + std::string{name_of(tree->is)});
    return reading;
  }
  auto reader = json_reader{*tree, "", mistakes, reading.needs};
  describe(reader, reading.config);
  reader.pass_over("$schema"); // for editors
  reader.finish();
  check_topology(reading.config, mistakes);
  return reading;
}

} // namespace actors
