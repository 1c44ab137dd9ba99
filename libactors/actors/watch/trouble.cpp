#include "actors/watch/trouble.hpp"

namespace actors {

void trouble::note(const std::vector<tree_scan::finding>& findings, time_point now) {
  auto changed = false;
  for (const auto& [number, code, text] : findings) {
    auto* node = told_.tree().directory(number);
    if (node == nullptr || code == errc::not_found || code == errc::not_a_directory)
      continue; // gone or moved: the hints say where
    if (text.empty()) {
      changed |= polled_.erase(number) + denied_.erase(number) != 0;
      continue;
    }
    auto& kind = code == errc::permission_denied ? denied_ : polled_;
    if (!kind.insert(number).second)
      continue;
    if (&kind == &polled_ && polled_.size() == 1)
      due_ = now + poll_interval_;
    tell(*node, text);
    changed = true;
  }
  if (changed)
    show();
}

std::vector<std::uint64_t> trouble::take_due(time_point now) {
  if (polled_.empty() || now < due_)
    return {};
  due_ = now + poll_interval_;
  auto result = std::vector<std::uint64_t>{};
  for (auto i = polled_.begin(); i != polled_.end();)
    if (told_.tree().directory(*i) == nullptr) {
      i = polled_.erase(i);
    } else {
      result.push_back(*i);
      ++i;
    }
  return result;
}

void trouble::tell(const tree_node& node, const std::string& why) {
  const auto path = told_.tree().path_of(node);
  last_ = path + ": " + why;
  ctx_.log(log_level::warning, "watch_degraded", {{"path", path}, {"reason", why}});
  told_.mark({.type = event_type::degraded, .path = path, .text = why});
}

void trouble::show() {
  if (polled_.empty() && denied_.empty())
    return ctx_.recovered();
  ctx_.degraded(std::to_string(denied_.size()) + " directories denied, "
                + std::to_string(polled_.size()) + " polled for want of a watch; latest: " + last_);
}

} // namespace actors
