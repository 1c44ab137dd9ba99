#include "actors/admin/http_engine.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "promise.hpp"

using namespace actors;
using namespace actors::test;

namespace {

/// A peer that says what it is given, in pieces, and keeps what it is answered.
class scripted_peer final : public door_connection {
public:
  explicit scripted_peer(std::string_view says) : says_{says} {}

  bool greet(time_point) override { return true; }
  std::size_t read(char* into, std::size_t size, time_point) override {
    const auto count = says_.copy(into, std::min<std::size_t>(size, 700));
    says_.remove_prefix(count);
    return count;
  }
  bool write(std::string_view bytes, time_point) override {
    heard.append(bytes);
    return true;
  }
  void say_end() override { has_ended = true; }
  bool is_open() const override { return true; }

  std::string heard;
  bool has_ended = false;

private:
  std::string_view says_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  static const auto engine = http_engine{[](const door_request& what) {
                                           promise(what.method != "HEAD", "a HEAD comes as GET");
                                           auto answer = door_answer{};
                                           answer.body = what.path;
                                           if (what.path == "/stream")
                                             answer.next = [left = 2](std::string& more) mutable {
                                               more = "data: x\n\n";
                                               return --left > 0;
                                             };
                                           return answer;
                                         },
    door_access::of_port(door_access::scheme::http, ""), {}};
  auto peer = scripted_peer{{reinterpret_cast<const char*>(bytes), size}};
  engine.answer(peer, [] {});
  promise(peer.heard.empty() || peer.heard.starts_with("HTTP/1.1 "), "what is said is HTTP");
  promise(peer.heard.size() <= size * 3 + 1000, "an answer is no amplifier");
  return 0;
}
