#pragma once

#include "actors/os/openssl_handle.hpp"

#include <string>
#include <vector>

namespace actors {

/// The names a certificate is for: its subjectAltNames that are DNS names or IP addresses, as text.
/// One that has other than printable ASCII in it is left out: it goes to logs and is compared.
std::vector<std::string> names_of(const X509* certificate);

/// "web-1, 10.0.0.7", as far as a line of a log has room: whoever has shown the certificate may be
/// anybody, and it may have 100 kB.
std::string names_text(const std::vector<std::string>& names);

/// Its names; where it has none, its subject.
std::string whose(const X509* certificate);

/// "CN = web-1", as far as a line of a log has room.
std::string subject_of(const X509* certificate);
std::string issuer_of(const X509* certificate);

/// "2026-11-22T15:31:48Z"
std::string time_text(const ASN1_TIME* when);

/// "has expired on ...", "is not valid before ..."; empty: it is valid now.
std::string date_mistake(const X509* certificate);

/// Whether OpenSSL's verdict on a certificate (X509_STORE_CTX_get_error(3)) means: it is signed by
/// nobody we know.
bool is_unsigned(int verdict);

} // namespace actors
