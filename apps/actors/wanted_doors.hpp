#pragma once

#include "actors/node/node.hpp"

#include <cstddef>

namespace actors::program {

/// The doors that were asked for by name: a program does not start without them. Why one could not
/// be opened is in the log.
struct wanted_doors {
  bool admin = false;
  bool http = false;

  bool are_missing_at(const node& host) const {
    const auto has_admin = !host.admin_path().empty();
    const auto has_http = host.doors().size() > std::size_t{has_admin};
    return (admin && !has_admin) || (http && !has_http);
  }
};

} // namespace actors::program
