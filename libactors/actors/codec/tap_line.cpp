#include "actors/codec/tap_line.hpp"

#include "actors/codec/event_line.hpp"

#include <nlohmann/json.hpp>

namespace actors {

void append_tap_line(
  std::string_view edge, const event_batch& batch, std::size_t index, std::string& out) {
  append_line(batch, index, line_format::json, out);
  out.resize(out.size() - 2); // "}\n"
  out += ",\"edge\":";
  out += nlohmann::json(edge).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  out += "}\n";
}

void append_tap_missed(std::uint64_t batches, std::string& out) {
  out += "{\"type\":\"tap_missed\",\"count\":" + std::to_string(batches) + "}\n";
}

} // namespace actors
