// Algorithms that Tessera only meets in other systems' data: RS256 tokens and AES-256-GCM fields. On OpenSSL,
// in a library context of our own so that the host's configuration and clean-up are never touched.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "crypto/crypto.hpp"

namespace tessera {

/// RSA public key for RSASSA-PKCS1-v1_5 with SHA-256. Safe from any thread.
class RsaPublicKey {
 public:
  /// PEM "PUBLIC KEY" (SubjectPublicKeyInfo). CRYPTO unless it is RSA of 2048 to 8192 bits.
  static Result<RsaPublicKey> from_pem(std::string_view pem);
  bool verify_rs256(ByteView message, ByteView signature) const;

 private:
  struct Impl;
  explicit RsaPublicKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

class RsaPrivateKey {
 public:
  /// PEM "PRIVATE KEY" (PKCS#8, unencrypted); same size limits.
  static Result<RsaPrivateKey> from_pem(std::string_view pem);
  static Result<RsaPrivateKey> generate(int bits);
  Result<Bytes> sign_rs256(ByteView message) const;
  Result<std::string> public_pem() const;
  Result<std::string> private_pem() const;

 private:
  struct Impl;
  explicit RsaPrivateKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

/// AES-256-GCM with a 12-byte nonce; ciphertext carries the 16-byte tag at its end.
Result<Bytes> aes256gcm_encrypt(const Key256& key, ByteView nonce12, ByteView plaintext, ByteView associated);
Result<Bytes> aes256gcm_decrypt(const Key256& key, ByteView nonce12, ByteView ciphertext,
                                ByteView associated);

}  // namespace tessera
