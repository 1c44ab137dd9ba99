#pragma once

#include "actors/node/node.hpp"
#include "actors/os/service_manager.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace actors::program {

/// Tells the service manager how the program is: when it is ready, reloads and stops, a line of
/// status, and, as long as the supervisors of the node answer, that it lives.
///
/// Used by one thread, which calls `tick` in its main loop. Does nothing when nobody listens.
class service_notifications {
public:
  /// Neither is owned; `of` is asked for its health.
  service_notifications(service_manager& manager, const node& of);

  /// Does what is due: tells once that all is ready, from then on what has become of it; and that
  /// the node lives, at half the time that is asked for. Returns when it wants to be called next;
  /// nothing: never. May take half a second when the node does not answer.
  std::optional<std::chrono::milliseconds> tick();

  /// Ready, whatever health says; also the end of a reload.
  void ready();
  void reloading();
  void stopping();

  /// A line for people: `systemctl status` shows it. It stands until health tells another.
  void status(std::string_view text);

private:
  void tell_health();
  void tell_life();

  service_manager& manager_;
  const node& node_;
  bool is_ready_ = false;
  bool is_stopping_ = false;
  std::string status_;
  std::chrono::steady_clock::time_point life_due_;
};

} // namespace actors::program
