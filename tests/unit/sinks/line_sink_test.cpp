#include "actors/sinks/line_sink.hpp"

#include "actors/testkit/batches.hpp"
#include "actors/testkit/stage_bench.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using namespace actors;
using namespace actors::testkit;

namespace line_sink_tests {

enum class mishap { failure, interruption, reader_gone };

/// Takes bytes until a certain number have come; there it has a mishap, once. Takes them in small
/// pieces, as a slow pipe does.
class brittle_sink final : public byte_sink {
public:
  explicit brittle_sink(std::size_t good_for, mishap what) : good_for_{good_for}, mishap_{what} {}

  result<outcome> write(std::string_view bytes, int, std::size_t& written_so_far) override {
    ++writes;
    const auto wanted = bytes.size() - written_so_far;
    const auto possible = std::min(wanted, good_for_ - std::min(good_for_, taken.size()));
    taken.append(bytes, written_so_far, possible);
    written_so_far += possible;
    if (possible == wanted)
      return outcome::written;
    good_for_ = std::numeric_limits<std::size_t>::max();
    ++mishaps;
    switch (mishap_) {
      case mishap::failure: return failure(errc::system, "no space left on device");
      case mishap::interruption: return outcome::interrupted;
      case mishap::reader_gone: return outcome::gone;
    }
    return outcome::written;
  }

  std::string taken;
  int writes = 0;
  int mishaps = 0;

private:
  std::size_t good_for_;
  mishap mishap_;
};

std::string lines_for(const event_batch& batch, line_format format) {
  auto text = std::string{};
  auto seq = batch.first_seq();
  for (const auto& what : batch)
    append_line(what, seq++, format, text);
  return text;
}

/// Offers the batches in order; after a crash or an interruption a new sink on the same progress is
/// offered the same batch again. Returns what the reader got.
std::string read_after(const std::vector<event_batch>& batches, line_format format,
  std::size_t good_for, mishap what, line_choice choice = line_choice::all) {
  auto out = brittle_sink{good_for, what};
  auto progress = line_progress{};
  auto ctx = fake_sink_context{};
  for (const auto& batch : batches)
    for (auto again = true; again;) {
      auto one = line_sink{out, progress, format, choice};
      const auto mishaps = out.mishaps;
      try {
        one.offer(batch, ctx);
      } catch (const stage_failure&) {
      }
      again = out.mishaps != mishaps;
    }
  return out.taken;
}

std::vector<event_batch> three_batches() {
  return {joined({marker(event_type::ready, "/r", "inotify"), batch_of({"/r/\xFF", "/r/b\n"})})
            .numbered(1),
    batch_of({"/r/c"}).numbered(4),
    joined({batch_of({"/r/d"}), marker(event_type::overflow, "/r"), batch_of({"/r/e"})})
      .numbered(5)};
}

} // namespace line_sink_tests

BOOST_AUTO_TEST_SUITE(line_sink_tests)

BOOST_AUTO_TEST_CASE(of_notices_alone_a_mishap_at_any_byte_doubles_none) {
  const auto batch = joined({batch_of({"/r/a"}), marker(event_type::ready, "/r", "inotify"),
                              batch_of({"/r/b"}), marker(event_type::overflow, "/r"),
                              marker(event_type::error, "/r", "why"), batch_of({"/r/c"})})
                       .numbered(1);
  auto expected = std::string{};
  append_line(batch, 1, line_format::json, expected);
  append_line(batch, 4, line_format::json, expected);
  for (auto what : {mishap::failure, mishap::interruption})
    for (auto at = std::size_t{0}; at <= expected.size(); ++at)
      BOOST_TEST(
        read_after({batch}, line_format::json, at, what, line_choice::notices) == expected);
}

