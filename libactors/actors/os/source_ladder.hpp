#pragma once

#include "actors/core/watch_options.hpp"
#include "actors/os/change_source.hpp"
#include "actors/os/fanotify_source.hpp"
#include "actors/os/inotify_source.hpp"
#include "actors/os/unique_fd.hpp"

#include <memory>
#include <string>
#include <vector>

namespace actors {

/// Watches each file system with the best backend that can: fanotify, else inotify. When neither
/// can, `watch` says why, and the directory is to be polled. It finds out by trying, never by
/// version numbers.
class source_ladder final : public change_source {
public:
  /// With `automatic` it always works, if only by saying that nothing can be watched; with another
  /// it fails when that one cannot be had.
  static result<std::unique_ptr<change_source>> open(watch_backend wanted);

  /// Of the directory that was watched first: the root.
  std::string_view name() const override { return name_; }
  std::string why() const override { return why_; }
  int descriptor() const override { return ready_.get(); }
  result<int> watch(const directory& where, interest what) override;
  void unwatch(int watch) override;
  result<amount> read(std::vector<kernel_record>& into) override;
  void mounts_changed() override;

private:
  explicit source_ladder(watch_backend wanted) : wanted_{wanted} {}

  /// What is known of one file system.
  struct choice {
    std::uint64_t device;
    std::string silent;    ///< its type, when it tells of no changes
    bool marked = false;   ///< by fanotify
    std::string why_not{}; ///< fanotify is not used for it
  };
  const choice& choose(const directory& where);
  result<int> watch_with_inotify(const directory& where, interest what);
  bool listen_to(const change_source& source);
  void name_root(std::string_view name, std::string why);

  watch_backend wanted_;
  unique_fd ready_; ///< epoll(7) on both
  std::unique_ptr<fanotify_source> fanotify_;
  std::string why_no_fanotify_;
  std::unique_ptr<change_source> inotify_; ///< opened when it is needed first
  std::string why_no_inotify_;
  std::vector<choice> choices_; ///< one a file system in the tree
  std::vector<kernel_record> more_;
  std::string name_ = "poll";
  std::string why_;
  bool named_ = false;
};

} // namespace actors
