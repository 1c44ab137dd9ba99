#include "actors/watch/reconcile.hpp"

#include "actors/core/aside_name.hpp"

#include <chrono>

namespace actors {

namespace {

/// Time stamps of files are taken from a clock that ticks every 4 ms (CONFIG_HZ=250; 10 ms at
/// worst): within a tick, a second write leaves size and time as they were.
constexpr std::int64_t clock_tick = 10'000'000;

/// Of a file with very many names not all are asked whether they are still there: this is the most
/// that one look may cost.
constexpr auto names_asked_max = 16;

bool may_hide_a_write(const file_facts& facts) {
  const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
    std::chrono::system_clock::now().time_since_epoch())
                     .count();
  return now - facts.modified < clock_tick;
}

/// What decides whether a directory may be read and entered.
bool access_differs(const file_attributes& a, const file_attributes& b) {
  constexpr auto read_and_enter = 0555U;
  return ((a.mode ^ b.mode) & read_and_enter) != 0 || a.owner != b.owner || a.group != b.group;
}

/// Whether a directory that was told is not to be any more, or the other way round.
bool voice_differs(const tree_node& node, told_tree::voice how) {
  return node.is_directory() && node.is_silent() != (how == told_tree::voice::silent);
}

} // namespace

reconciler::verdict reconciler::look(tree_node& directory, const actors::directory& where,
  const char* name, const hint& why, look_reason reason, time_point now) {
  if (!filter_.may_enter(directory)) // it moved too deep, after this was heard
    return verdict::done;
  auto* known = told_.tree().child(directory, name);
  if (known != nullptr && why.kinds == hint::created && !known->is_ghost())
    return verdict::done; // a scan was faster: this is the very file it met
  const auto seen = links_.judge(directory, where, name, known,
    look_as_needed(where, name, known, why), [this](const tree_node& x) {
      return x.parent() == nullptr || (!x.is_ghost() && still_in_place(x));
    });
  if (seen.is != sight::kind::present) {
    if (known != nullptr && seen.is == sight::kind::absent)
      absent(*known, why, reason, now);
    return verdict::done;
  }
  const auto& facts = seen.facts;
  const auto wish = filter_.judge(directory, name, facts.ftype);
  if (wish == entry_filter::verdict::left_out)
    return left_out(known, facts, now);
  const auto how =
    wish == entry_filter::verdict::silent ? told_tree::voice::silent : told_tree::voice::told;
  if (known != nullptr && facts.ftype == file_type::directory && voice_differs(*known, how)) {
    told_.remove(*known);
    known = nullptr;
  }
  if (known != nullptr && told_.adopt(*known, facts)) {
    if (known->is_ghost())
      told_.tree().revive(*known);
    if (known->is_directory() && known->watch() < 0)
      fresh_.push_back({known->number(), false});
    return verdict::done;
  }
  if (known != nullptr && known->identity() == facts.identity && known->ftype() == facts.ftype) {
    same(*known, facts, why, reason);
    return verdict::done;
  }
  // Before `ready` nobody asks whether what is there had another name: of that there will be a
  // hint.
  if (told_.tells_renames() && may_be_another_name(facts))
    return verdict::put_off;
  auto* moved = told_.tells_renames() ? moved_here(facts) : nullptr;
  if (moved != nullptr && path_tree::is_within(directory, *moved))
    return verdict::put_off; // it moved below itself: so this directory moved first
  const auto has_moved = (why.kinds & hint::moved_away) != 0;
  if (known != nullptr && !known->is_ghost() && (known->is_directory() || has_moved)
      && why.tries == 0)
    return verdict::put_off; // it may turn up under its new name first, and then it was a rename
  return take_place(directory, name, facts, known, moved, how);
}

/// What is not watched has the name now; so what was known by it is gone, or has moved.
reconciler::verdict reconciler::left_out(
  tree_node* known, const file_facts& facts, time_point now) {
  if (known != nullptr && known->identity() == facts.identity)
    told_.remove(*known);
  else if (known != nullptr)
    absent(*known, {}, look_reason::scan, now);
  return verdict::done;
}

/// Asks the disk no more than the hint leaves open. What changes meanwhile has a hint of its own.
sight reconciler::look_as_needed(
  const actors::directory& where, const char* name, const tree_node* known, const hint& why) const {
  if (why.is_gone)
    return {};
  if (why.claim.says == name_claim::kind::file && links_.links() == link_policy::kept)
    return where.look_as(name, why.claim.file);
  if (known != nullptr && !known->is_ghost() && why.keeps_identity())
    return where.look_again(name, known->facts(), links_.links());
  return where.look(name, links_.links());
}

void reconciler::absent(tree_node& known, const hint& why, look_reason reason, time_point now) {
  if (known.is_ghost())
    return;
  if ((why.kinds & hint::written) != 0)
    known.set_unseen_write(true);
  if (reason == look_reason::scan || (why.kinds & hint::moved_away) != 0)
    told_.tree().make_ghost(known, now + ghost_grace);
  else
    told_.remove(known);
}

