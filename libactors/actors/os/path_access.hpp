#pragma once

#include "actors/protocol/error.hpp"

#include <string>

namespace actors {

// Whether this process may do something with a path now. The error says why not, and what to do.

/// A regular file that may be read.
result<void> check_readable_file(const std::string& path);

/// A regular file that may be written, or may be made in its directory.
result<void> check_writable_file(const std::string& path);

/// A socket may be made there: one that is there may be taken away.
result<void> check_socket_place(const std::string& path);

/// A directory that may be entered.
result<void> check_directory(const std::string& path);

/// The path of a program as execvp(3) finds it: looked for in PATH unless its name has a slash, for
/// then it depends on where it is started. Errors: not_found, permission_denied, invalid_argument.
result<std::string> find_program(const std::string& name);

/// A program that can be found, and may be executed, from here.
result<void> check_program(const std::string& name);

} // namespace actors
