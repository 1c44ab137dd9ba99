#pragma once

#include "support/toy_disk.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace actors {

/// Which records say which file they are about.
enum class told_identities : std::uint8_t { all, none, some };

/// Does random things to a `toy_disk` and tells the truth about them, a record each. The names come
/// from a tiny alphabet, so that things collide, swap and come back all the time; what was removed
/// has but left, and may come back too. Files have second names (hard links).
class random_changes {
public:
  /// Called when a record has been made true, and only then.
  using listener = std::function<void(const event&)>;

  random_changes(
    std::uint64_t seed, toy_disk& disk, told_identities identities = told_identities::all)
    : random_{seed}, disk_{disk}, identities_{identities}, root_{disk.entries().begin()->first} {
    names_ = 2 + below(3);
    entries_wanted_ = 3 + below(20);
    for (auto n = entries_wanted_; n > 0; --n)
      make(free_place(), any_type());
  }

  void listen(listener heard) { heard_ = std::move(heard); }

  /// One operation; it may be many records, or none when the dice ask for the impossible.
  void step() {
    if (disk_.entries().size() < entries_wanted_ && below(4) == 0)
      return move_in(free_place(), 3);
    switch (below(24)) {
      case 18: return link(any_entry(), free_place());
      case 19: return link_and_remove(any_entry(), free_place());
      case 20: return save_with_backup(any_entry());
      case 21: return come_back(any_gone(), free_place());
      case 22: return come_back_home(any_gone());
      case 23: return out_and_back(any_entry());
      case 0:
      case 1: return make(free_place(), any_type());
      case 2: return move_in(free_place(), 3);
      case 3: return write(any_entry());
      case 4: return change_attributes(any_entry());
      case 5: return replace(any_entry());
      case 6:
      case 7: return remove(any_entry());
      case 8: return make_again(any_entry());
      case 9: return swap(any_entry(), any_entry());
      case 10: return save_atomically(any_entry());
      case 11: return move(any_entry(), any_entry());
      case 12: return turn_inside_out(any_directory());
      case 13: return rescue_and_remove(any_directory());
      default: return move(any_entry(), any_directory() + "/" + any_name());
    }
  }

private:
  static constexpr auto depth_max = 4;

  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  std::string any_name() { return std::string(1, static_cast<char>('a' + below(names_))); }

  file_type any_type() {
    constexpr file_type types[] = {file_type::directory, file_type::directory, file_type::file,
      file_type::file, file_type::link};
    return types[below(std::size(types))];
  }

  template <class Predicate>
  std::string any(Predicate suits) {
    auto found = std::vector<std::string>{};
    for (const auto& [path, entry] : disk_.entries())
      if (suits(path, entry))
        found.push_back(path);
    return found.empty() ? std::string{} : found[below(found.size())];
  }

  /// Not the root; empty when there is nothing else.
  std::string any_entry() {
    return any([&](const auto& path, const auto&) { return path != root_; });
  }

  /// Not of the root, which stays.
  std::string any_within(const std::string& directory) {
    return any([&](const auto& path, const auto&) {
      return directory != root_ && toy_disk::is_below(path, directory);
    });
  }

  std::string any_directory() {
    return any([](const auto& path, const auto& entry) {
      return entry.ftype == file_type::directory
             && std::count(path.begin(), path.end(), '/') <= depth_max;
    });
  }

  /// Where nothing is; empty when the dice miss.
  std::string free_place() {
    for (int i = 0; i < 5; ++i)
      if (auto path = any_directory() + "/" + any_name(); !disk_.holds(path))
        return path;
    return {};
  }

  // Every change goes through here: completed with what the caller does not care about, made,
  // checked, told.
  void tell(event what) {
    const auto* there = disk_.holds(what.path) ? &disk_.at(what.path) : nullptr;
    if (what.replaced) {
      what.lost_identity = there->identity;
      what.lost_version = there->version();
    }
    if (what.identity == 0) {
      if (what.type == event_type::create || (what.type == event_type::modify && what.replaced))
        what.identity = ++last_number_;
      else
        what.identity =
          what.type == event_type::rename ? disk_.at(what.from).identity : there->identity;
    }
    if (what.type == event_type::remove)
      what.version = there->version();
    else if (what.type == event_type::rename)
      what.version = disk_.at(what.from).version();
    else if (what.version == 0)
      what.version = version_of_parts(what.size, ++last_number_);
    if (what.type == event_type::remove || what.replaced)
      gone_[std::string{what.path}] = *there;
    if (const auto wrong = disk_.apply(what); !wrong.empty())
      throw std::logic_error{"the test itself is wrong: " + wrong};
    if (what.type != event_type::remove)
      latest_[what.identity] = disk_.at(what.path);
    if (is_hidden(what))
      what.identity = what.version = 0;
    if (identities_ != told_identities::all && (hides_all() || below(4) == 0))
      what.lost_identity = what.lost_version = 0;
    if (heard_)
      heard_(what);
  }

