#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "crypto/interop.hpp"
#include "text/base64url.hpp"
#include "vectors.hpp"

namespace tessera {
namespace {

constexpr int kCrypto = static_cast<int>(ErrorCode::kCRYPTO);

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

Key generated(const char* type, int rsa_bits = 0) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr);
  EVP_PKEY* key = nullptr;
  BOOST_REQUIRE(EVP_PKEY_keygen_init(context) == 1);
  if (rsa_bits != 0) BOOST_REQUIRE(EVP_PKEY_CTX_set_rsa_keygen_bits(context, rsa_bits) == 1);
  BOOST_REQUIRE(EVP_PKEY_generate(context, &key) == 1);
  EVP_PKEY_CTX_free(context);
  return Key(key);
}

/// What `write` puts into a memory BIO.
template <class Write>
std::string pem_of(Write write) {
  BIO* bio = BIO_new(BIO_s_mem());
  BOOST_REQUIRE(write(bio) == 1);
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<size_t>(length));
  BIO_free(bio);
  return pem;
}
std::string public_pem(const Key& key) {
  return pem_of([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key.get()); });
}
std::string private_pem(const Key& key) {
  return pem_of([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

/// The public key of an RSA JSON Web Key.
std::string jwk_to_pem(const nlohmann::json& jwk) {
  const auto number = [&](const char* name) {
    const Bytes bytes = base64url_decode(jwk.at(name).get<std::string>()).value();
    return BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
  };
  BIGNUM* modulus = number("n");
  BIGNUM* exponent = number("e");
  OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus);
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent);
  OSSL_PARAM* parameters = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
  EVP_PKEY* key = nullptr;
  BOOST_REQUIRE(EVP_PKEY_fromdata_init(context) == 1);
  BOOST_REQUIRE(EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) == 1);
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  BN_free(modulus);
  BN_free(exponent);
  return public_pem(Key(key));
}

/// True when the compact token is signed by `key`, whatever its header says.
bool verify_token(const RsaPublicKey& key, const std::string& token) {
  const size_t dot = token.rfind('.');
  if (dot == std::string::npos) return false;
  const auto signature = base64url_decode(std::string_view(token).substr(dot + 1));
  return signature && key.verify_rs256(as_bytes(std::string_view(token).substr(0, dot)), *signature);
}

bool is_rs256(const nlohmann::json& group) {
  return group.contains("public") && group["public"].value("alg", "") == "RS256";
}

const RsaPrivateKey& signer() {
  static const RsaPrivateKey key = RsaPrivateKey::generate(2048).value();
  return key;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rsa)

BOOST_AUTO_TEST_CASE(verifies_what_it_signed_and_nothing_else) {
  const RsaPublicKey key = RsaPublicKey::from_pem(signer().public_pem().value()).value();
  const Bytes signature = signer().sign_rs256(as_bytes("message")).value();
  BOOST_TEST(signature.size() == 256U);
  BOOST_TEST(key.verify_rs256(as_bytes("message"), signature));
  BOOST_TEST(!key.verify_rs256(as_bytes("massage"), signature));
  BOOST_TEST(!key.verify_rs256(as_bytes("message"), {}));
  BOOST_TEST(!key.verify_rs256(as_bytes("message"), ByteView(signature).first(255)));
  for (size_t at = 0; at < signature.size(); at += 15) {
    Bytes damaged = signature;
    damaged[at] ^= 1;
    BOOST_TEST(!key.verify_rs256(as_bytes("message"), damaged));
  }
  const RsaPrivateKey other = RsaPrivateKey::generate(2048).value();
  BOOST_TEST(
      !RsaPublicKey::from_pem(other.public_pem().value())->verify_rs256(as_bytes("message"), signature));
}

BOOST_AUTO_TEST_CASE(private_keys_come_back_from_pem) {
  const std::string pem = signer().private_pem().value();
  BOOST_TEST(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
  const RsaPrivateKey again = RsaPrivateKey::from_pem(pem).value();
  BOOST_TEST(again.public_pem().value() == signer().public_pem().value());
  // RSASSA-PKCS1-v1_5 is deterministic.
  BOOST_CHECK(again.sign_rs256(as_bytes("m")).value() == signer().sign_rs256(as_bytes("m")).value());
}

BOOST_AUTO_TEST_CASE(wycheproof_rs256, *test::needs_data("wycheproof")) {
  test::for_each_vector(
      "json_web_signature_test.json", 230, is_rs256, [](const auto& group, const auto& vector) {
        const RsaPublicKey key = RsaPublicKey::from_pem(jwk_to_pem(group.at("public"))).value();
        const auto token = vector.at("jws").template get<std::string>();
        BOOST_TEST(verify_token(key, token) == (vector.at("result") == "valid"));
      });
}

BOOST_AUTO_TEST_CASE(short_long_and_other_keys_are_refused) {
  BOOST_TEST(static_cast<int>(RsaPrivateKey::generate(1024).error().code) ==
             static_cast<int>(ErrorCode::kARG));
  BOOST_TEST(!RsaPrivateKey::generate(16384).ok());
  const Key short_key = generated("RSA", 1024);
  const Key pss_key = generated("RSA-PSS", 2048);
  const Key edwards_key = generated("ED25519");
  for (const Key* key : {&short_key, &pss_key, &edwards_key}) {
    BOOST_TEST(static_cast<int>(RsaPublicKey::from_pem(public_pem(*key)).error().code) == kCrypto);
    BOOST_TEST(static_cast<int>(RsaPrivateKey::from_pem(private_pem(*key)).error().code) == kCrypto);
  }
}

BOOST_AUTO_TEST_CASE(only_the_named_pem_types_are_read) {
  const Key key = generated("RSA", 2048);
  const std::string encrypted = pem_of([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key.get(), EVP_aes_256_cbc(), "pass", 4, nullptr, nullptr);
  });
  const std::string traditional = pem_of([&](BIO* bio) {
    return PEM_write_bio_PrivateKey_traditional(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  BOOST_TEST(RsaPrivateKey::from_pem(private_pem(key)).ok());
  for (const std::string& pem :
       {encrypted, traditional, public_pem(key), std::string(), std::string("no key"),
        std::string("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
        std::string(100'000, 'A')}) {
    BOOST_TEST(static_cast<int>(RsaPrivateKey::from_pem(pem).error().code) == kCrypto);
  }
  BOOST_TEST(!RsaPublicKey::from_pem(private_pem(key)).ok());
}

BOOST_AUTO_TEST_CASE(the_applications_error_queue_stays_as_it_was) {
  ERR_clear_error();
  BOOST_TEST(!RsaPublicKey::from_pem("nothing").ok());
  const RsaPublicKey key = RsaPublicKey::from_pem(signer().public_pem().value()).value();
  BOOST_TEST(!key.verify_rs256(as_bytes("m"), Bytes(256)));
  BOOST_TEST(ERR_peek_error() == 0UL);
}

BOOST_AUTO_TEST_CASE(one_key_verifies_on_many_threads) {
  const RsaPublicKey key = RsaPublicKey::from_pem(signer().public_pem().value()).value();
  const Bytes signature = signer().sign_rs256(as_bytes("message")).value();
  std::vector<std::thread> threads;
  std::vector<int> verified(4);
  for (size_t i = 0; i < verified.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 50; ++round)
        verified[i] += key.verify_rs256(as_bytes("message"), signature) ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : verified) BOOST_TEST(count == 50);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
