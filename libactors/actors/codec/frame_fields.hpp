#pragma once

#include "actors/codec/crc32.hpp"
#include "actors/codec/link_frame.hpp"
#include "actors/codec/packed_bytes.hpp"
#include "actors/codec/packed_view.hpp"
#include "actors/codec/shown_text.hpp"

#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace actors {

// What the frames between nodes are made of, and taken apart into.

inline constexpr auto frame_span_max = std::chrono::milliseconds{std::chrono::hours{1}};

inline bool is_frame_name(std::string_view text) {
  return !text.empty() && text.size() <= frame_name_max && is_showable(text);
}

inline bool is_frame_path(std::string_view text) {
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
    assert(x.count() > 0 && x <= frame_span_max);
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
    return std::chrono::milliseconds{
      number(what, 1, static_cast<std::uint64_t>(frame_span_max.count()))};
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
    return check(is_frame_path(x), what) ? std::string{x} : std::string{};
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

} // namespace actors
