#pragma once

#include "actors/admin/door.hpp"
#include "actors/admin/door_address.hpp"
#include "actors/admin/door_connection.hpp"
#include "actors/admin/http_engine.hpp"
#include "actors/core/node_config.hpp"
#include "actors/os/socket_file.hpp"
#include "actors/os/unique_fd.hpp"
#include "actors/os/wake_event.hpp"
#include "actors/protocol/error.hpp"

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace actors {

/// Answers HTTP requests at one address: a socket in the file system, mode 0600, or a port. One
/// request a connection, a thread each while it lasts.
///
/// Whatever clients do, it holds no more than its limits allow, and closes within a second (a
/// route that waits for a supervisor apart).
class http_door {
public:
  static result<std::unique_ptr<http_door>> open_unix(
    const std::string& path, door_routes routes, door_limits limits = {});

  /// On a port. invalid_argument when it is not on loopback and has not both a token and a
  /// certificate.
  static result<std::unique_ptr<http_door>> open_port(
    const http_door_options& options, door_routes routes, door_limits limits = {});

  ~http_door();
  http_door(const http_door&) = delete;
  http_door& operator=(const http_door&) = delete;

  /// "unix:/run/actors/1.sock", "https://127.0.0.1:9470"
  const std::string& address() const { return address_; }

  std::size_t connections() const;

private:
  struct visitor {
    unique_fd socket;
    bool has_asked = false; ///< its request is there
    bool is_cut_off = false;
    bool is_done = false;
    std::thread thread;
  };

  http_door(std::string address, unique_fd listener, std::unique_ptr<door_identity> identity,
    door_routes routes, door_access access, door_limits limits);

  void let_in_all();
  void let_in(unique_fd socket);
  bool make_room();
  void see_out_done();
  void serve(visitor& who);

  std::optional<socket_file> file_; ///< removed when all is closed
  const std::string address_;
  const unique_fd listener_;
  const std::unique_ptr<door_identity> identity_; ///< none: plain HTTP
  const door_limits limits_;
  http_engine engine_;
  wake_event stop_;
  wake_event news_; ///< a visitor is done
  mutable std::mutex mutex_;
  std::list<visitor> visitors_; ///< oldest first
  std::thread thread_;
};

} // namespace actors
