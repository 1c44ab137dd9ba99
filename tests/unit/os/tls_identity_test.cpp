#include "actors/os/tls_identity.hpp"

#include "actors/os/openssl_handle.hpp"
#include "support/certificates.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace tls_identity_tests {

std::string mistakes_in(const tls_options& files, tls_use use = tls_use::any) {
  const auto loaded = tls_identity::load(files, use);
  return loaded ? "" : loaded.error().text;
}

auto lines_in(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n') + (text.empty() ? 0 : 1);
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct fixture {
  authority ours;
  tls_options good = ours.issue("web-1");

  ~fixture() { BOOST_TEST(::ERR_peek_error() == 0u); }

  std::string file(const std::string& name, const std::string& content) {
    write_file(ours / name, content);
    return ours / name;
  }
  tls_options with_ca(const std::string& path) {
    return {path, good.certificate_file, good.key_file};
  }
  tls_options with_certificate(const std::string& path) {
    return {good.ca_file, path, good.key_file};
  }
  tls_options with_key(const std::string& path) {
    return {good.ca_file, good.certificate_file, path};
  }

  certificate_terms terms_from(std::chrono::hours begin, std::chrono::hours end) {
    auto terms = certificate_terms{};
    terms.names = {"web-1"};
    terms.begin = std::chrono::system_clock::now() + begin;
    terms.end = std::chrono::system_clock::now() + end;
    return terms;
  }
};

/// The key of a file, written anew as somebody else would.
template <class Write>
std::string rewritten(const std::string& key_file, Write write) {
  const auto text = content_of(key_file);
  const auto from = bio_handle{::BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  const auto key = key_handle{::PEM_read_bio_PrivateKey(from.get(), nullptr, nullptr, nullptr)};
  const auto to = bio_handle{::BIO_new(::BIO_s_mem())};
  BOOST_REQUIRE(write(to.get(), key.get()) == 1);
  char* bytes = nullptr;
  const auto size = ::BIO_get_mem_data(to.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

/// An authority that another one has signed, or itself. private_ca makes none that signs others.
struct link_of_trust {
  key_handle key{EVP_EC_gen("P-256")};
  certificate_handle certificate{::X509_new()};

  explicit link_of_trust(const char* name, const link_of_trust* signer = nullptr) {
    auto* x = certificate.get();
    ::X509_set_version(x, 2);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(x), name[0]);
    ::X509_gmtime_adj(::X509_getm_notBefore(x), -60);
    ::X509_gmtime_adj(::X509_getm_notAfter(x), 100'000'000);
    ::X509_set_pubkey(x, key.get());
    ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(x), "CN", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    ::X509_set_issuer_name(
      x, ::X509_get_subject_name(signer != nullptr ? signer->certificate.get() : x));
    auto* rule = ::X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE");
    ::X509_add_ext(x, rule, -1);
    ::X509_EXTENSION_free(rule);
    BOOST_REQUIRE(
      ::X509_sign(x, signer != nullptr ? signer->key.get() : key.get(), ::EVP_sha256()) > 0);
  }

  std::string pem() const {
    const auto out = bio_handle{::BIO_new(::BIO_s_mem())};
    ::PEM_write_bio_X509(out.get(), certificate.get());
    return text_of(out.get());
  }
  std::string key_pem() const {
    const auto out = bio_handle{::BIO_new(::BIO_s_mem())};
    ::PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return text_of(out.get());
  }

  static std::string text_of(BIO* memory) {
    char* bytes = nullptr;
    const auto size = ::BIO_get_mem_data(memory, &bytes);
    return {bytes, static_cast<std::size_t>(size)};
  }
};

} // namespace tls_identity_tests

BOOST_FIXTURE_TEST_SUITE(tls_identity_tests, fixture)

BOOST_AUTO_TEST_CASE(what_our_authority_has_signed_is_taken) {
  for (const auto use : {tls_use::any, tls_use::to_dial, tls_use::to_listen})
    BOOST_TEST(mistakes_in(good, use) == "");
  const auto identity = *tls_identity::load(good);
  BOOST_TEST((identity->names() == std::vector<std::string>{"web-1"}));
  BOOST_TEST(identity->warnings().empty());
  BOOST_TEST((identity->files() == good));
}

BOOST_AUTO_TEST_CASE(all_three_files_must_be_given) {
  const auto none = mistakes_in({});
  BOOST_TEST(lines_in(none) == 3);
  BOOST_TEST(has(none, "no file is given for ca"));
  BOOST_TEST(has(none, "no file is given for cert"));
  BOOST_TEST(has(none, "no file is given for key"));
  const auto one = mistakes_in(with_key(""));
  BOOST_TEST(lines_in(one) == 1);
  BOOST_TEST(has(one, "no file is given for key"));
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_is_named_and_why) {
  for (const auto& make : {&fixture::with_ca, &fixture::with_certificate, &fixture::with_key}) {
    const auto say = [&](const std::string& path) { return mistakes_in((this->*make)(path)); };
    BOOST_TEST(say(ours / "none") == ours / "none" + ": does not exist");
    BOOST_TEST(say(good.ca_file + "/x") == good.ca_file + "/x: does not exist");
    BOOST_TEST(say(ours / "") == ours / "" + ": is a directory; name a file in it");
    BOOST_TEST(say("/dev/null") == "/dev/null: is no regular file");
    BOOST_TEST(say(file("empty", "")) == ours / "empty" + ": is empty");
    BOOST_TEST(has(say(file("words", "what is PEM?\n")), ours / "words" + ": is not PEM"));
    BOOST_TEST(has(say(file("large", std::string(5'000'000, 'x'))), "has more than 4194304 bytes"));
    ::mkfifo((ours / "pipe").c_str(), 0600);
    BOOST_TEST(say(ours / "pipe") == ours / "pipe" + ": is no regular file");
    ::unlink((ours / "pipe").c_str());
    const auto locked = file("locked", "x");
    ::chmod(locked.c_str(), 0);
    if (::access(locked.c_str(), R_OK) != 0) // not root
      BOOST_TEST(has(say(locked), locked + ": may not be read; change its owner or mode"));
    ::unlink(locked.c_str());
  }
  BOOST_TEST((tls_identity::load(with_key(ours / "none")).error().code == errc::not_found));
}

BOOST_AUTO_TEST_CASE(files_that_were_mixed_up_are_told_as_such) {
  BOOST_TEST(
    mistakes_in(with_certificate(good.key_file))
    == good.key_file + ": holds a private key and no certificate; were two files mixed up?");
  BOOST_TEST(
    mistakes_in(with_ca(good.key_file))
    == good.key_file + ": holds a private key and no certificate; were two files mixed up?");
  BOOST_TEST(mistakes_in(with_key(good.certificate_file))
             == good.certificate_file
                  + ": holds a certificate and no private key; were two files mixed up?");
  BOOST_TEST(has(mistakes_in(with_ca(good.certificate_file)),
    ": holds no certificate of an authority (basicConstraints CA:TRUE), but that of web-1"));
}

BOOST_AUTO_TEST_CASE(a_torn_file_is_told_as_such) {
  const auto whole = content_of(good.certificate_file);
  BOOST_TEST(has(mistakes_in(with_certificate(file("torn", whole.substr(0, whole.size() / 2)))),
    "torn: its certificate 1 cannot be read ("));
  BOOST_TEST(
    has(mistakes_in(with_ca(file("second", content_of(good.ca_file) + whole.substr(0, 200)))),
      "second: its certificate 2 cannot be read ("));
  const auto key = content_of(good.key_file);
  BOOST_TEST(has(mistakes_in(with_key(file("half", key.substr(0, key.size() / 2)))),
    "half: its private key cannot be read ("));
  auto changed = whole;
  std::swap(changed[100], changed[101]); // still base64, but no certificate or not the same
  BOOST_TEST(mistakes_in(with_certificate(file("changed", changed))) != "");
}

BOOST_AUTO_TEST_CASE(a_key_that_is_not_ours_or_wants_a_passphrase_is_refused) {
  const auto other = ours.issue("web-2");
  BOOST_TEST(has(mistakes_in(with_key(other.key_file)),
    other.key_file + ": does not belong to the certificate in " + good.certificate_file));
  for (const auto* cipher : {::EVP_aes_256_cbc(), ::EVP_aes_128_cbc()}) {
    const auto secret = rewritten(good.key_file, [&](BIO* to, EVP_PKEY* key) {
      char word[] = "open sesame";
      return cipher == ::EVP_aes_256_cbc()
               ? ::PEM_write_bio_PKCS8PrivateKey(to, key, cipher, word, 11, nullptr, nullptr)
               : ::PEM_write_bio_PrivateKey_traditional(
                 to, key, cipher, reinterpret_cast<unsigned char*>(word), 11, nullptr, nullptr);
    });
    BOOST_TEST(has(mistakes_in(with_key(file("secret", secret))), "secret: is encrypted"));
  }
}

BOOST_AUTO_TEST_CASE(der_is_told_from_pem_and_how_to_change_it) {
  const auto key =
    rewritten(good.key_file, [](BIO* to, EVP_PKEY* x) { return ::i2d_PrivateKey_bio(to, x); });
  BOOST_TEST(has(mistakes_in(with_key(file("der", key))), "openssl pkey -inform DER"));
  BOOST_TEST(has(mistakes_in(with_ca(file("der", key))), "openssl x509 -inform DER"));
}

BOOST_AUTO_TEST_CASE(
  a_key_that_everybody_may_write_to_is_refused_and_one_they_may_read_is_warned_of) {
  ::chmod(good.key_file.c_str(), 0644);
  BOOST_TEST(mistakes_in(good) == "");
  BOOST_REQUIRE((*tls_identity::load(good))->warnings().size() == 1u);
  BOOST_TEST((*tls_identity::load(good))->warnings()[0]
             == good.key_file + ": every user of this machine may read it; chmod 600 it");
  ::chmod(good.key_file.c_str(), 0602);
  BOOST_TEST(has(mistakes_in(good), good.key_file + ": every user may write to it"));
}

BOOST_AUTO_TEST_CASE(a_certificate_that_is_not_valid_now_is_refused_with_the_day) {
  const auto late = mistakes_in(ours.issue(terms_from(-48h, -24h)));
  BOOST_TEST(has(late, ".pem: has expired on 20"));
  BOOST_TEST(has(late, "Z; have it signed anew"));
  BOOST_TEST(lines_in(late) == 1);
  const auto early = mistakes_in(ours.issue(terms_from(24h, 48h)));
  BOOST_TEST(has(early, ".pem: is not valid before 20"));
  BOOST_TEST(lines_in(early) == 1);
  const auto soon = *tls_identity::load(ours.issue(terms_from(-24h, 24h * 7)));
  BOOST_REQUIRE(soon->warnings().size() == 1u);
  BOOST_TEST(has(soon->warnings()[0], ".pem: the certificate of web-1 expires on 20"));
}

BOOST_AUTO_TEST_CASE(a_certificate_of_another_authority_is_refused) {
  auto theirs = authority{};
  const auto text = mistakes_in(with_ca(theirs.ca_file()));
  BOOST_TEST(has(text, good.certificate_file + ": is signed by none of the authorities in "
                         + theirs.ca_file() + " (its signer is CN = actors private CA "));
  BOOST_TEST(lines_in(text) == 1);
  const auto both = file("both", content_of(theirs.ca_file()) + content_of(good.ca_file));
  BOOST_TEST(mistakes_in(with_ca(both)) == "");
}

BOOST_AUTO_TEST_CASE(an_authority_between_may_lie_in_either_file) {
  const auto root = link_of_trust{"root"};
  const auto between = link_of_trust{"between", &root};
  const auto root_file = file("root", root.pem());
  const auto between_file = file("between", between.pem());
  const auto signer = private_ca::load(between_file, file("between.key", between.key_pem()));
  BOOST_REQUIRE_MESSAGE(signer, (signer ? "" : signer.error().text));
  auto terms = certificate_terms{};
  terms.names = {"deep"};
  const auto issued = signer->issue(terms);
  BOOST_REQUIRE_MESSAGE(issued, (issued ? "" : issued.error().text));
  const auto& pair = *issued;
  const auto key = file("deep.key", pair.key);
  const auto alone = file("deep.pem", pair.certificate);
  const auto chain = file("chain.pem", pair.certificate + between.pem());
  BOOST_TEST(mistakes_in({root_file, chain, key}) == "");
  BOOST_TEST(mistakes_in({between_file, alone, key}) == ""); // trusted, though it is no root
  BOOST_TEST(mistakes_in({file("both", root.pem() + between.pem()), alone, key}) == "");
  const auto text = mistakes_in({root_file, alone, key});
  BOOST_TEST(has(text, alone + ": is signed by none of the authorities in " + root_file
                         + " (its signer is CN = between); name the file of that one as ca, or put "
                           "those between them into "
                         + alone));
  const auto reversed = file("reversed.pem", between.pem() + pair.certificate);
  BOOST_TEST(
    has(mistakes_in({root_file, reversed, key}), "whose first certificate must be our own"));
}

BOOST_AUTO_TEST_CASE(what_is_no_authority_is_passed_over_beside_one) {
  const auto other = ours.issue("web-2");
  const auto both = file("both", content_of(other.certificate_file) + content_of(good.ca_file));
  BOOST_TEST(mistakes_in(with_ca(both)) == "");
}

BOOST_AUTO_TEST_CASE(a_certificate_without_a_name_is_refused) {
  const auto text = mistakes_in(ours.issue(certificate_terms{}));
  BOOST_TEST(has(text, ".pem: has no name (subjectAltName"));
  BOOST_TEST(lines_in(text) == 1);
}

BOOST_AUTO_TEST_CASE(a_certificate_for_the_other_end_is_refused) {
  auto terms = terms_from(-1h, 24h * 100);
  terms.use = tls_use::to_dial;
  const auto dials = ours.issue(terms);
  BOOST_TEST(mistakes_in(dials, tls_use::to_dial) == "");
  BOOST_TEST(mistakes_in(dials) == "");
  BOOST_TEST(has(mistakes_in(dials, tls_use::to_listen),
    ".pem: may not be used by one who listens; have it signed with extendedKeyUsage serverAuth"));
  terms.use = tls_use::to_listen;
  BOOST_TEST(has(mistakes_in(ours.issue(terms), tls_use::to_dial),
    ".pem: may not be used by one who dials; have it signed with extendedKeyUsage clientAuth"));
}

BOOST_AUTO_TEST_CASE(a_key_that_is_too_short_is_refused) {
  const auto key = key_handle{EVP_RSA_gen(1024)};
  const auto x = certificate_handle{::X509_new()};
  ::X509_set_version(x.get(), 2);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(x.get()), 1);
  ::X509_gmtime_adj(::X509_getm_notBefore(x.get()), 0);
  ::X509_gmtime_adj(::X509_getm_notAfter(x.get()), 1'000'000'000);
  ::X509_set_pubkey(x.get(), key.get());
  BOOST_REQUIRE(::X509_sign(x.get(), key.get(), ::EVP_sha256()) > 0);
  const auto out = bio_handle{::BIO_new(::BIO_s_mem())};
  ::PEM_write_bio_X509(out.get(), x.get());
  char* bytes = nullptr;
  const auto size = ::BIO_get_mem_data(out.get(), &bytes);
  const auto text = mistakes_in(
    with_certificate(file("short", std::string(bytes, static_cast<std::size_t>(size)))));
  BOOST_TEST(has(text, "short: its certificate is refused: ee key too small"));
}

BOOST_AUTO_TEST_CASE(all_mistakes_are_told_at_once) {
  const auto text = mistakes_in({ours / "none", file("empty", ""), ours / ""});
  BOOST_TEST(text
             == ours / "none" + ": does not exist\n" + (ours / "empty") + ": is empty\n"
                  + (ours / "") + ": is a directory; name a file in it");
  auto theirs = authority{};
  auto files = ours.issue(terms_from(-48h, -24h));
  files.ca_file = theirs.ca_file();
  files.key_file = good.key_file;
  BOOST_TEST(lines_in(mistakes_in(files)) == 3); // its key, its date, its signer
}

BOOST_AUTO_TEST_CASE(an_identity_that_was_loaded_needs_its_files_no_more) {
  const auto identity = *tls_identity::load(good);
  ::unlink(good.key_file.c_str());
  BOOST_TEST((identity->names() == std::vector<std::string>{"web-1"}));
  BOOST_TEST(identity->context() != nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
