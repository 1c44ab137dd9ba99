#include "actors/core/change_fold.hpp"
#include "support/random_changes.hpp"
#include "support/toy_disk.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <random>
#include <set>
#include <string>

using namespace actors;

namespace {

/// How many different stories are tried; ACTORS_SEEDS overrides it for a long run.
std::uint64_t seeds() {
  const auto* text = std::getenv("ACTORS_SEEDS");
  return text == nullptr ? 400 : std::strtoull(text, nullptr, 10);
}

constexpr auto operations_max = 60;

std::string line_of(const event& what) {
  auto line = std::string{"  "}.append(name_of(what.type)) + " " + letter_of(what.ftype) + " ";
  if (!what.from.empty())
    line.append(what.from).append(" -> ");
  line.append(what.path);
  return line + (what.replaced ? " replaced\n" : "\n");
}

/// Someone who slept through a window: replays what the fold makes of it, strictly, and must then
/// see the same disk as someone who was awake.
class sleeper {
public:
  explicit sleeper(const toy_disk& disk) : disk_{disk}, seen_{disk} {}

  void hear(const event& what) {
    story_ += line_of(what);
    fold_.add(what);
    // The end of a replaced directory is told in a record of its own.
    heard_ += what.replaced && what.ftype == file_type::directory ? 2 : 1;
  }

  /// Returns what is wrong; empty when all is well.
  std::string wake_up() {
    const auto net = take();
    for (const auto& what : net)
      fold_.add(what);
    const auto again = take();
    auto wrong = replay(net);
    if (wrong.empty())
      wrong = excess_of(net);
    if (wrong.empty() && !fold_.empty())
      wrong = "the fold is not empty after take()";
    if (wrong.empty()) // a second fold downstream keeps the promise, and finds nothing to do
      wrong = replay(again);
    if (wrong.empty() && again.size() - steps_aside(again) != net.size() - steps_aside(net))
      wrong = "folding again changed the number of records";
    if (!wrong.empty())
      return wrong + "\nheard:\n" + story_ + "folded to:\n" + lines_of(net) + "folded again to:\n"
             + lines_of(again);
    story_.clear();
    heard_ = 0;
    seen_ = disk_;
    return {};
  }

private:
  event_batch take() {
    auto out = batch_builder{};
    fold_.take(out);
    return out.finish();
  }

  std::string replay(const event_batch& net) const {
    auto seen = seen_;
    for (const auto& what : net)
      if (const auto wrong = seen.apply(what); !wrong.empty())
        return wrong + ":" + line_of(what);
    return seen.difference_from(disk_);
  }

  static std::string lines_of(const event_batch& batch) {
    auto lines = std::string{};
    for (const auto& what : batch)
      lines += line_of(what);
    return lines;
  }

  /// Renames to a name of the fold's own; which of the things in a ring makes one is its choice.
  static std::size_t steps_aside(const event_batch& batch) {
    auto steps = std::size_t{0};
    for (const auto& what : batch)
      steps += what.type == event_type::rename && what.path.ends_with(".actors-swap");
    return steps;
  }

  /// More is told than needed?
  std::string excess_of(const event_batch& net) const {
    auto created = std::set<std::string>{};
    auto altered = std::set<std::string>{};
    for (const auto& what : net) {
      const auto path = std::string{what.path};
      switch (what.type) {
        case event_type::create: created.insert(path); break;
        case event_type::rename: break;
        case event_type::remove:
          if (created.contains(path))
            return "created, then deleted: " + path;
          break;
        default:
          if (created.contains(path) || !altered.insert(path).second)
            return "told twice: " + path;
      }
    }
    return net.size() > heard_ + steps_aside(net) ? "more records than came in" : "";
  }

  const toy_disk& disk_;
  toy_disk seen_;
  change_fold fold_;
  std::size_t heard_ = 0;
  std::string story_;
};

/// Seeds with few operations come first, so that the first failure is a short one.
int operations_of(std::uint64_t seed) {
  return 1 + static_cast<int>(seed * operations_max / seeds());
}

/// Calls `cut` after every record; true: the window ends there.
template <class Predicate>
void check_story(std::uint64_t seed, Predicate cut) {
  auto disk = toy_disk{"/r"};
  auto changes = random_changes{seed, disk};
  auto reader = sleeper{disk};
  auto before = std::string{};
  for (const auto& [path, entry] : disk.entries())
    before.append("  ").append(path) += entry.ftype == file_type::directory ? "/\n" : "\n";
  auto wrong = std::string{};
  changes.listen([&](const event& what) {
    reader.hear(what);
    if (wrong.empty() && cut())
      wrong = reader.wake_up();
  });
  for (int i = 0; i < operations_of(seed) && wrong.empty(); ++i)
    changes.step();
  if (wrong.empty())
    wrong = reader.wake_up();
  BOOST_REQUIRE_MESSAGE(wrong.empty(), "seed " << seed << ": " << wrong << "begun with:\n"
                                               << before);
}

} // namespace

BOOST_AUTO_TEST_SUITE(change_fold_random_tests)

BOOST_AUTO_TEST_CASE(replaying_the_net_effect_gives_the_disk) {
  for (std::uint64_t seed = 0; seed < seeds(); ++seed)
    check_story(seed, [] { return false; });
}

BOOST_AUTO_TEST_CASE(wherever_the_stream_is_cut_into_windows_replaying_gives_the_disk) {
  for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
    auto dice = std::mt19937_64{seed};
    const auto mean = 1 + dice() % 30;
    check_story(seed, [&] { return dice() % mean == 0; });
  }
}

BOOST_AUTO_TEST_CASE(a_window_may_end_after_any_record) {
  for (std::uint64_t seed = seeds() / 4; seed < seeds() / 4 + 20; ++seed)
    for (int last = 0; last < 40; ++last) {
      auto left = last;
      check_story(seed, [&] { return left-- == 0; });
    }
}

BOOST_AUTO_TEST_SUITE_END()
