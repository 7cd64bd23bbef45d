#include "text/base64url.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera {

BOOST_AUTO_TEST_SUITE(base64url)

BOOST_AUTO_TEST_CASE(encodes_the_vectors_of_rfc_4648) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xFB\xFF\xBE", "-_--"},
  };
  for (const auto& [plain, text] : vectors) {
    BOOST_TEST(base64url_encode(as_bytes(plain)) == text);
    BOOST_CHECK(base64url_decode(text) == to_bytes(plain));
  }
}

BOOST_AUTO_TEST_CASE(every_length_comes_back) {
  Bytes bytes;
  for (int i = 0; i < 300; ++i) {
    BOOST_CHECK(base64url_decode(base64url_encode(bytes)) == bytes);
    bytes.push_back(static_cast<uint8_t>(i * 7));
  }
}

BOOST_AUTO_TEST_CASE(refuses_everything_but_the_one_spelling) {
  using namespace std::string_view_literals;
  for (const std::string_view text : {
           "Z"sv,                                   // no such length
           "Zm9vY"sv,                               //
           "Zg=="sv, "Zm8="sv, "="sv,               // padding
           "Zh"sv, "Zm9"sv, "Zm9vYh"sv,             // unused bits that are not zero
           "+w"sv, "/w"sv, "ab+/"sv,                // the other alphabet
           "Zm 9v"sv, "Zm9v\n"sv, " Zm9v"sv,        // white space
           "Zm9\0"sv, "Zm9\x80"sv, "Zm\xC3\xA9"sv,  // bytes outside ASCII
       }) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(!base64url_decode(text).has_value()); }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
