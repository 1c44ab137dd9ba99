#include "actors/node/door_routes.hpp"

#include "actors/codec/health_json.hpp"
#include "actors/codec/health_text.hpp"
#include "actors/codec/history_json.hpp"

#include <charconv>
#include <cstdint>

namespace actors {

using namespace std::chrono_literals;

namespace {

/// Entries in one answer, some 300 bytes each.
constexpr auto entries_max = std::size_t{1000};

constexpr auto known = "there are /health, /healthz, /readyz, /events and /dead_letters; health, "
                       "events and dead_letters take ?after=LAST\n";

std::uint64_t number_in(std::string_view text) {
  auto number = std::uint64_t{0};
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

} // namespace

door_answer answer(const node& of, std::string_view path) {
  const auto query = path.find("?after=");
  const auto after = query == std::string_view::npos ? "" : path.substr(query + 7);
  const auto what = path.substr(0, query);
  if (what == "/health")
    return {200, "application/json", to_json(of.health({.after = std::string{after}}))};
  if (what == "/healthz")
    return of.ping(1s) ? door_answer{200, "text/plain", "live\n"}
                       : door_answer{503, "text/plain", "a supervisor does not answer\n"};
  if (what == "/readyz") {
    const auto health = of.health();
    return {health.ready ? 200 : 503, "text/plain", health.ready ? "ready\n" : to_text(health)};
  }
  if (what == "/events")
    return {200, "application/json", to_json(of.events(number_in(after), entries_max))};
  if (what == "/dead_letters")
    return {200, "application/json",
      to_json(
        of.dead_letters(number_in(after), entries_max), of.health({.rows_max = 0}).totals.losses)};
  return {404, "text/plain", known};
}

} // namespace actors
