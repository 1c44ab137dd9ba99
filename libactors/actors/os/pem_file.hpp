#pragma once

#include "actors/os/openssl_handle.hpp"
#include "actors/protocol/error.hpp"

#include <string>
#include <vector>

namespace actors {

// Errors begin with the path and say what to do.

/// All certificates in a file; at least one.
result<std::vector<certificate_handle>> read_certificates(const std::string& path);

/// A private key that is not encrypted, in a file that not everybody may write to.
result<key_handle> read_private_key(const std::string& path);

/// Whether users other than the owner and its group may read it.
bool is_open_to_all(const std::string& path);

} // namespace actors
