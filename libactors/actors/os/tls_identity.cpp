#include "actors/os/tls_identity.hpp"

#include "actors/os/certificate_facts.hpp"
#include "actors/os/openssl_handle.hpp"
#include "actors/os/pem_file.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>
#include <string_view>
#include <utility>

#include <openssl/x509v3.h>

namespace actors {

namespace {

/// Not what is in it.
void free_list(STACK_OF(X509) * list) {
  sk_X509_free(list);
}

using list_handle = std::unique_ptr<STACK_OF(X509), openssl_free<&free_list>>;
using check_handle = std::unique_ptr<X509_STORE_CTX, openssl_free<&X509_STORE_CTX_free>>;

/// Keys of at least 112 bits of strength (RSA 2048, P-224), no SHA-1:
/// SSL_CTX_set_security_level(3). The default of Debian, and not less than this where somebody has
/// set it down.
constexpr int security_level_min = 2;

/// Between a node and the authority we know. Public authorities have one or two.
constexpr int intermediates_max = 8;

/// Long enough for whoever renews them once a month.
constexpr auto expires_soon = std::chrono::hours{24 * 30};

/// What load() found wrong.
class mistake_list {
public:
  void add(error problem) {
    if (!all_)
      all_ = std::move(problem);
    else
      all_->text += '\n' + problem.text;
  }
  void add(std::string text) { add(error{errc::invalid_argument, std::move(text)}); }

  /// What there is, or an empty value and a mistake more.
  template <class T>
  T take(result<T> found) {
    if (found)
      return std::move(*found);
    add(std::move(found.error()));
    return {};
  }

  explicit operator bool() const { return all_.has_value(); }
  tl::unexpected<error> failure() && { return tl::unexpected{std::move(*all_)}; }

private:
  std::optional<error> all_;
};

/// What the three files hold.
struct loaded_files {
  std::vector<certificate_handle> authorities;
  std::vector<certificate_handle> certificates; ///< our own first
  key_handle key;
};

void read_files(const tls_options& files, loaded_files& found, mistake_list& mistakes) {
  const auto is_given = [&](const std::string& file, const char* what) {
    if (file.empty())
      mistakes.add(
        "no file is given for " + std::string{what} + ": TLS between nodes needs ca, cert and key");
    return !file.empty();
  };
  if (is_given(files.ca_file, "ca, the certificates of those who may have signed the other's"))
    found.authorities = mistakes.take(read_certificates(files.ca_file));
  if (is_given(files.certificate_file, "cert, our own certificate"))
    found.certificates = mistakes.take(read_certificates(files.certificate_file));
  if (is_given(files.key_file, "key, the private key of our certificate"))
    found.key = mistakes.take(read_private_key(files.key_file));
}

/// Leaves those that may sign: whoever is in there and may not could only confuse.
void keep_authorities(
  const std::string& file, std::vector<certificate_handle>& all, mistake_list& mistakes) {
  if (all.empty())
    return;
  const auto example = whose(all.front().get());
  std::erase_if(all, [](const auto& x) { return ::X509_check_ca(x.get()) == 0; });
  if (all.empty())
    mistakes.add(file
                 + ": holds no certificate of an authority (basicConstraints CA:TRUE), but that of "
                 + example + "; name the file of who signed it");
}

void check_key(const tls_options& files, const loaded_files& found, mistake_list& mistakes) {
  if (found.key && !found.certificates.empty()
      && ::X509_check_private_key(found.certificates.front().get(), found.key.get()) != 1)
    mistakes.add(files.key_file + ": does not belong to the certificate in "
                 + files.certificate_file
                 + " (whose first certificate must be our own, before those who signed it)");
}

bool is_good_for(const certificate_handle& certificate, int purpose) {
  return ::X509_check_purpose(certificate.get(), purpose, 0) == 1;
}

void check_use(
  const std::string& file, const certificate_handle& ours, tls_use use, mistake_list& mistakes) {
  const auto may_dial = is_good_for(ours, X509_PURPOSE_SSL_CLIENT);
  const auto may_listen = is_good_for(ours, X509_PURPOSE_SSL_SERVER);
  const auto refuse = [&](const std::string& what, const std::string& usage) {
    mistakes.add(file + ": may not be used by one who " + what
                 + "; have it signed with extendedKeyUsage " + usage);
  };
  if (!may_dial && !may_listen)
    refuse("speaks TLS", "serverAuth and clientAuth");
  else if (use == tls_use::to_dial && !may_dial)
    refuse("dials", "clientAuth");
  else if (use == tls_use::to_listen && !may_listen)
    refuse("listens", "serverAuth");
}

/// Whether the store's authorities have signed ours, by way of the others in our file.
class chain_check {
public:
  chain_check(X509_STORE* authorities, const loaded_files& found, unsigned long flags)
    : others_{sk_X509_new_null()}, context_{::X509_STORE_CTX_new()} {
    for (auto i = std::size_t{1}; i < found.certificates.size(); ++i)
      sk_X509_push(others_.get(), found.certificates[i].get());
    ::X509_STORE_CTX_init(
      context_.get(), authorities, found.certificates.front().get(), others_.get());
    auto* rules = ::X509_STORE_CTX_get0_param(context_.get());
    ::X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN | flags);
    ::X509_VERIFY_PARAM_set_auth_level(rules, security_level_min);
    ::X509_VERIFY_PARAM_set_depth(rules, intermediates_max);
    is_fine_ = ::X509_verify_cert(context_.get()) == 1;
  }

