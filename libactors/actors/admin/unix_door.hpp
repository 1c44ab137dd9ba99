#pragma once

#include "actors/os/unique_fd.hpp"
#include "actors/os/wake_event.hpp"
#include "actors/protocol/error.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace actors {

/// What a door answers.
struct door_answer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
};

/// Decides the answer to `GET path`; called on the door's thread, one request at a time.
using door_routes = std::function<door_answer(std::string_view path)>;

/// Answers HTTP requests on a socket in the file system, mode 0600: `actors status` asks here, and
/// `curl --unix-socket PATH http://node/health` does too. One request a connection, one connection
/// at a time, each with a bound on bytes and time; so nobody can hold the door for longer than
/// that.
class unix_door {
public:
  static result<std::unique_ptr<unix_door>> open(std::string path, door_routes routes);

  /// Closes the door and removes the socket. Waits for a request in work, two seconds at most.
  ~unix_door();
  unix_door(const unix_door&) = delete;
  unix_door& operator=(const unix_door&) = delete;

  const std::string& path() const { return path_; }

private:
  unix_door(std::string path, unique_fd listener, door_routes routes);
  void serve();
  void answer(const unique_fd& peer);

  const std::string path_;
  unique_fd listener_;
  door_routes routes_;
  wake_event stop_;
  std::thread thread_;
};

/// Asks the door at `socket_path`; the body of a 200 answer.
result<std::string> ask_door(const std::string& socket_path, std::string_view what);

} // namespace actors
