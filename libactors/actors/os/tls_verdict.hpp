#pragma once

#include "actors/os/openssl_handle.hpp"
#include "actors/os/socket_bio.hpp"
#include "actors/os/tls_identity.hpp"
#include "actors/protocol/error.hpp"

#include <cstdint>
#include <string>

namespace actors {

/// Why the other end's certificate is not taken: "the certificate of the other end is for web-1,
/// not for collector". `wanted` is the name it should have.
std::string why_refused(X509_STORE_CTX* check, const tls_identity& ours, const std::string& wanted);

enum class tls_phase : std::uint8_t { handshake, open };

/// What the call that has just failed on a connection means, from OpenSSL's queue of errors and
/// from what was met at the socket.
error why_failed(const socket_state& socket, const tls_identity& ours, tls_phase when);

/// The same where there is no TLS.
error why_failed(int number);

} // namespace actors
