#include "actors/spool/event_archive.hpp"

#include "actors/codec/event_line.hpp"
#include "actors/os/poll.hpp"
#include "actors/spool/database.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "unit/spool/archive_fixture.hpp"

using namespace actors;
using namespace actors::test;

BOOST_FIXTURE_TEST_SUITE(event_archive_tests, archive_fixture)

BOOST_AUTO_TEST_CASE(what_is_stored_is_read_in_the_order_in_which_it_came) {
  const auto archive = open();
  const auto done = store(*archive, {numbers_of("a", 1, 3), numbers_of("b", 1, 2)});
  BOOST_REQUIRE(done.size() == 2u);
  BOOST_TEST((done[0] == filed{3, 0, 0}));
  BOOST_TEST((done[1] == filed{2, 0, 0}));
  store(*archive, {numbers_of("a", 4, 1)});
  const auto first = read(*archive, 0);
  BOOST_REQUIRE(first.has_value());
  BOOST_TEST(first->batch.size() == 3u);
  BOOST_TEST(first->batch.first_seq() == 1u);
  BOOST_TEST((*first->batch.origin() == *origin_of("a")));
  const auto second = read(*archive, first->id);
  BOOST_TEST(second->batch.origin()->node == "node-b");
  const auto third = read(*archive, second->id);
  BOOST_TEST(third->batch.first_seq() == 4u);
  BOOST_TEST(!read(*archive, third->id));
  BOOST_TEST(third->id == archive->size().last_id);
  BOOST_TEST(archive->size().records == 6u);
  BOOST_TEST(archive->size().streams == 2u);
}

BOOST_AUTO_TEST_CASE(what_is_there_is_left_out_and_counted) {
  const auto archive = open();
  store(*archive, {numbers_of("a", 1, 5)});
  const auto done =
    store(*archive, {numbers_of("a", 1, 5), numbers_of("a", 4, 4), numbers_of("a", 6, 2)});
  BOOST_TEST((done[0] == filed{0, 5, 0}));
  BOOST_TEST((done[1] == filed{2, 2, 0}));
  BOOST_TEST((done[2] == filed{0, 2, 0}));
  BOOST_TEST(all_of(*archive).size() == 7u);
}

BOOST_AUTO_TEST_CASE(a_gap_is_counted_and_what_comes_late_fills_it) {
  const auto archive = open();
  BOOST_TEST((store(*archive, {numbers_of("a", 5, 2)})[0] == filed{2, 0, 4}));
  BOOST_TEST((store(*archive, {numbers_of("a", 10, 1)})[0] == filed{1, 0, 3}));
  BOOST_TEST(archive->size().gaps == 7u);
  BOOST_TEST((store(*archive, {numbers_of("a", 1, 8)})[0] == filed{6, 2, 0}));
  BOOST_TEST(archive->size().gaps == 1u);
  BOOST_TEST((store(*archive, {numbers_of("a", 1, 10)})[0] == filed{1, 9, 0}));
  BOOST_TEST(archive->size().gaps == 0u);
}

BOOST_AUTO_TEST_CASE(each_consumer_has_a_cursor) {
  auto archive = open();
  store(*archive, {numbers_of("a", 1, 5)});
  using begin_at = event_archive::begin_at;
  BOOST_TEST(*archive->cursor("all", begin_at::first) == 0u);
  BOOST_TEST(*archive->cursor("new", begin_at::last) == 5u);
  BOOST_REQUIRE(archive->advance("all", 3).has_value());
  BOOST_REQUIRE(archive->advance("all", 2).has_value()); // stays where it is
  archive.reset();
  archive = open();
  store(*archive, {numbers_of("a", 6, 1)});
  BOOST_TEST(*archive->cursor("all", begin_at::last) == 3u);
  BOOST_TEST(*archive->cursor("new", begin_at::last) == 5u);
}

