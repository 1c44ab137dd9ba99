#pragma once

#include "actors/core/link_options.hpp"
#include "actors/os/peer_stream.hpp"
#include "actors/os/wake_event.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace actors {

/// Dials the addresses of a link, one after the other, on a thread of its own: names are looked up
/// there, and however long that takes, nobody waits. One dial at a time.
class link_dialer {
public:
  struct answered {
    std::shared_ptr<peer_stream> stream; ///< has shaken hands; prefaces are exchanged
    std::string address;                 ///< the one of the options that answered
  };

  /// `news` is raised when there is an outcome.
  link_dialer(link_options options, std::shared_ptr<wake_event> news);

  /// Gives up what it does, and does not wait for it.
  ~link_dialer();
  link_dialer(const link_dialer&) = delete;
  link_dialer& operator=(const link_dialer&) = delete;

  /// Begins. Requires that the last dial was taken. Throws std::system_error when this machine has
  /// no thread left.
  void begin();

  /// What became of it; nothing yet. An error has a line for each address.
  std::optional<result<answered>> take();

private:
  /// What the thread has; it may outlive the dialer.
  struct shared {
    shared(link_options with, std::shared_ptr<wake_event> told)
      : options{std::move(with)}, news{std::move(told)} {}

    const link_options options;
    const std::shared_ptr<wake_event> news;
    wake_event cancel;
    std::mutex mutex;
    std::optional<result<answered>> outcome;
  };

  static result<answered> dial_all(const shared& what);

  std::shared_ptr<shared> shared_;
};

/// What is wrong with these options, all at once: addresses, certificates, numbers.
result<void> check(const link_options& options);

} // namespace actors
