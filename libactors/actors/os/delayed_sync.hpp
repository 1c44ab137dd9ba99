#pragma once

#include "actors/os/unique_fd.hpp"
#include "actors/os/wake_event.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace actors {

/// Brings what was written to the disk a while later, on a thread of its own, which lives as long
/// as this object: a last record must not wait for the next one.
class delayed_sync {
public:
  /// `on_failure` is called on that thread.
  delayed_sync(std::chrono::milliseconds delay, std::function<void(const std::string&)> on_failure);
  ~delayed_sync();

  /// The file was written. What is pending for another file is done within the delay all the same.
  void written(std::shared_ptr<const unique_fd> file);

private:
  void run();
  void sync_now();

  std::chrono::milliseconds delay_;
  std::function<void(const std::string&)> on_failure_;
  std::mutex mutex_;
  std::shared_ptr<const unique_fd> pending_; ///< shared with the file's writer
  std::shared_ptr<const unique_fd> older_;   ///< the one before it was rotated
  wake_event news_;
  wake_event stop_;
  std::thread thread_;
};

} // namespace actors
