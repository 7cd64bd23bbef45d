#include <boost/test/unit_test.hpp>
#include <string>

#include "base/log.hpp"

namespace tessera {
namespace {

constexpr std::string_view kMark = "[redacted]";

}  // namespace

BOOST_AUTO_TEST_SUITE(redaction)

BOOST_AUTO_TEST_CASE(values_of_secret_keys_disappear) {
  for (const char* key :
       {"token", "accessToken", "api_key", "apikey", "API-KEY", "keys", "client_secret", "Password",
        "passphrase", "Authorization", "set-cookie", "seed", "salt", "nonce", "seedValue"}) {
    BOOST_TEST_CONTEXT(key) { BOOST_TEST(redact(key, "x") == kMark); }
  }
}

BOOST_AUTO_TEST_CASE(other_keys_keep_their_values) {
  for (const char* key : {"", "path", "keyset", "monkeypatch", "tokenizer_mode", "code"}) {
    BOOST_TEST_CONTEXT(key) { BOOST_TEST(redact(key, "x") == "x"); }
  }
}

BOOST_AUTO_TEST_CASE(secrets_disappear_inside_text) {
  const std::string long_run(32, 'a');
  for (const std::string& secret : {
           std::string("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2ln"),
           std::string("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."),
           std::string("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----"),
           std::string("0123456789abcdef0123456789ABCDEF"),
           std::string("Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4LV8"),
           std::string("00:1a:2b:3c:4d:5e"),
           std::string("00-1A-2B-3C-4D-5E"),
           std::string("00:1a:2b:3c:4d:5e:6f:70:81"),
           std::string("550e8400-e29b-41d4-a716-446655440000"),
           long_run,
       }) {
    BOOST_TEST_CONTEXT(secret) {
      BOOST_TEST(redact("text", secret) == kMark);
      BOOST_TEST(redact("text", "before " + secret + ", after") == "before [redacted], after");
      BOOST_TEST(redact("text", "{" + secret + "}") == "{[redacted]}");
    }
  }
}

BOOST_AUTO_TEST_CASE(two_secrets_in_one_text) {
  BOOST_TEST(redact("text", "00:1a:2b:3c:4d:5e=550e8400-e29b-41d4-a716-446655440000") ==
             "[redacted]=[redacted]");
}

BOOST_AUTO_TEST_CASE(a_cut_pem_block_disappears_to_the_end) {
  BOOST_TEST(redact("text", "got -----BEGIN PRIVATE KEY-----\nMC4CAQAw") == "got [redacted]");
}

BOOST_AUTO_TEST_CASE(ordinary_text_stays) {
  for (const std::string& text :
       {std::string("version 1.2.3 of www.example.com"), std::string("2026-11-21T10:20:30Z"),
        std::string("/srv/user/.local/share/app/license.state"), std::string("eyes.on.target"),
        std::string("10:20:30:40:50"), std::string(31, 'a'), std::string("caf\xC3\xA9 f\xFF"),
        std::string()}) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(redact("text", text) == text); }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
