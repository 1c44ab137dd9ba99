#pragma once

#include "actors/protocol/error.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace httplib {
class ClientImpl;
} // namespace httplib

namespace actors {

/// Asks the door of a node. One question at a time; not thread-safe.
class admin_client {
public:
  struct options {
    /// "unix:/path", "/path", "http://HOST:PORT" or "https://HOST:PORT"
    std::string address;
    std::string token_file;
    std::string ca_file; ///< PEM, instead of those the machine trusts

    /// Who shall answer instead, of the nodes that link to the one at `address`; "mid/leaf": a
    /// node that links to such a one. Empty: that one itself.
    std::string node{};
  };

  struct reply {
    int status = 0;
    std::string body;
  };

  /// invalid_argument: the address cannot be one, nor the node's name; a file cannot be read.
  static result<admin_client> to(options where);
  admin_client(admin_client&&) noexcept;
  ~admin_client();

  /// Errors: unavailable (nobody answers), permission_denied, timed_out.
  result<reply> get(const std::string& path_and_query, std::chrono::milliseconds within);
  result<reply> post(const std::string& path, std::chrono::milliseconds within);

  /// Gives what comes to `take`, piece by piece, until that says false or the node ends it. The
  /// body of a refusal is in the reply.
  result<reply> follow(
    const std::string& path_and_query, const std::function<bool(std::string_view)>& take);

  /// Whom it asks: the address, and the node.
  const std::string& address() const { return address_; }

private:
  admin_client(std::string address, std::string prefix, std::unique_ptr<httplib::ClientImpl> with);
  error why_not(int code, bool was_late) const;

  std::string address_;
  std::string prefix_; ///< of every path
  std::unique_ptr<httplib::ClientImpl> client_;
};

/// Percent-encodes all but letters, digits and -._~/ so that it can stand in a path or a query.
std::string url_encoded(std::string_view text);

} // namespace actors
