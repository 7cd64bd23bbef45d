#include <openssl/decoder.h>
#include <openssl/encoder.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "crypto/interop.hpp"
#include "crypto/openssl.hpp"

namespace tessera {
namespace {

constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 8192;
constexpr size_t kLongestPem = size_t{16} << 10;

using PkeyPtr = Owned<EVP_PKEY, EVP_PKEY_free>;
using PkeyContextPtr = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContextPtr = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using BioPtr = Owned<BIO, BIO_free_all>;
using DecoderPtr = Owned<OSSL_DECODER_CTX, OSSL_DECODER_CTX_free>;
using EncoderPtr = Owned<OSSL_ENCODER_CTX, OSSL_ENCODER_CTX_free>;

bool rsa_in_range(const EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  return bits >= kLeastRsaBits && bits <= kMostRsaBits;
}

/// The DER content of a PEM block with exactly this label and no encryption header.
Result<Bytes> pem_content(std::string_view pem, std::string_view label) {
  if (pem.size() > kLongestPem) return crypto_error("the PEM text is too long for an RSA key");
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bio) throw std::bad_alloc();
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long length = 0;
  if (PEM_read_bio(bio.get(), &name, &header, &data, &length) != 1)
    return crypto_error("the key is not a PEM block");
  const bool wanted = name == label && header[0] == '\0';
  Bytes content(data, data + length);
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_clear_free(data, static_cast<size_t>(length));
  if (wanted) return content;
  wipe(content.data(), content.size());
  return crypto_error("the PEM block has another type than the one expected");
}

Result<PkeyPtr> rsa_from_pem(std::string_view pem, std::string_view label, const char* structure,
                             int selection) {
  const ErrorQueueKept kept;
  TSR_ASSIGN_OR_RETURN(Bytes der, pem_content(pem, label));
  EVP_PKEY* decoded = nullptr;
  const DecoderPtr decoder(OSSL_DECODER_CTX_new_for_pkey(&decoded, "DER", structure, "RSA", selection,
                                                         openssl_library(), nullptr));
  if (!decoder) throw std::bad_alloc();
  const unsigned char* next = der.data();
  size_t left = der.size();
  const bool complete = OSSL_DECODER_from_data(decoder.get(), &next, &left) == 1 && left == 0;
  wipe(der.data(), der.size());
  PkeyPtr key(decoded);
  if (!complete || !key || !EVP_PKEY_is_a(key.get(), "RSA"))
    return crypto_error("the key is not a plain RSA key");
  if (!rsa_in_range(key.get())) return crypto_error("the RSA key must have 2048 to 8192 bits");
  return key;
}

Result<std::string> rsa_to_pem(const EVP_PKEY* key, const char* structure, int selection) {
  const ErrorQueueKept kept;
  const EncoderPtr encoder(OSSL_ENCODER_CTX_new_for_pkey(key, selection, "PEM", structure, nullptr));
  unsigned char* data = nullptr;
  size_t length = 0;
  if (!encoder || OSSL_ENCODER_to_data(encoder.get(), &data, &length) != 1)
    return crypto_error("the RSA key has no such half");
  std::string pem(reinterpret_cast<const char*>(data), length);
  OPENSSL_clear_free(data, length);
  return pem;
}

/// Starts RSASSA-PKCS1-v1_5 with SHA-256; `init` is EVP_DigestSignInit_ex or EVP_DigestVerifyInit_ex.
template <class Init>
bool start_rs256(Init init, EVP_MD_CTX* digest, EVP_PKEY* key) {
  EVP_PKEY_CTX* context = nullptr;  // owned by `digest`
  return init(digest, &context, "SHA256", openssl_library(), nullptr, key, nullptr) == 1 &&
         EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
}

}  // namespace

struct RsaPublicKey::Impl {
  PkeyPtr key;
};

Result<RsaPublicKey> RsaPublicKey::from_pem(std::string_view pem) {
  TSR_ASSIGN_OR_RETURN(PkeyPtr key,
                       rsa_from_pem(pem, PEM_STRING_PUBLIC, "SubjectPublicKeyInfo", EVP_PKEY_PUBLIC_KEY));
  return RsaPublicKey(std::make_shared<const Impl>(Impl{std::move(key)}));
}

bool RsaPublicKey::verify_rs256(ByteView message, ByteView signature) const {
  const ErrorQueueKept kept;
  const DigestContextPtr digest(EVP_MD_CTX_new());
  if (!digest) throw std::bad_alloc();
  return start_rs256(EVP_DigestVerifyInit_ex, digest.get(), impl_->key.get()) &&
         EVP_DigestVerify(digest.get(), signature.data(), signature.size(), message.data(), message.size()) ==
             1;
}

struct RsaPrivateKey::Impl {
  PkeyPtr key;
};

Result<RsaPrivateKey> RsaPrivateKey::from_pem(std::string_view pem) {
  TSR_ASSIGN_OR_RETURN(PkeyPtr key,
                       rsa_from_pem(pem, PEM_STRING_PKCS8INF, "PrivateKeyInfo", EVP_PKEY_KEYPAIR));
  return RsaPrivateKey(std::make_shared<const Impl>(Impl{std::move(key)}));
}

Result<RsaPrivateKey> RsaPrivateKey::generate(int bits) {
  if (bits < kLeastRsaBits || bits > kMostRsaBits) {
    return Error{ErrorCode::kARG, "crypto", "an RSA key must have 2048 to 8192 bits", {}};
  }
  const ErrorQueueKept kept;
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(openssl_library(), "RSA", nullptr));
  EVP_PKEY* generated = nullptr;
  if (!context || EVP_PKEY_keygen_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), bits) != 1 ||
      EVP_PKEY_generate(context.get(), &generated) != 1) {
    return crypto_error("OpenSSL could not generate an RSA key");
  }
  return RsaPrivateKey(std::make_shared<const Impl>(Impl{PkeyPtr(generated)}));
}

Result<Bytes> RsaPrivateKey::sign_rs256(ByteView message) const {
  const ErrorQueueKept kept;
  const DigestContextPtr digest(EVP_MD_CTX_new());
  if (!digest) throw std::bad_alloc();
  Bytes signature(static_cast<size_t>(EVP_PKEY_get_size(impl_->key.get())));
  size_t length = signature.size();
  if (!start_rs256(EVP_DigestSignInit_ex, digest.get(), impl_->key.get()) ||
      EVP_DigestSign(digest.get(), signature.data(), &length, message.data(), message.size()) != 1) {
    return crypto_error("the RSA key could not sign");
  }
  signature.resize(length);
  return signature;
}

Result<std::string> RsaPrivateKey::public_pem() const {
  return rsa_to_pem(impl_->key.get(), "SubjectPublicKeyInfo", EVP_PKEY_PUBLIC_KEY);
}

Result<std::string> RsaPrivateKey::private_pem() const {
  return rsa_to_pem(impl_->key.get(), "PrivateKeyInfo", EVP_PKEY_KEYPAIR);
}

}  // namespace tessera
