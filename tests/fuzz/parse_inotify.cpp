#include "actors/os/inotify_records.hpp"

#include "promise.hpp"

using namespace actors;
using namespace actors::test;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  const auto* text = reinterpret_cast<const char*>(bytes);
  const auto given = given_bytes{bytes, size};
  auto records = std::vector<inotify_record>{};
  const auto understood = parse_inotify(text, size, records);
  promise(understood <= size, "no more is understood than was given");
  for (const auto& x : records) {
    promise(given.hold(x.name.data(), x.name.size()), "a name lies in what was given");
    promise(x.name.find('\0') == std::string_view::npos, "a name has no NUL");
  }
  auto again = std::vector<inotify_record>{};
  promise(parse_inotify(text, understood, again) == understood && again.size() == records.size(),
    "what was understood is so without what follows");
  return 0;
}
