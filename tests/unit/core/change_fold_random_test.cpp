#include "actors/core/change_fold.hpp"
#include "support/random_changes.hpp"
#include "support/toy_disk.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <utility>

using namespace actors;

namespace change_fold_random_tests {

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
  line.append(" #" + std::to_string(what.identity) + " ")
    .append(std::to_string(content_of_version(what.version)) + ".")
    .append(std::to_string(attributes_of_version(what.version)));
  if (what.lost_identity != 0)
    line.append(" lost #" + std::to_string(what.lost_identity));
  return line + (what.replaced ? " replaced\n" : "\n");
}

bool is_step_aside(const event& what) {
  return what.type == event_type::rename && what.path.ends_with(".actors-swap");
}

/// What must be told, and no more, read off the disk before and after without a thought of how it
/// came about: of each file the names it had and has, and what it is like.
///
/// A name is a place in a directory, whatever the directory is called: if that is renamed, what is
/// in it stays where it is.
class net_by_identity {
public:
  net_by_identity(const toy_disk& before, const toy_disk& after) {
    for (const auto& [path, entry] : before.entries())
      files_[entry.identity].before[place_of(path, before)] = entry;
    for (const auto& [path, entry] : after.entries())
      files_[entry.identity].after[place_of(path, after)] = entry;
  }

  std::string difference_from(const event_batch& net) const {
    auto told = std::map<std::uint64_t, counts>{};
    for (const auto& what : net) {
      if (what.identity == 0 || (what.replaced && what.lost_identity == 0))
        return "which file it is was forgotten:" + line_of(what);
      auto& its = told[what.identity];
      its.created += what.type == event_type::create;
      its.removed += what.type == event_type::remove;
      its.renamed += what.type == event_type::rename && !is_step_aside(what);
      its.altered += what.type == event_type::modify && !what.replaced;
      its.attributes += what.type == event_type::attrib;
      its.created += what.type == event_type::modify && what.replaced;
      if (what.replaced)
        ++told[what.lost_identity].removed;
    }
    for (const auto& [identity, names] : files_)
      if (const auto wanted = counts_of(names, told[identity]); !(told[identity] == wanted))
        return "of file " + std::to_string(identity) + " is told " + text_of(told[identity])
               + ", and should be " + text_of(wanted);
    return {};
  }

private:
  using place = std::pair<std::uint64_t, std::string>;
  struct file_names {
    std::map<place, toy_entry> before;
    std::map<place, toy_entry> after;
  };
  struct counts {
    std::size_t created = 0;
    std::size_t removed = 0;
    std::size_t renamed = 0;
    std::size_t altered = 0;
    std::size_t attributes = 0;
    friend bool operator==(const counts&, const counts&) = default;
  };

  static place place_of(const std::string& path, const toy_disk& disk) {
    const auto slash = path.rfind('/');
    const auto i = disk.entries().find(path.substr(0, slash));
    return {i == disk.entries().end() ? 0 : i->second.identity, path.substr(slash + 1)};
  }

  static counts counts_of(const file_names& x, const counts& told) {
    auto kept = std::size_t{0};
    for (const auto& [where, entry] : x.before)
      kept += x.after.contains(where);
    const auto left = x.before.size() - kept;
    const auto came = x.after.size() - kept;
    auto result = counts{};
    result.renamed = std::min(left, came);
    result.created = came - result.renamed;
    result.removed = left - result.renamed;
    const auto* old = uniform(x.before);
    const auto* now = uniform(x.after);
    if (old == nullptr || now == nullptr) {
      // New or gone; or in the middle of a write, and it depends on which name is taken for which.
      result.altered = x.before.empty() || x.after.empty() ? 0 : told.altered;
      result.attributes = x.before.empty() || x.after.empty() ? 0 : told.attributes;
      return result;
    }
    const auto lasting = std::min(x.before.size(), x.after.size());
    if (old->content != now->content)
      result.altered = lasting;
    else if (old->attributes != now->attributes)
      result.attributes = lasting;
    return result;
  }

