#include "crypto/ed25519.hpp"

#include "crypto/sodium.hpp"
#include "text/base64url.hpp"

namespace tessera {
namespace {

constexpr size_t kSeedBytes = crypto_sign_SEEDBYTES;

}  // namespace

bool ed25519_verify(const Ed25519Public& key, ByteView message, ByteView signature) {
  ensure_sodium();
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.data()) == 0;
}

Ed25519Key Ed25519Key::generate(Random& random) {
  SecretBytes seed(kSeedBytes);
  random.fill(seed.writable());
  return expand(seed.view());
}

Result<Ed25519Key> Ed25519Key::from_seed(ByteView seed) {
  if (seed.size() != kSeedBytes) return Error{ErrorCode::kARG, "crypto", "an Ed25519 seed has 32 bytes", {}};
  return expand(seed);
}

Ed25519Key Ed25519Key::expand(ByteView seed) {
  SecretBytes secret(crypto_sign_SECRETKEYBYTES);
  Ed25519Public key;
  crypto_sign_seed_keypair(key.data(), secret.writable().data(), seed.data());
  return Ed25519Key(std::move(secret), key);
}

Ed25519Signature Ed25519Key::sign(ByteView message) const {
  Ed25519Signature signature;
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret_.view().data());
  return signature;
}

std::string ed25519_thumbprint(const Ed25519Public& key) {
  // RFC 7638: the required members in order of their names, without white space.
  const std::string canonical = R"({"crv":"Ed25519","kty":"OKP","x":")" + base64url_encode(key) + R"("})";
  return base64url_encode(sha256(as_bytes(canonical)));
}

}  // namespace tessera
