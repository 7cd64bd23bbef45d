#include "crypto/openssl.hpp"

#include <openssl/crypto.h>

#include <new>

namespace tessera {

OSSL_LIB_CTX* openssl_library() {
  static OSSL_LIB_CTX* const context = [] {
    // OPENSSL_INIT_NO_LOAD_CONFIG stays out: it holds for the whole process, so the application would lose
    // its openssl.cnf. Our context reads none anyway.
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
    return OSSL_LIB_CTX_new();
  }();
  if (context == nullptr) throw std::bad_alloc();
  return context;
}

}  // namespace tessera
