#include "actors/codec/event_line.hpp"

#include "actors/codec/base64.hpp"
#include "actors/codec/time_text.hpp"
#include "actors/core/record_root.hpp"
#include "actors/core/utf8.hpp"

#include <charconv>
#include <cstdio>
#include <limits>
#include <string_view>

namespace actors {

namespace {

void append_number(std::uint64_t number, std::string& out) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void append_escaped(char c, std::string& out) {
  constexpr char hex[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += hex[static_cast<unsigned char>(c) >> 4];
      out += hex[static_cast<unsigned char>(c) & 15];
  }
}

constexpr bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\';
}

/// As a JSON string. Returns false when bytes had to be replaced by U+FFFD.
bool append_string(std::string_view text, std::string& out) {
  auto faithful = true;
  out += '"';
  while (!text.empty()) {
    auto plain = std::size_t{0};
    while (plain < text.size() && is_plain(text[plain]))
      ++plain;
    out.append(text, 0, plain);
    text.remove_prefix(plain);
    if (text.empty())
      break;
    const auto length = utf8_length(text);
    if (length > 1)
      out.append(text, 0, length);
    else if (length == 1)
      append_escaped(text.front(), out);
    else
      out += "\xEF\xBF\xBD";
    faithful &= length != 0;
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
  return faithful;
}

/// ,"key":"text" and, when the bytes are not UTF-8, ,"key_b64":"..."
void append_path(std::string_view key, std::string_view path, std::string& out) {
  out.append(",\"").append(key).append("\":");
  if (append_string(path, out))
    return;
  out.append(",\"").append(key).append("_b64\":\"");
  append_base64(path, out);
  out += '"';
}

void append_field(std::string_view key, std::uint64_t number, std::string& out) {
  out.append(",\"").append(key).append("\":");
  append_number(number, out);
}

void append_time(wall_time time, std::string& out) {
  out += ",\"time\":\"";
  append_utc(time, out);
  out += '"';
}

void append_change(const event& what, std::string& out) {
  if (what.type == event_type::rename)
    append_path("from", what.from, out);
  append_path("path", what.path, out);
  if (what.ftype != file_type::unknown)
    out.append(",\"ftype\":\"").append(1, letter_of(what.ftype)).append("\"");
  const auto has_size = what.ftype == file_type::file
                        && (what.type == event_type::create || what.type == event_type::modify);
  if (has_size)
    append_field("size", what.size, out);
  if (what.time != wall_time{})
    append_time(what.time, out);
  if (what.replaced)
    out += ",\"replaced\":true";
  if (what.initial)
    out += ",\"initial\":true";
}

/// Whether the line has the root of its record already.
enum class root_key : std::uint8_t { is_there, is_missing };

void append_marker(const event& what, root_key root, std::string& out) {
  if (!is_about_root(what.type))
    append_path("path", what.path, out);
  else if (root == root_key::is_missing)
    append_path("root", what.path, out);
  const auto took = static_cast<std::uint64_t>(what.took.count());
  if (what.type == event_type::ready) {
    out += ",\"backend\":";
    append_string(what.text, out);
    append_field("dirs", what.directories, out);
    append_field("files", what.files, out);
    append_field("ms", took, out);
  } else if (what.type == event_type::recovered) {
    append_field("changes", what.changes, out);
    append_field("ms", took, out);
  } else if (!what.text.empty()) {
    out += ",\"reason\":";
    append_string(what.text, out);
  }
  if (what.baseline)
    out += ",\"baseline\":true";
}

/// "node":"text","root":"text",
void append_origin(const event& what, const batch_origin& origin, std::string& out) {
  out += "\"node\":";
  append_string(origin.node, out);
  if (const auto root = root_of(what, origin.roots); !root.empty())
    append_path("root", root, out);
  out += ',';
}

void append_json(
  const event& what, std::uint64_t seq, const batch_origin* origin, std::string& out) {
  out += '{';
  if (origin != nullptr)
    append_origin(what, *origin, out);
  if (seq != 0) {
    out += "\"seq\":";
    append_number(seq, out);
    out += ',';
  }
  out.append("\"type\":\"").append(name_of(what.type)).append("\"");
  if (is_change(what.type))
    append_change(what, out);
  else
    append_marker(what, origin != nullptr ? root_key::is_there : root_key::is_missing, out);
  out += "}\n";
}

/// A path for a terminal: nothing in it can move the cursor or end the line.
void append_visible(std::string_view path, std::string& out) {
  while (!path.empty()) {
    const auto length = utf8_length(path);
    if (length == 0 || is_control(path) || path.front() == '\\') {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned char>(path.front()));
      out += escape;
      path.remove_prefix(1); // of a C1 control the other byte is now no UTF-8, and escaped too
    } else {
      out.append(path, 0, length);
      path.remove_prefix(length);
    }
  }
}

void append_text(const event& what, const batch_origin* origin, std::string& out) {
  constexpr auto column = std::size_t{10};
  const auto name = name_of(what.type);
  if (origin != nullptr) {
    append_visible(origin->node, out);
    out += ": ";
  }
  out.append(name).append(column - std::min(column - 1, name.size()), ' ');
  if (what.type == event_type::rename) {
    append_visible(what.from, out);
    out += " -> ";
  }
  append_visible(what.path, out);
  if (what.ftype == file_type::directory)
    out += '/';
  if (what.replaced)
    out += " (replaced)";
  if (what.type == event_type::ready)
    append_visible(" (" + std::string{what.text} + ", " + std::to_string(what.directories)
                     + " directories, " + std::to_string(what.files) + " files)",
      out);
  else if (!what.text.empty())
    append_visible(": " + std::string{what.text}, out);
  out += '\n';
}

} // namespace

void append_line(const event& what, std::uint64_t seq, line_format format, std::string& out,
  const batch_origin* origin) {
  switch (format) {
    case line_format::json: return append_json(what, seq, origin, out);
    case line_format::text: return append_text(what, origin, out);
    case line_format::zero:
      if (is_change(what.type)) {
        out.append(what.path);
        out += '\0';
      }
      return;
  }
}

} // namespace actors
