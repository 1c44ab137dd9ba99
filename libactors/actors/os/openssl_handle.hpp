#pragma once

#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace actors {

template <auto Free>
struct openssl_free {
  template <class T>
  void operator()(T* x) const {
    Free(x);
  }
};

using bio_handle = std::unique_ptr<BIO, openssl_free<&BIO_free>>;
using certificate_handle = std::unique_ptr<X509, openssl_free<&X509_free>>;
using key_handle = std::unique_ptr<EVP_PKEY, openssl_free<&EVP_PKEY_free>>;
using session_handle = std::unique_ptr<SSL, openssl_free<&SSL_free>>;
using context_handle = std::unique_ptr<SSL_CTX, openssl_free<&SSL_CTX_free>>;
using store_handle = std::unique_ptr<X509_STORE, openssl_free<&X509_STORE_free>>;

/// Leaves the thread's queue of OpenSSL's errors empty. SSL_get_error(3) looks into it, so what
/// another part of the process left there must not be taken for ours, nor ours for theirs.
class clean_error_queue {
public:
  clean_error_queue() { ::ERR_clear_error(); }
  ~clean_error_queue() { ::ERR_clear_error(); }
  clean_error_queue(const clean_error_queue&) = delete;
  clean_error_queue& operator=(const clean_error_queue&) = delete;
};

/// OpenSSL's words for its last error, as in "bad base64 decode".
inline std::string openssl_reason() {
  const auto* text = ::ERR_reason_error_string(::ERR_peek_last_error());
  return text != nullptr ? text : "OpenSSL does not say why";
}

} // namespace actors
