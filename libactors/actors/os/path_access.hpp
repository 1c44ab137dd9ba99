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

/// A program that execvp(3) finds.
result<void> check_program(const std::string& name);

} // namespace actors