BOOST_AUTO_TEST_CASE(a_mishap_at_any_byte_neither_doubles_nor_tears_a_line) {
  const auto batches = three_batches();
  for (auto format : {line_format::json, line_format::text, line_format::zero}) {
    auto expected = std::string{};
    for (const auto& batch : batches)
      expected += lines_for(batch, format);
    for (auto what : {mishap::failure, mishap::interruption})
      for (auto at = std::size_t{0}; at <= expected.size(); ++at)
        BOOST_REQUIRE_MESSAGE(read_after(batches, format, at, what) == expected,
          "format " << static_cast<int>(format) << ", mishap " << static_cast<int>(what)
                    << ", byte " << at << ": " << read_after(batches, format, at, what));
  }
}

BOOST_AUTO_TEST_CASE(two_mishaps_within_one_line_do_not_tear_it_either) {
  struct crumbling final : byte_sink {
    explicit crumbling(std::size_t each) : each_{each} {}
    result<outcome> write(std::string_view bytes, int, std::size_t& written_so_far) override {
      const auto possible = std::min(each_, bytes.size() - written_so_far);
      taken.append(bytes, written_so_far, possible);
      written_so_far += possible;
      if (written_so_far == bytes.size())
        return outcome::written;
      return failure(errc::system, "again");
    }
    std::string taken;

  private:
    std::size_t each_;
  };
  const auto batches = three_batches();
  auto expected = std::string{};
  for (const auto& batch : batches)
    expected += lines_for(batch, line_format::json);
  for (auto each = std::size_t{1}; each < 120; ++each) {
    auto out = crumbling{each};
    auto progress = line_progress{};
    auto ctx = fake_sink_context{};
    for (const auto& batch : batches)
      for (auto again = true; again;) {
        again = false;
        auto one = line_sink{out, progress, line_format::json};
        try {
          one.offer(batch, ctx);
        } catch (const stage_failure&) {
          again = true;
        }
      }
    BOOST_REQUIRE_MESSAGE(out.taken == expected, each << " bytes at a time: " << out.taken);
  }
}

BOOST_AUTO_TEST_CASE(a_batch_larger_than_a_block_survives_a_mishap_in_any_block) {
  auto paths = std::vector<std::string>{};
  for (auto i = 0; i < 1500; ++i)
    paths.push_back("/r/" + std::string(100, 'x') + std::to_string(i));
  const auto batch = batch_of(paths).numbered(1);
  const auto expected = lines_for(batch, line_format::json);
  BOOST_REQUIRE(expected.size() > 3 * 64 * 1024u);
  for (auto at = std::size_t{0}; at < expected.size(); at += 9973)
    for (auto what : {mishap::failure, mishap::interruption})
      BOOST_REQUIRE_MESSAGE(
        read_after({batch}, line_format::json, at, what) == expected, "byte " << at);
}

BOOST_AUTO_TEST_CASE(a_batch_is_written_in_whole_lines_with_few_writes) {
  auto out = brittle_sink{std::numeric_limits<std::size_t>::max(), mishap::failure};
  auto progress = line_progress{};
  auto ctx = fake_sink_context{};
  auto one = line_sink{out, progress, line_format::json};
  const auto batch = batch_of(std::vector<std::string>(500, "/r/a")).numbered(1);
  one.offer(batch, ctx);
  BOOST_TEST(out.writes == 1);
  BOOST_TEST(progress.written.last() == 500u);
  BOOST_TEST(progress.torn == "");
  BOOST_TEST(out.taken == lines_for(batch, line_format::json));
}

BOOST_AUTO_TEST_CASE(a_reader_that_is_gone_ends_the_pipeline_and_is_no_crash) {
  auto out = brittle_sink{10, mishap::reader_gone};
  auto progress = line_progress{};
  auto ctx = fake_sink_context{};
  line_sink{out, progress, line_format::json}.offer(batch_of({"/r/a"}).numbered(1), ctx);
  BOOST_TEST(!ctx.ended.empty());
}

