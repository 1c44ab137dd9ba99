#include "actors/spool/outbox.hpp"

#include "actors/core/batch_builder.hpp"
#include "actors/os/poll.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <deque>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>

#include <stdlib.h>

using namespace actors;
using namespace actors::test;

namespace outbox_tests {

event_batch batch_of(std::uint64_t first_seq, std::size_t count, std::size_t path_bytes = 10) {
  auto builder = batch_builder{};
  for (std::size_t i = 0; i < count; ++i) {
    const auto path = "/" + std::to_string(first_seq + i)
                      + std::string(path_bytes, static_cast<char>('a' + i % 26));
    builder.add({.type = event_type::modify, .ftype = file_type::file, .path = path});
  }
  return builder.finish().numbered(first_seq);
}

struct fixture {
  temporary_directory where;
  std::vector<log_line> lines;
  std::string file = where / "spool";

  std::shared_ptr<outbox> open(std::uint64_t bytes_max = 1 << 30) {
    auto made = try_open(bytes_max);
    BOOST_REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().text));
    return *made;
  }
  result<std::shared_ptr<outbox>> try_open(std::uint64_t bytes_max = 1 << 30) {
    return outbox::open({file, bytes_max}, [this](const log_line& x) { lines.push_back(x); });
  }
  static void append(outbox& to, const event_batch& what) {
    const auto done = to.append(what);
    BOOST_REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().text));
    BOOST_REQUIRE((*done == outbox::outcome::kept));
  }
  static std::optional<outbox::entry> read(outbox& from, std::uint64_t after) {
    auto found = from.read_after(after);
    BOOST_REQUIRE_MESSAGE(found.has_value(), (found ? "" : found.error().text));
    return *found;
  }
  void spoil(const std::string& path, std::size_t from, std::size_t bytes) {
    auto stream = std::fstream{path, std::ios::in | std::ios::out | std::ios::binary};
    stream.seekp(static_cast<std::streamoff>(from));
    stream << std::string(bytes, 'x');
  }
};

} // namespace outbox_tests

BOOST_FIXTURE_TEST_SUITE(outbox_tests, fixture)

BOOST_AUTO_TEST_CASE(what_is_appended_is_read_in_order_until_it_is_forgotten) {
  const auto box = open();
  append(*box, batch_of(1, 3));
  append(*box, batch_of(4, 2));
  const auto first = read(*box, 0);
  BOOST_REQUIRE(first.has_value());
  BOOST_TEST(first->batch.first_seq() == 1u);
  BOOST_TEST(first->batch.size() == 3u);
  BOOST_TEST((first->batch[1].path == "/2bbbbbbbbbb"));
  const auto second = read(*box, first->id);
  BOOST_REQUIRE(second.has_value());
  BOOST_TEST(second->id > first->id);
  BOOST_TEST(!read(*box, second->id));
  BOOST_TEST(box->size().batches == 2u);
  BOOST_TEST(box->size().records == 5u);
  BOOST_TEST(box->forget(first->id).has_value());
  BOOST_TEST(box->size().records == 2u);
  BOOST_TEST(read(*box, 0)->id == second->id);
}

BOOST_AUTO_TEST_CASE(what_was_appended_before_is_not_appended_again) {
  const auto box = open();
  append(*box, batch_of(1, 3));
  append(*box, batch_of(1, 3));
  append(*box, batch_of(2, 1)); // a part of it
  BOOST_TEST(box->size().batches == 1u);
  append(*box, batch_of(4, 1));
  BOOST_TEST(box->size().batches == 2u);
}

BOOST_AUTO_TEST_CASE(records_of_another_node_are_refused_and_not_mixed_with_ours) {
  const auto box = open();
  const auto origin = std::make_shared<const batch_origin>(batch_origin{"n", "p", "s", {}});
  const auto done = box->append(batch_of(1, 3).from(origin));
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST((done.error().code == errc::not_supported));
  append(*box, batch_of(1, 3));
}