void reconciler::same(
  tree_node& known, const file_facts& facts, const hint& why, look_reason reason) {
  if (known.is_ghost())
    told_.tree().revive(known);
  const auto may_be_readable =
    known.is_directory() && access_differs(known.attributes(), facts.attributes);
  constexpr auto by_a_writer = hint::written | hint::closed;
  const auto is_hint = reason == look_reason::hint;
  const auto touched = known.changed() != facts.changed;
  // A writer that puts the time of its change back leaves only the ctime different. Without a hint
  // nobody knows who did it: better one modify too many than one too few.
  const auto time_put_back = touched && known.attributes() == facts.attributes
                             && (!is_hint || (why.kinds & by_a_writer) != 0);
  const auto written = is_hint ? (why.kinds & hint::written) != 0 : touched;
  const auto content =
    known.modified() == facts.modified && (time_put_back || (written && may_hide_a_write(facts)));
  const auto attributes =
    reason == look_reason::hint ? (why.kinds & hint::attributes) != 0 : !known.is_directory();
  told_.compare(known, facts, content, attributes);
  if (known.is_directory() && (known.watch() < 0 || may_be_readable))
    fresh_.push_back({known.number(), false});
}

/// The node of a file that is known under another name and is no longer there. A second name of a
/// file that is (a hard link) is a file of its own to the reader.
tree_node* reconciler::moved_here(const file_facts& facts) {
  auto asked = 0;
  tree_node* found = nullptr;
  told_.tree().each_with_identity(facts.identity, [&](tree_node& x) {
    if (x.parent() == nullptr || x.ftype() != facts.ftype)
      return;
    if (x.is_ghost() || (found == nullptr && ++asked <= names_asked_max && !still_in_place(x)))
      found = &x;
  });
  return found;
}

/// A file with several names (links) that is known under one in a directory which cannot be asked
/// now: something above it moved, and we have yet to hear where to. To call this a rename would
/// take the other name from the model, and nothing would ever bring it back.
bool reconciler::may_be_another_name(const file_facts& facts) {
  if (facts.ftype == file_type::directory || facts.attributes.links < 2)
    return false;
  auto asked = 0;
  auto cannot_tell = false;
  told_.tree().each_with_identity(facts.identity, [&](const tree_node& x) {
    if (cannot_tell || x.parent() == nullptr || x.is_ghost() || ++asked > names_asked_max)
      return;
    const auto lost = path_tree::is_lost(x);
    const auto parent =
      lost ? result<const actors::directory*>{nullptr} : directories_.open(*x.parent());
    cannot_tell = lost || (!parent && parent.error().code != errc::permission_denied);
  });
  return cannot_tell;
}

bool reconciler::still_in_place(const tree_node& node) {
  if (path_tree::is_lost(node))
    return false;
  auto parent = directories_.open(*node.parent());
  if (!parent)
    return false;
  const auto there = (*parent)->look(node.name_text(), links_.links());
  return there.is == sight::kind::present && there.facts.identity == node.identity();
}

/// Tells that two files have each other's names, if it is so. A replay needs a name in between.
/// Either may be a ghost: the hint that it left can be read long before the one that it arrived.
bool reconciler::exchange(tree_node& known, tree_node& moved, const file_facts& facts) {
  auto& there = *moved.parent();
  if (path_tree::is_lost(there))
    return false;
  const auto where = directories_.open(there);
  if (!where)
    return false;
  const auto seen = (*where)->look(moved.name_text());
  if (seen.is != sight::kind::present || !(seen.facts.identity == known.identity())
      || seen.facts.ftype != known.ftype())
    return false;
  auto& here = *known.parent();
  const auto name = std::string{known.name()};
  const auto other_name = std::string{moved.name()};
  auto aside = std::string{};
  do
    aside = aside_name(name, known.identity().value + ++exchanges_);
  while (told_.tree().child(here, aside) != nullptr);
  told_.rename(known, here, aside, told_tree::target::free);
  told_.rename(moved, here, name, told_tree::target::free);
  told_.rename(known, there, other_name, told_tree::target::free);
  told_.compare(moved, facts, false, false);
  told_.compare(known, seen.facts, false, false);
  for (const auto* each : {&known, &moved})
    after_move(*each);
  return true;
}

/// The name belongs to a file that did not have it: a new one, or one that `moved` here.
reconciler::verdict reconciler::take_place(tree_node& directory, const char* name,
  const file_facts& facts, tree_node* known, tree_node* moved, told_tree::voice how) {
  auto& tree = told_.tree();
  if (known != nullptr && moved != nullptr && path_tree::is_within(*moved, *known))
    moved = nullptr; // it came out of the directory whose name it takes: that one goes, with it
  if (moved != nullptr && voice_differs(*moved, how)) {
    told_.remove(*moved); // to the reader it goes, or comes
    moved = nullptr;
  }
  if (known != nullptr && moved != nullptr && exchange(*known, *moved, facts))
    return verdict::done;
  const auto alike = known != nullptr && !known->is_directory() && known->ftype() == facts.ftype;
  if (alike && moved == nullptr) {
    if (known->is_ghost())
      tree.revive(*known);
    told_.replace(*known, facts);
    return verdict::done;
  }
  if (known == nullptr && moved == nullptr && tree.size() >= entries_max_)
    return verdict::no_room;
  auto target = told_tree::target::free;
  const auto lost = known != nullptr ? known->facts() : file_facts{};
  if (alike) {
    tree.remove(*known); // the rename onto it says so
    target = told_tree::target::overwritten;
  } else if (known != nullptr) {
    told_.remove(*known);
  }
  if (moved == nullptr) {
    auto& fresh = told_.create(directory, name, facts, how);
    if (fresh.is_directory())
      fresh_.push_back({fresh.number(), false});
    return verdict::done;
  }
  told_.rename(*moved, directory, name, target, lost);
  told_.compare(*moved, facts, false, false);
  after_move(*moved);
  return verdict::done;
}

/// During a scan of everything a directory may have left what is still to be read.
void reconciler::after_move(const tree_node& moved) {
  if (moved.is_directory())
    fresh_.push_back({moved.number(), filter_.depends_on_place()});
}

} // namespace actors
