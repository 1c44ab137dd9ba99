#pragma once

#include "actors/os/change_source.hpp"
#include "actors/os/inotify_records.hpp"
#include "actors/os/unique_fd.hpp"
#include "actors/os/watch_numbers.hpp"

#include <memory>
#include <vector>

namespace actors {

/// inotify(7): works for every user, needs one watch a directory.
class inotify_source final : public change_source {
public:
  static result<std::unique_ptr<change_source>> open();

  std::string_view name() const override { return "inotify"; }
  int descriptor() const override { return fd_.get(); }
  result<int> watch(const directory& where, interest what) override;
  void unwatch(int watch) override;
  result<amount> read(std::vector<kernel_record>& into) override;

private:
  explicit inotify_source(unique_fd fd);

  unique_fd fd_;
  watch_numbers watches_;
  std::vector<char> buffer_;
  std::vector<inotify_record> records_;
};

} // namespace actors
