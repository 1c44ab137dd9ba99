#pragma once

#include "actors/os/openssl_handle.hpp"

namespace actors {

/// What OpenSSL met at a socket, which its own errors do not tell in full.
struct socket_state {
  int descriptor = -1;
  int error = 0;          ///< errno of the last read or write that failed for good
  bool is_at_end = false; ///< the other end has closed
};

/// Reads and writes a socket for OpenSSL without ever raising SIGPIPE, as its own would: a library
/// must not end its host. `socket` must outlive it and is not closed.
BIO* new_socket_bio(socket_state& socket);

} // namespace actors
