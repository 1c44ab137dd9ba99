#pragma once

#include "actors/os/change_source.hpp"

#include <vector>

namespace actors {

/// Tells nothing: everything is to be read again and again, as was wanted.
class polling_source final : public change_source {
public:
  std::string_view name() const override { return "poll"; }
  int descriptor() const override { return -1; }
  result<int> watch(const directory&, interest) override {
    return failure(errc::not_supported, {});
  }
  void unwatch(int) override {}
  result<amount> read(std::vector<kernel_record>& into) override {
    into.clear();
    return amount::nothing;
  }
};

} // namespace actors
