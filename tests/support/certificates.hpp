#pragma once

#include "actors/os/private_ca.hpp"
#include "support/files.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <string>

namespace actors::test {

/// A private authority and what it has signed, as files in a directory of their own.
class authority {
public:
  authority() {
    write_file(ca_file(), ca_.pem()->certificate);
    write_file(where_ / "ca.key", ca_.pem()->key);
  }

  std::string ca_file() const { return where_ / "ca.pem"; }
  std::string operator/(const std::string& name) const { return where_ / name; }
  const private_ca& ca() const { return ca_; }

  /// Its files, and this authority's.
  tls_options issue(const certificate_terms& terms) {
    const auto pair = ca_.issue(terms);
    BOOST_REQUIRE_MESSAGE(pair, (pair ? "" : pair.error().text));
    const auto stem = where_ / std::to_string(++count_);
    write_file(stem + ".pem", pair->certificate);
    write_file(stem + ".key", pair->key);
    std::filesystem::permissions(
      stem + ".key", std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return {ca_file(), stem + ".pem", stem + ".key"};
  }
  tls_options issue(const std::string& name) {
    auto terms = certificate_terms{};
    terms.names = {name};
    return issue(terms);
  }

private:
  temporary_directory where_;
  private_ca ca_ = *private_ca::make();
  int count_ = 0;
};

} // namespace actors::test
