#include "actors/os/certificate_facts.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <ctime>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <openssl/x509v3.h>

namespace actors {

namespace {

using names_handle = std::unique_ptr<GENERAL_NAMES, openssl_free<&GENERAL_NAMES_free>>;

/// Of what a certificate says of itself, in a text.
constexpr std::size_t text_bytes_max = 200;

std::string shortened(std::string text) {
  if (text.size() > text_bytes_max)
    text.replace(text_bytes_max, std::string::npos, "...");
  return text;
}

std::string_view bytes_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(::ASN1_STRING_get0_data(text)),
    static_cast<std::size_t>(::ASN1_STRING_length(text))};
}

bool is_printable(std::string_view text) {
  return !text.empty()
         && std::all_of(text.begin(), text.end(), [](char x) { return x > ' ' && x < '\x7F'; });
}

/// Empty when it is neither an IPv4 nor an IPv6 address.
std::string address_text(std::string_view bytes) {
  char text[INET6_ADDRSTRLEN] = "";
  if (bytes.size() == sizeof(in_addr))
    ::inet_ntop(AF_INET, bytes.data(), text, sizeof text);
  else if (bytes.size() == sizeof(in6_addr))
    ::inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
  return text;
}

std::string one_line(const X509_NAME* name) {
  const auto out = bio_handle{::BIO_new(::BIO_s_mem())};
  // Escapes what is no ASCII: a certificate must not write to a terminal.
  if (!out || ::X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE) < 0)
    return "?";
  char* text = nullptr;
  const auto size = ::BIO_get_mem_data(out.get(), &text);
  return shortened({text, static_cast<std::size_t>(size)});
}

} // namespace

std::vector<std::string> names_of(const X509* certificate) {
  const auto all = names_handle{static_cast<GENERAL_NAMES*>(
    ::X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
  auto names = std::vector<std::string>{};
  for (auto i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const auto* name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type == GEN_DNS && is_printable(bytes_of(name->d.dNSName)))
      names.emplace_back(bytes_of(name->d.dNSName));
    else if (name->type == GEN_IPADD)
      if (auto text = address_text(bytes_of(name->d.iPAddress)); !text.empty())
        names.push_back(std::move(text));
  }
  return names;
}

std::string names_text(const std::vector<std::string>& names) {
  auto text = std::string{};
  for (const auto& name : names)
    text += (text.empty() ? "" : ", ") + name;
  return shortened(std::move(text));
}

std::string whose(const X509* certificate) {
  const auto names = names_of(certificate);
  return names.empty() ? subject_of(certificate) : names_text(names);
}

std::string subject_of(const X509* certificate) {
  return one_line(::X509_get_subject_name(certificate));
}

std::string issuer_of(const X509* certificate) {
  return one_line(::X509_get_issuer_name(certificate));
}

std::string time_text(const ASN1_TIME* when) {
  auto parts = std::tm{};
  char text[sizeof "2026-11-22T15:31:48Z"] = "";
  if (::ASN1_TIME_to_tm(when, &parts) != 1
      || std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
    return "a time that cannot be read";
  return text;
}

std::string date_mistake(const X509* certificate) {
  const auto* begin = ::X509_get0_notBefore(certificate);
  const auto* end = ::X509_get0_notAfter(certificate);
  if (::X509_cmp_current_time(begin) >= 0) // 0: it cannot be read
    return "is not valid before " + time_text(begin) + " (or the clock of this machine is wrong)";
  if (::X509_cmp_current_time(end) <= 0)
    return "has expired on " + time_text(end);
  return {};
}

bool is_unsigned(int verdict) {
  switch (verdict) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE: return true;
    default: return false;
  }
}

} // namespace actors
