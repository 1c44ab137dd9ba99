#pragma once

#include "actors/core/event.hpp"
#include "actors/core/file_version.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace actors {

/// One file or directory of a `toy_disk`. Numbers stand for what a real one holds; 0 is "not
/// known".
struct toy_entry {
  file_type ftype = file_type::file;
  std::uint64_t identity = 0;
  std::uint64_t content = 0; ///< a file's version; records carry it as the size. Directories: 0
  std::uint64_t attributes = 0;

  std::uint64_t version() const { return version_of_parts(content, attributes); }
};

/// A tree of files on paper, changed by records alone and strict about them: the oracle of every
/// test that says "replaying the records gives the disk". A plain map of full paths, so that it
/// shares neither an idea nor a mistake with the code it judges.
class toy_disk {
public:
  /// Holds `root`, an absolute path, and nothing else.
  explicit toy_disk(const std::string& root) { entries_[root] = {file_type::directory, 1, 0, 1}; }

  const std::map<std::string, toy_entry>& entries() const { return entries_; }
  toy_entry& at(std::string_view path) { return entries_.at(std::string{path}); }

  /// Records that change nothing are borne from now on: whoever told them did not know better.
  void be_lenient() { is_strict_ = false; }

  bool holds(std::string_view path) const { return entries_.contains(std::string{path}); }

  bool holds_directory(std::string_view path) const {
    auto i = entries_.find(std::string{path});
    return i != entries_.end() && i->second.ftype == file_type::directory;
  }

  /// True when `path` is below `directory`, at whatever depth.
  static bool is_below(std::string_view path, std::string_view directory) {
    return path.size() > directory.size() && path.starts_with(directory)
           && path[directory.size()] == '/';
  }

  bool holds_below(std::string_view directory) const {
    for (const auto& [path, entry] : entries_)
      if (is_below(path, directory))
        return true;
    return false;
  }

  /// Makes the change. What the record does not tell becomes "not known". Returns what is wrong
  /// with the record; empty when it fits.
  std::string apply(const event& what) {
    switch (what.type) {
      case event_type::create: return create(what);
      case event_type::modify: return alter(what);
      case event_type::attrib: return alter(what);
      case event_type::remove: return remove(what);
      case event_type::rename: return rename(what);
      default: return "not a change";
    }
  }

  /// The first difference that matters to a reader whose disk this is; empty when there is none.
  std::string difference_from(const toy_disk& truth) const {
    for (const auto& [path, entry] : truth.entries_)
      if (!entries_.contains(path))
        return path + " is missing";
    for (const auto& [path, mine] : entries_) {
      auto i = truth.entries_.find(path);
      if (i == truth.entries_.end())
        return path + " should be gone";
      const auto& real = i->second;
      if (mine.ftype != real.ftype)
        return path + " has the wrong type";
      if (mine.identity != 0 && mine.identity != real.identity)
        return path + " is another file than was told";
      if (mine.content != real.content)
        return path + " has another content than was told";
      if (mine.attributes != 0 && mine.attributes != real.attributes)
        return path + " has other attributes than was told";
    }
    return {};
  }

private:
  static std::string parent_of(std::string_view path) {
    return std::string{path.substr(0, path.rfind('/'))};
  }

  std::string create(const event& what) {
    if (holds(what.path))
      return "create of a path that is there";
    if (!holds_directory(parent_of(what.path)))
      return "create in no directory";
    entries_[std::string{what.path}] = {
      what.ftype, what.identity, what.size, attributes_of_version(what.version)};
    return {};
  }

  std::string alter(const event& what) {
    if (!holds(what.path))
      return "change of a path that is not there";
    auto& entry = at(what.path);
    if (entry.ftype != what.ftype)
      return "change of another type than is there";
    if (what.type == event_type::attrib && what.size != entry.content)
      return "attrib with a wrong size";
    const auto attributes = attributes_of_version(what.version);
    if (is_strict_ && what.type == event_type::modify && what.size == entry.content)
      return "modify though nothing was modified";
    if (is_strict_ && what.type == event_type::attrib && attributes == entry.attributes)
      return "attrib though nothing has changed";
    if (is_known_to_differ(what.identity, entry.identity) && !what.replaced)
      return "change of another file than is there";
    if (is_strict_ && is_known(what.identity, entry.identity) && what.replaced)
      return "replaced by itself";
    if (what.replaced && is_known_to_differ(what.lost_identity, entry.identity))
      return "another file is replaced than is there";
    if (what.replaced && is_another_version(what.lost_version, entry))
      return "another version is replaced than is there";
    entry.content = what.size;
    entry.attributes = attributes;
    if (what.replaced)
      entry.identity = what.identity;
    return {};
  }

  std::string remove(const event& what) {
    if (!holds(what.path))
      return "delete of a path that is not there";
    if (at(what.path).ftype != what.ftype)
      return "delete of another type than is there";
    if (is_known_to_differ(what.identity, at(what.path).identity))
      return "delete of another file than is there";
    if (is_another_version(what.version, at(what.path)))
      return "delete of another version than is there";
    erase(what.path);
    return {};
  }

  static bool is_known(std::uint64_t a, std::uint64_t b) { return a != 0 && a == b; }
  static bool is_known_to_differ(std::uint64_t a, std::uint64_t b) {
    return a != 0 && b != 0 && a != b;
  }
  static bool is_another_version(std::uint64_t version, const toy_entry& entry) {
    return is_known_to_differ(content_of_version(version), entry.content)
           || is_known_to_differ(attributes_of_version(version), entry.attributes);
  }

  std::string rename(const event& what) {
    if (!holds(what.from))
      return "rename of a path that is not there";
    if (at(what.from).ftype != what.ftype)
      return "rename of another type than is there";
    if (is_known_to_differ(what.identity, at(what.from).identity))
      return "rename of another file than is there";
    if (is_another_version(what.version, at(what.from)))
      return "rename of another version than is there";
    if (!holds_directory(parent_of(what.path)))
      return "rename into no directory";
    if (what.path == what.from || is_below(what.path, what.from))
      return "rename onto or below itself";
    if (holds(what.path) != what.replaced)
      return what.replaced ? "rename replaces nothing" : "rename onto a path that is there";
    if (what.replaced && at(what.path).ftype != what.ftype)
      return "rename replaces another type";
    if (what.replaced && holds_below(what.path))
      return "rename over a directory that is not empty";
    if (what.replaced && is_known_to_differ(what.lost_identity, at(what.path).identity))
      return "rename replaces another file than is there";
    if (what.replaced && is_another_version(what.lost_version, at(what.path)))
      return "rename replaces another version than is there";
    entries_.erase(std::string{what.path});
    auto moved = std::map<std::string, toy_entry>{};
    for (const auto& [path, entry] : entries_)
      if (path == what.from || is_below(path, what.from))
        moved[std::string{what.path} + path.substr(what.from.size())] = entry;
    erase(what.from);
    entries_.merge(moved);
    return {};
  }

  void erase(std::string_view doomed) {
    std::erase_if(
      entries_, [&](const auto& x) { return x.first == doomed || is_below(x.first, doomed); });
  }

  std::map<std::string, toy_entry> entries_; ///< by full path
  bool is_strict_ = true;
};

} // namespace actors
