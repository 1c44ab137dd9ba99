#include "actors/os/pem_file.hpp"

#include "actors/os/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include <openssl/pem.h>

namespace actors {

namespace {

/// Debian's bundle of all public authorities has 220 kB.
constexpr std::size_t pem_bytes_max = 4 * 1024 * 1024;

tl::unexpected<error> mistake(const std::string& path, const std::string& text) {
  return failure(errc::invalid_argument, path + ": " + text);
}

tl::unexpected<error> not_opened(int number, const std::string& path) {
  if (number == ENOENT || number == ENOTDIR)
    return failure(errc::not_found, path + ": does not exist");
  if (number == EACCES || number == EPERM)
    return failure(errc::permission_denied,
      path + ": may not be read; change its owner or mode, or run as a user who may");
  return system_failure(number, path);
}

enum class writers : std::uint8_t { any, not_everybody };

result<std::string> read_text(const std::string& path, writers allowed = writers::any) {
  // O_NONBLOCK: a pipe must not hold us up.
  const auto file = unique_fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  struct stat st {};
  if (!file || ::fstat(file.get(), &st) != 0)
    return not_opened(errno, path);
  if (S_ISDIR(st.st_mode))
    return mistake(path, "is a directory; name a file in it");
  if (!S_ISREG(st.st_mode))
    return mistake(path, "is no regular file");
  if (allowed == writers::not_everybody && (st.st_mode & S_IWOTH) != 0)
    return mistake(path, "every user may write to it; chmod 600 it, and make another key");
  auto text = std::string(pem_bytes_max + 1, '\0');
  auto size = std::size_t{0};
  while (size < text.size()) {
    const auto got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return not_opened(errno, path);
    if (got == 0)
      break;
    size += static_cast<std::size_t>(got);
  }
  if (size == 0)
    return mistake(path, "is empty");
  if (size > pem_bytes_max)
    return mistake(path, "has more than " + std::to_string(pem_bytes_max) + " bytes");
  text.resize(size);
  return text;
}

bio_handle reader_of(const std::string& text) {
  return bio_handle{::BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

bool is_at_end() {
  const auto number = ::ERR_peek_last_error();
  return ERR_GET_LIB(number) == ERR_LIB_PEM && ERR_GET_REASON(number) == PEM_R_NO_START_LINE;
}

/// Why nothing was found where `wanted` should be.
tl::unexpected<error> nothing_of(
  std::string_view wanted, const std::string& path, const std::string& text) {
  if (text.find("-----BEGIN ") == std::string::npos)
    return mistake(path, "is not PEM (it has no line -----BEGIN "
                           + std::string{wanted == "key" ? "PRIVATE KEY" : "CERTIFICATE"}
                           + "-----); openssl " + std::string{wanted == "key" ? "pkey" : "x509"}
                           + " -inform DER -in IT -out NEW makes PEM of DER");
  const auto other = text.find("PRIVATE KEY-----") != std::string::npos    ? "a private key"
                     : text.find(" CERTIFICATE-----") != std::string::npos ? "a certificate"
                                                                           : "something else";
  return mistake(path, "holds " + std::string{other} + " and no "
                         + std::string{wanted == "key" ? "private key" : "certificate"}
                         + "; were two files mixed up?");
}

/// Nobody is asked for a passphrase: notes that it is wanted.
int no_passphrase(char*, int, int, void* wanted) {
  *static_cast<bool*>(wanted) = true;
  return -1;
}

} // namespace

result<std::vector<certificate_handle>> read_certificates(const std::string& path) {
  const auto queue = clean_error_queue{};
  const auto text = read_text(path);
  if (!text)
    return tl::unexpected{text.error()};
  const auto from = reader_of(*text);
  auto found = std::vector<certificate_handle>{};
  auto is_encrypted = false;
  while (auto* next = ::PEM_read_bio_X509(from.get(), nullptr, no_passphrase, &is_encrypted))
    found.emplace_back(next);
  if (!is_at_end())
    return mistake(path, "its certificate " + std::to_string(found.size() + 1) + " cannot be read ("
                           + openssl_reason() + "); copy the file again");
  if (found.empty())
    return nothing_of("certificate", path, *text);
  return found;
}

result<key_handle> read_private_key(const std::string& path) {
  const auto queue = clean_error_queue{};
  auto text = read_text(path, writers::not_everybody);
  if (!text)
    return tl::unexpected{text.error()};
  const auto from = reader_of(*text);
  auto is_encrypted = false;
  auto key =
    key_handle{::PEM_read_bio_PrivateKey(from.get(), nullptr, no_passphrase, &is_encrypted)};
  auto why = result<key_handle>{};
  if (key)
    why = std::move(key);
  else if (is_encrypted)
    why = mistake(path, "is encrypted, and nobody is there to type its passphrase; write it anew "
                        "without one: openssl pkey -in IT -out NEW (then chmod 600 NEW)");
  else if (text->find("PRIVATE KEY-----") == std::string::npos)
    why = nothing_of("key", path, *text);
  else
    why = mistake(path, "its private key cannot be read (" + openssl_reason() + ")");
  auto& secret = *text;
  ::OPENSSL_cleanse(secret.data(), secret.size());
  return why;
}

bool is_open_to_all(const std::string& path) {
  struct stat st {};
  return ::stat(path.c_str(), &st) == 0 && (st.st_mode & S_IROTH) != 0;
}

} // namespace actors
