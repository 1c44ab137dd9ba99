#pragma once

#include "actors/os/change_source.hpp"
#include "actors/os/fanotify_records.hpp"
#include "actors/os/unique_fd.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace actors {

/// fanotify(7) with a mark on each file system: no watch a directory, no race for new ones, no
/// limit to reach. Sees all that happens on those file systems, and leaves it to the reader to drop
/// what is not in the tree. Needs CAP_SYS_ADMIN.
///
/// The queue is bounded (fs.fanotify.max_queued_events), since one without a bound grows in the
/// kernel's memory while the program is stopped; an overflow is repaired.
class fanotify_source final : public change_source {
public:
  static result<std::unique_ptr<fanotify_source>> open();

  std::string_view name() const override { return "fanotify"; }
  int descriptor() const override { return fd_.get(); }

  /// Marks the file system that `where` is on. not_supported: it has no handles, or several trees.
  result<int> watch(const directory& where, interest what) override;
  void unwatch(int) override {}
  result<amount> read(std::vector<kernel_record>& into) override;
  void mounts_changed() override;

private:
  explicit fanotify_source(unique_fd fd);

  struct file_system {
    std::uint64_t device; ///< st_dev
    std::uint64_t fsid;   ///< as records call it
    bool is_sure = true;  ///< nothing was mounted since: the number may be another's by now
  };
  const file_system* marked_as(std::uint64_t fsid) const;
  file_identity identity_of(const kernel_handle& handle) const;
  name_claim claim_of(const fanotify_record& record) const;

  unique_fd fd_;
  std::vector<file_system> marked_; ///< as many as are mounted in the tree
  std::vector<char> buffer_;
  std::vector<fanotify_record> records_;
};

} // namespace actors
