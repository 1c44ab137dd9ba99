#include "actors/os/poll.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <vector>

namespace actors {

namespace {

/// As poll(2) has it.
int span_of(std::optional<std::chrono::milliseconds> timeout) {
  constexpr auto longest = std::int64_t{std::numeric_limits<int>::max()};
  return timeout ? static_cast<int>(std::clamp<std::int64_t>(timeout->count(), 0, longest)) : -1;
}

} // namespace

bool wait_readable(
  std::initializer_list<int> readable, std::optional<std::chrono::milliseconds> timeout) {
  auto waits = std::array<pollfd, 4>{};
  assert(readable.size() <= waits.size());
  auto count = nfds_t{0};
  for (auto fd : readable)
    waits[count++] = {fd, POLLIN, 0};
  return ::poll(waits.data(), count, span_of(timeout)) > 0;
}

bool wait_any(std::span<awaited> those, std::optional<std::chrono::milliseconds> timeout) {
  auto waits = std::vector<pollfd>{};
  waits.reserve(those.size());
  for (const auto& each : those)
    waits.push_back({each.descriptor,
      static_cast<short>(each.wish == awaited::what::read ? POLLIN : POLLOUT), 0});
  const auto count = ::poll(waits.data(), waits.size(), span_of(timeout));
  for (std::size_t i = 0; i < waits.size(); ++i)
    those[i].is_ready = count > 0 && waits[i].revents != 0;
  return count > 0;
}

bool wait_writable(int writable, std::chrono::milliseconds timeout) {
  auto wait = pollfd{writable, POLLOUT, 0};
  return ::poll(&wait, 1, static_cast<int>(timeout.count())) > 0;
}

bool wait_writable(int writable, int readable) {
  auto waits = std::array<pollfd, 2>{{{writable, POLLOUT, 0}, {readable, POLLIN, 0}}};
  if (::poll(waits.data(), waits.size(), -1) <= 0)
    return false;
  return waits[0].revents != 0 && waits[1].revents == 0;
}

} // namespace actors
