#include "actors/codec/link_frame.hpp"

#include "actors/codec/crc32.hpp"
#include "actors/codec/packed_bytes.hpp"
#include "actors/codec/packed_view.hpp"
#include "actors/codec/shown_text.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace actors {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t method_max = 16;
constexpr auto span_max = std::chrono::milliseconds{1h};
constexpr std::size_t sum_at = frame_header_size - 4;

bool is_frame_name(std::string_view text) {
  return !text.empty() && text.size() <= frame_name_max && is_showable(text);
}

bool is_path(std::string_view text) {
  return text.size() <= frame_path_max && text.find('\0') == std::string_view::npos;
}

/// Builds a frame: the payload is packed behind room for the header, which `finish` fills in.
class frame_writer {
public:
  explicit frame_writer(frame_kind kind, std::size_t payload_size = 64) : kind_{kind} {
    out_.reserve(frame_header_size + payload_size);
    out_.resize(frame_header_size);
  }

  frame_writer& number(std::uint64_t x) {
    pack_varint(x, out_);
    return *this;
  }
  frame_writer& span(std::chrono::milliseconds x) {
    assert(x > 0ms && x <= span_max);
    return number(static_cast<std::uint64_t>(x.count()));
  }
  frame_writer& text(std::string_view x) {
    pack_text(x, out_);
    return *this;
  }
  frame_writer& name(std::string_view x) {
    assert(is_frame_name(x));
    return text(x);
  }
  frame_writer& rest(std::string_view x) {
    out_.append(x);
    return *this;
  }

  std::size_t payload_size() const { return out_.size() - frame_header_size; }

  std::string finish() {
    assert(payload_size() <= payload_max(kind_));
    auto header = std::string{};
    pack_fixed32(static_cast<std::uint32_t>(payload_size()), header);
    header.push_back(static_cast<char>(kind_));
    header.append(3, '\0');
    auto sum = crc32{};
    sum.add(header);
    sum.add(std::string_view{out_}.substr(frame_header_size));
    pack_fixed32(sum.value(), header);
    out_.replace(0, frame_header_size, header);
    return std::move(out_);
  }

private:
  frame_kind kind_;
  std::string out_;
};

/// Takes a payload apart. The first thing that is not as it must be is the trouble; what is read
/// after it is 0 or empty.
class frame_reader {
public:
  frame_reader(frame_kind kind, std::string_view payload) : kind_{kind}, in_{payload} {}

  std::uint64_t number(std::string_view what, std::uint64_t min, std::uint64_t max) {
    const auto x = in_.varint();
    return check(x >= min && x <= max, what) ? x : 0;
  }
  std::uint64_t number64(std::string_view what) { return number(what, 0, UINT64_MAX); }
  std::uint32_t number32(std::string_view what) {
    return static_cast<std::uint32_t>(number(what, 0, UINT32_MAX));
  }
  std::uint16_t number16(std::string_view what, std::uint16_t min, std::uint16_t max) {
    return static_cast<std::uint16_t>(number(what, min, max));
  }
  std::chrono::milliseconds span(std::string_view what) {
    return std::chrono::milliseconds{number(what, 1, static_cast<std::uint64_t>(span_max.count()))};
  }
  std::string name(std::string_view what) {
    const auto x = in_.text(frame_name_max);
    return check(is_frame_name(x), what) ? std::string{x} : std::string{};
  }
  std::string text(std::string_view what) {
    const auto x = in_.text(frame_text_max);
    return check(is_showable(x), what) ? std::string{x} : std::string{};
  }
  std::string path(std::string_view what) {
    const auto x = in_.text(frame_path_max);
    return check(is_path(x), what) ? std::string{x} : std::string{};
  }
  std::string bytes(std::string_view what, std::size_t size_max) {
    const auto x = in_.text(size_max);
    return check(true, what) ? std::string{x} : std::string{};
  }
  std::string_view rest() { return in_.rest(); }
  protocol_range protocol() {
    const auto min = number16("protocol", 1, UINT16_MAX);
    return {.min = min, .max = number16("protocol", min, UINT16_MAX)};
  }

  /// False once there is trouble.
  bool check(bool is_good, std::string_view what) {
    if (trouble_.empty() && (!is_good || in_.has_failed()))
      trouble_ = what;
    return trouble_.empty();
  }

  result<link_message> finish(link_message message) {
    if (check(in_.is_at_end(), "end"))
      return message;
    return failure(errc::invalid_argument,
      std::string{name_of(kind_)} + " frame: its " + std::string{trouble_} + " is wrong");
  }

private:
  frame_kind kind_;
  packed_view in_;
  std::string_view trouble_;
};

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
    if (!is_path(root))
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
