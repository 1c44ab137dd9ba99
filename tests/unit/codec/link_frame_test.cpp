#include "actors/codec/link_frame.hpp"

#include "actors/codec/batch_blob.hpp"
#include "actors/codec/crc32.hpp"
#include "actors/codec/packed_bytes.hpp"
#include "actors/core/batch_builder.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace actors;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace link_frame_tests {

result<link_message> read(const std::string& frame) {
  const auto bytes = std::string_view{frame};
  if (bytes.size() < frame_header_size)
    return failure(errc::invalid_argument, "too short for a header");
  return read_frame_header(bytes.substr(0, frame_header_size)).and_then([&](auto header) {
    return read_frame(header, bytes.substr(frame_header_size));
  });
}

std::string trouble_of(const std::string& frame) {
  const auto message = read(frame);
  return message ? "none" : message.error().text;
}

hello_frame some_hello() {
  return {.protocol = {.min = 1, .max = 3},
    .program_version = "0.1.0",
    .node = "web-1",
    .link = "src/to-hub",
    .heartbeat = 1s,
    .deadline = 10s};
}

origin_frame some_origin() {
  return {.index = 7,
    .origin = {.node = "web-1",
      .pipeline = "src",
      .stream = "0123456789abcdef",
      .roots = {"/srv/src", "/tmp/\xff\n"}}};
}

const auto some_blob = [] {
  auto builder = batch_builder{};
  builder.add({.type = event_type::create, .path = "/srv/src/a"});
  return write_batch_blob(builder.finish().numbered(5));
}();

ask_frame some_ask() {
  return {.id = 9,
    .within = 2s,
    .method = "POST",
    .path = "/children/src/watcher/reset",
    .query = {{"path", "/srv/\n\xff"}, {"all", ""}}};
}

std::vector<link_message> one_of_each() {
  return {some_hello(),
    welcome_frame{.protocol = 1,
      .program_version = "0.1.0",
      .node = "hub",
      .credit = 16,
      .heartbeat = 500ms,
      .deadline = 5s},
    refusal_frame{.code = refusal_code::not_allowed, .text = "web-1 is not in collect.allow"},
    some_origin(), batch_frame{.number = 1, .origin = 7, .blob = some_blob},
    ack_frame{.upto = UINT64_MAX, .credit = UINT32_MAX}, ping_frame{}, some_ask(),
    answer_frame{.id = 9, .status = 200, .content_type = "application/json", .body = "{\0}"s},
    goodbye_frame{.text = "it stops"}};
}

std::string written(const link_message& message) {
  return std::visit([](const auto& what) { return write_frame(what); }, message);
}

/// A frame of that payload with all that is around it right.
std::string sealed(frame_kind kind, const std::string& payload) {
  auto out = std::string{};
  pack_fixed32(static_cast<std::uint32_t>(payload.size()), out);
  out.push_back(static_cast<char>(kind));
  out.append(3, '\0');
  auto sum = crc32{};
  sum.add(out);
  sum.add(payload);
  pack_fixed32(sum.value(), out);
  return out + payload;
}

std::string payload_of(const std::string& frame) {
  return frame.substr(frame_header_size);
}

/// Texts of payload, each with its length; digits stand for numbers.
std::string packed(std::initializer_list<std::string> fields) {
  auto out = std::string{};
  for (const auto& each : fields)
    if (!each.empty() && each.find_first_not_of("0123456789") == std::string::npos)
      pack_varint(std::stoull(each), out);
    else
      pack_text(each, out);
  return out;
}

std::string hello_of(const std::string& version, const std::string& node, const std::string& link) {
  return sealed(frame_kind::hello, packed({"1", "1", version, node, link, "1000", "9000"}));
}

} // namespace link_frame_tests

BOOST_AUTO_TEST_SUITE(link_frame_tests)

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
  for (const auto& message : one_of_each()) {
    const auto frame = written(message);
    const auto back = read(frame);
    BOOST_REQUIRE_MESSAGE(back.has_value(), (back ? "" : back.error().text));
    BOOST_TEST((*back == message));
  }
}

