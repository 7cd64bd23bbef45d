#include <boost/test/unit_test.hpp>

#include "bytes_of.hpp"
#include "crypto/interop.hpp"
#include "vectors.hpp"

namespace tessera {
namespace {

using test::bytes_of;

bool is_our_size(const nlohmann::json& group) {
  return group.at("keySize") == 256 && group.at("ivSize") == 96 && group.at("tagSize") == 128;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(aes_gcm)

BOOST_AUTO_TEST_CASE(wycheproof_aes_256_gcm, *test::needs_data("wycheproof")) {
  test::for_each_vector("aes_gcm_test.json", 66, is_our_size, [](const auto& /*group*/, const auto& vector) {
    const auto key = test::array_of<32>(bytes_of(vector, "key"));
    const Bytes nonce = bytes_of(vector, "iv");
    const Bytes associated = bytes_of(vector, "aad");
    const Bytes plaintext = bytes_of(vector, "msg");
    Bytes ciphertext = bytes_of(vector, "ct");
    const Bytes tag = bytes_of(vector, "tag");
    ciphertext.insert(ciphertext.end(), tag.begin(), tag.end());

    const Result<Bytes> opened = aes256gcm_decrypt(key, nonce, ciphertext, associated);
    BOOST_TEST(opened.ok() == test::is_valid(vector));
    if (!test::is_valid(vector)) return;
    BOOST_CHECK(opened.value() == plaintext);
    BOOST_CHECK(aes256gcm_encrypt(key, nonce, plaintext, associated).value() == ciphertext);
  });
}

BOOST_AUTO_TEST_CASE(wrong_sizes_are_refused) {
  BOOST_TEST(static_cast<int>(aes256gcm_encrypt({}, Bytes(11), {}, {}).error().code) ==
             static_cast<int>(ErrorCode::kARG));
  const Bytes sealed = aes256gcm_encrypt({}, Bytes(12), as_bytes("text"), {}).value();
  BOOST_TEST(aes256gcm_decrypt({}, Bytes(12), sealed, {}).ok());
  BOOST_TEST(!aes256gcm_decrypt({}, Bytes(16), sealed, {}).ok());
  BOOST_TEST(!aes256gcm_decrypt({}, Bytes(12), ByteView(sealed).first(15), {}).ok());
  BOOST_TEST(!aes256gcm_decrypt({}, Bytes(12), {}, {}).ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
