#include "crypto/versions.hpp"

#include <openssl/crypto.h>
#include <sodium.h>

namespace tessera {

std::string_view openssl_version() { return OpenSSL_version(OPENSSL_VERSION_STRING); }
std::string_view sodium_version() { return sodium_version_string(); }

}  // namespace tessera
