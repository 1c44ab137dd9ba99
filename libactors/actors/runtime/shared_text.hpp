#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>

namespace actors {

/// A text that one thread sets now and then, and any may read. Most are never set, and take 16
/// bytes.
class shared_text {
public:
  void set(std::string text) { text_ = std::make_shared<const std::string>(std::move(text)); }
  std::string get() const {
    const auto text = text_.load();
    return text ? *text : std::string{};
  }

private:
  std::atomic<std::shared_ptr<const std::string>> text_; ///< the slot's, and a reader's meanwhile
};

} // namespace actors
