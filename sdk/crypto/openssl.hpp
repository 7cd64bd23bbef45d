// Private to crypto/, but for openssl_library(): our own OpenSSL library context, ownership of its objects
// and errors.
#pragma once

#include <openssl/err.h>
#include <openssl/types.h>

#include <memory>

#include "base/result.hpp"

namespace tessera {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
template <class T, auto kFree>
using Owned = std::unique_ptr<T, Free<kFree>>;

/// Created on first use and never freed: freeing at exit would race with the application's own OpenSSL
/// clean-up.
OSSL_LIB_CTX* openssl_library();

/// Takes back what our calls put into the thread's error queue, which belongs to the application. Stands
/// before every other call into OpenSSL.
class ErrorQueueKept {
 public:
  ErrorQueueKept() {
    // The first call decides whether OpenSSL cleans up at exit, under threads of ours that still compute.
    openssl_library();
    ERR_set_mark();
  }
  ErrorQueueKept(const ErrorQueueKept&) = delete;
  ErrorQueueKept& operator=(const ErrorQueueKept&) = delete;
  ~ErrorQueueKept() { ERR_pop_to_mark(); }
};

inline Error crypto_error(const char* text) { return {ErrorCode::kCRYPTO, "crypto", text, {}}; }

}  // namespace tessera
