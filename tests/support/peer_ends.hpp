#pragma once

#include "actors/os/openssl_handle.hpp"
#include "actors/os/peer_stream.hpp"
#include "actors/os/stream_address.hpp"
#include "support/certificates.hpp"

#include <boost/test/unit_test.hpp>

#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <utility>

#include <netinet/in.h>

namespace actors::test {

/// Longer than any machine is busy.
constexpr auto peer_patience = std::chrono::seconds{20};

struct socket_pair {
  unique_fd dialled;
  unique_fd accepted;
};

inline socket_pair connected_sockets() {
  int fds[2];
  BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
  return {unique_fd{fds[0]}, unique_fd{fds[1]}};
}

/// The same over TCP, where one who closes without having read everything resets the connection.
inline socket_pair connected_tcp_sockets() {
  const auto listener = stream_address::parse("127.0.0.1:0")->listen();
  BOOST_REQUIRE(listener);
  auto address = sockaddr_in{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port_of(*listener));
  auto dialled = unique_fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  BOOST_REQUIRE(
    ::connect(dialled.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  auto accepted = accept_stream(*listener);
  BOOST_REQUIRE(static_cast<bool>(accepted));
  return {std::move(dialled), std::move(accepted)};
}

inline std::shared_ptr<const tls_identity> identity_of(const tls_options& files) {
  auto loaded = tls_identity::load(files);
  BOOST_REQUIRE_MESSAGE(loaded, (loaded ? "" : loaded.error().text));
  return *loaded;
}

inline std::shared_ptr<peer_stream> stream_over(unique_fd socket, peer_stream::end which,
  std::shared_ptr<const tls_identity> identity, const std::string& name = {}) {
  auto made = peer_stream::over(std::move(socket), which, std::move(identity), name);
  BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().text));
  return *made;
}

/// Both ends of one connection, on one thread.
struct both_ends {
  std::shared_ptr<peer_stream> dialled;
  std::shared_ptr<peer_stream> accepted;
  std::optional<result<stream_step>> dialled_step;
  std::optional<result<stream_step>> accepted_step;

  static bool is_over(const std::optional<result<stream_step>>& step) {
    return step && (!*step || **step == stream_step::done);
  }

  void shake_hands() {
    const auto due = std::chrono::steady_clock::now() + peer_patience;
    while (!is_over(dialled_step) || !is_over(accepted_step)) {
      if (!is_over(dialled_step))
        dialled_step = dialled->shake_hands();
      if (!is_over(accepted_step))
        accepted_step = accepted->shake_hands();
      BOOST_REQUIRE((std::chrono::steady_clock::now() < due));
    }
  }

  std::string dialled_text() const {
    return dialled_step->has_value() ? "" : dialled_step->error().text;
  }
  std::string accepted_text() const {
    return accepted_step->has_value() ? "" : accepted_step->error().text;
  }
};

inline both_ends connect_ends(std::shared_ptr<const tls_identity> dialler, const std::string& name,
  std::shared_ptr<const tls_identity> listener, socket_pair sockets = connected_sockets()) {
  return {
    stream_over(std::move(sockets.dialled), peer_stream::end::dialled, std::move(dialler), name),
    stream_over(std::move(sockets.accepted), peer_stream::end::accepted, std::move(listener))};
}

/// What read() says when something has come.
inline result<std::size_t> read_next(peer_stream& from, std::span<char> into) {
  for (const auto due = std::chrono::steady_clock::now() + peer_patience;;) {
    auto got = from.read(into);
    if (!got || *got > 0)
      return got;
    auto wait = pollfd{from.descriptor(), POLLIN, 0};
    BOOST_REQUIRE(::poll(&wait, 1, 20'000) == 1);
    BOOST_REQUIRE((std::chrono::steady_clock::now() < due));
  }
}

struct two_nodes {
  authority ours;
  std::shared_ptr<const tls_identity> web = identity_of(ours.issue("web-1"));
  std::shared_ptr<const tls_identity> collector = identity_of(ours.issue("collector"));

  ~two_nodes() { BOOST_TEST(::ERR_peek_error() == 0u); }
};

inline bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline std::string random_bytes(std::mt19937& random, std::size_t size) {
  auto bytes = std::string(size, '\0');
  for (auto& byte : bytes)
    byte = static_cast<char>(random());
  return bytes;
}

} // namespace actors::test
