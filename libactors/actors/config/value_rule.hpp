#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace actors {

/// What a text in a configuration must be. Some name something on this machine; that it is there is
/// looked at apart from the file (`node/config_file.hpp`).
enum class value_rule : std::uint8_t {
  any,
  name,
  pattern,        ///< of gitignore(5)
  change_kind,    ///< create, modify, delete, rename, attrib
  root,           ///< a path to watch
  awaited_root,   ///< the same; it need not be there
  file_to_read,   ///< a path
  file_to_write,  ///< a path; made when it is not there
  directory,      ///< a path
  socket_address, ///< "unix:/path"
  door_address,   ///< "unix:/path" or "HOST:PORT"
  http_address,   ///< "HOST:PORT"
  dial_address,   ///< "unix:/path" or "HOST:PORT", the host a number or a name
  http_url,       ///< may hold a password
  nats_url,       ///< may hold a password
  subject,        ///< a word of NATS
  header,         ///< "Name: value"; may hold a password
  assignment,     ///< "NAME=value"; may hold a password
  command_line,   ///< the first of a list is a program, the others anything without NUL
};

/// What is wrong with the text, as in "must be ..., not ..."; empty: nothing.
std::string mistake_in(value_rule rule, std::string_view value);

/// The same for people who ask before they write: "a path". Empty for `any`.
std::string_view description_of(value_rule rule) noexcept;

/// A text as it may be shown in messages: what may hold a password is not.
std::string shown(value_rule rule, std::string_view value);

/// "HOST:PORT" of the loopback, or a unix socket: nobody on another machine comes there.
bool is_local_address(std::string_view address);

} // namespace actors
