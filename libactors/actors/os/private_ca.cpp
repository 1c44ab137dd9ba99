#include "actors/os/private_ca.hpp"

#include "actors/os/certificate_facts.hpp"
#include "actors/os/openssl_handle.hpp"
#include "actors/os/pem_file.hpp"
#include "actors/os/stream_address.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace actors {

struct private_ca::parts {
  certificate_handle certificate;
  key_handle key;
};

namespace {

using wall_time = std::chrono::system_clock::time_point;
using extension_handle = std::unique_ptr<X509_EXTENSION, openssl_free<&X509_EXTENSION_free>>;

using number_handle = std::unique_ptr<BIGNUM, openssl_free<&BN_free>>;

/// RFC 5280, 4.1.2.2: at most 20 bytes, and positive.
constexpr int serial_bits = 159;

/// RFC 5280, appendix A: ub-common-name. A longer name stands among the subjectAltNames alone.
constexpr std::size_t common_name_max = 64;

/// RFC 1035, 2.3.4.
constexpr std::size_t name_bytes_max = 253;
constexpr std::size_t label_bytes_max = 63;

tl::unexpected<error> no_luck(const std::string& what) {
  return failure(errc::system, what + ": " + openssl_reason());
}

bool set_serial(X509* certificate) {
  const auto number = number_handle{::BN_new()};
  return number && ::BN_rand(number.get(), serial_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1
         && ::BN_to_ASN1_INTEGER(number.get(), ::X509_get_serialNumber(certificate)) != nullptr;
}

/// Eight hexadecimal digits.
std::string random_word() {
  unsigned char bytes[4] = {};
  ::RAND_bytes(bytes, sizeof bytes);
  auto text = std::string{};
  for (const auto byte : bytes)
    for (const auto half : {byte >> 4, byte & 0xF})
      text += "0123456789abcdef"[half];
  return text;
}

bool set_subject(X509* certificate, const std::string& common_name) {
  return ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
           reinterpret_cast<const unsigned char*>(common_name.data()),
           static_cast<int>(common_name.size()), -1, 0)
         == 1;
}

/// Those of an authority are in `issuer`.
bool add(X509* certificate, X509* issuer, int kind, const std::string& value) {
  auto context = X509V3_CTX{};
  ::X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const auto made = extension_handle{::X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
  return made && ::X509_add_ext(certificate, made.get(), -1) == 1;
}

/// What all certificates have: version 3, a key, a time.
bool fill(X509* certificate, EVP_PKEY* key, wall_time begin, wall_time end) {
  constexpr long version_3 = 2; // RFC 5280, 4.1.2.1
  return ::X509_set_version(certificate, version_3) == 1 && set_serial(certificate)
         && ::ASN1_TIME_set(
              ::X509_getm_notBefore(certificate), std::chrono::system_clock::to_time_t(begin))
              != nullptr
         && ::ASN1_TIME_set(
              ::X509_getm_notAfter(certificate), std::chrono::system_clock::to_time_t(end))
              != nullptr
         && ::X509_set_pubkey(certificate, key) == 1;
}

std::string joined_names(const std::vector<std::string>& names) {
  auto text = std::string{};
  for (const auto& name : names)
    text += (text.empty() ? "" : ",") + std::string{is_ip_address(name) ? "IP:" : "DNS:"} + name;
  return text;
}

std::string usages(tls_use use) {
  switch (use) {
    case tls_use::to_dial: return "clientAuth";
    case tls_use::to_listen: return "serverAuth";
    case tls_use::any: break;
  }
  return "serverAuth,clientAuth";
}

std::string content_of(BIO* memory) {
  char* text = nullptr;
  const auto size = ::BIO_get_mem_data(memory, &text);
  return {text, static_cast<std::size_t>(size)};
}

result<pem_pair> pem_of(X509* certificate, EVP_PKEY* key) {
  const auto first = bio_handle{::BIO_new(::BIO_s_mem())};
  const auto second = bio_handle{::BIO_new(::BIO_s_secmem())}; // wiped when it is freed
  if (!first || !second || ::PEM_write_bio_X509(first.get(), certificate) != 1
      || ::PEM_write_bio_PKCS8PrivateKey(second.get(), key, nullptr, nullptr, 0, nullptr, nullptr)
           != 1)
    return no_luck("a certificate cannot be written");
  return pem_pair{content_of(first.get()), content_of(second.get()),
    time_text(::X509_get0_notAfter(certificate))};
}

bool may_stand_in_a_name(char x) {
  return (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z') || (x >= '0' && x <= '9') || x == '-'
         || x == '_';
}

/// What is wrong with a DNS name; empty: nothing.
std::string mistake_in(std::string_view name) {
  if (name.empty())
    return "a name has at least a letter";
  if (name.size() > name_bytes_max)
    return "a name has at most " + std::to_string(name_bytes_max) + " characters";
  auto label = std::string_view{};
  for (auto rest = name;;) {
    const auto dot = rest.find('.');
    label = rest.substr(0, dot);
    if (label.empty() || label.size() > label_bytes_max)
      return "between its dots a name has 1 to " + std::to_string(label_bytes_max) + " characters";
    if (!std::all_of(label.begin(), label.end(), may_stand_in_a_name))
      return "a name has letters, digits, - and _ between its dots; or it is an IP address";
    if (label.front() == '-' || label.back() == '-')
      return "no part of a name begins or ends with -";
    if (dot == std::string_view::npos)
      break;
    rest.remove_prefix(dot + 1);
  }
  if (std::all_of(label.begin(), label.end(), [](char x) { return x >= '0' && x <= '9'; }))
    return "it looks like an IP address and is none";
  return {};
}

} // namespace

private_ca::private_ca(std::unique_ptr<parts> made) : parts_{std::move(made)} {}
private_ca::private_ca(private_ca&&) noexcept = default;
private_ca& private_ca::operator=(private_ca&&) noexcept = default;
private_ca::~private_ca() = default;

result<private_ca> private_ca::make() {
  const auto queue = clean_error_queue{};
  auto made = std::make_unique<parts>();
  made->key.reset(EVP_EC_gen("P-256"));
  made->certificate.reset(::X509_new());
  auto* x = made->certificate.get();
  const auto begin = std::chrono::system_clock::now() - certificate_terms::backdated;
  if (!made->key || x == nullptr
      || !fill(x, made->key.get(), begin, begin + certificate_terms::authority_lifetime))
    return no_luck("an authority cannot be made");
  // A second authority with the same name and another key would confuse whoever checks, and reads.
  if (!set_subject(x, "actors private CA " + random_word())
      || ::X509_set_issuer_name(x, ::X509_get_subject_name(x)) != 1
      || !add(x, x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
      || !add(x, x, NID_key_usage, "critical,keyCertSign,cRLSign")
      || !add(x, x, NID_subject_key_identifier, "hash")
      || ::X509_sign(x, made->key.get(), ::EVP_sha256()) == 0)
    return no_luck("an authority cannot be made");
  return private_ca{std::move(made)};
}

result<private_ca> private_ca::load(
  const std::string& certificate_file, const std::string& key_file) {
  const auto queue = clean_error_queue{};
  auto found = read_certificates(certificate_file);
  if (!found)
    return tl::unexpected{found.error()};
  auto key = read_private_key(key_file);
  if (!key)
    return tl::unexpected{key.error()};
  auto& first = found->front();
  const auto refuse = [](const std::string& text) { return failure(errc::invalid_argument, text); };
  if (::X509_check_ca(first.get()) == 0)
    return refuse(certificate_file + ": is no certificate of an authority (basicConstraints)");
  if (::X509_check_private_key(first.get(), key->get()) != 1)
    return refuse(key_file + ": does not belong to the certificate in " + certificate_file);
  if (const auto mistake = date_mistake(first.get()); !mistake.empty())
    return refuse(certificate_file + ": " + mistake + "; begin anew in another directory");
  return private_ca{std::make_unique<parts>(parts{std::move(first), std::move(*key)})};
}

result<pem_pair> private_ca::pem() const {
  const auto queue = clean_error_queue{};
  return pem_of(parts_->certificate.get(), parts_->key.get());
}

result<pem_pair> private_ca::issue(const certificate_terms& terms) const {
  const auto queue = clean_error_queue{};
  auto* issuer = parts_->certificate.get();
  const auto key = key_handle{EVP_EC_gen("P-256")};
  const auto made = certificate_handle{::X509_new()};
  auto* x = made.get();
  const auto& name = terms.names.empty() ? std::string{"nobody"} : terms.names.front();
  if (!key || x == nullptr || !fill(x, key.get(), terms.begin, terms.end)
      || !set_subject(x, name.size() > common_name_max ? "actors node" : name)
      || ::X509_set_issuer_name(x, ::X509_get_subject_name(issuer)) != 1)
    return no_luck("a certificate cannot be made");
  const auto* last = ::X509_get0_notAfter(issuer);
  if (::ASN1_TIME_compare(::X509_get0_notAfter(x), last) > 0)
    ::X509_set1_notAfter(x, last);
  if (!add(x, issuer, NID_basic_constraints, "critical,CA:FALSE")
      || !add(x, issuer, NID_key_usage, "critical,digitalSignature")
      || !add(x, issuer, NID_ext_key_usage, usages(terms.use))
      || !add(x, issuer, NID_subject_key_identifier, "hash")
      || (::X509_get0_subject_key_id(issuer) != nullptr // one that we have not made may have none
          && !add(x, issuer, NID_authority_key_identifier, "keyid"))
      || (!terms.names.empty() && !add(x, issuer, NID_subject_alt_name, joined_names(terms.names)))
      || ::X509_sign(x, parts_->key.get(), ::EVP_sha256()) == 0)
    return no_luck("a certificate for " + name + " cannot be made");
  return pem_of(x, key.get());
}

result<std::string> certificate_name(const std::string& text) {
  char canonical[INET6_ADDRSTRLEN] = "";
  auto address = in6_addr{};
  for (const auto family : {AF_INET, AF_INET6})
    if (::inet_pton(family, text.c_str(), &address) == 1
        && ::inet_ntop(family, &address, canonical, sizeof canonical) != nullptr)
      return std::string{canonical};
  if (const auto mistake = mistake_in(text); !mistake.empty())
    return failure(errc::invalid_argument, "\"" + text + "\": " + mistake);
  return text;
}

} // namespace actors
