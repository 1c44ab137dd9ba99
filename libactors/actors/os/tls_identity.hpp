#pragma once

#include "actors/core/tls_options.hpp"
#include "actors/protocol/error.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct ssl_ctx_st;

namespace actors {

/// What a certificate must be good for.
enum class tls_use : std::uint8_t { any, to_dial, to_listen };

/// Who this process is to other nodes, and who may be one of them: our certificate and key, and the
/// authorities that may have signed the others'. TLS 1.3 only, both ends with a certificate, no
/// resumption: every connection shows its certificate anew.
///
/// Shared by those who listen and dial, and by the connections made with it: when it is loaded
/// anew, the old ones go on. Never changes; may be used by many threads.
class tls_identity {
public:
  /// Reads the three files. All mistakes at once, a line each, which names the file and says what
  /// to do.
  static result<std::shared_ptr<const tls_identity>> load(
    const tls_options& files, tls_use use = tls_use::any);

  ~tls_identity();
  tls_identity(const tls_identity&) = delete;
  tls_identity& operator=(const tls_identity&) = delete;

  /// What our own certificate calls us: DNS names and IP addresses.
  const std::vector<std::string>& names() const { return names_; }

  /// What works now and should be looked at, a line each: a certificate that ends soon, a key that
  /// every user may read.
  const std::vector<std::string>& warnings() const { return warnings_; }

  const tls_options& files() const { return files_; }

  ssl_ctx_st* context() const { return context_; }

private:
  tls_identity(tls_options files, ssl_ctx_st* context)
    : files_{std::move(files)}, context_{context} {}

  tls_options files_;
  ssl_ctx_st* const context_;
  std::vector<std::string> names_;
  std::vector<std::string> warnings_;
};

} // namespace actors
