#pragma once

#include "actors/admin/admin_client.hpp"
#include "actors/core/health_snapshot.hpp"
#include "actors/protocol/error.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace actors::program {

/// A node answers in microseconds, and gives another that it asks for us five seconds; one that
/// says nothing for so long is stuck.
constexpr auto answer_patience = std::chrono::seconds{7};

/// The same for orders to another node, which it is given thirty seconds for.
constexpr auto far_order_patience = std::chrono::seconds{32};

/// Which node a verb is for.
struct node_address {
  std::string admin; ///< empty: the local one, or all local ones
  std::string token_file;
  std::string ca_file;
  std::string node{}; ///< one that links to that one, or "mid/leaf"; empty: that one itself
};

/// The node that is named; without a name the only one that answers here. Errors: unavailable
/// (there is none), invalid_argument (there are several: the text names them).
result<admin_client> reach(const node_address& which);

/// Those that answer here, oldest first; or the one that is named.
result<std::vector<admin_client>> reach_all(const node_address& which);

result<health_snapshot> ask_health(admin_client& node);

/// A GET whose answer must be 200; the body.
result<std::string> ask(admin_client& node, const std::string& path_and_query);

/// An answer that is none: the text is the node's own.
error refusal(const admin_client& node, const admin_client::reply& answer);

/// Says it on standard error; the exit code.
int complain(const error& about);

} // namespace actors::program
