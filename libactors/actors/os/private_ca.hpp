#pragma once

#include "actors/os/tls_identity.hpp"
#include "actors/protocol/error.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace actors {

/// A certificate and its private key, both PEM.
struct pem_pair {
  std::string certificate;
  std::string key;
  std::string expires; ///< "2036-11-22T15:31:48Z"
};

/// What a certificate says of a node.
struct certificate_terms {
  /// Clocks differ: a certificate made here is used at once on machines whose clock is behind.
  static constexpr std::chrono::hours backdated{1};

  /// Keys of nodes lie on many machines, and get lost with them. Two years are short enough that
  /// somebody still knows how they were made, and far longer than a first try.
  static constexpr std::chrono::hours node_lifetime{24 * 730};

  /// The authority's key lies in one place. When it ends, every node needs new files at once, so
  /// that should be rare; a key of this kind is good for as long (NIST SP 800-57, table 4).
  static constexpr std::chrono::hours authority_lifetime{24 * 3650};

  std::vector<std::string> names; ///< DNS names and IP addresses
  tls_use use = tls_use::any;
  std::chrono::system_clock::time_point begin = std::chrono::system_clock::now() - backdated;
  std::chrono::system_clock::time_point end = std::chrono::system_clock::now() + node_lifetime;
};

/// An authority for the certificates of one's own nodes, for a first try: ECDSA P-256, SHA-256, no
/// revocation. Who has its key can be any node.
class private_ca {
public:
  /// A new one, whose name nobody else has.
  static result<private_ca> make();

  /// One that was made before. Errors begin with the name of the file.
  static result<private_ca> load(const std::string& certificate_file, const std::string& key_file);

  private_ca(private_ca&&) noexcept;
  private_ca& operator=(private_ca&&) noexcept;
  ~private_ca();

  /// What it is kept as.
  result<pem_pair> pem() const;

  /// A new key and a certificate of it, that ends no later than the authority does.
  result<pem_pair> issue(const certificate_terms& terms) const;

private:
  struct parts;

  explicit private_ca(std::unique_ptr<parts> made);

  std::unique_ptr<parts> parts_;
};

/// A name as certificates have it: a DNS name as it is, an IP address in its usual form. Errors,
/// which say what is wrong with it, begin with the name.
result<std::string> certificate_name(const std::string& text);

} // namespace actors
