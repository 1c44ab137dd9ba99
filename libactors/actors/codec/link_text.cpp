#include "actors/codec/link_text.hpp"

#include "actors/codec/health_text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>

namespace actors {

namespace {

std::string size_text(std::uint64_t bytes) {
  char text[32];
  if (bytes < 1024)
    std::snprintf(text, sizeof text, "%d B", static_cast<int>(bytes));
  else if (bytes < 1024 * 1024)
    std::snprintf(text, sizeof text, "%.1f KiB", static_cast<double>(bytes) / 1024);
  else
    std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / (1024 * 1024));
  return text;
}

std::string counted(std::string_view what, std::uint64_t number) {
  return "  " + std::string{what} + " " + std::to_string(number);
}

/// The first time is no reconnect.
std::uint64_t again(std::uint64_t connects) {
  return connects == 0 ? 0 : connects - 1;
}

} // namespace

std::string link_text(const link_health& x) {
  auto text = std::string{name_of(x.state)} + " for " + age_text(x.since);
  if (!x.peer.empty())
    text += (x.state == link_state::up ? "  " : "  last with ") + x.peer;
  if (!x.address.empty())
    text += (x.peer.empty() ? "  at " : " at ") + x.address;
  text += "  window " + std::to_string(x.window_used) + "/" + std::to_string(x.window);
  if (x.state == link_state::up && x.credit == 0)
    text += ", it holds";
  text += "  last ack " + (x.last_ack ? age_text(*x.last_ack) + " ago" : std::string{"never"});
  text += counted("reconnects", again(x.connects));
  if (x.repeated != 0)
    text += counted("repeated", x.repeated);
  if (x.spool_bytes)
    text += "  spool " + size_text(*x.spool_bytes);
  if (x.next_try)
    text += "  next try in " + age_text(std::max(std::chrono::milliseconds{0}, *x.next_try));
  if (!x.last_error.empty())
    text += "  last error: " + x.last_error;
  return text;
}

std::string collector_text(const collector_health& x) {
  auto text = "collector " + x.address + counted("records", x.records) + "  store "
              + size_text(x.store_bytes) + counted("accepted", x.accepted)
              + counted("refused", x.refused) + counted("evicted", x.evicted)
              + counted("handshakes", x.handshakes);
  if (!x.trouble.empty())
    text += "  stores nothing now: " + x.trouble;
  return text;
}

std::string peer_text(const peer_health& x) {
  auto text = std::string{x.is_up ? "up" : "gone"} + " for " + age_text(x.since) + "  heard "
              + age_text(x.last_heard) + " ago" + counted("records", x.records)
              + counted("duplicates", x.duplicates) + counted("gaps", x.gaps)
              + counted("reconnects", again(x.connects)) + "  from " + x.address;
  if (!x.version.empty())
    text += "  (" + x.version + ")";
  if (!x.is_up && !x.last_error.empty())
    text += "  " + x.last_error;
  return text;
}

std::vector<std::string> collection_lines(const health_snapshot& health) {
  auto lines = std::vector<std::string>{};
  for (const auto& x : health.collectors)
    lines.push_back(collector_text(x));
  for (const auto& x : health.peers) {
    const auto is_last = &x == &health.peers.back() && health.peers_left_out == 0;
    lines.push_back((is_last ? "   └─ " : "   ├─ ") + x.node + " " + x.link + "  " + peer_text(x));
  }
  if (health.peers_left_out != 0)
    lines.push_back("   ... and " + std::to_string(health.peers_left_out) + " more");
  return lines;
}

const link_health* find_link(const health_snapshot& health, std::string_view child) {
  const auto found = std::find_if(health.links.begin(), health.links.end(),
    [&](const link_health& x) { return x.child == child; });
  return found == health.links.end() ? nullptr : &*found;
}

} // namespace actors
