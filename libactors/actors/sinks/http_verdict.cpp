#include "actors/sinks/http_verdict.hpp"

#include "actors/core/whole_number.hpp"

#include <algorithm>
#include <array>

namespace actors {

http_verdict verdict_of(int status) {
  if (status >= 200 && status < 300)
    return http_verdict::delivered;
  if (status < 400 || status >= 500)
    return http_verdict::retry;
  switch (status) {
    case 401:
    case 403:
    case 404:
    case 405:
    case 407:
    case 408:
    case 410:
    case 425:
    case 429: return http_verdict::retry;
    case 413: return http_verdict::too_large;
    default: return http_verdict::refused;
  }
}

namespace {

/// Digits, all of it; nothing when there are others, none, or too many.
std::optional<std::int64_t> number(std::string_view text) {
  return text.starts_with('-') ? std::nullopt : whole_number<std::int64_t>(text);
}

/// "Sun, 06 Nov 1994 08:49:37 GMT": the form that senders must use, RFC 9110, 5.6.7.
std::optional<wall_time> parse_date(std::string_view text) {
  constexpr auto months = std::array<std::string_view, 12>{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(25) != " GMT" || text.substr(3, 2) != ", " || text[7] != ' '
      || text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':')
    return std::nullopt;
  const auto day = number(text.substr(5, 2));
  const auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
  const auto year = number(text.substr(12, 4));
  const auto hour = number(text.substr(17, 2));
  const auto minute = number(text.substr(20, 2));
  const auto second = number(text.substr(23, 2));
  if (!day || month == months.end() || !year || *year < 1970 || *year > 2200 || !hour || *hour > 23
      || !minute || *minute > 59 || !second || *second > 60)
    return std::nullopt;
  const auto date = std::chrono::year_month_day{std::chrono::year{static_cast<int>(*year)},
    std::chrono::month{static_cast<unsigned>(month - months.begin()) + 1},
    std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok())
    return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute}
         + std::chrono::seconds{*second};
}

} // namespace

std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text, wall_time now) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  constexpr auto longest = std::int64_t{365} * 24 * 3600; // no wait is longer; keeps it in range
  if (const auto seconds = number(text))
    return std::chrono::seconds{std::min(*seconds, longest)};
  const auto date = parse_date(text);
  if (!date)
    return std::nullopt;
  return std::max(
    std::chrono::milliseconds{0}, std::chrono::ceil<std::chrono::milliseconds>(*date - now));
}

} // namespace actors
