#include "actors/codec/link_frame.hpp"

#include "actors/codec/frame_fields.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace actors {

namespace {

constexpr std::size_t method_max = 16;
constexpr std::size_t sum_at = frame_header_size - 4;

result<link_message> read_hello(frame_reader& in) {
  auto x = hello_frame{};
  x.protocol = in.protocol();
  x.program_version = in.name("program version");
  x.node = in.name("node");
  x.link = in.name("link");
  x.heartbeat = in.span("heartbeat");
  x.deadline = in.span("deadline");
  return in.finish(std::move(x));
}

result<link_message> read_welcome(frame_reader& in) {
  auto x = welcome_frame{};
  x.protocol = in.number16("protocol", 1, UINT16_MAX);
  x.program_version = in.name("program version");
  x.node = in.name("node");
  x.credit = in.number32("credit");
  x.heartbeat = in.span("heartbeat");
  x.deadline = in.span("deadline");
  return in.finish(std::move(x));
}

result<link_message> read_refusal(frame_reader& in) {
  auto x = refusal_frame{};
  x.code = static_cast<refusal_code>(
    in.number16("code", static_cast<std::uint16_t>(refusal_code::protocol),
      static_cast<std::uint16_t>(refusal_code::nonsense)));
  x.text = in.text("text");
  return in.finish(std::move(x));
}

result<link_message> read_origin(frame_reader& in) {
  auto x = origin_frame{};
  x.index = static_cast<std::uint32_t>(in.number("index", 0, frame_origins_max - 1));
  x.origin.node = in.name("node");
  x.origin.pipeline = in.name("pipeline");
  x.origin.stream = in.name("stream");
  const auto count = in.number("number of roots", 0, frame_roots_max);
  for (std::uint64_t i = 0; i < count && in.check(true, "root"); ++i)
    x.origin.roots.push_back(in.path("root"));
  return in.finish(std::move(x));
}

result<link_message> read_batch(frame_reader& in) {
  auto x = batch_frame{};
  x.number = in.number("number", 1, UINT64_MAX);
  x.origin = static_cast<std::uint32_t>(in.number("origin", 0, frame_origins_max - 1));
  x.blob = in.rest();
  in.check(!x.blob.empty(), "batch");
  return in.finish(x);
}

result<link_message> read_ack(frame_reader& in) {
  auto x = ack_frame{};
  x.upto = in.number64("number");
  x.credit = in.number32("credit");
  return in.finish(x);
}

bool is_method(std::string_view text) {
  constexpr auto letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return !text.empty() && text.size() <= method_max
         && text.find_first_not_of(letters) == std::string_view::npos;
}

result<link_message> read_ask(frame_reader& in) {
  auto x = ask_frame{};
  x.id = in.number64("id");
  x.within = in.span("time");
  x.method = in.name("method");
  in.check(is_method(x.method), "method");
  x.path = in.text("path");
  in.check(x.path.starts_with('/'), "path");
  const auto count = in.number("number of query pairs", 0, frame_query_max);
  for (std::uint64_t i = 0; i < count && in.check(true, "query"); ++i) {
    auto name = in.name("query name");
    x.query.emplace_back(std::move(name), in.bytes("query value", frame_text_max));
  }
  return in.finish(std::move(x));
}

result<link_message> read_answer(frame_reader& in) {
  auto x = answer_frame{};
  x.id = in.number64("id");
  x.status = in.number16("status", 100, 599);
  x.content_type = in.name("content type");
  x.body = std::string{in.rest()};
  return in.finish(std::move(x));
}

result<link_message> read_goodbye(frame_reader& in) {
  auto x = goodbye_frame{};
  x.text = in.text("text");
  return in.finish(std::move(x));
}

constexpr auto last_kind = static_cast<std::uint8_t>(frame_kind::goodbye);

} // namespace

std::string write_frame(const hello_frame& what) {
  return frame_writer{frame_kind::hello}
    .number(what.protocol.min)
    .number(what.protocol.max)
    .name(what.program_version)
    .name(what.node)
    .name(what.link)
    .span(what.heartbeat)
    .span(what.deadline)
    .finish();
}

std::string write_frame(const welcome_frame& what) {
  return frame_writer{frame_kind::welcome}
    .number(what.protocol)
    .name(what.program_version)
    .name(what.node)
    .number(what.credit)
    .span(what.heartbeat)
    .span(what.deadline)
    .finish();
}

std::string write_frame(const refusal_frame& what) {
  return frame_writer{frame_kind::refusal}
    .number(static_cast<std::uint8_t>(what.code))
    .text(shown_text(what.text, frame_text_max))
    .finish();
}

std::string write_frame(const origin_frame& what) {
  constexpr auto head_max = 5 + 3 * (2 + frame_name_max) + 2;
  auto room = frame_payload_max - head_max;
  auto roots = std::vector<std::string_view>{};
  for (const auto& root : what.origin.roots) {
    if (roots.size() == frame_roots_max || root.size() + 2 > room)
      break;
    if (!is_frame_path(root))
      continue;
    room -= root.size() + 2;
    roots.emplace_back(root);
  }
  auto out = frame_writer{frame_kind::origin};
  out.number(what.index)
    .name(what.origin.node)
    .name(what.origin.pipeline)
    .name(what.origin.stream)
    .number(roots.size());
  for (const auto root : roots)
    out.text(root);
  return out.finish();
}

