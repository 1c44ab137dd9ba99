#pragma once

#include "actors/protocol/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace actors {

/// A large JWT has some 4 kB, and servers take no header over 8 kB.
constexpr std::size_t token_bytes_max = 8 * 1024;

/// The secret in a file: its first line, without what surrounds it. Errors, which never show any of
/// it: not_found, and invalid_argument when it is empty or no word of visible ASCII.
result<std::string> read_token(const std::string& path);

/// Takes as long whatever the difference is, so that nobody learns a token by the time of the
/// answer.
bool is_same_token(std::string_view given, std::string_view wanted);

} // namespace actors
