#include "actors/core/record_root.hpp"

namespace actors {

bool is_in(std::string_view root, std::string_view path) noexcept {
  if (root.empty() || path.substr(0, root.size()) != root)
    return false;
  return path.size() == root.size() || root.back() == '/' || path[root.size()] == '/';
}

std::string_view root_of(std::string_view path, const std::vector<std::string>& roots) noexcept {
  auto longest = std::string_view{};
  for (const auto& root : roots)
    if (root.size() > longest.size() && is_in(root, path))
      longest = root;
  return longest;
}

} // namespace actors
