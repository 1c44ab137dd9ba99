#include "actors/core/record_root.hpp"

namespace actors {

namespace {

/// "/a" has "/a" and "/a/b" in it, and not "/ab"; "/" has all.
bool has_inside(std::string_view root, std::string_view path) noexcept {
  if (root.empty() || path.substr(0, root.size()) != root)
    return false;
  return path.size() == root.size() || root.back() == '/' || path[root.size()] == '/';
}

} // namespace

std::string_view root_of(std::string_view path, const std::vector<std::string>& roots) noexcept {
  auto longest = std::string_view{};
  for (const auto& root : roots)
    if (root.size() > longest.size() && has_inside(root, path))
      longest = root;
  return longest;
}

} // namespace actors
