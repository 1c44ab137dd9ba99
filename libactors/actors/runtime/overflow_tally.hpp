#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace actors {

/// How often each root had to be read again because the kernel's queue was full. Thread-safe.
class overflow_tally {
public:
  /// Roots are told by configurations: hundreds, not thousands. More are counted together, as "".
  static constexpr std::size_t roots_max = 1000;

  using counts = std::map<std::string, std::uint64_t, std::less<>>;

  void add(std::string_view root, std::uint64_t times) {
    const auto held = std::scoped_lock{mutex_};
    auto found = counts_.find(root);
    if (found == counts_.end())
      found = counts_.try_emplace(std::string{counts_.size() < roots_max ? root : ""}, 0).first;
    found->second += times;
  }

  counts get() const {
    const auto held = std::scoped_lock{mutex_};
    return counts_;
  }

private:
  mutable std::mutex mutex_;
  counts counts_;
};

} // namespace actors
