#include "actors/os/mount_table.hpp"

#include <algorithm>

#include "promise.hpp"

using namespace actors;
using namespace actors::test;

namespace {

void look_below(const std::vector<mount_point>& table, const std::string& root) {
  const auto directory = root.substr(0, root.find_last_not_of('/') + 1) + '/';
  const auto below = mounts_below(table, root);
  promise(below.size() <= table.size(), "no mount is invented");
  for (const auto& x : below)
    promise(x.path.starts_with(directory) && x.path != directory, "a mount is below the root");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  const auto text = std::string_view{reinterpret_cast<const char*>(bytes), size};
  const auto table = parse_mountinfo(text);
  promise(static_cast<std::ptrdiff_t>(table.size()) <= 1 + std::ranges::count(text, '\n'),
    "a line is at most one mount");
  for (const auto& x : table) {
    promise(x.path.starts_with('/'), "a path is absolute");
    promise(x.path.find('\0') == std::string::npos, "a path has no NUL");
    promise(!x.root.empty() && !x.type.empty(), "every mount has a root and a type");
  }
  look_below(table, "/");
  if (!table.empty())
    look_below(table, table.back().path);
  return 0;
}
