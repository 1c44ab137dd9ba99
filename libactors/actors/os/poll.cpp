#include "actors/os/poll.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>

namespace actors {

bool wait_readable(
  std::initializer_list<int> readable, std::optional<std::chrono::milliseconds> timeout) {
  auto waits = std::array<pollfd, 4>{};
  assert(readable.size() <= waits.size());
  auto count = nfds_t{0};
  for (auto fd : readable)
    waits[count++] = {fd, POLLIN, 0};
  constexpr auto longest = std::int64_t{std::numeric_limits<int>::max()};
  const auto span =
    timeout ? static_cast<int>(std::clamp<std::int64_t>(timeout->count(), 0, longest)) : -1;
  return ::poll(waits.data(), count, span) > 0;
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