BOOST_AUTO_TEST_CASE(a_record_comes_back_as_its_reader_is_told_it) {
  const auto noticed = wall_time{std::chrono::nanoseconds{1'795'361'508'123'456'789}};
  auto builder = batch_builder{};
  builder.add({.type = event_type::ready,
    .path = "/srv",
    .text = "inotify",
    .directories = 5,
    .files = 7,
    .took = std::chrono::milliseconds{9}});
  builder.add({.type = event_type::create,
    .ftype = file_type::file,
    .initial = true,
    .path = "/srv/a",
    .size = 5,
    .time = noticed});
  builder.add({.type = event_type::rename,
    .ftype = file_type::link,
    .replaced = true,
    .path = "/srv/\xFF",
    .from = "/srv/\xC3("});
  builder.add({.type = event_type::overflow, .baseline = true, .path = "/new"});
  builder.add({.type = event_type::recovered, .path = "/new", .changes = 3});
  builder.add({.type = event_type::degraded, .path = "", .text = "why"});
  builder.add({.type = event_type::remove, .ftype = file_type::directory, .path = "/new/d"});
  const auto batch = builder.finish().numbered(7).from(origin_of("a"));
  const auto archive = open();
  store(*archive, {{batch, "peer"}});
  const auto found = read(*archive, 0);
  BOOST_REQUIRE(found.has_value());
  BOOST_REQUIRE(found->batch.size() == batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i)
    BOOST_TEST((found->batch[i] == batch[i]), i);
  auto line = std::string{};
  append_line(found->batch, 6, line_format::json, line);
  BOOST_TEST(line
             == R"({"node":"node-a","root":"/new","seq":13,"type":"delete","path":"/new/d",)"
                R"("ftype":"d"})"
                "\n");
}

BOOST_AUTO_TEST_CASE(the_view_says_what_a_line_says) {
  auto builder = batch_builder{};
  builder.add({.type = event_type::create,
    .ftype = file_type::file,
    .path = "/srv/src/a'b",
    .size = 5,
    .time = wall_time{std::chrono::nanoseconds{1'795'361'508'003'456'789}}});
  builder.add({.type = event_type::rename, .path = "/etc/\xFF", .from = "/srv/x"});
  const auto archive = open();
  store(
    *archive, {{builder.finish().numbered(3).from(origin_of("a", {"/srv", "/srv/src"})), "peer"}});
  auto reader = database::open_to_read(file); // as the shell of sqlite3 does, while it is in use
  BOOST_REQUIRE(reader.has_value());
  auto rows = statement{(*reader)->handle(),
    "SELECT node, root, seq, type, path, from_path, ftype, time, typeof(path), size FROM events"};
  BOOST_REQUIRE(*rows.step());
  BOOST_TEST(rows.bytes(0) == "node-a");
  BOOST_TEST(rows.bytes(1) == "/srv/src");
  BOOST_TEST(rows.number(2) == 3u);
  BOOST_TEST(rows.bytes(3) == "create");
  BOOST_TEST(rows.bytes(4) == "/srv/src/a'b");
  BOOST_TEST(rows.is_null(5));
  BOOST_TEST(rows.bytes(6) == "f");
  BOOST_TEST(rows.bytes(7) == "2026-11-22T15:31:48.003456Z");
  BOOST_TEST(rows.bytes(8) == "text");
  BOOST_TEST(rows.number(9) == 5u);
  store(*archive, {numbers_of("a", 5, 1)}); // the open reader holds nobody up
  BOOST_REQUIRE(*rows.step());
  BOOST_TEST(rows.is_null(1));
  BOOST_TEST(rows.bytes(3) == "rename");
  BOOST_TEST(rows.bytes(5) == "/srv/x");
  BOOST_TEST(rows.is_null(6));
  BOOST_TEST(rows.is_null(7));
  BOOST_TEST(rows.bytes(8) == "blob");
  BOOST_TEST(!*rows.step()); // it sees what was there when it began
}

BOOST_AUTO_TEST_CASE(whoever_reads_is_woken) {
  const auto archive = open();
  const auto news = archive->subscribe();
  BOOST_TEST(!wait_readable({news->descriptor()}, std::chrono::milliseconds{0}));
  store(*archive, {numbers_of("a", 1, 1)});
  BOOST_TEST(wait_readable({news->descriptor()}, std::chrono::milliseconds{0}));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_stored_is_refused_before_anything_is) {
  const auto archive = open();
  const auto fine = numbers_of("a", 1, 1);
  for (const auto& wrong : {arrival{fine.batch.from(nullptr), "p"},
         arrival{fine.batch.numbered(0), "p"}, arrival{fine.batch.numbered(UINT64_MAX), "p"},
         arrival{fine.batch.numbered(INT64_MAX), "p"}, arrival{fine.batch.from(origin_of("")), "p"},
         arrival{fine.batch.from(origin_of(std::string(1000, 'x'))), "p"},
         arrival{fine.batch.from(origin_of("a", {std::string(1'000'000, 'x')})), "p"},
         arrival{fine.batch, std::string(1000, 'p')}}) {
    const auto done = archive->store({fine, wrong});
    BOOST_REQUIRE(!done.has_value());
    BOOST_TEST((done.error().code == errc::invalid_argument));
  }
  BOOST_TEST(archive->size().records == 0u);
}

