#include "actors/codec/time_text.hpp"

#include <chrono>
#include <cstdint>
#include <ctime>
#include <limits>

namespace actors {

void append_utc(wall_time time, std::string& out) {
  const auto since = time.time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(since);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(since - whole).count();
  // A batch was mostly made within one second, and gmtime is the dearest part of a line.
  thread_local auto cached_second = std::numeric_limits<std::int64_t>::min();
  thread_local char cached[32];
  if (cached_second != whole.count()) {
    cached_second = whole.count();
    const auto seconds = static_cast<std::time_t>(cached_second);
    auto parts = std::tm{};
    ::gmtime_r(&seconds, &parts);
    std::strftime(cached, sizeof cached, "%Y-%m-%dT%H:%M:%S", &parts);
  }
  char fraction[] = ".000000Z";
  auto rest = micros;
  for (auto* digit = fraction + 6; rest != 0; rest /= 10)
    *digit-- = static_cast<char>('0' + rest % 10);
  out.append(cached).append(fraction);
}

} // namespace actors