  bool hides_all() const { return identities_ == told_identities::none; }

  bool is_hidden(const event& what) {
    if (identities_ == told_identities::all)
      return false;
    const auto may_hold_more =
      what.type == event_type::remove && !tells_all_below_ && what.ftype == file_type::directory;
    return hides_all() || may_hold_more || below(4) == 0;
  }

  /// All names of the file that has the name `path`.
  std::vector<std::string> names_of(const std::string& path) {
    auto names = std::vector<std::string>{};
    for (const auto& [other, entry] : disk_.entries())
      if (entry.identity == disk_.at(path).identity)
        names.push_back(other);
    return names;
  }

  void tell(event_type type, const std::string& path) {
    if (path.empty())
      return;
    const auto& entry = disk_.at(path);
    auto what = event{};
    what.type = type;
    what.path = path;
    what.ftype = entry.ftype;
    if (type != event_type::remove)
      what.size = entry.content;
    tell(what);
  }

  void change_attributes(const std::string& path) {
    if (path.empty())
      return;
    const auto attributes = ++last_number_;
    for (const auto& name : names_of(path)) {
      const auto& entry = disk_.at(name);
      auto what = event{};
      what.type = event_type::attrib;
      what.path = name;
      what.ftype = entry.ftype;
      what.size = entry.content;
      what.version = version_of_parts(entry.content, attributes);
      tell(what);
    }
  }

  void make(const std::string& path, file_type ftype) {
    if (path.empty())
      return;
    auto what = event{};
    what.type = event_type::create;
    what.path = path;
    what.ftype = ftype;
    what.size = ftype == file_type::directory ? 0 : ++last_number_;
    tell(what);
  }

  void make(const std::string& path, const toy_entry& entry) {
    auto what = event{};
    what.type = event_type::create;
    what.path = path;
    what.ftype = entry.ftype;
    what.size = entry.content;
    what.identity = entry.identity;
    what.version = entry.version();
    tell(what);
  }

  void link(const std::string& from, const std::string& to) {
    if (from.empty() || to.empty() || disk_.holds_directory(from))
      return;
    make(to, toy_entry{disk_.at(from)});
  }

  void link_and_remove(const std::string& from, const std::string& to) {
    link(from, to);
    if (!from.empty() && !to.empty() && !disk_.holds_directory(from))
      remove(from);
  }

  /// What gedit does: the old file gets another name and a new one takes its place.
  void save_with_backup(const std::string& target) {
    if (target.empty() || disk_.holds_directory(target) || disk_.holds(target + "~")
        || disk_.holds(target + "%"))
      return;
    make(target + "%", file_type::file);
    link(target, target + "~");
    move(target + "%", target);
    if (below(2) == 0)
      remove(target + "~");
  }

  std::string any_gone() {
    if (gone_.empty())
      return {};
    auto i = gone_.begin();
    std::advance(i, below(gone_.size()));
    return i->first;
  }

  /// What left by the name `old` is at `path`, as it was or not; most of what was in it too.
  void come_back(const std::string& old, const std::string& path) {
    if (old.empty() || path.empty())
      return;
    auto coming = std::map<std::string, toy_entry>{{path, gone_.at(old)}};
    if (gone_.at(old).ftype == file_type::directory)
      for (const auto& [other, entry] : gone_)
        if (toy_disk::is_below(other, old) && below(4) != 0)
          coming[path + other.substr(old.size())] = entry;
    for (auto [place, entry] : coming) {
      entry.content = latest_[entry.identity].content;
      entry.attributes = latest_[entry.identity].attributes;
      const auto parent = place.substr(0, place.rfind('/'));
      if (disk_.holds(place) || !disk_.holds_directory(parent))
        continue;
      auto names = std::vector<toy_entry>{};
      for (const auto& [other, there] : disk_.entries())
        if (there.identity == entry.identity)
          names.push_back(there);
      if (!names.empty() && entry.ftype == file_type::directory)
        continue; // it is back already, and has one name
      if (!names.empty()) {
        entry = names.front(); // and is what it is under its other name
      } else if (below(4) == 0) {
        if (entry.ftype != file_type::directory && below(2) == 0)
          entry.content = ++last_number_;
        entry.attributes = ++last_number_;
      }
      make(place, entry);
      if (below(16) == 0)
        step();
    }
  }

  void come_back_home(const std::string& old) {
    if (!old.empty() && !disk_.holds(old) && disk_.holds_directory(old.substr(0, old.rfind('/'))))
      come_back(old, old);
  }

  void out_and_back(const std::string& path) {
    if (path.empty())
      return;
    remove(path);
    if (below(2) == 0)
      come_back_home(path);
    else
      come_back(path, free_place());
  }

