// Symmetric primitives on libsodium behind our own interface; each function starts libsodium on first use.
// No third-party type appears in these headers.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"

namespace tessera {

using Sha256 = std::array<uint8_t, 32>;
using Key256 = std::array<uint8_t, 32>;

/// The operating system's random source.
Random& system_random();

Sha256 sha256(ByteView message);
bool equal_constant_time(ByteView a, ByteView b);
/// Wipes memory in a way the compiler keeps.
void wipe(void* data, size_t length);

/// HMAC-SHA256 (RFC 2104) with the key schedule done once: copy-free repeated tags under one key.
class HmacSha256 {
 public:
  explicit HmacSha256(ByteView key);
  HmacSha256(const HmacSha256&) = delete;
  HmacSha256& operator=(const HmacSha256&) = delete;
  ~HmacSha256();
  Sha256 tag(std::initializer_list<ByteView> parts) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Sha256 hmac_sha256(ByteView key, ByteView message);
/// RFC 5869. `length` at most 8160 bytes, else ARG.
Sha256 hkdf_extract(ByteView salt, ByteView input_key);
Result<Bytes> hkdf_expand(ByteView pseudo_random_key, ByteView info, size_t length);
Result<Bytes> hkdf_sha256(ByteView salt, ByteView input_key, ByteView info, size_t length);

/// BLAKE2b-256 (RFC 7693) over the parts in their order. `key` is empty or has 16 to 64 bytes; anything else
/// is a defect (std::invalid_argument).
Key256 blake2b_256(ByteView key, std::initializer_list<ByteView> parts);

struct Argon2Cost {
  uint32_t passes = 3;
  uint64_t memory_bytes = uint64_t{64} << 20;
};
/// Argon2id, version 1.3, one lane; `salt` is 16 bytes, else ARG. LIMIT when cost or `length` (at least 16)
/// is outside libsodium's range, NO_MEMORY when the memory is not there.
Result<Bytes> argon2id(ByteView password, ByteView salt, const Argon2Cost& cost, size_t length);

/// XChaCha20-Poly1305 (24-byte nonce chosen at random and put in front of the ciphertext).
Bytes aead_seal(const Key256& key, ByteView plaintext, ByteView associated, Random& random);
/// CRYPTO when the tag does not fit; says nothing about why.
Result<Bytes> aead_open(const Key256& key, ByteView sealed, ByteView associated);
/// The bare primitive for conformance vectors and chunked formats; ciphertext has the 16-byte tag at its end.
/// Encrypting with a nonce that is not 24 bytes long is a defect (std::invalid_argument).
Bytes xchacha20_poly1305_encrypt(const Key256& key, ByteView nonce24, ByteView plaintext,
                                 ByteView associated);
Result<Bytes> xchacha20_poly1305_decrypt(const Key256& key, ByteView nonce24, ByteView ciphertext,
                                         ByteView associated);
/// The same into memory of the caller, which has exactly the size of the result (else std::invalid_argument).
/// What is not authentic is never decrypted.
void xchacha20_poly1305_encrypt_into(std::span<uint8_t> ciphertext, const Key256& key, ByteView nonce24,
                                     ByteView plaintext, ByteView associated);
Status xchacha20_poly1305_decrypt_into(std::span<uint8_t> plaintext, const Key256& key, ByteView nonce24,
                                       ByteView ciphertext, ByteView associated);

/// Bytes in locked memory (no swap, no core dump) with guard pages; wiped when freed.
class SecretBytes {
 public:
  SecretBytes() = default;
  /// `size` zero bytes, to be filled through writable().
  explicit SecretBytes(size_t size);
  explicit SecretBytes(ByteView content);
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  ~SecretBytes();
  ByteView view() const { return {data_, size_}; }
  std::span<uint8_t> writable() { return {data_, size_}; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace tessera
