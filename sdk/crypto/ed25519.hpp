// Ed25519 (RFC 8032) on libsodium, which refuses small-order and non-canonical keys and malleable signatures.
#pragma once

#include <array>
#include <string>

#include "crypto/crypto.hpp"

namespace tessera {

using Ed25519Public = std::array<uint8_t, 32>;
using Ed25519Signature = std::array<uint8_t, 64>;

bool ed25519_verify(const Ed25519Public& key, ByteView message, ByteView signature);

class Ed25519Key {
 public:
  static Ed25519Key generate(Random& random);
  /// ARG unless `seed` is 32 bytes.
  static Result<Ed25519Key> from_seed(ByteView seed);
  const Ed25519Public& public_key() const { return public_; }
  ByteView seed() const { return {secret_.view().data(), 32}; }
  Ed25519Signature sign(ByteView message) const;

 private:
  static Ed25519Key expand(ByteView seed);
  Ed25519Key(SecretBytes secret, const Ed25519Public& key) : secret_(std::move(secret)), public_(key) {}
  SecretBytes secret_;  // libsodium's 64 bytes: seed, then public key
  Ed25519Public public_;
};

/// RFC 7638 thumbprint of the OKP key (RFC 8037), base64url: the `kid` of every Tessera key.
std::string ed25519_thumbprint(const Ed25519Public& key);

}  // namespace tessera