BOOST_AUTO_TEST_CASE(a_process_goes_on_where_the_last_one_was) {
  auto box = open();
  append(*box, batch_of(1, 3));
  append(*box, batch_of(4, 3));
  const auto last = read(*box, read(*box, 0)->id)->id;
  const auto stream = box->stream_of(last);
  BOOST_TEST(stream.size() == 32u);
  box.reset();
  box = open();
  BOOST_TEST(box->size().records == 6u);
  BOOST_TEST(box->stream_of(last) == stream);
  append(*box, batch_of(1, 3)); // its numbers begin anew, in a stream of its own
  const auto own = read(*box, last);
  BOOST_REQUIRE(own.has_value());
  BOOST_TEST(box->stream_of(own->id) != stream);
  BOOST_TEST(box->forget(last).has_value());
  BOOST_TEST(box->stream_of(own->id).size() == 32u);
  BOOST_TEST(box->stream_of(last) == "");
}

BOOST_AUTO_TEST_CASE(ids_are_never_given_twice) {
  auto box = open();
  append(*box, batch_of(1, 1));
  const auto id = read(*box, 0)->id;
  BOOST_TEST(box->forget(id).has_value());
  box.reset();
  box = open();
  append(*box, batch_of(1, 1));
  BOOST_TEST(read(*box, 0)->id > id);
}

BOOST_AUTO_TEST_CASE(it_is_full_at_its_bound_and_says_when_there_is_room) {
  const auto box = open(2000);
  auto seq = std::uint64_t{1};
  while (*box->append(batch_of(seq, 1, 200)) == outbox::outcome::kept)
    ++seq;
  BOOST_TEST(seq > 5u);
  BOOST_TEST(box->size().bytes <= 2000u);
  BOOST_TEST(!wait_readable({box->room_descriptor()}, std::chrono::milliseconds{0}));
  BOOST_TEST(box->forget(read(*box, 0)->id).has_value());
  BOOST_TEST(wait_readable({box->room_descriptor()}, std::chrono::milliseconds{0}));
  append(*box, batch_of(seq, 1, 200));
}

BOOST_AUTO_TEST_CASE(a_batch_over_the_bound_goes_into_an_empty_one) {
  const auto box = open(100);
  append(*box, batch_of(1, 1, 500));
  BOOST_TEST((*box->append(batch_of(2, 1)) == outbox::outcome::full));
}

BOOST_AUTO_TEST_CASE(one_process_at_a_time_has_it) {
  const auto box = open();
  const auto other = try_open();
  BOOST_REQUIRE(!other.has_value());
  BOOST_TEST((other.error().code == errc::unavailable));
  BOOST_TEST(other.error().text.find("another process or pipeline uses it") != std::string::npos);
  append(*box, batch_of(1, 1)); // and the first goes on
  const auto child = ::fork();
  if (child == 0) {
    const auto third = outbox::open({file, 1000}, [](const log_line&) {});
    ::_exit(third.has_value() || third.error().code != errc::unavailable ? 1 : 0);
  }
  auto status = -1;
  ::waitpid(child, &status, 0);
  BOOST_TEST(status == 0);
  box->at_end();
  BOOST_TEST(try_open().has_value());
}

BOOST_AUTO_TEST_CASE(it_is_for_its_owner_alone) {
  const auto box = open();
  const auto mode = std::filesystem::status(file).permissions();
  BOOST_TEST((mode == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)));
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_not_there_is_an_error) {
  file = where / "none/spool";
  BOOST_TEST(!try_open().has_value());
}

