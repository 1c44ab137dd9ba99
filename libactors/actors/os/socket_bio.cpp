#include "actors/os/socket_bio.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace actors {

namespace {

socket_state& state_of(BIO* bio) {
  return *static_cast<socket_state*>(::BIO_get_data(bio));
}

bool is_to_be_tried_again() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int write_some(BIO* bio, const char* bytes, int size) {
  auto& socket = state_of(bio);
  BIO_clear_retry_flags(bio);
  const auto put =
    ::send(socket.descriptor, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (put >= 0)
    return static_cast<int>(put);
  if (is_to_be_tried_again())
    BIO_set_retry_write(bio);
  else
    socket.error = errno;
  return -1;
}

int read_some(BIO* bio, char* into, int size) {
  auto& socket = state_of(bio);
  BIO_clear_retry_flags(bio);
  const auto got = ::recv(socket.descriptor, into, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (got == 0)
    socket.is_at_end = true;
  if (got >= 0)
    return static_cast<int>(got);
  if (is_to_be_tried_again())
    BIO_set_retry_read(bio);
  else
    socket.error = errno;
  return -1;
}

long control(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH: return 1; // nothing is kept here
    case BIO_CTRL_EOF: return state_of(bio).is_at_end ? 1 : 0;
    default: return 0;
  }
}

BIO_METHOD* new_method() {
  auto* method = ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "actors socket");
  ::BIO_meth_set_write(method, write_some);
  ::BIO_meth_set_read(method, read_some);
  ::BIO_meth_set_ctrl(method, control);
  return method;
}

} // namespace

BIO* new_socket_bio(socket_state& socket) {
  static auto* const method = new_method(); // for as long as the process lives
  auto* bio = ::BIO_new(method);
  if (bio != nullptr) {
    ::BIO_set_data(bio, &socket);
    ::BIO_set_init(bio, 1);
  }
  return bio;
}

} // namespace actors
