#pragma once

#include "actors/core/http_sink_options.hpp"
#include "actors/protocol/error.hpp"
#include "actors/sinks/http_address.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace actors {

/// What came back; without a status, why nothing did.
struct http_answer {
  int status = 0;
  std::string retry_after;
  std::string location; ///< of a redirect
  std::string excerpt;  ///< the beginning of the body, printable
  std::string trouble;  ///< empty when there is a status
};

/// Posts over connections that are kept. What blocks in it (names, connections, a server that
/// hangs) does so on a thread of its own, so that a post ends in time, and at once when it must.
class http_client {
public:
  using headers = std::vector<std::pair<std::string, std::string>>;

  http_client(http_address where, const http_sink_options& options);
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;
  ~http_client();

  /// Posts, and waits for the answer, for `options.timeout` at most. Nothing when `wake` (a
  /// descriptor, or -1) became readable and `must_stop` said yes.
  std::optional<http_answer> post(
    const headers& with, std::string body, int wake, const std::function<bool()>& must_stop);

private:
  class worker;

  void give_up();

  const http_address address_;
  const http_sink_options options_;
  std::shared_ptr<worker> worker_; ///< shared with its thread, which may outlive us
};

} // namespace actors