BOOST_AUTO_TEST_CASE(at_its_bound_nothing_more_is_stored_until_there_is_room) {
  const auto archive = open(200'000);
  auto seq = std::uint64_t{1};
  auto done = archive->store({numbers_of("a", seq, 10, 500)});
  while (done) {
    seq += 10;
    done = archive->store({numbers_of("a", seq, 10, 500)});
  }
  BOOST_TEST((done.error().code == errc::full));
  BOOST_TEST(done.error().text.find("200000 bytes") != std::string::npos);
  BOOST_TEST(archive->trouble() != "");
  BOOST_TEST(archive->size().bytes <= 200'000u);
  BOOST_TEST(archive->size().records == seq - 1);
  BOOST_TEST((store(*archive, {numbers_of("a", 1, 10, 500)})[0] == filed{0, 10, 0}));
  const auto last = archive->size().last_id;
  {
    auto operator_ = database::open_shared(file); // a person with a shell
    BOOST_REQUIRE((*operator_)->run("DELETE FROM records").has_value());
  }
  BOOST_TEST((store(*archive, {numbers_of("a", seq, 10, 500)})[0] == filed{10, 0, 0}));
  BOOST_TEST(archive->trouble() == "");
  BOOST_TEST(read(*archive, last)->batch.first_seq() == seq);
}

BOOST_AUTO_TEST_CASE(a_store_that_was_not_there_is_told_once) {
  open();
  open();
  BOOST_TEST(std::ranges::count(lines, "store_made", &log_line::event) == 1);
}

// The recipe of docs/distribution.md.
BOOST_AUTO_TEST_CASE(deleting_old_records_spares_those_that_somebody_is_still_to_be_told) {
  constexpr auto recipe = R"(
    DELETE FROM records
      WHERE time < (strftime('%s', 'now', '-30 days')) * 1000000000
        AND id <= (SELECT coalesce(min(id), 9223372036854775807) FROM cursors);)";
  const auto archive = open();
  store(*archive, {numbers_of("a", 1, 10)});
  const auto set_time = [&](const std::string& age, const std::string& which) {
    const auto sql =
      "UPDATE records SET time=(strftime('%s', 'now', '" + age + "'))*1000000000 WHERE id " + which;
    BOOST_REQUIRE((*database::open_shared(file))->run(sql.c_str()).has_value());
  };
  const auto left_after_recipe = [&] {
    auto shell = database::open_shared(file);
    BOOST_REQUIRE((*shell)->run(recipe).has_value());
    return *(*shell)->number("SELECT count(*) FROM records");
  };
  set_time("-29 days", "<= 8");
  set_time("-31 days", "> 8");
  BOOST_TEST(left_after_recipe() == 8u);
  set_time("-31 days", "> 0");
  BOOST_REQUIRE((*database::open_shared(file))
                  ->run("INSERT INTO cursors VALUES('sink', 3), ('another', 5)")
                  .has_value());
  BOOST_TEST(left_after_recipe() == 5u);
  BOOST_REQUIRE((*database::open_shared(file))->run("DELETE FROM cursors").has_value());
  BOOST_TEST(left_after_recipe() == 0u);
}

BOOST_AUTO_TEST_CASE(ids_are_never_given_twice_though_all_is_deleted) {
  auto archive = open();
  store(*archive, {numbers_of("a", 1, 10)});
  BOOST_REQUIRE((*database::open_shared(file))->run("DELETE FROM records").has_value());
  archive.reset();
  archive = open();
  store(*archive, {numbers_of("a", 11, 1)});
  BOOST_TEST(read(*archive, 10)->id == 11u);
}

BOOST_AUTO_TEST_CASE(one_process_at_a_time_stores) {
  auto archive = open();
  for (auto i = 0; i < 2; ++i) {
    const auto other = try_open();
    BOOST_REQUIRE(!other.has_value());
    BOOST_TEST((other.error().code == errc::unavailable));
    BOOST_TEST(other.error().text.find("another process or pipeline") != std::string::npos);
  }
  store(*archive, {numbers_of("a", 1, 1)});
  const auto child = ::fork();
  if (child == 0) {
    const auto third = event_archive::open({file, 0}, [](const log_line&) {});
    ::_exit(third.has_value() || third.error().code != errc::unavailable ? 1 : 0);
  }
  auto status = -1;
  ::waitpid(child, &status, 0);
  BOOST_TEST(status == 0);
  archive->close();
  BOOST_TEST((archive->store({numbers_of("a", 2, 1)}).error().code == errc::closed));
  BOOST_TEST((archive->read_after(0).error().code == errc::closed));
  BOOST_TEST(try_open().has_value());
}

BOOST_AUTO_TEST_CASE(somebody_who_locks_it_is_waited_for_and_then_named) {
  const auto archive = open();
  store(*archive, {numbers_of("a", 1, 1)});
  auto other = database::open_shared(file);
  BOOST_REQUIRE((*other)->run("BEGIN IMMEDIATE").has_value());
  const auto done = archive->store({numbers_of("a", 2, 1)});
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST((done.error().code == errc::unavailable));
  (*other)->roll_back();
  store(*archive, {numbers_of("a", 2, 1)});
  BOOST_TEST(all_of(*archive).size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_database_of_something_else_is_not_touched) {
  {
    auto other = database::open_shared(file);
    BOOST_REQUIRE((*other)->run("CREATE TABLE precious(x)").has_value());
  }
  const auto bytes = [&] {
    auto stream = std::ifstream{file, std::ios::binary};
    return std::string{std::istreambuf_iterator<char>{stream}, {}};
  };
  const auto before = bytes();
  const auto archive = try_open();
  BOOST_REQUIRE(!archive.has_value());
  BOOST_TEST((archive.error().code == errc::invalid_argument));
  BOOST_TEST((bytes() == before));
}

BOOST_AUTO_TEST_CASE(a_newer_version_is_refused) {
  open();
  BOOST_REQUIRE((*database::open_shared(file))->run("PRAGMA user_version=2").has_value());
  const auto archive = try_open();
  BOOST_REQUIRE(!archive.has_value());
  BOOST_TEST((archive.error().code == errc::not_supported));
}

BOOST_AUTO_TEST_CASE(a_damaged_file_is_refused_and_left_as_it_is) {
  std::ofstream{file} << std::string(10'000, 'x');
  const auto archive = try_open();
  BOOST_REQUIRE(!archive.has_value());
  BOOST_TEST((archive.error().code == errc::system));
  BOOST_TEST(archive.error().text.find(".recover") != std::string::npos);
  BOOST_TEST(std::filesystem::file_size(file) == 10'000u);
}

BOOST_AUTO_TEST_CASE(pages_that_rot_are_noticed_and_nothing_is_lost_in_silence) {
  auto archive = open();
  for (auto seq = 1U; seq <= 200; ++seq)
    store(*archive, {numbers_of("a", seq, 1, 300)});
  archive->close();
  {
    auto stream = std::fstream{file, std::ios::in | std::ios::out | std::ios::binary};
    stream.seekp(4096 * 12);
    stream << std::string(std::filesystem::file_size(file) - 4096 * 12, 'x');
  }
  const auto again = try_open();
  auto why = again ? std::string{} : again.error().text;
  for (auto at = std::uint64_t{0}; why.empty();) {
    const auto next = (*again)->read_after(at);
    if (!next) {
      why = next.error().text;
      break;
    }
    BOOST_REQUIRE(next->has_value());
    at = (*next)->id;
  }
  BOOST_TEST(why.find("it is damaged") != std::string::npos);
}

namespace {

/// On a disk that takes no more than some files of 200 kB. 0 when all is as it should be.
int fill_the_disk(const std::string& file) {
  ::signal(SIGXFSZ, SIG_IGN);
  const auto archive = *event_archive::open({file, 0}, [](const log_line&) {});
  const auto small = rlimit{200'000, RLIM_INFINITY};
  ::setrlimit(RLIMIT_FSIZE, &small);
  auto seq = std::uint64_t{1};
  auto done = archive->store({numbers_of("a", seq, 1, 2000)});
  while (done && seq < 1000) {
    ++seq;
    done = archive->store({numbers_of("a", seq, 1, 2000)});
  }
  if (done || archive->size().records != seq - 1 || archive->trouble().empty())
    return 1;
  auto at = std::uint64_t{0};
  for (std::uint64_t i = 1; i < seq; ++i) { // what is there can be read
    const auto next = archive->read_after(at, 1);
    if (!next || !*next || (*next)->batch.first_seq() != i)
      return 2;
    at = (*next)->id;
  }
  const auto large = rlimit{RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_FSIZE, &large);
  const auto late = archive->store({numbers_of("a", seq, 1, 2000)});
  return late && (*late)[0].records == 1 && archive->trouble().empty() ? 0 : 3;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_full_disk_is_an_error_and_passes) {
  const auto child = ::fork();
  if (child == 0)
    ::_exit(fill_the_disk(file));
  auto status = -1;
  ::waitpid(child, &status, 0);
  BOOST_TEST(WEXITSTATUS(status) == 0);
  BOOST_TEST(WIFEXITED(status));
}

BOOST_AUTO_TEST_CASE(it_does_what_a_list_and_sets_do_over_restarts) {
  auto random = std::mt19937{11};
  auto archive = open();
  auto order = std::vector<std::pair<std::string, std::uint64_t>>{};
  auto there = std::map<std::string, std::set<std::uint64_t>>{};
  auto next = std::map<std::string, std::uint64_t>{};
  for (auto turn = 0; turn < 600; ++turn) {
    if (random() % 40 == 0) {
      archive.reset();
      archive = open();
    }
    auto arrivals = std::vector<arrival>{};
    auto expected = std::vector<filed>{};
    for (auto i = random() % 4; i-- > 0;) {
      const auto stream = std::string(1, static_cast<char>('a' + random() % 5));
      auto first = 1 + next[stream];
      if (const auto how = random() % 6; how == 0)
        first += random() % 5; // a gap
      else if (how == 1)
        first = 1 + random() % first; // again, or late
      const auto count = 1 + random() % 6;
      arrivals.push_back(numbers_of(stream, first, count));
      auto what = filed{};
      what.gaps = first > next[stream] ? first - 1 - next[stream] : 0;
      for (auto seq = first; seq < first + count; ++seq) {
        if (!there[stream].insert(seq).second) {
          ++what.duplicates;
          continue;
        }
        ++what.records;
        order.emplace_back(stream, seq);
      }
      next[stream] = std::max(next[stream], first + count - 1);
      expected.push_back(what);
    }
    const auto done = store(*archive, arrivals);
    BOOST_REQUIRE((done == expected));
  }
  BOOST_TEST((all_of(*archive) == order));
  auto gaps = std::uint64_t{0};
  for (const auto& [stream, seqs] : there)
    gaps += next[stream] - seqs.size();
  BOOST_TEST(archive->size().gaps == gaps);
  BOOST_TEST(archive->size().records == order.size());
}

namespace {

/// Stores for ever, and tells of each group that is stored. Each is of two streams, and half of it
/// was stored before.
[[noreturn]] void store_until_killed(const std::string& file, int tell_to, std::uint64_t from) {
  const auto archive = event_archive::open({file, 0}, [](const log_line&) {});
  if (!archive)
    ::_exit(1);
  for (auto seq = from;; seq += 5) {
    const auto first = seq > 5 ? seq - 5 : seq;
    const auto count = static_cast<std::size_t>(seq + 5 - first);
    if (!(*archive)->store({numbers_of("a", first, count, 100), numbers_of("b", first, count)}))
      ::_exit(2);
    const auto upto = seq + 4;
    if (::write(tell_to, &upto, sizeof upto) != sizeof upto)
      ::_exit(3);
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(whatever_was_stored_survives_kill_9_and_is_there_once) {
  auto random = std::mt19937{3};
  auto told = std::uint64_t{0};
  for (auto round = 0; round < 15; ++round) {
    auto ends = std::array<int, 2>{};
    BOOST_REQUIRE(::pipe(ends.data()) == 0);
    const auto child = ::fork();
    if (child == 0)
      store_until_killed(file, ends[1], told + 1);
    ::close(ends[1]);
    auto upto = std::uint64_t{0};
    for (auto want = 1 + random() % 40;
         want > 0 && ::read(ends[0], &upto, sizeof upto) == sizeof upto; --want)
      told = upto;
    ::usleep(static_cast<useconds_t>(random() % 3000)); // somewhere in the middle of the next
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(ends[0], &upto, sizeof upto) == sizeof upto)
      told = upto;
    ::close(ends[0]);
    const auto archive = open();
    auto next = std::map<std::string, std::uint64_t>{{"a", 1}, {"b", 1}};
    for (const auto& [stream, seq] : all_of(*archive))
      BOOST_REQUIRE(seq == next[stream]++); // in order, each once
    BOOST_REQUIRE(next["a"] == next["b"]);  // a group is stored whole
    BOOST_REQUIRE(next["a"] > told);
    BOOST_REQUIRE(next["a"] <= told + 6); // one group may be stored, and not told
    BOOST_REQUIRE(archive->size().gaps == 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