BOOST_AUTO_TEST_CASE(a_failed_write_is_a_crash_that_says_why) {
  auto out = brittle_sink{0, mishap::failure};
  auto progress = line_progress{};
  auto ctx = fake_sink_context{};
  auto one = line_sink{out, progress, line_format::json};
  BOOST_CHECK_EXCEPTION(one.offer(batch_of({"/r/a"}).numbered(1), ctx), stage_failure,
    [](const stage_failure& x) { return std::string{x.what()} == "no space left on device"; });
}

BOOST_AUTO_TEST_CASE(in_zero_format_a_batch_of_markers_writes_nothing) {
  auto out = brittle_sink{0, mishap::failure};
  auto progress = line_progress{};
  auto ctx = fake_sink_context{};
  auto one = line_sink{out, progress, line_format::zero};
  one.offer(marker(event_type::ready, "/r", "inotify").numbered(1), ctx);
  BOOST_TEST(out.taken == "");
}

namespace {

/// A pipe that takes so much at once, and the rest later.
class small_pipe final : public byte_sink {
public:
  explicit small_pipe(std::size_t room) : room_{room} {}
  result<outcome> write(std::string_view bytes, int, std::size_t& written_so_far) override {
    taken.append(bytes, written_so_far);
    written_so_far = bytes.size();
    return outcome::written;
  }
  std::size_t write_now(std::string_view bytes) override {
    const auto size = std::min(room_, bytes.size());
    taken.append(bytes, 0, size);
    room_ -= size;
    return size;
  }
  std::string taken;

private:
  std::size_t room_;
};

} // namespace

BOOST_AUTO_TEST_CASE(what_is_written_at_once_is_not_written_again_wherever_it_breaks_off) {
  const auto batch = batch_of({"/a", "/b", "/c"}).numbered(7);
  const auto whole = lines_for(batch, line_format::json);
  for (std::size_t room = 0; room <= whole.size(); ++room) {
    auto out = small_pipe{room};
    auto progress = line_progress{};
    auto ctx = fake_sink_context{};
    auto lines = line_sink{out, progress, line_format::json};
    if (!lines.offer_now(batch, ctx))
      lines.offer(batch, ctx);
    BOOST_TEST(out.taken == whole);
    BOOST_TEST(progress.written.last() == 9u);
  }
}

BOOST_AUTO_TEST_CASE(what_is_large_is_left_to_the_sinks_own_thread) {
  auto out = small_pipe{1'000'000};
  auto progress = line_progress{};
  auto ctx = fake_sink_context{};
  auto lines = line_sink{out, progress, line_format::json};
  BOOST_TEST(!lines.offer_now(batch_of({"/" + std::string(5000, 'x')}).numbered(1), ctx));
  auto many = batch_builder{};
  for (auto i = 0; i < 17; ++i)
    many.add({.type = event_type::create, .path = "/x"});
  BOOST_TEST(!lines.offer_now(many.finish().numbered(1), ctx));
  BOOST_TEST(out.taken.empty());
  BOOST_TEST(progress.written.last() == 0u);
}

BOOST_AUTO_TEST_CASE(records_of_several_nodes_are_all_told_whatever_their_numbers) {
  const auto made_by = [](const char* stream) {
    return std::make_shared<const batch_origin>(batch_origin{stream, "p", stream, {}});
  };
  const auto a = batch_of({"/a1", "/a2", "/a3"}).numbered(11).from(made_by("a"));
  const auto b = batch_of({"/b1", "/b2", "/b3"}).numbered(1).from(made_by("b"));
  const auto late = batch_of({"/a0", "/a-1"}).numbered(2).from(made_by("a"));
  auto expected = std::string{};
  for (const auto& batch : {a, b, late})
    for (std::size_t i = 0; i < batch.size(); ++i)
      append_line(batch, i, line_format::json, expected);
  for (auto good_for = std::size_t{0}; good_for <= expected.size(); ++good_for)
    BOOST_REQUIRE(
      read_after({a, b, late}, line_format::json, good_for, mishap::failure) == expected);
}

BOOST_AUTO_TEST_SUITE_END()
