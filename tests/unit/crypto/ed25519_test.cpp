#include "crypto/ed25519.hpp"

#include <boost/test/unit_test.hpp>

#include "bytes_of.hpp"
#include "text/base64url.hpp"
#include "vectors.hpp"

namespace tessera {
namespace {

using test::bytes_of;

// The key of RFC 8037 A.1 and the token of A.4.
constexpr const char* kSeed = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
constexpr const char* kPublic = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
constexpr const char* kSigningInput = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
constexpr const char* kSignature =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

Ed25519Key rfc_8037_key() { return Ed25519Key::from_seed(base64url_decode(kSeed).value()).value(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(ed25519)

BOOST_AUTO_TEST_CASE(rfc_8037_a4_signature) {
  const Ed25519Key key = rfc_8037_key();
  BOOST_TEST(base64url_encode(key.public_key()) == kPublic);
  BOOST_TEST(base64url_encode(key.sign(as_bytes(kSigningInput))) == kSignature);
}

BOOST_AUTO_TEST_CASE(rfc_8037_a5_verification) {
  const auto key = test::array_of<32>(base64url_decode(kPublic).value());
  const Bytes signature = base64url_decode(kSignature).value();
  BOOST_TEST(ed25519_verify(key, as_bytes(kSigningInput), signature));
  BOOST_TEST(
      !ed25519_verify(key, as_bytes("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmg"), signature));
  BOOST_TEST(!ed25519_verify(key, as_bytes(kSigningInput), ByteView(signature).first(63)));
  BOOST_TEST(!ed25519_verify(key, as_bytes(kSigningInput), {}));
}

BOOST_AUTO_TEST_CASE(rfc_8037_a3_thumbprint) {
  BOOST_TEST(ed25519_thumbprint(rfc_8037_key().public_key()) ==
             "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

BOOST_AUTO_TEST_CASE(wycheproof_ed25519, *test::needs_data("wycheproof")) {
  test::for_each_vector("ed25519_test.json", 150, test::every_group,
                        [](const auto& group, const auto& vector) {
                          const auto key = test::array_of<32>(bytes_of(group.at("publicKey"), "pk"));
                          BOOST_TEST(ed25519_verify(key, bytes_of(vector, "msg"), bytes_of(vector, "sig")) ==
                                     test::is_valid(vector));
                        });
}

BOOST_AUTO_TEST_CASE(small_order_keys_verify_nothing) {
  // The neutral element as key and as R makes any message "signed" for a careless verifier.
  Ed25519Public neutral{};
  neutral[0] = 1;
  Ed25519Signature signature{};
  signature[0] = 1;
  BOOST_TEST(!ed25519_verify(neutral, as_bytes("anything"), signature));
  BOOST_TEST(!ed25519_verify(Ed25519Public{}, as_bytes("anything"), Ed25519Signature{}));
}

BOOST_AUTO_TEST_CASE(generated_keys_differ_and_come_back_from_their_seed) {
  const Ed25519Key key = Ed25519Key::generate(system_random());
  const Ed25519Key other = Ed25519Key::generate(system_random());
  BOOST_CHECK(key.public_key() != other.public_key());
  const Ed25519Key again = Ed25519Key::from_seed(key.seed()).value();
  BOOST_CHECK(again.public_key() == key.public_key());
  BOOST_TEST(ed25519_verify(key.public_key(), as_bytes("message"), again.sign(as_bytes("message"))));
  BOOST_TEST(!ed25519_verify(other.public_key(), as_bytes("message"), again.sign(as_bytes("message"))));
}

BOOST_AUTO_TEST_CASE(a_seed_has_32_bytes) {
  for (const size_t size : {size_t{0}, size_t{31}, size_t{33}, size_t{64}}) {
    BOOST_TEST(static_cast<int>(Ed25519Key::from_seed(Bytes(size)).error().code) ==
               static_cast<int>(ErrorCode::kARG));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