  /// What the file is like under each of its names; nullptr when they differ or there is none.
  static const toy_entry* uniform(const std::map<place, toy_entry>& names) {
    for (const auto& [where, entry] : names)
      if (entry.version() != names.begin()->second.version())
        return nullptr;
    return names.empty() ? nullptr : &names.begin()->second;
  }

  static std::string text_of(const counts& x) {
    return std::to_string(x.created) + " created " + std::to_string(x.removed) + " removed "
           + std::to_string(x.renamed) + " renamed " + std::to_string(x.altered) + " modified "
           + std::to_string(x.attributes) + " attributes";
  }

  std::map<std::uint64_t, file_names> files_;
};

/// Someone who slept through a window: replays what the fold makes of it, strictly, and must then
/// see the same disk as someone who was awake.
class sleeper {
public:
  sleeper(const toy_disk& disk, told_identities identities)
    : disk_{disk}, seen_{disk}, identities_{identities} {}

  void hear(const event& what) {
    story_ += line_of(what);
    fold_.add(what);
    // The end of a replaced directory is told in a record of its own, and what is replaced may come
    // back, changed: a rename and a modify.
    heard_ +=
      what.replaced && (what.ftype == file_type::directory || what.lost_identity != 0) ? 2 : 1;
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
    if (wrong.empty() && identities_ == told_identities::all)
      wrong = net_by_identity{seen_, disk_}.difference_from(net);
    if (wrong.empty() && !fold_.empty())
      wrong = "the fold is not empty after take()";
    if (wrong.empty()) // a second fold downstream keeps the promise, and finds nothing to do
      wrong = replay(again);
    // (Of some, an identity is learned too late to be of use; the second fold has it at once.)
    if (wrong.empty() && identities_ != told_identities::some
        && again.size() - steps_aside(again) != net.size() - steps_aside(net))
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
    if (identities_ != told_identities::all)
      seen.be_lenient();
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
      steps += is_step_aside(what);
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
  told_identities identities_;
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
void check_story(std::uint64_t seed, told_identities identities, Predicate cut) {
  auto disk = toy_disk{"/r"};
  auto changes = random_changes{seed, disk, identities};
  auto reader = sleeper{disk, identities};
  auto before = std::string{};
  for (const auto& [path, entry] : disk.entries())
    before.append("  ").append(path).append(entry.ftype == file_type::directory ? "/" : "") +=
      " #" + std::to_string(entry.identity) + "\n";
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

/// With all of them the least is told that can be; without, what is told is still true.
constexpr told_identities which_are_told[] = {
  told_identities::all, told_identities::none, told_identities::some};
const auto all_identities = boost::unit_test::data::make(which_are_told);

} // namespace change_fold_random_tests

namespace actors {

std::ostream& operator<<(std::ostream& out, told_identities which) {
  constexpr const char* names[] = {"all", "no", "some"};
  return out << names[static_cast<std::size_t>(which)] << " identities told";
}

} // namespace actors

BOOST_AUTO_TEST_SUITE(change_fold_random_tests)

BOOST_DATA_TEST_CASE(replaying_the_net_effect_gives_the_disk, all_identities) {
  for (std::uint64_t seed = 0; seed < seeds(); ++seed)
    check_story(seed, sample, [] { return false; });
}

BOOST_DATA_TEST_CASE(
  wherever_the_stream_is_cut_into_windows_replaying_gives_the_disk, all_identities) {
  for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
    auto dice = std::mt19937_64{seed};
    const auto mean = 1 + dice() % 30;
    check_story(seed, sample, [&] { return dice() % mean == 0; });
  }
}

BOOST_DATA_TEST_CASE(a_window_may_end_after_any_record, all_identities) {
  for (std::uint64_t seed = seeds() / 4; seed < seeds() / 4 + 20; ++seed)
    for (int last = 0; last < 40; ++last) {
      auto left = last;
      check_story(seed, sample, [&] { return left-- == 0; });
    }
}

BOOST_AUTO_TEST_SUITE_END()
