#pragma once

#include "actors/core/file_facts.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace actors {

/// What one word of the kernel says of which file has the name now.
struct name_claim {
  enum class kind : std::uint8_t {
    none,    ///< nothing: it is about the name's end
    unknown, ///< some file has it
    file,    ///< this one had it when the word was said
  };
  kind says = kind::unknown;
  file_identity file;
};

/// Whether the order of the kernel's words is the order of what happened (inotify). If not
/// (fanotify merges a word into an earlier one), only what no word contradicts is believed.
enum class word_order : std::uint8_t { kept, lost };

/// "Look at this name": where something may have changed, and what the kernel said of it.
struct hint {
  enum kind : std::uint8_t {
    written = 1,
    attributes = 2, ///< mode, owner, links
    created = 4,    ///< under a name that was free
    vanished = 8,
    moved_away = 16, ///< vanished, and may appear elsewhere
    arrived = 64,    ///< moved here, perhaps onto another file
    closed = 32,     ///< by a writer; a mapped file is known to be written by this alone
  };

  std::uint64_t directory = 0; ///< the number of its node
  std::string name;
  std::uint8_t kinds = 0;
  std::uint8_t tries = 0; ///< looks that had to be put off

  /// What was said is that the name is gone. Should it be taken again, a later hint says so; so
  /// there is nothing to look at.
  bool is_gone = false;

  /// Which file has the name, if one was named and no other; so it need not be asked for.
  name_claim claim{name_claim::kind::none, {}};

  /// The same, to be looked at later. What the kernel says of the name meanwhile is taken in
  /// before, so its old word counts for nothing then, and the disk is asked in full.
  hint put_off() && {
    kinds |= arrived;
    is_gone = false;
    claim = {};
    ++tries;
    return std::move(*this);
  }

  /// Nothing said so far could have given the name to another file, if it belonged to one.
  bool keeps_identity() const {
    return kinds != 0 && (kinds & (vanished | moved_away | arrived)) == 0;
  }
};

struct hint_limits {
  /// Beyond it "look everywhere" is cheaper. 65,536 hints take 8 MB, and are four full kernel
  /// queues (inotify(7): max_queued_events is 16,384).
  std::size_t hints_max = 65'536;
};

/// The hints not yet looked at, in the order they first came; a name that is hinted at a hundred
/// times is in it once. So a slow reader costs a bounded set, never a queue.
class hint_set {
public:
  explicit hint_set(hint_limits limits = {}) : limits_{limits} {}

  /// Takes in what the kernel says of a name. False, and nothing is taken, when it is full: then
  /// everything must be looked at.
  [[nodiscard]] bool add(std::uint64_t directory, std::string_view name, std::uint8_t kinds,
    word_order order = word_order::kept, name_claim claim = {}) {
    auto* known = find(directory, name);
    if (known == nullptr)
      return insert({directory, std::string{name}, kinds, 0, says_gone(kinds), claim});
    known->kinds |= kinds;
    known->is_gone = says_gone(order == word_order::kept ? kinds : known->kinds);
    known->claim = both(known->claim, claim);
    return true;
  }

  /// Takes back a hint that could not be settled yet, as it is. What has been said of the name
  /// since is newer, and stands.
  [[nodiscard]] bool put_back(hint why) {
    if (auto* known = find(why.directory, why.name)) {
      known->kinds |= why.kinds;
      known->claim = {};
      return true;
    }
    return insert(std::move(why));
  }

  /// All of them, in order; the set is empty afterwards.
  std::vector<hint> take() {
    index_.clear();
    return std::exchange(hints_, {});
  }

  void clear() { take(); }
  std::size_t size() const { return hints_.size(); }
  bool empty() const { return hints_.empty(); }

private:
  static std::size_t hash_of(std::uint64_t directory, std::string_view name) {
    const auto mixed = std::hash<std::string_view>{}(name) ^ (directory * 0x9E3779B97F4A7C15ULL);
    return mixed ^ mixed >> 32;
  }

  /// "Moved away" says nothing: the last word on the second name of an exchange (RENAME_EXCHANGE)
  /// is that, though the first file has it. The "arrived" that belongs to it may have been read,
  /// and looked at, a turn before.
  static bool says_gone(std::uint8_t kinds) {
    return (kinds & hint::vanished) != 0 && (kinds & (hint::created | hint::arrived)) == 0;
  }

  static name_claim both(name_claim a, name_claim b) {
    if (b.says == name_claim::kind::none)
      return a;
    if (a.says == name_claim::kind::none || (a.says == b.says && a.file == b.file))
      return b;
    return {};
  }

  /// Where in the index the hint is, or would be.
  std::size_t place_of(std::uint64_t directory, std::string_view name) const {
    auto at = hash_of(directory, name);
    for (;; ++at) {
      at &= index_.size() - 1;
      if (index_[at] == 0)
        return at;
      const auto& x = hints_[index_[at] - 1];
      if (x.directory == directory && x.name == name)
        return at;
    }
  }

  hint* find(std::uint64_t directory, std::string_view name) {
    if (hints_.empty())
      return nullptr;
    const auto place = index_[place_of(directory, name)];
    return place == 0 ? nullptr : &hints_[place - 1];
  }

  bool insert(hint fresh) {
    if (hints_.size() >= limits_.hints_max)
      return false;
    hints_.push_back(std::move(fresh));
    if (hints_.size() * 2 > index_.size())
      make_index();
    else
      put_in_index(hints_.size());
    return true;
  }

  void make_index() {
    index_.assign(std::max(index_min, index_.size() * 2), 0);
    for (std::size_t i = 1; i <= hints_.size(); ++i)
      put_in_index(i);
  }

  void put_in_index(std::size_t place) {
    const auto& x = hints_[place - 1];
    index_[place_of(x.directory, x.name)] = static_cast<std::uint32_t>(place);
  }

  static constexpr std::size_t index_min = 64;

  hint_limits limits_;
  std::vector<hint> hints_;
  /// Finds a hint by directory and name: its place plus one; 0 is free. A power of two, half full
  /// at most, searched from the hash on. As small as the hints allow, since it is cleared with
  /// them.
  std::vector<std::uint32_t> index_;
};

} // namespace actors