  bool is_fine() const { return is_fine_; }
  int code() const { return ::X509_STORE_CTX_get_error(context_.get()); }
  X509* culprit() const { return ::X509_STORE_CTX_get_current_cert(context_.get()); }

private:
  list_handle others_;
  check_handle context_;
  bool is_fine_ = false;
};

void check_chain(const tls_options& files, const loaded_files& found, X509_STORE* authorities,
  mistake_list& mistakes) {
  const auto* ours = found.certificates.front().get();
  const auto& file = files.certificate_file;
  const auto dates = date_mistake(ours);
  if (!dates.empty())
    mistakes.add(file + ": " + dates + "; have it signed anew");
  if (found.authorities.empty())
    return;
  const auto check = chain_check{authorities, found, X509_V_FLAG_NO_CHECK_TIME};
  if (!check.is_fine()) {
    mistakes.add(
      file + ": "
      + (is_unsigned(check.code())
           ? "is signed by none of the authorities in " + files.ca_file + " (its signer is "
               + issuer_of(ours)
               + "); name the file of that one as ca, or put those between them into " + file
           : std::string{"is refused: "} + ::X509_verify_cert_error_string(check.code()) + " ("
               + (check.culprit() != nullptr ? subject_of(check.culprit()) : "?") + ")"));
    return;
  }
  const auto now = chain_check{authorities, found, 0};
  if (now.is_fine() || now.culprit() == nullptr || !dates.empty())
    return;
  const auto* late = now.culprit();
  const auto is_authority = std::any_of(found.authorities.begin(), found.authorities.end(),
    [&](const auto& x) { return ::X509_cmp(x.get(), late) == 0; });
  mistakes.add((is_authority ? files.ca_file : file) + ": the certificate of " + subject_of(late)
               + " " + date_mistake(late)
               + (is_authority ? "; have the authority renew it" : "; have it signed anew"));
}

/// What OpenSSL itself refuses: keys too short, signatures too weak.
void use_files(
  SSL_CTX* context, const tls_options& files, const loaded_files& found, mistake_list& mistakes) {
  const auto refuse = [&](const std::string& file, const std::string& what) {
    mistakes.add(file + ": " + what + " is refused: " + openssl_reason()
                 + "; make a new one, of ECDSA P-256 or RSA of 3072 bits");
  };
  if (::SSL_CTX_use_certificate(context, found.certificates.front().get()) != 1)
    return refuse(files.certificate_file, "its certificate");
  for (auto i = std::size_t{1}; i < found.certificates.size(); ++i)
    if (::SSL_CTX_add1_chain_cert(context, found.certificates[i].get()) != 1)
      return refuse(files.certificate_file, "its certificate " + std::to_string(i + 1));
  if (!mistakes && ::SSL_CTX_use_PrivateKey(context, found.key.get()) != 1)
    refuse(files.key_file, "its key");
}

context_handle new_context() {
  auto made = context_handle{::SSL_CTX_new(::TLS_method())};
  auto* context = made.get();
  if (context == nullptr)
    return made;
  ::SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  ::SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
  ::SSL_CTX_set_security_level(
    context, std::max(security_level_min, ::SSL_CTX_get_security_level(context)));
  ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  ::SSL_CTX_set_verify_depth(context, intermediates_max);
  ::SSL_CTX_set_options(
    context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  ::SSL_CTX_set_num_tickets(context, 0);
  ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // RELEASE_BUFFERS: a connection that is idle has no 34 kB of them.
  ::SSL_CTX_set_mode(context,
    SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  // An authority need not be a root: it is trusted because it is in our file.
  ::X509_VERIFY_PARAM_set_flags(::SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  return made;
}

std::vector<std::string> warnings_of(const tls_options& files, const loaded_files& found) {
  auto warnings = std::vector<std::string>{};
  auto soon = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + expires_soon);
  const auto look = [&](const std::string& file, const certificate_handle& x) {
    if (::X509_cmp_time(::X509_get0_notAfter(x.get()), &soon) < 0)
      warnings.push_back(file + ": the certificate of " + whose(x.get()) + " expires on "
                         + time_text(::X509_get0_notAfter(x.get())) + "; renew it before");
  };
  for (const auto& x : found.certificates)
    look(files.certificate_file, x);
  for (const auto& x : found.authorities)
    look(files.ca_file, x);
  if (is_open_to_all(files.key_file))
    warnings.push_back(files.key_file + ": every user of this machine may read it; chmod 600 it");
  return warnings;
}

} // namespace

result<std::shared_ptr<const tls_identity>> tls_identity::load(
  const tls_options& files, tls_use use) {
  const auto queue = clean_error_queue{};
  auto mistakes = mistake_list{};
  auto found = loaded_files{};
  read_files(files, found, mistakes);
  keep_authorities(files.ca_file, found.authorities, mistakes);
  check_key(files, found, mistakes);

  auto context = new_context();
  auto authorities = store_handle{::X509_STORE_new()};
  if (!context || !authorities)
    return failure(errc::system, "TLS cannot be used: " + openssl_reason());
  for (const auto& x : found.authorities)
    ::X509_STORE_add_cert(authorities.get(), x.get());
  if (!found.certificates.empty()) {
    const auto& ours = found.certificates.front();
    check_use(files.certificate_file, ours, use, mistakes);
    check_chain(files, found, authorities.get(), mistakes);
    if (names_of(ours.get()).empty())
      mistakes.add(files.certificate_file
                   + ": has no name (subjectAltName with a DNS name or an IP address), by which "
                     "other nodes could know us; have it signed with one");
    use_files(context.get(), files, found, mistakes);
  }
  if (mistakes)
    return std::move(mistakes).failure();
  ::SSL_CTX_set_cert_store(context.get(), authorities.release());
  const auto made = std::shared_ptr<tls_identity>{new tls_identity{files, context.release()}};
  made->names_ = names_of(found.certificates.front().get());
  made->warnings_ = warnings_of(files, found);
  return made;
}

tls_identity::~tls_identity() {
  ::SSL_CTX_free(context_);
}

} // namespace actors
