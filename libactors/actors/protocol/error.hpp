#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace actors {

/// Every reason our code gives for failing. The numbers travel between nodes: add at the end.
enum class errc : std::uint8_t {
  invalid_argument = 1, ///< an option does not make sense
  not_found,            ///< a path that does not exist
  not_a_directory,      ///< a path that is something else
  permission_denied,
  limit_reached, ///< a limit of this machine: watches, descriptors
  system,        ///< any other refusal by the kernel
  full,          ///< a bounded mailbox has no room
  closed,        ///< the receiver has stopped or failed for good
  unavailable,   ///< nobody answers now: it starts, or backs off
  crashed,       ///< the handler crashed on it; it is not tried again
  timed_out,     ///< the deadline passed first
  not_supported, ///< the receiver does not do such things
};

/// "invalid_argument", "not_found", ...
std::string_view name_of(errc code) noexcept;

/// Why something was not done. The text says what, where and what to do about it.
struct error {
  errc code{};                                            ///< for programs
  std::string text;                                       ///< for people
  std::optional<std::chrono::milliseconds> retry_after{}; ///< unavailable: until the next try
};

/// A value, or why there is none.
template <class T>
using result = tl::expected<T, error>;

/// An error as `return` wants it.
inline tl::unexpected<error> failure(errc code, std::string text) {
  return tl::unexpected<error>{error{code, std::move(text)}};
}

/// The same from an errno value: `what` and the kernel's own words.
tl::unexpected<error> system_failure(int number, std::string what);

} // namespace actors
