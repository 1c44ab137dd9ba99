#pragma once

#include <string>

namespace actors {

/// Who this end of a connection is, and who may speak for others: files in PEM. All of them, or
/// none.
struct tls_options {
  std::string ca_file;          ///< certificates of those who may have signed the other end's
  std::string certificate_file; ///< our own, and those between it and its signer
  std::string key_file;         ///< that belongs to it; not encrypted

  /// One of them is, so all must be.
  bool is_given() const {
    return !ca_file.empty() || !certificate_file.empty() || !key_file.empty();
  }

  friend bool operator==(const tls_options&, const tls_options&) = default;
};

} // namespace actors
