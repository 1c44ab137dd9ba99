#pragma once

#include "support/toy_disk.hpp"

#include <algorithm>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace actors {

/// Does random things to a `toy_disk` and tells the truth about them, a record each. The names come
/// from a tiny alphabet, so that things collide, swap and come back all the time.
class random_changes {
public:
  /// Called when a record has been made true, and only then.
  using listener = std::function<void(const event&)>;

  random_changes(std::uint64_t seed, toy_disk& disk)
    : random_{seed}, disk_{disk}, root_{disk.entries().begin()->first} {
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
    switch (below(18)) {
      case 0:
      case 1: return make(free_place(), any_type());
      case 2: return move_in(free_place(), 3);
      case 3: return write(any_entry());
      case 4: return tell(event_type::attrib, any_entry());
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

  // Every change goes through here: made, checked, completed with what a record does not carry,
  // told.
  void tell(event what) {
    if (const auto wrong = disk_.apply(what); !wrong.empty())
      throw std::logic_error{"the test itself is wrong: " + wrong};
    if (what.type != event_type::remove) {
      auto& entry = disk_.at(what.path);
      if (entry.identity == 0)
        entry.identity = ++last_number_;
      if (entry.attributes == 0)
        entry.attributes = ++last_number_;
    }
    if (heard_)
      heard_(what);
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
    auto what = event{};
    what.type = event_type::modify;
    what.path = path;
    what.ftype = disk_.at(path).ftype;
    what.size = ++last_number_;
    what.replaced = replaced;
    tell(what);
  }

  /// A directory's record speaks for what is below; some watchers tell of it too, all or in part.
  void remove(const std::string& path) {
    if (path.empty())
      return;
    const auto tells_of_16 = below(3) * 8;
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
    const auto temporary = target + "~";
    make(temporary, file_type::file);
    write(temporary);
    move(temporary, target);
  }

  std::mt19937_64 random_;
  toy_disk& disk_;
  std::string root_;
  listener heard_;
  std::uint64_t names_ = 2;
  std::uint64_t entries_wanted_ = 3; ///< below it the disk is filled up now and then
  std::uint64_t last_number_ = 1;    ///< 1 is the root's
};

} // namespace actors
