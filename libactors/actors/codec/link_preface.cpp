#include "actors/codec/link_preface.hpp"

#include "actors/codec/packed_bytes.hpp"
#include "actors/codec/packed_view.hpp"

#include <algorithm>
#include <string>

namespace actors {

namespace {

using namespace std::string_view_literals;

constexpr auto magic = "ACTORS\r\n"sv;

std::string text_of(protocol_range range) {
  auto text = std::to_string(range.min);
  if (range.max != range.min)
    text += " to " + std::to_string(range.max);
  return text;
}

bool starts_like(std::string_view bytes, std::string_view start) {
  return bytes.substr(0, start.size()) == start;
}

/// A guess at what speaks, for whoever has mixed up two ports.
std::string_view language_of(std::string_view bytes) {
  // A record of TLS: handshake (22) or alert (21), then version 3.x (RFC 8446, 5.1).
  if (bytes.size() >= 2 && (bytes[0] == '\x16' || bytes[0] == '\x15') && bytes[1] == '\x03')
    return "TLS; is one end set to plain text and the other not?";
  for (const auto start : {"GET "sv, "HEAD "sv, "POST "sv, "PUT "sv, "DELETE "sv, "OPTIONS "sv,
         "PATCH "sv, "CONNECT "sv, "TRACE "sv, "HTTP/"sv, "PRI * HTTP"sv})
    if (starts_like(bytes, start))
      return "HTTP";
  if (starts_like(bytes, "SSH-"))
    return "SSH";
  if (starts_like(bytes, "INFO {") || starts_like(bytes, "CONNECT {"))
    return "NATS";
  return "something else";
}

} // namespace

std::string write_preface(protocol_range range) {
  auto out = std::string{magic};
  for (const auto version : {range.min, range.max}) {
    out.push_back(static_cast<char>(version & 0xFF));
    out.push_back(static_cast<char>(version >> 8));
  }
  pack_fixed32(0, out);
  return out;
}

result<protocol_range> read_preface(std::string_view bytes, protocol_range ours) {
  if (bytes.empty())
    return failure(errc::invalid_argument, "the other end is silent");
  const auto known = std::min(bytes.size(), magic.size());
  if (bytes.substr(0, known) != magic.substr(0, known))
    return failure(errc::invalid_argument,
      "the other end is no link of actors: it speaks " + std::string{language_of(bytes)});
  if (bytes.size() < preface_size)
    return failure(errc::invalid_argument, "the other end stopped after "
                                             + std::to_string(bytes.size()) + " of the first "
                                             + std::to_string(preface_size) + " bytes");
  auto in = packed_view{bytes.substr(magic.size())};
  const auto min = in.fixed16();
  const auto theirs = protocol_range{.min = min, .max = in.fixed16()};
  if (theirs.min == 0 || theirs.min > theirs.max || in.fixed32() != 0)
    return failure(errc::invalid_argument, "the other end says no protocol that could be");
  if (const auto common = common_protocol(theirs, ours); !common)
    return tl::unexpected<error>{common.error()};
  return theirs;
}

result<std::uint16_t> common_protocol(protocol_range theirs, protocol_range ours) {
  const auto newest = std::min(theirs.max, ours.max);
  if (newest < std::max(theirs.min, ours.min))
    return failure(errc::not_supported, "the other end speaks protocol " + text_of(theirs)
                                          + ", this program " + text_of(ours) + ": update "
                                          + (theirs.max < ours.min ? "the other end" : "this one"));
  return newest;
}

} // namespace actors
