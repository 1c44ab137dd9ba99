#include "actors/codec/event_line.hpp"

#include "actors/core/utf8.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <random>
#include <thread>

using namespace actors;
using namespace std::chrono_literals;

namespace event_line_tests {

std::string line(const event& what, std::uint64_t seq, line_format format = line_format::json) {
  auto text = std::string{};
  append_line(what, seq, format, text);
  return text;
}

/// 2026-11-22T15:31:48.123456Z
constexpr auto noticed = wall_time{std::chrono::nanoseconds{1'795'361'508'123'456'000}};

std::string base64_decoded(std::string_view text) {
  constexpr auto alphabet =
    std::string_view{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"};
  auto bytes = std::string{};
  auto bits = 0u;
  auto count = 0;
  for (auto c : text) {
    if (c == '=')
      break;
    bits = bits << 6 | static_cast<unsigned>(alphabet.find(c));
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 0xFF);
    }
  }
  return bytes;
}

/// What a reader makes of a path: the bytes, if it is not UTF-8.
std::string path_in(const nlohmann::json& record, const std::string& key) {
  if (record.contains(key + "_b64"))
    return base64_decoded(record.at(key + "_b64").get<std::string>());
  return record.at(key).get<std::string>();
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto length = utf8_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

void check_round_trip(const std::string& path, const std::string& from) {
  const auto text = line({.type = event_type::rename, .path = path, .from = from}, 1);
  BOOST_REQUIRE(text.ends_with("}\n"));
  const auto body = std::string_view{text}.substr(0, text.size() - 1);
  for (auto c : body)
    BOOST_REQUIRE_MESSAGE(static_cast<unsigned char>(c) >= 0x20, "a control character in " << text);
  BOOST_REQUIRE(is_utf8(body));
  const auto record = nlohmann::json::parse(body);
  BOOST_REQUIRE(path_in(record, "path") == path);
  BOOST_REQUIRE(path_in(record, "from") == from);
  BOOST_REQUIRE(record.contains("path_b64") == !is_utf8(path));
  if (!is_utf8(path))
    BOOST_REQUIRE(record["path"].get<std::string>().find("\xEF\xBF\xBD") != std::string::npos);
}

} // namespace event_line_tests

BOOST_AUTO_TEST_SUITE(event_line_tests)

BOOST_AUTO_TEST_CASE(every_record_of_the_interface_page_is_written_byte_for_byte) {
  const auto ready = event{.type = event_type::ready,
    .path = "/r",
    .text = "fanotify",
    .directories = 1200,
    .files = 30000,
    .took = 410ms};
  BOOST_TEST(
    line(ready, 1)
    == R"({"seq":1,"type":"ready","root":"/r","backend":"fanotify","dirs":1200,"files":30000,"ms":410})"
       "\n");
  const auto create = event{.type = event_type::create,
    .ftype = file_type::file,
    .path = "/r/a/b.txt",
    .size = 5,
    .time = noticed};
  BOOST_TEST(
    line(create, 17)
    == R"({"seq":17,"type":"create","path":"/r/a/b.txt","ftype":"f","size":5,"time":"2026-11-22T15:31:48.123456Z"})"
       "\n");
  const auto rename = event{
    .type = event_type::rename, .ftype = file_type::file, .path = "/r/c.txt", .from = "/r/a/b.txt"};
  BOOST_TEST(line(rename, 18)
             == R"({"seq":18,"type":"rename","from":"/r/a/b.txt","path":"/r/c.txt","ftype":"f"})"
                "\n");
  auto replaced =
    event{.type = event_type::modify, .ftype = file_type::file, .replaced = true, .path = "/r/x"};
  // The page leaves the size out for brevity; a modify of a file has one.
  BOOST_TEST(line(replaced, 19)
             == R"({"seq":19,"type":"modify","path":"/r/x","ftype":"f","size":0,"replaced":true})"
                "\n");
  BOOST_TEST(line({.type = event_type::overflow, .path = "/r"}, 20)
             == R"({"seq":20,"type":"overflow","root":"/r"})"
                "\n");
  BOOST_TEST(line({.type = event_type::recovered, .path = "/r", .changes = 312, .took = 84ms}, 333)
             == R"({"seq":333,"type":"recovered","root":"/r","changes":312,"ms":84})"
                "\n");
}

