#include "record_commands.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <thread>

#include "exit_code.hpp"
#include "standard_output.hpp"

namespace actors::program {

using namespace std::chrono_literals;

namespace {

/// Between questions for what is new, by a person who watches.
constexpr auto look_every = 250ms;

/// "2026-11-25T15:47:45.867Z child_crashed watch/debouncer incarnation=1: text"
std::string line_of(const nlohmann::ordered_json& x) {
  auto line = x.value("time", "") + " " + x.value("event", "") + " " + x.value("child", "");
  if (const auto incarnation = x.value("incarnation", 0); incarnation != 0)
    line += " incarnation=" + std::to_string(incarnation);
  if (x.contains("delay_ms"))
    line += " attempt=" + std::to_string(x.value("attempt", 0))
            + " delay=" + std::to_string(x.value("delay_ms", std::int64_t{0})) + "ms";
  if (x.contains("text"))
    line += ": " + x["text"].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return line + "\n";
}

} // namespace

int tap(const tap_request& request) {
  std::signal(SIGPIPE, SIG_IGN); // a reader that leaves ends us quietly
  auto node = reach(request.where);
  if (!node)
    return complain(node.error());
  auto query = "/tap?edges=" + url_encoded(request.edges);
  if (request.max != 0)
    query += "&max=" + std::to_string(request.max);
  auto is_read = true;
  const auto end = node->follow(query, [&](std::string_view bytes) {
    is_read = print(bytes);
    return is_read;
  });
  if (!end)
    return complain(end.error());
  return end->status == 200 ? int{stopped_as_asked} : complain(refusal(*node, *end));
}

int events(const events_request& request) {
  std::signal(SIGPIPE, SIG_IGN);
  auto node = reach(request.where);
  if (!node)
    return complain(node.error());
  for (auto after = std::uint64_t{0};;) {
    const auto body = ask(*node, "/events?after=" + std::to_string(after));
    if (!body)
      return complain(body.error());
    const auto page = nlohmann::ordered_json::parse(*body, nullptr, false);
    if (!page.is_object() || !page.contains("events"))
      return complain({errc::unavailable, node->address() + ": no answer that can be read", {}});
    auto text = std::string{};
    if (const auto missed = page.value("missed", std::uint64_t{0}); missed != 0 && after != 0)
      text = request.json ? "{\"event\":\"missed\",\"count\":" + std::to_string(missed) + "}\n"
                          : "(missed " + std::to_string(missed) + ")\n";
    for (const auto& x : page["events"]) {
      text += request.json ? x.dump() + "\n" : line_of(x);
      after = x.value("id", after);
    }
    if (!print(text) || (!request.follow && page["events"].empty()))
      return stopped_as_asked;
    if (page["events"].empty())
      std::this_thread::sleep_for(look_every); // --follow, until its reader goes
  }
}

} // namespace actors::program
