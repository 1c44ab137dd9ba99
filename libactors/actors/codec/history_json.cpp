#include "actors/codec/history_json.hpp"

#include "actors/codec/time_text.hpp"

#include <nlohmann/json.hpp>

namespace actors {

namespace {

using json = nlohmann::ordered_json;

/// Texts hold paths, and paths hold any byte.
std::string dump(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

json to_object(const journal<transition>::entry& entry) {
  const auto& [id, x] = entry;
  auto object = json{{"id", id}, {"event", x.event}, {"child", x.child},
    {"incarnation", x.incarnation}, {"time", utc_text(x.when)}};
  if (x.delay.count() != 0) {
    object["attempt"] = x.attempt;
    object["delay_ms"] = x.delay.count();
  }
  if (!x.text.empty())
    object["text"] = x.text;
  return object;
}

} // namespace

std::string to_json(const journal<transition>::entry& entry) {
  return dump(to_object(entry));
}

std::string to_json(const journal<transition>::page& page) {
  auto events = json::array();
  for (const auto& x : page.entries)
    events.push_back(to_object(x));
  return dump({{"events", std::move(events)}, {"missed", page.missed}});
}

std::string to_json(const journal<dead_letter>::page& page, const loss_counts& counts) {
  auto letters = json::array();
  for (const auto& [id, x] : page.entries)
    letters.push_back({{"id", id}, {"reason", name_of(x.reason)}, {"child", x.child},
      {"events", x.events}, {"what", x.what}, {"time", utc_text(x.when)}});
  auto totals = json::object();
  for (std::size_t i = 0; i < losses; ++i)
    totals[std::string{name_of(static_cast<loss>(i))}] = {
      {"messages", counts.messages[i]}, {"events", counts.events[i]}};
  return dump(
    {{"dead_letters", std::move(letters)}, {"missed", page.missed}, {"totals", std::move(totals)}});
}

} // namespace actors