BOOST_AUTO_TEST_CASE(the_other_records_have_their_path_or_root_and_their_reason) {
  BOOST_TEST(line({.type = event_type::remove, .ftype = file_type::directory, .path = "/r/d"}, 2)
             == R"({"seq":2,"type":"delete","path":"/r/d","ftype":"d"})"
                "\n");
  BOOST_TEST(
    line({.type = event_type::attrib, .ftype = file_type::link, .path = "/r/l", .size = 7}, 3)
    == R"({"seq":3,"type":"attrib","path":"/r/l","ftype":"l"})"
       "\n");
  BOOST_TEST(
    line(
      {.type = event_type::create, .ftype = file_type::other, .initial = true, .path = "/r/o"}, 4)
    == R"({"seq":4,"type":"create","path":"/r/o","ftype":"o","initial":true})"
       "\n");
  BOOST_TEST(line({.type = event_type::overflow, .baseline = true, .path = "/r"}, 5)
             == R"({"seq":5,"type":"overflow","root":"/r","baseline":true})"
                "\n");
  BOOST_TEST(line({.type = event_type::root_lost, .path = "/r", .text = "it was deleted"}, 6)
             == R"({"seq":6,"type":"root_lost","root":"/r","reason":"it was deleted"})"
                "\n");
  BOOST_TEST(line({.type = event_type::root_back, .path = "/r"}, 7)
             == R"({"seq":7,"type":"root_back","root":"/r"})"
                "\n");
  for (auto type :
    {event_type::degraded, event_type::error, event_type::mount, event_type::unmount})
    BOOST_TEST(line({.type = type, .path = "/r/p", .text = "why"}, 8)
               == "{\"seq\":8,\"type\":\"" + std::string{name_of(type)}
                    + "\",\"path\":\"/r/p\",\"reason\":\"why\"}\n");
  BOOST_TEST(line({.type = event_type::overflow, .path = "/r"}, 0)
             == R"({"type":"overflow","root":"/r"})"
                "\n");
}

BOOST_AUTO_TEST_CASE(every_byte_can_stand_in_a_path) {
  for (auto byte = 0; byte < 256; ++byte)
    check_round_trip("/r/" + std::string(1, static_cast<char>(byte)) + "x",
      "/r/x" + std::string(1, static_cast<char>(byte)));
}

BOOST_AUTO_TEST_CASE(any_bytes_survive_the_way_through_a_line) {
  auto random = std::mt19937{7};
  for (auto i = 0; i < 20'000; ++i) {
    auto texts = std::vector<std::string>(2, "/");
    for (auto& text : texts)
      for (auto n = random() % 20; n > 0; --n)
        text += static_cast<char>(random() % 3 == 0 ? 0x70 + random() % 0x90 : random() % 256);
    check_round_trip(texts[0], texts[1]);
  }
}

BOOST_AUTO_TEST_CASE(broken_utf8_is_shown_with_replacement_characters_and_given_as_bytes) {
  const auto text = line({.type = event_type::remove, .path = "/r/a\xFF\xC3("}, 1);
  BOOST_TEST(text
             == "{\"seq\":1,\"type\":\"delete\",\"path\":\"/r/a\xEF\xBF\xBD\xEF\xBF\xBD(\","
                "\"path_b64\":\"L3IvYf/DKA==\"}\n");
}

