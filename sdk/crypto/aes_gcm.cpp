#include <openssl/evp.h>

#include <climits>
#include <stdexcept>

#include "crypto/interop.hpp"
#include "crypto/openssl.hpp"

namespace tessera {
namespace {

constexpr size_t kGcmNonceBytes = 12;
constexpr size_t kGcmTagBytes = 16;

using CipherContextPtr = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

const EVP_CIPHER* gcm_cipher() {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(openssl_library(), "AES-256-GCM", nullptr);
  if (cipher == nullptr) throw std::runtime_error("OpenSSL offers no AES-256-GCM");
  return cipher;
}

CipherContextPtr new_cipher_context() {
  CipherContextPtr context(EVP_CIPHER_CTX_new());
  if (!context) throw std::bad_alloc();
  return context;
}

/// OpenSSL counts in int.
bool gcm_sizes_fit(ByteView nonce, ByteView text, ByteView associated) {
  return nonce.size() == kGcmNonceBytes && text.size() <= INT_MAX - kGcmTagBytes &&
         associated.size() <= INT_MAX;
}

}  // namespace

Result<Bytes> aes256gcm_encrypt(const Key256& key, ByteView nonce12, ByteView plaintext,
                                ByteView associated) {
  if (!gcm_sizes_fit(nonce12, plaintext, associated)) {
    return Error{ErrorCode::kARG, "crypto", "AES-256-GCM takes a 12-byte nonce and less than 2 GiB", {}};
  }
  const ErrorQueueKept kept;
  const CipherContextPtr context = new_cipher_context();
  Bytes ciphertext(plaintext.size() + kGcmTagBytes);
  int count = 0;
  const bool done =
      EVP_EncryptInit_ex2(context.get(), gcm_cipher(), key.data(), nonce12.data(), nullptr) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &count, associated.data(),
                        static_cast<int>(associated.size())) == 1 &&
      EVP_EncryptUpdate(context.get(), ciphertext.data(), &count, plaintext.data(),
                        static_cast<int>(plaintext.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), ciphertext.data() + plaintext.size(), &count) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kGcmTagBytes,
                          ciphertext.data() + plaintext.size()) == 1;
  if (!done) return crypto_error("AES-256-GCM could not encrypt");
  return ciphertext;
}

Result<Bytes> aes256gcm_decrypt(const Key256& key, ByteView nonce12, ByteView ciphertext,
                                ByteView associated) {
  const Error refused = crypto_error("the ciphertext is damaged or the key is wrong");
  if (ciphertext.size() < kGcmTagBytes) return refused;
  const ByteView body = ciphertext.first(ciphertext.size() - kGcmTagBytes);
  if (!gcm_sizes_fit(nonce12, body, associated)) return refused;
  Bytes tag(ciphertext.begin() + static_cast<std::ptrdiff_t>(body.size()), ciphertext.end());
  const ErrorQueueKept kept;
  const CipherContextPtr context = new_cipher_context();
  Bytes plaintext(body.size());
  int count = 0;
  const bool authentic =
      EVP_DecryptInit_ex2(context.get(), gcm_cipher(), key.data(), nonce12.data(), nullptr) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &count, associated.data(),
                        static_cast<int>(associated.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), plaintext.data(), &count, body.data(),
                        static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kGcmTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), tag.data(), &count) == 1;
  if (!authentic) return refused;
  return plaintext;
}

}  // namespace tessera
