#include "actors/codec/crc32.hpp"
#include "actors/codec/link_frame.hpp"
#include "actors/codec/packed_bytes.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "promise.hpp"

using namespace actors;
using namespace actors::test;

namespace {

/// Bounds of what came of a message are kept, and it can be said again.
void check(const link_message& message, std::string_view payload) {
  const auto given = given_bytes{payload.data(), payload.size()};
  if (const auto* batch = std::get_if<batch_frame>(&message))
    promise(given.hold(batch->blob.data(), batch->blob.size()), "a blob lies in the payload");
  if (const auto* origin = std::get_if<origin_frame>(&message))
    promise(origin->origin.roots.size() <= frame_roots_max, "roots have a bound");
  const auto frame = std::visit([](const auto& what) { return write_frame(what); }, message);
  promise(frame.size() <= frame_bytes_max, "a frame has a bound");
  const auto again = std::string_view{frame};
  const auto header = read_frame_header(again.substr(0, frame_header_size));
  promise(header.has_value(), "what was read can be written");
  const auto back = read_frame(*header, again.substr(frame_header_size));
  promise(back.has_value() && *back == message, "and is the same");
}

void read(std::string_view bytes) {
  if (bytes.size() < frame_header_size)
    return;
  const auto header = read_frame_header(bytes.substr(0, frame_header_size));
  if (!header) {
    promise(!header.error().text.empty(), "an error says why");
    return;
  }
  promise(header->payload_size <= payload_max(header->kind), "a payload has a bound");
  const auto payload = bytes.substr(frame_header_size).substr(0, header->payload_size);
  const auto message = read_frame(*header, payload);
  promise(message || !message.error().text.empty(), "an error says why");
  if (message)
    check(*message, payload);
}

/// The same with the size and the checksum made right: what they let through must be safe as well.
std::string sealed(std::string_view bytes) {
  auto out = std::string{};
  const auto payload = bytes.substr(frame_header_size);
  pack_fixed32(static_cast<std::uint32_t>(payload.size()), out);
  out.push_back(static_cast<char>(static_cast<unsigned char>(bytes[4]) % 12)); // mostly a kind
  out.append(3, '\0');
  auto sum = crc32{};
  sum.add(out);
  sum.add(payload);
  pack_fixed32(sum.value(), out);
  return out.append(payload);
}

/// In a block of exactly that size, so that the address sanitizer sees every byte too far.
void read_alone(std::string_view bytes) {
  const auto block = std::make_unique<char[]>(bytes.size());
  bytes.copy(block.get(), bytes.size());
  read({block.get(), bytes.size()});
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  const auto given = std::string_view{reinterpret_cast<const char*>(bytes), size};
  const auto preface = read_preface(given);
  promise(preface || !preface.error().text.empty(), "an error says why");
  promise(!preface || write_preface(*preface) == given.substr(0, preface_size),
    "a preface that is taken is one that is written");
  read(given);
  if (size >= frame_header_size)
    read_alone(sealed(given));
  return 0;
}
