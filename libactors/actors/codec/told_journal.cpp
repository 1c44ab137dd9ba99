#include "actors/codec/told_journal.hpp"

#include <utility>

namespace actors {

namespace {

void append_entry(told_path::what of, file_type type, std::string_view path, std::string& out) {
  out.push_back(static_cast<char>(of));
  out.push_back(static_cast<char>(type));
  pack_text(path, out);
}

void append_entries(const event& x, std::string& out) {
  using what = told_path::what;
  switch (x.type) {
    case event_type::modify:
    case event_type::attrib: return append_entry(what::changed, x.ftype, x.path, out);
    case event_type::rename: append_entry(what::placed, x.ftype, x.from, out); [[fallthrough]];
    case event_type::create:
    case event_type::remove: return append_entry(what::placed, x.ftype, x.path, out);
    case event_type::overflow:
      if (x.baseline)
        append_entry(what::forgotten, x.ftype, x.path, out);
      return;
    default: return;
  }
}

bool read_body(std::string_view body, const std::function<void(const told_path&)>& visit) {
  auto in = unpacker{[body]() mutable { return std::exchange(body, {}); }};
  while (!in.is_at_end()) {
    const auto of = in.byte();
    const auto type = in.byte();
    const auto path = type ? in.text(SIZE_MAX) : std::nullopt;
    if (!path || *of > static_cast<int>(told_path::what::forgotten)
        || *type > static_cast<int>(file_type::other))
      return false;
    visit({static_cast<told_path::what>(*of), static_cast<file_type>(*type), *path});
  }
  return true;
}

void append_frame(std::string_view body, std::string& out) {
  auto sum = crc32{};
  sum.add(body);
  pack_text(body, out);
  pack_fixed32(sum.value(), out);
}

} // namespace

void append_told(const event_batch& batch, std::string& out) {
  auto body = std::string{};
  for (const auto& x : batch)
    append_entries(x, body);
  if (!body.empty())
    append_frame(body, out);
}

void append_told(const told_path& what, std::string& out) {
  auto body = std::string{};
  append_entry(what.of, what.ftype, what.path, body);
  append_frame(body, out);
}

bool read_told(byte_supply bytes, const std::function<void(const told_path&)>& visit) {
  auto in = unpacker{std::move(bytes)};
  while (!in.is_at_end()) {
    const auto size = in.varint();
    if (!size)
      return in.is_at_end();
    in.begin_sum();
    const auto found = in.bytes(static_cast<std::size_t>(*size));
    if (!found)
      return true; // cut off
    const auto body = std::string{*found};
    const auto sum = in.sum();
    const auto written = in.fixed32();
    if (!written)
      return true;
    if (*written != sum || !read_body(body, visit))
      return false;
  }
  return true;
}

} // namespace actors
