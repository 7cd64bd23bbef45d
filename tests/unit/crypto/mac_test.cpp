// SHA-256, HMAC-SHA256 and HKDF.
#include <boost/test/unit_test.hpp>

#include "bytes_of.hpp"
#include "crypto/crypto.hpp"
#include "vectors.hpp"

namespace tessera {
namespace {

using test::bytes_of;
using test::from_hex;

Bytes repeated(uint8_t byte, size_t count) { return Bytes(count, byte); }
Bytes counting(uint8_t first, size_t count) {
  Bytes bytes;
  for (size_t i = 0; i < count; ++i) bytes.push_back(static_cast<uint8_t>(first + i));
  return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mac)

BOOST_AUTO_TEST_CASE(sha256_of_abc) {
  BOOST_TEST(hex_encode(sha256(as_bytes("abc"))) ==
             "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  BOOST_TEST(hex_encode(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

BOOST_AUTO_TEST_CASE(rfc_4231) {
  struct Case {
    Bytes key;
    Bytes message;
    const char* tag;
  };
  const Case cases[] = {
      {repeated(0x0b, 20), to_bytes("Hi There"),
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {to_bytes("Jefe"), to_bytes("what do ya want for nothing?"),
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {repeated(0xaa, 20), repeated(0xdd, 50),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {counting(0x01, 25), repeated(0xcd, 50),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {repeated(0x0c, 20), to_bytes("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b"},
      {repeated(0xaa, 131), to_bytes("Test Using Larger Than Block-Size Key - Hash Key First"),
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {repeated(0xaa, 131),
       to_bytes("This is a test using a larger than block-size key and a larger than block-size data. The "
                "key needs to "
                "be hashed before being used by the HMAC algorithm."),
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const Case& each : cases) {
    const std::string expected = each.tag;
    BOOST_TEST(hex_encode(hmac_sha256(each.key, each.message)).substr(0, expected.size()) == expected);
  }
}

BOOST_AUTO_TEST_CASE(one_key_tags_many_messages_in_parts) {
  const HmacSha256 hmac(as_bytes("key"));
  for (int i = 0; i < 3; ++i) {
    BOOST_CHECK(hmac.tag({as_bytes("par"), {}, as_bytes("ts")}) ==
                hmac_sha256(as_bytes("key"), as_bytes("parts")));
  }
  BOOST_CHECK(hmac.tag({}) == hmac_sha256(as_bytes("key"), {}));
}

BOOST_AUTO_TEST_CASE(wycheproof_hmac, *test::needs_data("wycheproof")) {
  test::for_each_vector(
      "hmac_sha256_test.json", 174, test::every_group, [](const auto& group, const auto& vector) {
        const Sha256 tag = hmac_sha256(bytes_of(vector, "key"), bytes_of(vector, "msg"));
        const auto length = group.at("tagSize").template get<size_t>() / 8;
        BOOST_TEST(equal_constant_time(ByteView(tag).first(length), bytes_of(vector, "tag")) ==
                   test::is_valid(vector));
      });
}

BOOST_AUTO_TEST_CASE(rfc_5869) {
  struct Case {
    Bytes input_key;
    Bytes salt;
    Bytes info;
    const char* extracted;
    const char* output;
  };
  const Case cases[] = {
      {repeated(0x0b, 22), counting(0x00, 13), counting(0xf0, 10),
       "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
       "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
      {counting(0x00, 80), counting(0x60, 80), counting(0xb0, 80),
       "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
       "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
       "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
      {repeated(0x0b, 22),
       {},
       {},
       "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
       "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
  };
  for (const Case& each : cases) {
    BOOST_TEST(hex_encode(hkdf_extract(each.salt, each.input_key)) == each.extracted);
    const Bytes expected = from_hex(each.output);
    BOOST_CHECK(hkdf_sha256(each.salt, each.input_key, each.info, expected.size()).value() == expected);
    BOOST_CHECK(hkdf_expand(from_hex(each.extracted), each.info, expected.size()).value() == expected);
  }
}

BOOST_AUTO_TEST_CASE(blake2b) {
  BOOST_TEST(hex_encode(blake2b_256({}, {as_bytes("abc")})) ==
             "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  const Bytes key = counting(0x00, 20);
  const Bytes message = counting(0x00, 10);
  const ByteView parts(message);
  BOOST_TEST(hex_encode(blake2b_256(key, {parts.first(4), parts.subspan(4)})) ==
             "62fb976aee3235350988a0eda7594e7431aed99e586f4f46b72e0c30440f93cd");
  BOOST_CHECK_THROW(blake2b_256(counting(0, 15), {}), std::invalid_argument);
  BOOST_CHECK_THROW(blake2b_256(counting(0, 65), {}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(hkdf_length_is_limited) {
  BOOST_TEST(hkdf_sha256({}, as_bytes("key"), {}, 8160).value().size() == 8160U);
  BOOST_TEST(hkdf_sha256({}, as_bytes("key"), {}, 0).value().empty());
  BOOST_TEST(static_cast<int>(hkdf_sha256({}, as_bytes("key"), {}, 8161).error().code) ==
             static_cast<int>(ErrorCode::kARG));
}

BOOST_AUTO_TEST_CASE(wycheproof_hkdf, *test::needs_data("wycheproof")) {
  test::for_each_vector("hkdf_sha256_test.json", 86, test::every_group,
                        [](const auto& /*group*/, const auto& vector) {
                          const Result<Bytes> output =
                              hkdf_sha256(bytes_of(vector, "salt"), bytes_of(vector, "ikm"),
                                          bytes_of(vector, "info"), vector.at("size").template get<size_t>());
                          const bool matches = output.ok() && output.value() == bytes_of(vector, "okm");
                          BOOST_TEST(matches == test::is_valid(vector));
                        });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
