#include "actors/node/door_streams.hpp"

#include "actors/codec/health_json.hpp"
#include "actors/codec/history_json.hpp"
#include "actors/codec/tap_line.hpp"
#include "actors/core/time_point.hpp"
#include "actors/node/node.hpp"

#include <algorithm>
#include <utility>

namespace actors {

using namespace std::chrono_literals;

namespace {

/// The door looks after its streams so often.
constexpr auto wait_max = std::chrono::milliseconds{200};

constexpr auto health_every = std::chrono::milliseconds{1000};

/// A page shows some dozens of children; who wants all asks /health for the pages.
constexpr auto rows_max = std::size_t{300};

constexpr auto transitions_max = std::size_t{100};

/// Bounds one piece of a tap: some 500 records.
constexpr auto piece_bytes_max = std::size_t{64 * 1024};
constexpr auto batches_max = std::size_t{16};

void append_event(std::string_view name, std::string_view data, std::string& out) {
  out.append("event: ").append(name).append("\ndata: ").append(data).append("\n\n");
}

} // namespace

void event_stream::append_next(std::string& out) {
  const auto now = std::chrono::steady_clock::now();
  if (now >= health_due_) {
    append_event("health", to_json(of_.health({.rows_max = rows_max})), out);
    health_due_ = now + health_every;
  }
  const auto left = left_until(health_due_, std::chrono::steady_clock::now());
  const auto wait = out.empty() ? std::min(left, wait_max) : 0ms;
  const auto page = of_.events(after_, transitions_max, wait);
  if (page.missed != 0)
    append_event("missed", "{\"count\":" + std::to_string(page.missed) + "}", out);
  for (const auto& x : page.entries) {
    append_event("transition", to_json(x), out);
    after_ = x.id;
  }
}

bool tap_stream::append_next(std::string& out) {
  if (seen_.empty() && left_ != 0)
    fetch(out);
  while (!seen_.empty() && left_ != 0 && out.size() < piece_bytes_max) {
    const auto& [edge, batch] = seen_.front();
    for (; next_ < batch.size() && left_ != 0 && out.size() < piece_bytes_max; ++next_, --left_)
      append_tap_line(edge, batch, next_, out);
    if (next_ < batch.size())
      break;
    seen_.pop_front();
    next_ = 0;
  }
  return left_ != 0;
}

void tap_stream::fetch(std::string& out) {
  auto page = at_.read(after_, batches_max, wait_max);
  if (page.missed != 0)
    append_tap_missed(page.missed, out);
  for (auto& x : page.entries) {
    after_ = x.id;
    seen_.push_back(std::move(x.what));
  }
}

} // namespace actors