std::string write_frame(const batch_frame& what) {
  return frame_writer{frame_kind::batch, what.blob.size() + 16}
    .number(what.number)
    .number(what.origin)
    .rest(what.blob)
    .finish();
}

std::string write_frame(const ack_frame& what) {
  return frame_writer{frame_kind::ack}.number(what.upto).number(what.credit).finish();
}

std::string write_frame(const ping_frame&) {
  return frame_writer{frame_kind::ping}.finish();
}

bool is_askable(const ask_frame& what) {
  return is_method(what.method) && what.path.starts_with('/') && what.path.size() <= frame_text_max
         && is_showable(what.path) && what.query.size() <= frame_query_max
         && std::all_of(what.query.begin(), what.query.end(), [](const auto& x) {
              return is_frame_name(x.first) && x.second.size() <= frame_text_max;
            });
}

std::string write_frame(const ask_frame& what) {
  assert(is_askable(what));
  auto out = frame_writer{frame_kind::ask, 256};
  out.number(what.id).span(what.within).name(what.method).text(what.path).number(what.query.size());
  for (const auto& [name, value] : what.query)
    out.name(name).text(value);
  return out.finish();
}

std::string write_frame(const answer_frame& what) {
  return frame_writer{frame_kind::answer, what.body.size() + 300}
    .number(what.id)
    .number(what.status)
    .name(what.content_type)
    .rest(what.body)
    .finish();
}

std::string write_frame(const goodbye_frame& what) {
  return frame_writer{frame_kind::goodbye}.text(shown_text(what.text, frame_text_max)).finish();
}

std::string_view name_of(frame_kind kind) noexcept {
  constexpr auto names = std::array<std::string_view, last_kind>{
    "hello", "welcome", "refusal", "origin", "batch", "ack", "ping", "ask", "answer", "goodbye"};
  const auto index = static_cast<std::size_t>(kind) - 1;
  return index < names.size() ? names[index] : "unknown";
}

std::size_t payload_max(frame_kind kind) noexcept {
  constexpr auto number = std::size_t{10}; // a varint of 64 bits
  constexpr auto name = frame_name_max + 2;
  constexpr auto text = frame_text_max + 2;
  switch (kind) {
    case frame_kind::hello: return 4 * number + 3 * name;
    case frame_kind::welcome: return 4 * number + 2 * name;
    case frame_kind::refusal: return number + text;
    case frame_kind::ack: return 2 * number;
    case frame_kind::ping: return 0;
    case frame_kind::goodbye: return text;
    case frame_kind::ask: return 3 * number + name + text + frame_query_max * (name + text);
    case frame_kind::origin:
    case frame_kind::batch:
    case frame_kind::answer: return frame_payload_max;
  }
  return 0;
}

result<frame_header> read_frame_header(std::string_view bytes) {
  assert(bytes.size() == frame_header_size);
  auto in = packed_view{bytes};
  auto header = frame_header{.payload_size = in.fixed32()};
  const auto kind = in.byte();
  const auto flags = in.byte();
  const auto zero = in.fixed16();
  header.sum = in.fixed32();
  header.kind = static_cast<frame_kind>(kind);
  if (!in.is_at_end())
    return failure(errc::invalid_argument, "no frame: its header is cut off");
  if (kind == 0 || kind > last_kind)
    return failure(errc::not_supported, "frame of unknown kind " + std::to_string(kind));
  if (flags != 0 || zero != 0)
    return failure(
      errc::not_supported, std::string{name_of(header.kind)} + " frame: unknown flags");
  if (header.payload_size > payload_max(header.kind))
    return failure(errc::full, std::string{name_of(header.kind)} + " frame of "
                                 + std::to_string(header.payload_size) + " bytes; at most "
                                 + std::to_string(payload_max(header.kind)) + " are taken");
  return header;
}

result<link_message> read_frame(const frame_header& header, std::string_view payload) {
  auto head = std::string{};
  pack_fixed32(header.payload_size, head);
  head.push_back(static_cast<char>(header.kind));
  head.append(sum_at - head.size(), '\0');
  auto sum = crc32{};
  sum.add(head);
  sum.add(payload);
  if (payload.size() != header.payload_size || sum.value() != header.sum)
    return failure(errc::invalid_argument,
      std::string{name_of(header.kind)} + " frame: damaged, its checksum is wrong");
  auto in = frame_reader{header.kind, payload};
  switch (header.kind) {
    case frame_kind::hello: return read_hello(in);
    case frame_kind::welcome: return read_welcome(in);
    case frame_kind::refusal: return read_refusal(in);
    case frame_kind::origin: return read_origin(in);
    case frame_kind::batch: return read_batch(in);
    case frame_kind::ack: return read_ack(in);
    case frame_kind::ping: return in.finish(ping_frame{});
    case frame_kind::ask: return read_ask(in);
    case frame_kind::answer: return read_answer(in);
    case frame_kind::goodbye: return read_goodbye(in);
  }
  return failure(errc::not_supported, "frame of unknown kind");
}

} // namespace actors
