#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace actors {

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

  /// The last thing said is that the name is gone. Should it be taken again, a later hint says so;
  /// so there is nothing to look at.
  bool is_gone = false;

  /// The same, to be looked at later. What the kernel says of the name meanwhile is taken in
  /// before, so its old word counts for nothing then, and the disk is asked in full.
  hint put_off() && {
    kinds |= arrived;
    is_gone = false;
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
  hint_set(const hint_set&) = delete; // the index points back at the set
  hint_set& operator=(const hint_set&) = delete;

  /// Takes in what the kernel says of a name. False, and nothing is taken, when it is full: then
  /// everything must be looked at.
  [[nodiscard]] bool add(std::uint64_t directory, std::string_view name, std::uint8_t kinds) {
    const auto is_gone = (kinds & (hint::vanished | hint::moved_away)) != 0
                         && (kinds & (hint::created | hint::arrived)) == 0;
    if (auto* known = find(directory, name)) {
      known->kinds |= kinds;
      known->is_gone = is_gone;
      return true;
    }
    return insert({directory, std::string{name}, kinds, 0, is_gone});
  }

  /// Takes back a hint that could not be settled yet, as it is. What has been said of the name
  /// since is newer, and stands.
  [[nodiscard]] bool put_back(hint why) {
    if (auto* known = find(why.directory, why.name)) {
      known->kinds |= why.kinds;
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
  struct key {
    std::uint64_t directory;
    std::string_view name;
  };
  struct slot {
    const hint_set* set;
    std::size_t index;
    key as_key() const { return {set->hints_[index].directory, set->hints_[index].name}; }
  };
  struct hash {
    using is_transparent = void;
    std::size_t operator()(const key& x) const {
      return std::hash<std::string_view>{}(x.name) ^ (x.directory * 0x9E3779B97F4A7C15ULL);
    }
    std::size_t operator()(const slot& x) const { return (*this)(x.as_key()); }
  };
  struct equal {
    using is_transparent = void;
    static key of(const key& x) { return x; }
    static key of(const slot& x) { return x.as_key(); }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return of(a).directory == of(b).directory && of(a).name == of(b).name;
    }
  };

  hint* find(std::uint64_t directory, std::string_view name) {
    auto i = index_.find(key{directory, name});
    return i == index_.end() ? nullptr : &hints_[i->index];
  }

  bool insert(hint fresh) {
    if (hints_.size() >= limits_.hints_max)
      return false;
    hints_.push_back(std::move(fresh));
    index_.insert({this, hints_.size() - 1});
    return true;
  }

  hint_limits limits_;
  std::vector<hint> hints_;
  std::unordered_set<slot, hash, equal> index_; ///< finds a hint by directory and name
};

} // namespace actors
