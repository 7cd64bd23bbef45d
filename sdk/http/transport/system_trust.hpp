// Where the system keeps the certificates of the authorities that it trusts.
#pragma once

#include <string>

namespace tessera::http {

struct SystemTrust {
  std::string file;     // PEM, or empty
  std::string folders;  // of files that OpenSSL's hashes name, as OpenSSL separates them; or empty

  bool is_empty() const { return file.empty() && folders.empty(); }
};

/// What a search goes by.
struct TrustPlaces {
  std::string root;                       // of the paths that are known by heart; empty: the machine's
  std::string named_file, named_folders;  // by SSL_CERT_FILE and SSL_CERT_DIR; empty: not named
};

/// The variables mean what they mean to OpenSSL: each stands for the default of its kind. The defaults are
/// those of this machine, while OpenSSL only knows those of the one where it was built.
SystemTrust find_system_trust(const TrustPlaces& places);

/// That of this machine, under the environment of this process.
SystemTrust system_trust();

}  // namespace tessera::http