BOOST_AUTO_TEST_CASE(good_utf8_passes_as_it_is) {
  const auto path = std::string{"/r/\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"};
  BOOST_TEST(line({.type = event_type::remove, .path = path}, 1)
             == "{\"seq\":1,\"type\":\"delete\",\"path\":\"" + path + "\"}\n");
}

BOOST_AUTO_TEST_CASE(quotes_backslashes_and_control_characters_are_escaped) {
  BOOST_TEST(line({.type = event_type::remove, .path = "\"\\\b\f\n\r\t\x01\x1F\x7F"}, 1)
             == R"({"seq":1,"type":"delete","path":"\"\\\b\f\n\r\t\u0001\u001f\u007f"})"
                "\n");
}

BOOST_AUTO_TEST_CASE(times_are_utc_with_microseconds_across_seconds_and_before_1970) {
  const auto at = [](std::int64_t nanoseconds) {
    const auto text = line({.type = event_type::remove,
                             .path = "/",
                             .time = wall_time{std::chrono::nanoseconds{nanoseconds}}},
      0);
    return nlohmann::json::parse(text).at("time").get<std::string>();
  };
  BOOST_TEST(at(1) == "1970-01-01T00:00:00.000000Z");
  BOOST_TEST(at(999'999'999) == "1970-01-01T00:00:00.999999Z");
  BOOST_TEST(at(1'000'000'000) == "1970-01-01T00:00:01.000000Z");
  BOOST_TEST(at(951'827'696'000'001'000) == "2000-02-29T12:34:56.000001Z");
  BOOST_TEST(at(-1'000) == "1969-12-31T23:59:59.999999Z");
  BOOST_TEST(at(4'102'444'800'000'000'000) == "2100-01-01T00:00:00.000000Z");
}

BOOST_AUTO_TEST_CASE(the_very_first_time_of_a_thread_may_be_any_second) {
  auto text = std::string{};
  auto fresh = std::thread{[&] { // what a thread remembers of the last second is empty
    text = line({.type = event_type::remove,
                  .path = "/",
                  .time = wall_time{std::chrono::nanoseconds{-1'000}}},
      0);
  }};
  fresh.join();
  BOOST_TEST(text
             == R"({"type":"delete","path":"/","time":"1969-12-31T23:59:59.999999Z"})"
                "\n");
}

BOOST_AUTO_TEST_CASE(the_largest_numbers_are_written_in_full) {
  const auto text = line(
    {.type = event_type::create, .ftype = file_type::file, .path = "/", .size = ~std::uint64_t{0}},
    ~std::uint64_t{0});
  BOOST_TEST(
    text
    == R"({"seq":18446744073709551615,"type":"create","path":"/","ftype":"f","size":18446744073709551615})"
       "\n");
}

BOOST_AUTO_TEST_CASE(text_is_made_for_a_terminal) {
  BOOST_TEST(line({.type = event_type::create, .ftype = file_type::directory, .path = "/r/d"}, 1,
               line_format::text)
             == "create    /r/d/\n");
  BOOST_TEST(line({.type = event_type::rename,
                    .ftype = file_type::file,
                    .replaced = true,
                    .path = "/r/b",
                    .from = "/r/a"},
               1, line_format::text)
             == "rename    /r/a -> /r/b (replaced)\n");
  BOOST_TEST(
    line({.type = event_type::root_lost, .path = "/r", .text = "gone"}, 1, line_format::text)
    == "root_lost /r: gone\n");
}

BOOST_AUTO_TEST_CASE(no_path_or_reason_can_move_the_cursor_or_end_a_text_line) {
  auto nasty = std::string{};
  for (auto byte = 0; byte < 256; ++byte)
    nasty += static_cast<char>(byte);
  for (auto c1 = 0x80; c1 < 0xA0; ++c1) { // C1 controls: terminals obey U+009B as ESC [
    nasty += '\xC2';
    nasty += static_cast<char>(c1);
  }
  for (auto type : {event_type::create, event_type::rename, event_type::ready, event_type::error,
         event_type::root_lost, event_type::overflow}) {
    const auto text =
      line({.type = type, .path = nasty, .from = nasty, .text = nasty}, 1, line_format::text);
    BOOST_REQUIRE(text.ends_with('\n'));
    auto rest = std::string_view{text}.substr(0, text.size() - 1);
    BOOST_TEST(is_utf8(rest), name_of(type));
    auto controls = 0;
    for (std::size_t i = 0; i < rest.size(); ++i) {
      const auto byte = static_cast<unsigned char>(rest[i]);
      const auto next = i + 1 < rest.size() ? static_cast<unsigned char>(rest[i + 1]) : 0;
      controls += byte < 0x20 || byte == 0x7F || (byte == 0xC2 && next >= 0x80 && next < 0xA0);
    }
    BOOST_TEST(controls == 0, name_of(type));
  }
}

BOOST_AUTO_TEST_CASE(zero_writes_the_bare_path_of_changes_and_nothing_of_markers) {
  const auto path = std::string{"/r/\xFF\n\x01"};
  BOOST_TEST(line({.type = event_type::create, .path = path}, 1, line_format::zero)
             == path + std::string(1, '\0'));
  for (auto type : {event_type::ready, event_type::overflow, event_type::recovered,
         event_type::error, event_type::degraded})
    BOOST_TEST(line({.type = type, .path = "/r", .text = "x"}, 1, line_format::zero) == "");
}

BOOST_AUTO_TEST_CASE(a_record_of_another_node_says_where_it_was_made) {
  const auto origin = batch_origin{"web-1", "src", "s", {"/srv", "/srv/src"}};
  const auto said = [&](const event& what, line_format format = line_format::json) {
    auto text = std::string{};
    append_line(what, 17, format, text, &origin);
    return text;
  };
  BOOST_TEST(said({.type = event_type::modify, .path = "/srv/src/x"})
             == R"({"node":"web-1","root":"/srv/src","seq":17,"type":"modify","path":"/srv/src/x"})"
                "\n");
  BOOST_TEST(said({.type = event_type::modify, .path = "/etc/x"})
             == R"({"node":"web-1","seq":17,"type":"modify","path":"/etc/x"})"
                "\n");
  BOOST_TEST(said({.type = event_type::overflow, .path = "/other"})
             == R"({"node":"web-1","root":"/other","seq":17,"type":"overflow"})"
                "\n");
  BOOST_TEST(said({.type = event_type::error, .path = "/srv/x", .text = "y"})
             == R"({"node":"web-1","root":"/srv","seq":17,"type":"error","path":"/srv/x",)"
                R"("reason":"y"})"
                "\n");
  BOOST_TEST(said({.type = event_type::modify, .path = "/srv/x"}, line_format::text)
             == "web-1: modify    /srv/x\n");
  BOOST_TEST(said({.type = event_type::modify, .path = "/srv/x"}, line_format::zero)
             == std::string("/srv/x\0", 7));
}

BOOST_AUTO_TEST_CASE(no_name_of_a_node_and_no_root_breaks_a_line) {
  const auto nasty = std::string{"\xFF\"\\\n\x1B[0m"};
  const auto origin = batch_origin{nasty, "p", "s", {"/" + nasty}};
  const auto path = "/" + nasty + "/x";
  for (auto type : {event_type::modify, event_type::ready, event_type::error}) {
    auto text = std::string{};
    append_line({.type = type, .path = path}, 1, line_format::json, text, &origin);
    const auto parsed = nlohmann::json::parse(text);
    BOOST_TEST(parsed.contains("root_b64"), text);
    BOOST_TEST(std::count(text.begin(), text.end(), '\n') == 1);
    text.clear();
    append_line({.type = type, .path = path}, 1, line_format::text, text, &origin);
    BOOST_TEST(std::count(text.begin(), text.end(), '\n') == 1);
    BOOST_TEST(text.find('\x1B') == std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
