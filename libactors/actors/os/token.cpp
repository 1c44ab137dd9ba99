#include "actors/os/token.hpp"

#include "actors/os/small_file.hpp"

#include <algorithm>

namespace actors {

namespace {

bool is_visible(char x) {
  return x > ' ' && x < '\x7F';
}

} // namespace

result<std::string> read_token(const std::string& path) {
  const auto text = read_small_file(path, token_bytes_max);
  if (!text)
    return failure(errc::not_found, path + ": cannot be read as a token (a file of one line)");
  const auto line = text->substr(0, text->find('\n'));
  const auto begin = line.find_first_not_of(" \t\r");
  if (begin == std::string::npos)
    return failure(errc::invalid_argument, path + ": its first line, the token, is empty");
  auto token = line.substr(begin, line.find_last_not_of(" \t\r") + 1 - begin);
  if (!std::all_of(token.begin(), token.end(), is_visible))
    return failure(errc::invalid_argument, path + ": its first line has more than one word in it");
  return token;
}

bool is_same_token(std::string_view given, std::string_view wanted) {
  if (wanted.empty())
    return false;
  auto difference = static_cast<unsigned>(given.size() != wanted.size());
  for (std::size_t i = 0; i < given.size(); ++i)
    difference |= static_cast<unsigned char>(given[i] ^ wanted[i % wanted.size()]);
  return difference == 0;
}

} // namespace actors
