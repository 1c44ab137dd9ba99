#include "actors/codec/told_journal.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "promise.hpp"

using namespace actors;
using namespace actors::test;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  auto rest = std::string_view{reinterpret_cast<const char*>(bytes), size};
  auto told = std::size_t{0};
  auto again = std::string{};
  read_told(
    [&] {
      const auto part = rest.substr(0, 1 + size % 13);
      rest.remove_prefix(part.size());
      return part;
    },
    [&](const told_path& x) {
      told += 1 + x.path.size();
      append_told(x, again);
    });
  promise(told <= size, "no path is invented");
  auto whole = std::string_view{again};
  auto count = std::size_t{0};
  const auto sound = read_told([&] { return std::exchange(whole, {}); },
    [&](const told_path& x) { count += 1 + x.path.size(); });
  promise(sound && count == told, "what was read can be written");
  return 0;
}
