#include "crypto/openssl.hpp"

#include <openssl/crypto.h>

#include <new>

namespace tessera {

OSSL_LIB_CTX* openssl_library() {
  static OSSL_LIB_CTX* const context = [] {
    // OPENSSL_INIT_NO_LOAD_CONFIG stays out: it would keep the application's default context from loading
    // openssl.cnf, and a context of our own reads none.
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
    return OSSL_LIB_CTX_new();
  }();
  if (context == nullptr) throw std::bad_alloc();
  return context;
}

}  // namespace tessera
