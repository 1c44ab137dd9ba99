#include "actors/os/delayed_sync.hpp"

#include "actors/os/poll.hpp"
#include "actors/os/record_file.hpp"

#include <utility>

namespace actors {

delayed_sync::delayed_sync(
  std::chrono::milliseconds delay, std::function<void(const std::string&)> on_failure)
  : delay_{delay}, on_failure_{std::move(on_failure)}, thread_{[this] { run(); }} {}

delayed_sync::~delayed_sync() {
  stop_.raise();
  thread_.join();
}

void delayed_sync::written(std::shared_ptr<const unique_fd> file) {
  const auto held = std::scoped_lock{mutex_};
  if (pending_ && pending_ != file)
    older_ = std::exchange(pending_, nullptr);
  if (!pending_) {
    pending_ = std::move(file);
    news_.raise();
  }
}

void delayed_sync::run() {
  for (auto is_over = false; !is_over;) {
    is_over = wait_readable({stop_.descriptor(), news_.descriptor()}, std::nullopt)
              && wait_readable({stop_.descriptor()}, delay_);
    news_.lower();
    sync_now();
  }
}

void delayed_sync::sync_now() {
  auto files = std::pair<std::shared_ptr<const unique_fd>, std::shared_ptr<const unique_fd>>{};
  {
    const auto held = std::scoped_lock{mutex_};
    files = {std::move(older_), std::move(pending_)};
    older_ = nullptr;
    pending_ = nullptr;
  }
  for (const auto& file : {files.first, files.second})
    if (file)
      if (const auto done = record_file::sync(file->get()); !done)
        on_failure_(done.error().text);
}

} // namespace actors
