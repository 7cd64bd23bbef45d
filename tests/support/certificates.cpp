#include "certificates.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cctype>
#include <ctime>
#include <stdexcept>

namespace tessera::test {

namespace {

void check(bool is_fine) {
  if (!is_fine) throw std::runtime_error("OpenSSL could not make a certificate");
}

template <class Write>
std::string pem_of(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  check(bio != nullptr && write(bio.get()) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<size_t>(size)};
}

std::string pem_of(X509* certificate) {
  return pem_of([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string pin_of(X509* certificate) {
  uint8_t* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  check(size > 0);
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256(der, static_cast<size_t>(size), digest);
  OPENSSL_free(der);
  uint8_t text[4 * (SHA256_DIGEST_LENGTH + 2) / 3 + 1];
  const int length = EVP_EncodeBlock(text, digest, sizeof digest);
  return {reinterpret_cast<const char*>(text), static_cast<size_t>(length)};
}

std::shared_ptr<EVP_PKEY> new_key() {
  std::shared_ptr<EVP_PKEY> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  check(key != nullptr);
  return key;
}

void add(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  check(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

/// Without an issuer it signs itself.
std::shared_ptr<X509> new_certificate(const Leaf& leaf, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  const std::shared_ptr<X509> certificate(X509_new(), &X509_free);
  X509* const raw = certificate.get();
  check(raw != nullptr && X509_set_version(raw, X509_VERSION_3) == 1 && X509_set_pubkey(raw, key) == 1);
  uint64_t serial = 0;
  check(RAND_bytes(reinterpret_cast<uint8_t*>(&serial), sizeof serial) == 1);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(raw), serial >> 1);
  const std::time_t now = std::time(nullptr);
  X509_time_adj_ex(X509_getm_notBefore(raw), 0, static_cast<long>(leaf.from.count()),
                   const_cast<time_t*>(&now));
  X509_time_adj_ex(X509_getm_notAfter(raw), 0, static_cast<long>(leaf.until.count()),
                   const_cast<time_t*>(&now));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(raw), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const uint8_t*>(leaf.name.c_str()), -1, -1, 0);
  X509_set_issuer_name(raw, X509_get_subject_name(issuer == nullptr ? raw : issuer));
  X509* const signer = issuer == nullptr ? raw : issuer;
  const bool is_authority = leaf.hosts.empty();
  add(raw, signer, NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  add(raw, signer, NID_key_usage, is_authority ? "critical,keyCertSign" : "critical,digitalSignature");
  add(raw, signer, NID_subject_key_identifier, "hash");
  if (issuer != nullptr) add(raw, signer, NID_authority_key_identifier, "keyid");
  std::string hosts;
  for (const std::string& host : leaf.hosts) {
    const bool is_address = std::isdigit(static_cast<unsigned char>(host.front())) != 0;
    hosts += (hosts.empty() ? "" : ",") + std::string(is_address ? "IP:" : "DNS:") + host;
  }
  if (!is_authority) add(raw, signer, NID_subject_alt_name, hosts);
  check(X509_sign(raw, issuer_key == nullptr ? key : issuer_key, EVP_sha256()) > 0);
  return certificate;
}

Identity identity(X509* certificate, EVP_PKEY* key) {
  return {pem_of(certificate), pem_of([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
          }),
          pin_of(certificate)};
}

}  // namespace

Authority::Authority(const std::string& name)
    : key_(new_key()),
      certificate_(new_certificate({.name = name, .hosts = {}}, key_.get(), nullptr, nullptr)),
      pem_(pem_of(certificate_.get())) {}

Identity Authority::issue(const Leaf& leaf) const {
  const std::shared_ptr<EVP_PKEY> key = new_key();
  return identity(new_certificate(leaf, key.get(), certificate_.get(), key_.get()).get(), key.get());
}

Identity self_signed(const Leaf& leaf) {
  const std::shared_ptr<EVP_PKEY> key = new_key();
  return identity(new_certificate(leaf, key.get(), nullptr, nullptr).get(), key.get());
}

}  // namespace tessera::test