namespace {

/// On a disk that takes no more than some files of 200 kB. 0 when all is as it should be.
int fill_the_disk(const std::string& file) {
  ::signal(SIGXFSZ, SIG_IGN);
  const auto box = *outbox::open({file, 1 << 30}, [](const log_line&) {});
  const auto small = rlimit{200'000, RLIM_INFINITY};
  ::setrlimit(RLIMIT_FSIZE, &small);
  auto seq = std::uint64_t{1};
  for (; seq < 1000; ++seq) {
    const auto done = box->append(batch_of(seq, 1, 2000));
    if (!done && (done.error().code != errc::system || done.error().text.find(file) == 0))
      return 1;
    if (!done)
      break;
  }
  const auto kept = seq - 1;
  if (seq == 1000 || kept == 0 || box->size().batches != kept
      || box->append(batch_of(seq, 1, 2000)))
    return 2;
  auto at = std::uint64_t{0};
  for (std::uint64_t i = 1; i <= kept; ++i) { // what is there can be read
    const auto next = box->read_after(at);
    if (!next || !*next || (*next)->batch.first_seq() != i)
      return 3;
    at = (*next)->id;
  }
  const auto large = rlimit{RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_FSIZE, &large);
  if (!box->append(batch_of(seq, 1, 2000)) || box->size().batches != kept + 1)
    return 4;
  return box->trouble().empty() ? 0 : 5;
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

BOOST_AUTO_TEST_CASE(what_is_no_database_is_set_aside) {
  std::ofstream{file} << std::string(10'000, 'x');
  const auto box = open();
  BOOST_TEST(std::filesystem::exists(file + ".bad"));
  BOOST_TEST(box->trouble() != "");
  BOOST_REQUIRE(lines.size() == 1u);
  BOOST_TEST(lines[0].event == "spool_set_aside");
  append(*box, batch_of(1, 1));
  BOOST_TEST(read(*box, 0).has_value());
}

BOOST_AUTO_TEST_CASE(pages_that_rot_are_noticed_and_ids_go_on) {
  auto box = open();
  for (auto seq = 1U; seq <= 200; ++seq)
    append(*box, batch_of(seq, 1, 300));
  const auto last = box->size().batches;
  box->at_end(); // writes the log back
  box.reset();
  spoil(file, 4096, std::filesystem::file_size(file) - 4096);
  box = open();
  BOOST_TEST(box->trouble() != "");
  append(*box, batch_of(1, 1));
  BOOST_TEST(read(*box, 0).has_value());
  BOOST_TEST(last == 200u);
}

BOOST_AUTO_TEST_CASE(a_batch_that_rots_is_left_out_and_told_once) {
  auto box = open();
  append(*box, batch_of(1, 1, 2000));
  append(*box, batch_of(2, 1, 2000));
  box->at_end();
  box.reset();
  auto bytes = std::string(std::filesystem::file_size(file), '\0');
  std::ifstream{file, std::ios::binary}.read(
    bytes.data(), static_cast<std::streamsize>(bytes.size()));
  spoil(file, bytes.rfind(std::string(500, 'a')), 10); // of one of the two
  box = open();
  const auto found = read(*box, 0);
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(!read(*box, found->id));
  BOOST_TEST(!read(*box, found->id));
  BOOST_REQUIRE(lines.size() == 1u);
  BOOST_TEST(lines[0].event == "spool_batch_damaged");
}

BOOST_AUTO_TEST_CASE(a_database_of_something_else_is_left_alone) {
  {
    auto other = database::open(file);
    BOOST_REQUIRE(other.has_value());
    BOOST_REQUIRE((*other)->run("CREATE TABLE precious(x)").has_value());
  }
  const auto box = try_open();
  BOOST_REQUIRE(!box.has_value());
  BOOST_TEST((box.error().code == errc::invalid_argument));
  BOOST_TEST(box.error().text.find("something else") != std::string::npos);
  BOOST_TEST(!std::filesystem::exists(file + ".bad"));
}

BOOST_AUTO_TEST_CASE(a_newer_version_is_left_alone) {
  open();
  {
    auto newer = database::open(file);
    BOOST_REQUIRE((*newer)->run("PRAGMA user_version=2").has_value());
  }
  const auto box = try_open();
  BOOST_REQUIRE(!box.has_value());
  BOOST_TEST((box.error().code == errc::not_supported));
  BOOST_TEST(!std::filesystem::exists(file + ".bad"));
}

BOOST_AUTO_TEST_CASE(it_does_what_a_queue_does_over_restarts) {
  auto random = std::mt19937{5};
  auto box = open(20'000);
  auto model = std::deque<std::pair<std::uint64_t, std::string>>{}; // seq, path
  auto seq = std::uint64_t{1};
  for (auto turn = 0; turn < 1500; ++turn) {
    const auto what = random() % 10;
    if (what < 5) {
      const auto batch = batch_of(seq, 1 + random() % 3, random() % 300);
      const auto done = box->append(batch);
      BOOST_REQUIRE(done.has_value());
      if (*done == outbox::outcome::kept) {
        model.emplace_back(seq, std::string{batch[0].path});
        seq += batch.size();
      }
    } else if (what < 9 && !model.empty()) {
      auto at = std::uint64_t{0};
      const auto count = random() % std::min<std::size_t>(model.size(), 4);
      for (std::size_t i = 0; i < count; ++i) {
        const auto next = read(*box, at);
        BOOST_REQUIRE(next.has_value());
        BOOST_REQUIRE(next->batch.first_seq() == model.front().first);
        BOOST_REQUIRE((next->batch[0].path == model.front().second));
        model.pop_front();
        at = next->id;
      }
      BOOST_REQUIRE(box->forget(at).has_value());
    } else if (random() % 10 == 0) {
      box.reset();
      box = open(20'000);
      seq += 1'000'000; // only so that the model can tell them apart
    }
    BOOST_REQUIRE(box->size().batches == model.size());
  }
}

namespace {

/// Appends and forgets for ever, and tells of each batch that was appended.
[[noreturn]] void append_until_killed(const std::string& file, int tell_to, std::uint64_t from) {
  const auto box = outbox::open({file, 1 << 20}, [](const log_line&) {});
  if (!box)
    ::_exit(1);
  for (auto seq = from;; ++seq) {
    if (!(*box)->append(batch_of(seq, 1, 50)))
      ::_exit(2);
    if (::write(tell_to, &seq, sizeof seq) != sizeof seq)
      ::_exit(3);
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(whatever_was_appended_survives_kill_9) {
  auto told = std::uint64_t{0};
  auto random = std::mt19937{3};
  for (auto round = 0; round < 15; ++round) {
    auto ends = std::array<int, 2>{};
    BOOST_REQUIRE(::pipe(ends.data()) == 0);
    const auto child = ::fork();
    if (child == 0)
      append_until_killed(file, ends[1], told + 1000 * static_cast<std::uint64_t>(round) + 1);
    ::close(ends[1]);
    auto seq = std::uint64_t{0};
    auto want = 1 + random() % 60;
    auto all = std::vector<std::uint64_t>{};
    for (; want > 0 && ::read(ends[0], &seq, sizeof seq) == sizeof seq; --want)
      all.push_back(seq);
    BOOST_REQUIRE(want == 0);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(ends[0], &seq, sizeof seq) == sizeof seq)
      all.push_back(seq);
    ::close(ends[0]);
    const auto box = open();
    auto at = std::uint64_t{0};
    auto found = std::vector<std::uint64_t>{};
    while (const auto next = read(*box, at)) {
      found.push_back(next->batch.first_seq());
      at = next->id;
    }
    BOOST_REQUIRE(found.size() >= all.size());
    BOOST_REQUIRE(found.size() <= all.size() + 1); // one may be in, and not told
    BOOST_REQUIRE(std::equal(all.begin(), all.end(), found.begin()));
    BOOST_REQUIRE(box->forget(at).has_value());
    BOOST_REQUIRE(box->trouble() == "");
    told = all.back();
  }
}

BOOST_AUTO_TEST_SUITE_END()
