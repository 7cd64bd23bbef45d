// Private to crypto/: libsodium, initialised.
#pragma once

#include <sodium.h>

namespace tessera {

/// Call before any libsodium function. Safe from any thread; std::runtime_error when libsodium refuses to
/// start.
void ensure_sodium();

}  // namespace tessera
