#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace actors {

/// A text that one thread sets now and then, and any may read. Most are never set, and take 16
/// bytes: all share one lock, which is held while a pointer is copied. (A load of
/// std::atomic<std::shared_ptr> in libstdc++ 12 unlocks relaxed, <bits/shared_ptr_atomic.h>, which
/// orders nothing.)
class shared_text {
public:
  void set(std::string text) {
    auto made = std::make_shared<const std::string>(std::move(text));
    const auto lock = std::scoped_lock{all_};
    text_.swap(made); // the old one is let go of outside of the lock
  }
  std::string get() const {
    const auto text = current();
    return text ? *text : std::string{};
  }

private:
  std::shared_ptr<const std::string> current() const {
    const auto lock = std::scoped_lock{all_};
    return text_;
  }

  static inline std::mutex all_;
  std::shared_ptr<const std::string> text_; ///< the slot's, and a reader's meanwhile
};

} // namespace actors
