#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace actors::program {

struct certs_request {
  std::string directory;
  std::vector<std::string> names; ///< of nodes: DNS names or IP addresses
};

void add_certs(CLI::App& program, certs_request& request);

/// `actors certs DIR NAME...`: a private authority, unless there is one, and a certificate and key
/// for each node; then the commands to try them with. Returns the exit code.
int certs(const certs_request& request);

} // namespace actors::program
