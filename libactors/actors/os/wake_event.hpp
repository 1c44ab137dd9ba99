#pragma once

#include "actors/os/unique_fd.hpp"

namespace actors {

/// A flag that a thread can wait for with poll(2), beside other descriptors. Any thread may raise
/// it.
class wake_event {
public:
  /// Throws std::system_error when the machine has no descriptor left.
  wake_event();

  void raise() noexcept;
  bool lower() noexcept; ///< true when it was raised
  int descriptor() const noexcept { return fd_.get(); }

private:
  unique_fd fd_; ///< eventfd(2)
};

} // namespace actors
