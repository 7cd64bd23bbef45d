#include "crypto/crypto.hpp"

#include <algorithm>
#include <stdexcept>

#include "crypto/sodium.hpp"

namespace tessera {
namespace {

constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr size_t kSaltBytes = crypto_pwhash_argon2id_SALTBYTES;
constexpr size_t kLongestExpansion = 255 * crypto_auth_hmacsha256_BYTES;

Error crypto_error(ErrorCode code, const char* text) { return {code, "crypto", text, {}}; }

/// For parameters that libsodium declares non-null even where the length is 0.
const uint8_t* address(ByteView bytes) {
  static constexpr uint8_t kNothing = 0;
  return bytes.empty() ? &kNothing : bytes.data();
}

class MachineRandom final : public Random {
 public:
  void fill(std::span<uint8_t> out) override {
    ensure_sodium();
    if (out.empty()) return;
    randombytes_buf(out.data(), out.size());
  }
};

}  // namespace

void ensure_sodium() {
  static const bool ready = sodium_init() >= 0;
  if (!ready) throw std::runtime_error("libsodium could not start");
}

Random& system_random() {
  static Random* const random = new MachineRandom;  // never destroyed: threads may use it during exit
  return *random;
}

Sha256 sha256(ByteView message) {
  ensure_sodium();
  Sha256 digest;
  crypto_hash_sha256(digest.data(), message.data(), message.size());
  return digest;
}

bool equal_constant_time(ByteView a, ByteView b) {
  ensure_sodium();
  return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

void wipe(void* data, size_t length) { sodium_memzero(data, length); }

struct HmacSha256::State {
  crypto_auth_hmacsha256_state keyed;
};

HmacSha256::HmacSha256(ByteView key) : state_(std::make_unique<State>()) {
  ensure_sodium();
  crypto_auth_hmacsha256_init(&state_->keyed, address(key), key.size());
}

HmacSha256::~HmacSha256() { wipe(state_.get(), sizeof(State)); }

Sha256 HmacSha256::tag(std::initializer_list<ByteView> parts) const {
  crypto_auth_hmacsha256_state running = state_->keyed;
  for (const ByteView part : parts) crypto_auth_hmacsha256_update(&running, part.data(), part.size());
  Sha256 result;
  crypto_auth_hmacsha256_final(&running, result.data());  // wipes `running`
  return result;
}

Sha256 hmac_sha256(ByteView key, ByteView message) { return HmacSha256(key).tag({message}); }

Sha256 hkdf_extract(ByteView salt, ByteView input_key) { return hmac_sha256(salt, input_key); }

Result<Bytes> hkdf_expand(ByteView pseudo_random_key, ByteView info, size_t length) {
  if (length > kLongestExpansion) return crypto_error(ErrorCode::kARG, "HKDF gives at most 8160 bytes");
  const HmacSha256 hmac(pseudo_random_key);
  Bytes output;
  output.reserve(length);
  Sha256 block{};
  for (uint8_t counter = 1; output.size() < length; ++counter) {
    const ByteView previous = counter == 1 ? ByteView() : ByteView(block);
    block = hmac.tag({previous, info, ByteView(&counter, 1)});
    const size_t count = std::min(block.size(), length - output.size());
    output.insert(output.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(count));
  }
  wipe(block.data(), block.size());
  return output;
}

Result<Bytes> hkdf_sha256(ByteView salt, ByteView input_key, ByteView info, size_t length) {
  Sha256 key = hkdf_extract(salt, input_key);
  Result<Bytes> output = hkdf_expand(key, info, length);
  wipe(key.data(), key.size());
  return output;
}

Key256 blake2b_256(ByteView key, std::initializer_list<ByteView> parts) {
  ensure_sodium();
  if (!key.empty() && (key.size() < crypto_generichash_blake2b_KEYBYTES_MIN ||
                       key.size() > crypto_generichash_blake2b_KEYBYTES_MAX))
    throw std::invalid_argument("a BLAKE2b key has 16 to 64 bytes");
  crypto_generichash_blake2b_state state;
  Key256 digest;
  crypto_generichash_blake2b_init(&state, key.data(), key.size(), digest.size());
  for (const ByteView part : parts) crypto_generichash_blake2b_update(&state, part.data(), part.size());
  crypto_generichash_blake2b_final(&state, digest.data(), digest.size());
  wipe(&state, sizeof(state));
  return digest;
}

Result<Bytes> argon2id(ByteView password, ByteView salt, const Argon2Cost& cost, size_t length) {
  ensure_sodium();
  if (salt.size() != kSaltBytes) return crypto_error(ErrorCode::kARG, "the Argon2id salt must have 16 bytes");
  const bool in_range = cost.passes >= crypto_pwhash_argon2id_OPSLIMIT_MIN &&
                        cost.memory_bytes >= crypto_pwhash_argon2id_MEMLIMIT_MIN &&
                        cost.memory_bytes <= crypto_pwhash_argon2id_memlimit_max() &&
                        length >= crypto_pwhash_argon2id_BYTES_MIN &&
                        length <= crypto_pwhash_argon2id_bytes_max() &&
                        password.size() <= crypto_pwhash_argon2id_passwd_max();
  if (!in_range) return crypto_error(ErrorCode::kLIMIT, "the Argon2id cost or length is out of range");
  Bytes key(length);
  if (crypto_pwhash_argon2id(key.data(), length, reinterpret_cast<const char*>(address(password)),
                             password.size(), salt.data(), cost.passes, cost.memory_bytes,
                             crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
    return crypto_error(ErrorCode::kNO_MEMORY, "not enough memory for Argon2id");
  }
  return key;
}

Bytes aead_seal(const Key256& key, ByteView plaintext, ByteView associated, Random& random) {
  Bytes sealed = random_bytes(random, kNonceBytes);
  const Bytes ciphertext = xchacha20_poly1305_encrypt(key, sealed, plaintext, associated);
  sealed.insert(sealed.end(), ciphertext.begin(), ciphertext.end());
  return sealed;
}

Result<Bytes> aead_open(const Key256& key, ByteView sealed, ByteView associated) {
  const size_t nonce_bytes = std::min(sealed.size(), kNonceBytes);
  return xchacha20_poly1305_decrypt(key, sealed.first(nonce_bytes), sealed.subspan(nonce_bytes), associated);
}

Bytes xchacha20_poly1305_encrypt(const Key256& key, ByteView nonce24, ByteView plaintext,
                                 ByteView associated) {
  Bytes ciphertext(plaintext.size() + kTagBytes);
  xchacha20_poly1305_encrypt_into(ciphertext, key, nonce24, plaintext, associated);
  return ciphertext;
}

Result<Bytes> xchacha20_poly1305_decrypt(const Key256& key, ByteView nonce24, ByteView ciphertext,
                                         ByteView associated) {
  Bytes plaintext(ciphertext.size() - std::min(ciphertext.size(), kTagBytes));
  TSR_RETURN_IF_ERROR(xchacha20_poly1305_decrypt_into(plaintext, key, nonce24, ciphertext, associated));
  return plaintext;
}

void xchacha20_poly1305_encrypt_into(std::span<uint8_t> ciphertext, const Key256& key, ByteView nonce24,
                                     ByteView plaintext, ByteView associated) {
  ensure_sodium();
  if (nonce24.size() != kNonceBytes) throw std::invalid_argument("an XChaCha20 nonce has 24 bytes");
  if (ciphertext.size() != plaintext.size() + kTagBytes)
    throw std::invalid_argument("a ciphertext is 16 bytes longer than its plaintext");
  crypto_aead_xchacha20poly1305_ietf_encrypt(ciphertext.data(), nullptr, plaintext.data(), plaintext.size(),
                                             associated.data(), associated.size(), nullptr, nonce24.data(),
                                             key.data());
}

Status xchacha20_poly1305_decrypt_into(std::span<uint8_t> plaintext, const Key256& key, ByteView nonce24,
                                       ByteView ciphertext, ByteView associated) {
  ensure_sodium();
  const Error refused = crypto_error(ErrorCode::kCRYPTO, "the ciphertext is damaged or the key is wrong");
  if (nonce24.size() != kNonceBytes || ciphertext.size() < kTagBytes) return refused;
  if (plaintext.size() != ciphertext.size() - kTagBytes)
    throw std::invalid_argument("a ciphertext is 16 bytes longer than its plaintext");
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(plaintext.data(), nullptr, nullptr, ciphertext.data(),
                                                 ciphertext.size(), associated.data(), associated.size(),
                                                 nonce24.data(), key.data()) != 0) {
    return refused;
  }
  return {};
}

}  // namespace tessera
