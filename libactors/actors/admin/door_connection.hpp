#pragma once

#include "actors/core/time_point.hpp"
#include "actors/os/unique_fd.hpp"
#include "actors/protocol/error.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace actors {

/// One peer of a door. Every call has a deadline; a peer that is cut off makes it return at once.
class door_connection {
public:
  virtual ~door_connection() = default;

  /// Agrees on whatever has to be agreed on first.
  virtual bool greet(time_point due) = 0;

  /// How many bytes came; 0: the peer is gone, or it was too late.
  virtual std::size_t read(char* into, std::size_t size, time_point due) = 0;

  /// False: the peer is gone, or took not all of it in time.
  virtual bool write(std::string_view bytes, time_point due) = 0;

  /// Says that there is no more. Never waits.
  virtual void say_end() = 0;

  /// Whether it still listens. One that has said its last word counts as gone: the readers of
  /// streams never do, and a silent stream would hold the place of one that left.
  virtual bool is_open() const = 0;
};

/// The bytes as they are.
std::unique_ptr<door_connection> plain_connection(const unique_fd& socket);

/// What a door is known by: a certificate and its key. Must outlive its connections.
class door_identity {
public:
  static result<std::unique_ptr<door_identity>> load(
    const std::string& certificate_file, const std::string& key_file);
  ~door_identity();
  door_identity(const door_identity&) = delete;
  door_identity& operator=(const door_identity&) = delete;

  std::unique_ptr<door_connection> connection(const unique_fd& socket) const;

private:
  explicit door_identity(void* context) : context_{context} {}

  void* const context_; ///< SSL_CTX
};

} // namespace actors