BOOST_AUTO_TEST_CASE(the_bytes_of_a_frame_stay_what_they_are) {
  auto sum = crc32{};
  sum.add("\2\0\0\0\6\0\0\0\x05\x10"s);
  auto bytes = "\2\0\0\0\6\0\0\0"s;
  pack_fixed32(sum.value(), bytes);
  BOOST_TEST(write_frame(ack_frame{.upto = 5, .credit = 16}) == bytes + "\x05\x10");
}

BOOST_AUTO_TEST_CASE(a_batch_is_read_where_it_lies) {
  const auto frame = write_frame(batch_frame{.number = 3, .origin = 0, .blob = some_blob});
  const auto message = read(frame);
  BOOST_REQUIRE(message.has_value());
  const auto blob = std::get<batch_frame>(*message).blob;
  BOOST_TEST(
    (blob.data() > frame.data() && blob.data() + blob.size() == frame.data() + frame.size()));
  BOOST_TEST(read_batch_blob(blob)->first_seq() == 5U);
}

BOOST_AUTO_TEST_CASE(a_frame_that_is_cut_off_anywhere_is_an_error) {
  for (const auto& message : one_of_each()) {
    const auto frame = written(message);
    for (std::size_t size = 0; size < frame.size(); ++size)
      BOOST_TEST(!read(frame.substr(0, size)).has_value());
    BOOST_TEST(!read(frame + "x").has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_payload_that_is_cut_off_or_too_long_is_an_error_though_its_sum_is_right) {
  for (const auto& message : one_of_each()) {
    const auto kind = static_cast<frame_kind>(message.index() + 1);
    const auto payload = payload_of(written(message));
    const auto ends_in_bytes = kind == frame_kind::batch || kind == frame_kind::answer;
    for (std::size_t size = 0; size < payload.size(); ++size) {
      const auto back = read(sealed(kind, payload.substr(0, size)));
      BOOST_TEST((!back.has_value() || (ends_in_bytes && *back != message)));
    }
    BOOST_TEST((ends_in_bytes || !read(sealed(kind, payload + "\1")).has_value()));
  }
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_is_always_noticed) {
  for (const auto& message : one_of_each()) {
    const auto frame = written(message);
    for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
      auto damaged = frame;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
      BOOST_TEST(!read(damaged).has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(unknown_kinds_and_flags_are_refused) {
  BOOST_TEST(trouble_of(sealed(static_cast<frame_kind>(0), "")) == "frame of unknown kind 0");
  BOOST_TEST(trouble_of(sealed(static_cast<frame_kind>(11), "")) == "frame of unknown kind 11");
  for (const auto at : {5U, 6U, 7U}) {
    auto frame = write_frame(ping_frame{});
    frame[at] = 1;
    BOOST_TEST(trouble_of(frame) == "ping frame: unknown flags");
  }
}

BOOST_AUTO_TEST_CASE(a_header_that_promises_too_much_is_refused_before_its_payload_comes) {
  for (const auto kind : {frame_kind::hello, frame_kind::welcome, frame_kind::refusal,
         frame_kind::origin, frame_kind::batch, frame_kind::ack, frame_kind::ping, frame_kind::ask,
         frame_kind::answer, frame_kind::goodbye}) {
    auto header = sealed(kind, "");
    const auto promise = [&](std::size_t size) {
      auto bytes = std::string{};
      pack_fixed32(static_cast<std::uint32_t>(size), bytes);
      header.replace(0, 4, bytes);
      return read_frame_header(header);
    };
    BOOST_TEST(promise(payload_max(kind)).has_value());
    for (const auto size : {payload_max(kind) + 1, std::size_t{UINT32_MAX}}) {
      const auto read = promise(size);
      BOOST_TEST(!read.has_value());
      BOOST_TEST((read.error().code == errc::full));
    }
    BOOST_TEST(payload_max(kind) <= frame_payload_max);
  }
  BOOST_TEST(payload_max(frame_kind::hello) < 1024U);
}

BOOST_AUTO_TEST_CASE(names_that_nobody_could_have_are_refused) {
  BOOST_TEST(trouble_of(hello_of("1", "a", "b")) == "hello frame: its program version is wrong",
    "the helper packs digits as a number");
  BOOST_TEST(trouble_of(hello_of("v1", "a", "b")) == "none");
  for (const auto& name : {""s, "a\nb"s, "a\x7f"s, "\x1b[31m"s, "a\0b"s, "\xff"s, "\xc2\x85"s,
         "\xed\xa0\x80"s, std::string(frame_name_max + 1, 'a')}) {
    BOOST_TEST(trouble_of(hello_of(name, "a", "b")) == "hello frame: its program version is wrong");
    BOOST_TEST(trouble_of(hello_of("v1", name, "b")) == "hello frame: its node is wrong");
    BOOST_TEST(trouble_of(hello_of("v1", "a", name)) == "hello frame: its link is wrong");
  }
  for (const auto& name : {"a b"s, "n\xc3\xb6"s, "\xc2\xa0"s, std::string(frame_name_max, 'a')})
    BOOST_TEST(trouble_of(hello_of("v1", name, "b")) == "none");
}

BOOST_AUTO_TEST_CASE(spans_and_protocols_that_make_no_sense_are_refused) {
  const auto hello = [](const std::string& min, const std::string& max,
                       const std::string& heartbeat, const std::string& deadline) {
    return trouble_of(
      sealed(frame_kind::hello, packed({min, max, "v1", "node", "link", heartbeat, deadline})));
  };
  BOOST_TEST(hello("1", "1", "1", "3600000") == "none");
  BOOST_TEST(hello("0", "1", "1", "1") == "hello frame: its protocol is wrong");
  BOOST_TEST(hello("2", "1", "1", "1") == "hello frame: its protocol is wrong");
  BOOST_TEST(hello("1", "65536", "1", "1") == "hello frame: its protocol is wrong");
  BOOST_TEST(hello("1", "1", "0", "1") == "hello frame: its heartbeat is wrong");
  BOOST_TEST(hello("1", "1", "1", "0") == "hello frame: its deadline is wrong");
  BOOST_TEST(hello("1", "1", "1", "3600001") == "hello frame: its deadline is wrong");
}

BOOST_AUTO_TEST_CASE(numbers_out_of_their_range_are_refused) {
  const auto refused = [](frame_kind kind, std::initializer_list<std::string> fields) {
    return trouble_of(sealed(kind, packed(fields)));
  };
  BOOST_TEST(refused(frame_kind::refusal, {"0", "x"}) == "refusal frame: its code is wrong");
  BOOST_TEST(refused(frame_kind::refusal, {"7", "x"}) == "refusal frame: its code is wrong");
  BOOST_TEST(refused(frame_kind::refusal, {"262", "x"}) == "refusal frame: its code is wrong");
  BOOST_TEST(refused(frame_kind::ack, {"1", "4294967296"}) == "ack frame: its credit is wrong");
  BOOST_TEST(refused(frame_kind::batch, {"0", "0", "x"}) == "batch frame: its number is wrong");
  BOOST_TEST(refused(frame_kind::batch, {"1", "65536", "x"}) == "batch frame: its origin is wrong");
  BOOST_TEST(refused(frame_kind::batch, {"1", "0"}) == "batch frame: its batch is wrong");
  BOOST_TEST(refused(frame_kind::origin, {"65536", "n", "p", "s", "0"})
             == "origin frame: its index is wrong");
  BOOST_TEST(refused(frame_kind::answer, {"1", "99", "t"}) == "answer frame: its status is wrong");
  BOOST_TEST(refused(frame_kind::answer, {"1", "600", "t"}) == "answer frame: its status is wrong");
}

BOOST_AUTO_TEST_CASE(roots_have_bounds) {
  const auto origin = [](std::size_t count, const std::string& root) {
    auto payload = packed({"0", "node", "pipeline", "stream", std::to_string(count)});
    for (std::size_t i = 0; i < count; ++i)
      pack_text(root, payload);
    return trouble_of(sealed(frame_kind::origin, payload));
  };
  BOOST_TEST(origin(frame_roots_max, "/a") == "none");
  BOOST_TEST(origin(frame_roots_max + 1, "/a") == "origin frame: its number of roots is wrong");
  BOOST_TEST(origin(1, std::string(frame_path_max, 'a')) == "none");
  BOOST_TEST(origin(1, std::string(frame_path_max + 1, 'a')) == "origin frame: its root is wrong");
  BOOST_TEST(origin(1, "/a\0b"s) == "origin frame: its root is wrong");
}

BOOST_AUTO_TEST_CASE(roots_that_do_not_fit_are_left_out) {
  auto many = some_origin();
  many.origin.roots.assign(frame_roots_max + 5, "/" + std::string(frame_path_max - 1, 'r'));
  const auto frame = write_frame(many);
  BOOST_TEST(frame.size() <= frame_bytes_max);
  const auto back = read(frame);
  BOOST_REQUIRE_MESSAGE(back.has_value(), (back ? "" : back.error().text));
  const auto& roots = std::get<origin_frame>(*back).origin.roots;
  BOOST_TEST(roots.size() > 200U);
  many.origin.roots = {"/" + std::string(frame_path_max, 'r'), "/\0"s, "/b"};
  const auto some = read(write_frame(many));
  BOOST_REQUIRE(some.has_value());
  BOOST_TEST((std::get<origin_frame>(*some).origin.roots == std::vector<std::string>{"/b"}));
}

BOOST_AUTO_TEST_CASE(texts_are_made_fit_to_be_shown) {
  const auto given = [](const std::string& text) {
    const auto back = read(write_frame(goodbye_frame{.text = text}));
    return back ? std::get<goodbye_frame>(*back).text : back.error().text;
  };
  BOOST_TEST(given("n\xc3\xb6 more") == "n\xc3\xb6 more");
  BOOST_TEST(given("a\nb\x1b[0m\xff\xc2\x85"s) == "a?b?[0m??");
  BOOST_TEST(given("") == "");
  BOOST_TEST(given(std::string(frame_text_max + 9, 'x')) == std::string(frame_text_max, 'x'));
  BOOST_TEST(given(std::string(frame_text_max - 1, 'x') + "\xc3\xb6")
               == std::string(frame_text_max - 1, 'x'),
    "no half character");
  BOOST_TEST(trouble_of(sealed(frame_kind::goodbye, packed({"a\nb"})))
             == "goodbye frame: its text is wrong");
}

BOOST_AUTO_TEST_CASE(questions_have_bounds) {
  const auto ask = [](const std::string& method, const std::string& path, std::size_t pairs = 0,
                     const std::string& name = "n", const std::string& value = "v") {
    auto payload = packed({"1", "1000", method, path, std::to_string(pairs)});
    for (std::size_t i = 0; i < pairs; ++i) {
      pack_text(name, payload);
      pack_text(value, payload);
    }
    return trouble_of(sealed(frame_kind::ask, payload));
  };
  BOOST_TEST(ask("GET", "/health") == "none");
  for (const auto& method : {""s, "get"s, "G T"s, std::string(17, 'G')})
    BOOST_TEST(ask(method, "/health") == "ask frame: its method is wrong");
  for (const auto& path : {""s, "health"s, "/a\nb"s, "/" + std::string(frame_text_max, 'a')})
    BOOST_TEST(ask("GET", path) == "ask frame: its path is wrong");
  BOOST_TEST(ask("GET", "/", frame_query_max, std::string(frame_name_max, 'n'),
               std::string(frame_text_max, '\0'))
             == "none");
  BOOST_TEST(
    ask("GET", "/", frame_query_max + 1) == "ask frame: its number of query pairs is wrong");
  BOOST_TEST(ask("GET", "/", 1, "") == "ask frame: its query name is wrong");
  BOOST_TEST(ask("GET", "/", 1, "n", std::string(frame_text_max + 1, 'v'))
             == "ask frame: its query value is wrong");
}

BOOST_AUTO_TEST_CASE(the_largest_batch_and_body_fit) {
  const auto blob = std::string(frame_blob_max, 'b');
  const auto batch =
    batch_frame{.number = UINT64_MAX, .origin = frame_origins_max - 1, .blob = blob};
  const auto batch_bytes = write_frame(batch);
  const auto back = read(batch_bytes);
  BOOST_REQUIRE_MESSAGE(back.has_value(), (back ? "" : back.error().text));
  BOOST_TEST((std::get<batch_frame>(*back) == batch));
  const auto answer = answer_frame{.id = UINT64_MAX,
    .status = 599,
    .content_type = std::string(frame_name_max, 't'),
    .body = std::string(frame_body_max, 'x')};
  const auto answer_back = read(write_frame(answer));
  BOOST_REQUIRE_MESSAGE(answer_back.has_value(), (answer_back ? "" : answer_back.error().text));
  BOOST_TEST((std::get<answer_frame>(*answer_back) == answer));
}

BOOST_AUTO_TEST_SUITE_END()
