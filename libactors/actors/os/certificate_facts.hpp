#pragma once

#include "actors/os/openssl_handle.hpp"

#include <string>
#include <vector>

namespace actors {

/// The names a certificate is for: its subjectAltNames that are DNS names or IP addresses, as text.
/// One that has other than printable ASCII in it is left out: it goes to logs and is compared.
std::vector<std::string> names_of(const X509* certificate);

/// "web-1, 10.0.0.7"; where it has no names, its subject.
std::string whose(const X509* certificate);

std::string subject_of(const X509* certificate);
std::string issuer_of(const X509* certificate);

/// "2026-11-22T15:31:48Z"
std::string time_text(const ASN1_TIME* when);

/// "has expired on ...", "is not valid before ..."; empty: it is valid now.
std::string date_mistake(const X509* certificate);

} // namespace actors
