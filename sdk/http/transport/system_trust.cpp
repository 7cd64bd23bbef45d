#include "http/transport/system_trust.hpp"

#include <openssl/x509.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

namespace tessera::http {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFiles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Arch, Alpine, Gentoo
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // the same, in releases without that link
    "/etc/ssl/ca-bundle.pem",                             // SUSE
    "/var/lib/ca-certificates/ca-bundle.pem",             // SUSE, before its link is made
    "/etc/ssl/certs/ca-bundle.crt",                       // NixOS
    "/etc/ssl/cert.pem",                                  // Alpine, BSD, macOS
};

constexpr std::string_view kFolders[] = {
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust/extracted/pem/directory-hash",
};

bool has_content(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return in.peek() != std::ifstream::traits_type::eof();
}

/// "5ed36f99.0"
bool is_hashed(std::string_view name) {
  return name.size() > 9 && name[8] == '.' && name.find_first_not_of("0123456789abcdef") == 8 &&
         name.find_first_not_of("0123456789", 9) == std::string_view::npos;
}

bool holds_certificates(const std::string& folder) {
  std::error_code failure;
  fs::directory_iterator entry(folder, failure);
  for (; !failure && entry != fs::directory_iterator(); entry.increment(failure)) {
    if (is_hashed(entry->path().filename().string())) return true;
  }
  return false;
}

/// Of the known ones under `root`, and at last the one that OpenSSL was built with.
template <size_t N>
std::string first(const std::string& root, const std::string_view (&known)[N], const char* built_in,
                  bool (*is_good)(const std::string&)) {
  for (const std::string_view path : known) {
    std::string full = root + std::string(path);
    if (is_good(full)) return full;
  }
  std::string full = root + built_in;
  return is_good(full) ? full : std::string();
}

std::string variable(const char* name) {
#ifdef __linux__
  // A program that runs with more rights than its caller does not let that choose whom to trust.
  const char* const value = secure_getenv(name);
#else
  const char* const value = std::getenv(name);
#endif
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

SystemTrust find_system_trust(const TrustPlaces& places) {
  SystemTrust found;
  const bool is_file_named = !places.named_file.empty();
  if (!is_file_named) {
    found.file = first(places.root, kFiles, X509_get_default_cert_file(), has_content);
  } else if (has_content(places.named_file)) {
    found.file = places.named_file;
  }
  found.folders = places.named_folders;
  // A known file holds what the folder does, and libcurl keeps what it has read of a file alone.
  if (found.folders.empty() && (is_file_named || found.file.empty()))
    found.folders = first(places.root, kFolders, X509_get_default_cert_dir(), holds_certificates);
  return found;
}

SystemTrust system_trust() {
  return find_system_trust({{}, variable("SSL_CERT_FILE"), variable("SSL_CERT_DIR")});
}

}  // namespace tessera::http
