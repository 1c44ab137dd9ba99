#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace actors::program {

/// The folder of the admin sockets: $RUNTIME_DIRECTORY of a service, $XDG_RUNTIME_DIR/actors,
/// /run/actors for root, or /tmp/actors-UID. Each running program has one there, named after its
/// process: PID.sock.
std::string admin_folder();

/// Makes the folder, for its owner alone. Empty when it cannot be made, or belongs to somebody
/// else.
std::string own_admin_address();

/// The sockets in the folder, oldest process first.
std::vector<std::string> known_admin_addresses();

/// "unix:/path" or "/path" as a path.
std::string socket_path(std::string_view address);

} // namespace actors::program
