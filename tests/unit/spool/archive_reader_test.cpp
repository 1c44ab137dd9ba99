#include "actors/spool/archive_reader.hpp"

#include "actors/testkit/fake_contexts.hpp"

#include "unit/spool/archive_fixture.hpp"

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;

namespace archive_reader_tests {

struct reader_fixture : archive_fixture {
  std::shared_ptr<event_archive> archive = open();
  std::shared_ptr<archive_reader::position> at = std::make_shared<archive_reader::position>(0);
  fake_source_context ctx;

  archive_cursor cursor_named(const char* name) {
    return {archive, name, [this](const log_line& x) { lines.push_back(x); }};
  }
  std::uint64_t cursor(const char* name) {
    return *archive->cursor(name, event_archive::begin_at::first);
  }
  static batch_marks mark(std::uint64_t id) { return batch_marks{{archive_reader::source, id}}; }
};

} // namespace archive_reader_tests

BOOST_FIXTURE_TEST_SUITE(archive_reader_tests, reader_fixture)

BOOST_AUTO_TEST_CASE(it_hands_on_what_is_there_each_marked_with_its_id) {
  store(*archive, {numbers_of("a", 1, 3), numbers_of("b", 1, 2)});
  ctx.drain = true;
  archive_reader{archive, at}.run(ctx);
  BOOST_REQUIRE(ctx.out.size() == 2u);
  BOOST_TEST(ctx.out[0].marks()->number_of(archive_reader::source) == 3u);
  BOOST_TEST(ctx.out[1].marks()->number_of(archive_reader::source) == 5u);
  BOOST_TEST(ctx.out[1].origin()->stream == "b");
  BOOST_TEST(ctx.out[1].first_seq() == 1u);
  BOOST_TEST(at->load() == 5u);
  archive_reader{archive, at}.run(ctx); // the one after it goes on there
  BOOST_TEST(ctx.out.size() == 2u);
}

BOOST_AUTO_TEST_CASE(what_is_refused_stays) {
  store(*archive, {numbers_of("a", 1, 3)});
  ctx.drain = true;
  ctx.full = true;
  ctx.wake = -1;
  auto reader = archive_reader{archive, at};
  struct clocked final : public source_context {
    explicit clocked(fake_source_context& of) : of_{of} {}
    emit_result emit(event_batch batch) override {
      of_.clock += std::chrono::seconds{1};
      return of_.emit(std::move(batch));
    }
    int wake_descriptor() const override { return -1; }
    bool acknowledge() override { return false; }
    bool drain_requested() const override { return true; }
    bool stop_requested() const override { return false; }
    void ready() override {}
    time_point now() const override { return of_.clock; }
    void log(
      log_level, std::string_view, std::vector<std::pair<std::string, std::string>>) override {}
    void progress(const char*) override {}
    void waiting(const char*) override {}
    void note(std::string_view) override {}
    void degraded(std::string_view) override {}
    void recovered() override {}
    fake_source_context& of_;
  } patient{ctx};
  reader.run(patient);
  BOOST_TEST(ctx.out.empty());
  BOOST_TEST(at->load() == 0u);
}

BOOST_AUTO_TEST_CASE(the_cursor_is_written_when_it_has_caught_up_or_is_far_behind_and_at_the_end) {
  store(*archive, {numbers_of("a", 1, 200)});
  BOOST_TEST(cursor("x") == 0u);
  lines.clear();
  auto kept = cursor_named("x");
  kept.has_sink(0);
  for (std::uint64_t id = 1; id < archive_cursor::lag_max; ++id)
    kept.delivered(0, mark(id));
  BOOST_TEST(cursor("x") == 0u);
  kept.delivered(0, mark(archive_cursor::lag_max));
  BOOST_TEST(cursor("x") == archive_cursor::lag_max);
  kept.delivered(0, mark(100));
  BOOST_TEST(cursor("x") == archive_cursor::lag_max);
  kept.at_end();
  BOOST_TEST(cursor("x") == 100u);
  kept.delivered(0, mark(200));
  BOOST_TEST(cursor("x") == 200u);
  BOOST_TEST(lines.empty());
}

BOOST_AUTO_TEST_CASE(what_one_sink_has_not_taken_is_before_the_cursor_of_no_one) {
  store(*archive, {numbers_of("a", 1, 5)});
  (void)cursor("x");
  auto kept = cursor_named("x");
  kept.has_sink(0);
  kept.has_sink(1);
  kept.delivered(0, mark(5));
  kept.at_end();
  BOOST_TEST(cursor("x") == 0u);
  kept.delivered(1, mark(4));
  kept.at_end();
  BOOST_TEST(cursor("x") == 4u);
}

BOOST_AUTO_TEST_SUITE_END()
