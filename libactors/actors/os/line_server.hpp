#pragma once

#include "actors/core/log_sampler.hpp"
#include "actors/core/reader_backlog.hpp"
#include "actors/core/socket_sink_options.hpp"
#include "actors/os/socket_file.hpp"
#include "actors/os/stream_address.hpp"
#include "actors/os/wake_event.hpp"
#include "actors/protocol/log_line.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace actors {

/// Gives lines to any number of readers on a socket, each at its own pace. Readers come and go
/// while nothing flows: a thread sees to them, which lives as long as this object.
class line_server {
public:
  /// `options.listen` is `where`. unavailable: somebody listens there already.
  static result<std::unique_ptr<line_server>> open(
    stream_address where, socket_sink_options options, log_function log);

  /// Readers have a moment for what waits for them; then they are let go, and a socket file is
  /// removed.
  ~line_server();

  /// Gives whole lines to every reader that is there. False, and nobody got them, when
  /// `slow_reader::hold` was chosen and one has no room: `room_descriptor` becomes readable then.
  bool give(reader_backlog::block lines);

  int room_descriptor() const { return room_.descriptor(); }
  void await_room() { room_.lower(); } ///< before a try that is followed by a wait

  std::size_t readers() const { return readers_now_; }
  std::uint64_t lines_missed() const { return lines_missed_; } ///< by readers that were too slow
  std::uint16_t port() const { return port_of(listener_); }

private:
  using clock = std::chrono::steady_clock;

  struct reader {
    unique_fd fd;
    reader_backlog backlog;
    bool is_known;         ///< it said the token, or needs none
    bool is_gone = false;  ///< removed at the end of the turn
    clock::time_point due; ///< for the token
    std::string said;      ///< of the token
  };

  line_server(
    stream_address where, socket_sink_options options, log_function log, unique_fd listener);

  void run();
  std::optional<std::chrono::milliseconds> patience(clock::time_point now) const;
  void take_turn(bool may_come);
  void let_in();
  std::size_t count_readers() const;
  void listen_to(reader& x);
  void check_token(reader& x);
  void write_to(reader& x);
  void let_go(reader& x, const char* event, log_level level, log_sampler& sampler);
  bool has_nothing_waiting();
  void say(log_level level, const char* event, std::uint64_t count);

  stream_address where_;
  socket_sink_options options_;
  log_function log_;
  unique_fd listener_;
  std::optional<socket_file> file_; ///< gone before the listener is

  std::mutex mutex_; ///< of the readers
  std::list<reader> readers_;
  std::atomic<std::size_t> readers_now_{0};
  std::atomic<std::uint64_t> lines_missed_{0};
  clock::time_point no_descriptor_until_{};
  log_sampler too_slow_, too_many_, no_token_, missed_, left_;

  wake_event news_; ///< lines, or the end
  wake_event room_;
  std::atomic<bool> is_over_{false};
  std::thread thread_;
};

} // namespace actors
