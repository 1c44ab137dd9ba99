#pragma once

#include "actors/os/unique_fd.hpp"
#include "actors/protocol/error.hpp"

#include <string>

namespace actors {

/// Connections of a listener that wait to be accepted; more are refused by the kernel. A hundred
/// readers that come at once find room.
inline constexpr int listen_backlog = 128;

/// Listens on a socket in the file system that its owner alone can reach (mode 0600). A file left
/// by a process that is gone is replaced; one that somebody listens on is not.
result<unique_fd> listen_unix(const std::string& path);

/// unavailable: nobody listens there; full: somebody does, and is slow to let others in.
result<unique_fd> connect_unix(const std::string& path);

} // namespace actors