  /// A tree comes from outside: one create each, top down.
  void move_in(const std::string& path, int levels) {
    if (path.empty())
      return;
    const auto ftype = levels > 0 ? any_type() : file_type::file;
    make(path, ftype);
    if (ftype != file_type::directory)
      return;
    for (const auto* name : {"/a", "/b"})
      if (below(2) != 0)
        move_in(path + name, levels - 1);
  }

  void write(const std::string& path) { modify(path, false); }
  void replace(const std::string& path) { modify(path, true); }

  void modify(const std::string& path, bool replaced) {
    if (path.empty() || disk_.holds_directory(path))
      return;
    const auto content = ++last_number_;
    const auto attributes = ++last_number_;
    for (const auto& name : replaced ? std::vector{path} : names_of(path)) {
      auto what = event{};
      what.type = event_type::modify;
      what.path = name;
      what.ftype = disk_.at(name).ftype;
      what.size = content;
      what.version = version_of_parts(content, attributes);
      what.replaced = replaced;
      if (replaced && !gone_.empty() && below(4) == 0)
        replace_by_what_is_back(what);
      tell(what);
    }
  }

  /// By something that was here once, that is.
  void replace_by_what_is_back(event& what) {
    const auto& entry = latest_[gone_.at(any_gone()).identity];
    for (const auto& [path, there] : disk_.entries())
      if (there.identity == entry.identity)
        return;
    if (entry.ftype != what.ftype)
      return;
    what.identity = entry.identity;
    what.size = entry.content;
    what.version = entry.version();
  }

  /// A directory's record speaks for what is below; some watchers tell of it too, all or in part.
  void remove(const std::string& path) {
    if (path.empty())
      return;
    const auto tells_of_16 = identities_ == told_identities::all ? 16 : below(3) * 8;
    tells_all_below_ = tells_of_16 == 16;
    auto inside = std::vector<std::string>{};
    for (const auto& [other, entry] : disk_.entries())
      if (toy_disk::is_below(other, path))
        inside.push_back(other);
    for (std::size_t i = inside.size(); i-- > 0;) // what is in a directory sorts after it
      if (below(16) < tells_of_16)
        tell(event_type::remove, inside[i]);
    tell(event_type::remove, path);
  }

  void make_again(const std::string& path) {
    remove(path);
    if (!path.empty())
      move_in(path, 2);
  }

  void move(const std::string& from, const std::string& to) {
    if (from.empty() || to.empty() || from == to || toy_disk::is_below(to, from))
      return;
    const auto replaces = disk_.holds(to);
    if (replaces && disk_.holds_directory(from) != disk_.holds_directory(to))
      return; // rename(2): EISDIR, ENOTDIR
    if (replaces && disk_.holds_below(to))
      return;                                                     // ENOTEMPTY
    if (replaces && disk_.at(from).ftype != disk_.at(to).ftype) { // not a replacement but an end
      tell(event_type::remove, to);
      return move(from, to);
    }
    auto what = event{};
    what.type = event_type::rename;
    what.from = from;
    what.path = to;
    what.ftype = disk_.at(from).ftype;
    what.replaced = replaces;
    tell(what);
  }

  void swap(const std::string& a, const std::string& b) {
    const auto aside = root_ + "/t";
    if (a.empty() || b.empty() || a == b || toy_disk::is_below(a, b) || toy_disk::is_below(b, a))
      return;
    move(a, aside);
    move(b, a);
    move(aside, b);
  }

  /// mv d/x x; mv d x/d
  void turn_inside_out(const std::string& directory) {
    const auto inner = any_within(directory);
    const auto outside = free_place();
    if (inner.empty() || outside.empty() || !disk_.holds_directory(inner)
        || toy_disk::is_below(outside, directory))
      return;
    move(inner, outside);
    move(directory, outside + "/" + any_name());
  }

  /// Something is moved out of a directory, which is then removed and perhaps made anew.
  void rescue_and_remove(const std::string& directory) {
    const auto inner = any_within(directory);
    const auto outside = free_place();
    if (inner.empty() || outside.empty() || toy_disk::is_below(outside, directory))
      return;
    move(inner, outside);
    remove(directory);
    if (below(2) != 0)
      move_in(directory, 2);
  }

  void save_atomically(const std::string& target) {
    if (target.empty() || disk_.holds_directory(target))
      return;
    const auto temporary = target + "#";
    make(temporary, file_type::file);
    write(temporary);
    move(temporary, target);
  }

  std::mt19937_64 random_;
  toy_disk& disk_;
  told_identities identities_;
  std::string root_;
  listener heard_;
  std::map<std::string, toy_entry> gone_;     ///< by the path it had last; it may be back by now
  std::map<std::uint64_t, toy_entry> latest_; ///< by identity: what it was like when last seen
  bool tells_all_below_ = true;               ///< of a directory that is being removed
  std::uint64_t names_ = 2;
  std::uint64_t entries_wanted_ = 3; ///< below it the disk is filled up now and then
  std::uint64_t last_number_ = 1;    ///< 1 is the root's
};

} // namespace actors
