#include "actors/os/fanotify_records.hpp"

#include <numeric>

#include "promise.hpp"

using namespace actors;
using namespace actors::test;

namespace {

/// Reads every byte, so that the address sanitizer sees it.
unsigned sum(const kernel_handle& x) {
  return std::accumulate(x.bytes, x.bytes + x.size, 0U);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  const auto* text = reinterpret_cast<const char*>(bytes);
  const auto given = given_bytes{bytes, size};
  auto records = std::vector<fanotify_record>{};
  const auto understood = parse_fanotify(text, size, records);
  promise(understood <= size, "no more is understood than was given");
  [[maybe_unused]] volatile auto read = 0U;
  for (const auto& x : records) {
    promise(given.hold(x.name.data(), x.name.size()), "a name lies in what was given");
    promise(x.name.find('\0') == std::string_view::npos, "a name has no NUL");
    promise(x.name != ".", "a directory itself has no name");
    promise(given.hold(x.directory.bytes, x.directory.size), "a directory lies in what was given");
    promise(given.hold(x.object.bytes, x.object.size), "an object lies in what was given");
    read = sum(x.directory) + sum(x.object);
  }
  auto again = std::vector<fanotify_record>{};
  promise(parse_fanotify(text, understood, again) == understood && again.size() == records.size(),
    "what was understood is so without what follows");
  return 0;
}
