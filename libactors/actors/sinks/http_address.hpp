#pragma once

#include "actors/core/http_sink_options.hpp"
#include "actors/protocol/error.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace actors {

/// A URL taken apart.
struct http_address {
  bool is_secure = false; ///< https
  std::string host;       ///< without brackets
  int port = 0;
  std::string target; ///< path and query, "/" at least

  /// For people and logs: without the query, in which there may be secrets.
  std::string shown() const;
};

/// Errors: invalid_argument. A user name or password in it is refused, and not repeated.
result<http_address> parse_http_url(std::string_view url);

/// "Name: value" taken apart. Errors: invalid_argument; the value is not repeated.
result<std::pair<std::string, std::string>> parse_header(std::string_view line);

/// What is wrong with these options, as far as can be known before the first post.
result<void> check(const http_sink_options& options);

} // namespace actors
