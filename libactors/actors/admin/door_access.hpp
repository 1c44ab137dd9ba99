#pragma once

#include <string>
#include <string_view>

namespace actors {

/// What of a request decides whether it is answered.
struct door_visit {
  std::string_view method;
  std::string_view host;          ///< of the header Host
  std::string_view origin;        ///< of the header Origin; empty: none
  std::string_view authorization; ///< of the header of that name
};

/// Decides who is answered at a door that has a port.
///
/// With a token: who bears it (`Authorization: Bearer TOKEN`, or as the password of `Basic`, which
/// browsers can ask for). Without: who names this machine, and nothing else, as the host; a web
/// page whose name was made to mean 127.0.0.1 (DNS rebinding) does not. Either way, what changes
/// something is not taken from a page of another origin (CSRF): browsers name it.
class door_access {
public:
  enum class scheme { http, https };

  /// Everybody is answered: the door is a socket that its owner alone can reach.
  static door_access of_owner() { return {}; }
  static door_access of_port(scheme used, std::string token);

  /// 200, or the status of the refusal: 401, 403.
  int judge(const door_visit& visit) const;

private:
  bool bears_token(std::string_view authorization) const;

  bool is_open_ = true;
  scheme scheme_ = scheme::http;
  std::string bearer_; ///< "Bearer TOKEN"; empty: none is asked for
  std::string basic_;  ///< "Basic ..." of "actors:TOKEN"
};

} // namespace actors
