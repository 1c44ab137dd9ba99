#include "actors/os/tls_verdict.hpp"

#include "actors/os/certificate_facts.hpp"

#include <cerrno>
#include <optional>

#include <openssl/x509v3.h>

namespace actors {

namespace {

error denied(std::string text) {
  return {errc::permission_denied, std::move(text)};
}

/// The alert that the other end has sent, TLSv1.3 (RFC 8446, section 6), if that is the error.
std::optional<int> alert_in(unsigned long number) {
  const auto reason = ERR_GET_REASON(number);
  if (ERR_GET_LIB(number) != ERR_LIB_SSL || reason < SSL_AD_REASON_OFFSET
      || reason > SSL_AD_REASON_OFFSET + 0xFF)
    return std::nullopt;
  return reason - SSL_AD_REASON_OFFSET;
}

/// What whoever reads our log can do about it; the other end says no more than the alert.
std::string advice_on(int alert, const tls_identity& ours) {
  const auto& file = ours.files().certificate_file;
  switch (alert) {
    case SSL_AD_UNKNOWN_CA: return "its CA file has nobody who signed " + file;
    case SSL_AD_CERTIFICATE_EXPIRED:
      return file + " is expired by its clock, or the certificate of who signed it";
    case SSL_AD_CERTIFICATE_REVOKED: return file + " was revoked";
    case SSL_AD_BAD_CERTIFICATE:
      return file + " is for " + names_text(ours.names())
             + "; it dialled another name, or knows another "
               "authority by the name of ours";
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
      return file + " may not be used at this end of a connection (extendedKeyUsage)";
    default: return "its log says why";
  }
}

error of_alert(int alert, const tls_identity& ours) {
  const auto name = std::string{::SSL_alert_desc_string_long(alert)};
  switch (alert) {
    case SSL_AD_PROTOCOL_VERSION:
      return {errc::not_supported, "the other end speaks no TLS 1.3 (alert: " + name + ")"};
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
    case SSL_AD_CERTIFICATE_REQUIRED:
      return denied(
        "the other end refused our certificate (alert: " + name + "): " + advice_on(alert, ours));
    default:
      return denied("the other end ended the connection (alert: " + name + "); its log says why");
  }
}

error of_handshake(unsigned long number) {
  switch (ERR_GET_REASON(number)) {
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return denied("the other end sent no certificate; it needs one that our CA file knows");
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
      return {errc::not_supported, "the other end speaks no TLS 1.3"};
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
      return {errc::not_supported, "the other end does not speak TLS, but HTTP"};
    default:
      return {errc::not_supported, "the other end does not speak TLS as it should ("
                                     + openssl_reason()
                                     + "); does it want a connection in the clear?"};
  }
}

error cut(tls_phase when) {
  return when == tls_phase::handshake
           ? error{errc::closed,
             "the other end closed the connection during the handshake: it lets "
             "nobody in now, or does not speak TLS"}
           : error{errc::system, "the connection was cut: the other end is gone without a word"};
}

} // namespace

std::string why_refused(
  X509_STORE_CTX* check, const tls_identity& ours, const std::string& wanted) {
  const auto code = ::X509_STORE_CTX_get_error(check);
  const auto* culprit = ::X509_STORE_CTX_get_current_cert(check);
  const auto* theirs = ::X509_STORE_CTX_get0_cert(check);
  const auto the_certificate = std::string{"the certificate of the other end "};
  const auto names = names_of(theirs);
  if (names.empty())
    return the_certificate
           + "has no name (subjectAltName with a DNS name or an IP address): " + subject_of(theirs);
  if (is_unsigned(code))
    return the_certificate + "(" + names_text(names) + ") is signed by none of "
           + ours.files().ca_file + ", but by " + issuer_of(theirs);
  switch (code) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return the_certificate + "is for " + names_text(names) + ", not for " + wanted;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      if (culprit == nullptr || ::X509_cmp(culprit, theirs) == 0)
        return the_certificate + "(" + names_text(names) + ") " + date_mistake(theirs);
      return the_certificate + "(" + names_text(names) + ") was signed by " + subject_of(culprit)
             + ", whose own " + date_mistake(culprit);
    case X509_V_ERR_INVALID_PURPOSE:
      return the_certificate + "(" + names_text(names)
             + ") may not be used at its end of a connection (extendedKeyUsage wants serverAuth to "
               "listen, clientAuth to dial)";
    default:
      return the_certificate + "(" + names_text(names)
             + ") is refused: " + ::X509_verify_cert_error_string(code);
  }
}

error why_failed(const socket_state& socket, const tls_identity& ours, tls_phase when) {
  const auto number = ::ERR_peek_error();
  if (const auto alert = alert_in(number))
    return of_alert(*alert, ours);
  // An error of TLS comes first: telling the other end of it may have failed at the socket.
  if (number == 0 && socket.error != 0)
    return why_failed(socket.error);
  if (number == 0 || ERR_GET_REASON(number) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
    return cut(when);
  if (when == tls_phase::handshake)
    return of_handshake(number);
  return {errc::system, "TLS broke: " + openssl_reason()};
}

error why_failed(int number) {
  if (number == EPIPE)
    return {errc::closed, "the other end has closed the connection"};
  return system_failure(number, "the connection").value();
}

} // namespace actors
