// XChaCha20-Poly1305.
#include <boost/test/unit_test.hpp>
#include <stdexcept>

#include "bytes_of.hpp"
#include "crypto/crypto.hpp"
#include "vectors.hpp"

namespace tessera {
namespace {

using test::bytes_of;

constexpr int kCrypto = static_cast<int>(ErrorCode::kCRYPTO);
constexpr Key256 kKey = {1, 2, 3};

}  // namespace

BOOST_AUTO_TEST_SUITE(aead)

BOOST_AUTO_TEST_CASE(wycheproof_xchacha20_poly1305, *test::needs_data("wycheproof")) {
  test::for_each_vector(
      "xchacha20_poly1305_test.json", 315, test::every_group, [](const auto& /*group*/, const auto& vector) {
        const auto key = test::array_of<32>(bytes_of(vector, "key"));
        const Bytes nonce = bytes_of(vector, "iv");
        const Bytes associated = bytes_of(vector, "aad");
        const Bytes plaintext = bytes_of(vector, "msg");
        Bytes ciphertext = bytes_of(vector, "ct");
        const Bytes tag = bytes_of(vector, "tag");
        ciphertext.insert(ciphertext.end(), tag.begin(), tag.end());

        const Result<Bytes> opened = xchacha20_poly1305_decrypt(key, nonce, ciphertext, associated);
        BOOST_TEST(opened.ok() == test::is_valid(vector));
        if (!test::is_valid(vector)) return;
        BOOST_CHECK(opened.value() == plaintext);
        BOOST_CHECK(xchacha20_poly1305_encrypt(key, nonce, plaintext, associated) == ciphertext);
      });
}

BOOST_AUTO_TEST_CASE(opens_what_was_sealed) {
  for (const char* text :
       {"", "x", "a longer text that fills more than one block of the cipher, to be sure of it"}) {
    const Bytes sealed = aead_seal(kKey, as_bytes(text), as_bytes("context"), system_random());
    BOOST_TEST(sealed.size() == std::string(text).size() + 24 + 16);
    BOOST_CHECK(aead_open(kKey, sealed, as_bytes("context")).value() == to_bytes(text));
  }
}

BOOST_AUTO_TEST_CASE(a_nonce_is_never_used_twice) {
  BOOST_CHECK(aead_seal(kKey, as_bytes("x"), {}, system_random()) !=
              aead_seal(kKey, as_bytes("x"), {}, system_random()));
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_is_refused) {
  const Bytes sealed = aead_seal(kKey, as_bytes("text"), as_bytes("context"), system_random());
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes damaged = sealed;
    damaged[bit / 8] ^= static_cast<uint8_t>(1U << (bit % 8));
    BOOST_TEST(!aead_open(kKey, damaged, as_bytes("context")).ok());
  }
}

BOOST_AUTO_TEST_CASE(another_key_or_context_and_short_input_are_refused) {
  const Bytes sealed = aead_seal(kKey, as_bytes("text"), as_bytes("context"), system_random());
  BOOST_TEST(static_cast<int>(aead_open(Key256{}, sealed, as_bytes("context")).error().code) == kCrypto);
  BOOST_TEST(static_cast<int>(aead_open(kKey, sealed, as_bytes("other")).error().code) == kCrypto);
  for (size_t length = 0; length < sealed.size(); ++length) {
    BOOST_TEST(
        static_cast<int>(aead_open(kKey, ByteView(sealed).first(length), as_bytes("context")).error().code) ==
        kCrypto);
  }
}

BOOST_AUTO_TEST_CASE(encrypting_with_a_wrong_nonce_length_is_a_defect) {
  BOOST_CHECK_THROW(xchacha20_poly1305_encrypt(kKey, Bytes(12), {}, {}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(memory_of_the_caller_has_the_size_of_the_result) {
  const Bytes nonce(24, 1);
  const Bytes text = to_bytes("text");
  Bytes sealed(text.size() + 16);
  xchacha20_poly1305_encrypt_into(sealed, kKey, nonce, text, {});
  BOOST_TEST((sealed == xchacha20_poly1305_encrypt(kKey, nonce, text, {})));
  Bytes opened(text.size());
  BOOST_TEST(xchacha20_poly1305_decrypt_into(opened, kKey, nonce, sealed, {}).ok());
  BOOST_TEST((opened == text));

  Bytes other(text.size() + 15);
  BOOST_CHECK_THROW(xchacha20_poly1305_encrypt_into(other, kKey, nonce, text, {}), std::invalid_argument);
  BOOST_CHECK_THROW(static_cast<void>(xchacha20_poly1305_decrypt_into(other, kKey, nonce, sealed, {}).ok()),
                    std::invalid_argument);
  sealed[0] ^= 1;
  opened.assign(text.size(), 0xEE);
  BOOST_TEST(!xchacha20_poly1305_decrypt_into(opened, kKey, nonce, sealed, {}).ok());
  BOOST_TEST(as_text(opened).find("ext") == std::string_view::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
