#include "keys/recovery_key.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "fakes.hpp"
#include "text/crockford.hpp"

namespace tessera::keys {
namespace {

SecretBytes random_bits(uint64_t seed) {
  test::FakeRandom random(seed);
  SecretBytes bits(kRecoveryBytes);
  random.fill(bits.writable());
  return bits;
}

std::string text_of(const SecretBytes& bits) {
  const SecretBytes text = recovery_text(bits);
  return std::string(as_text(text.view()));
}

bool gives(std::string_view typed, const SecretBytes& bits) {
  const auto parsed = parse_recovery_key(typed);
  return parsed.ok() && std::ranges::equal(parsed->view(), bits.view());
}

bool is_refused(std::string_view typed) {
  const auto parsed = parse_recovery_key(typed);
  return !parsed.ok() && parsed.error().code == ErrorCode::kARG;
}

BOOST_AUTO_TEST_SUITE(recovery_key)

BOOST_AUTO_TEST_CASE(known_texts) {
  BOOST_TEST(text_of(SecretBytes(kRecoveryBytes)) == "0000-0000-0000-0000-0000-0000-0000-0000-00");
  Bytes one(kRecoveryBytes, 0);
  one.back() = 1;
  BOOST_TEST(text_of(SecretBytes(one)) == "0000-0000-0000-0000-0000-0000-0000-0001-01");
  one.assign(kRecoveryBytes, 0xFF);  // 2^160 - 1 is 339 modulo 1021
  BOOST_TEST(text_of(SecretBytes(one)) == "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-AK");
}

BOOST_AUTO_TEST_CASE(comes_back_as_people_type_it) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const SecretBytes bits = random_bits(seed);
    const std::string text = text_of(bits);
    BOOST_TEST(gives(text, bits));
    std::string lower, bare, sloppy = " \t";
    for (const char c : text) {
      lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      if (c != '-') bare += c;
      sloppy += c == '0' ? 'o' : c == '1' ? 'l' : c == '-' ? ' ' : c;
    }
    BOOST_TEST(gives(lower, bits));
    BOOST_TEST(gives(bare, bits));
    BOOST_TEST(gives(sloppy + "\r\n", bits));
  }
}

BOOST_AUTO_TEST_CASE(one_wrong_symbol_is_noticed) {
  std::string text = text_of(random_bits(3));
  for (char& place : text) {
    if (place == '-') continue;
    const char right = place;
    for (const char wrong : kCrockfordSymbols) {
      place = wrong;
      BOOST_TEST(is_refused(text) == (wrong != right));
    }
    place = right;
  }
}

BOOST_AUTO_TEST_CASE(two_symbols_that_changed_places_are_noticed) {
  std::string text = text_of(random_bits(4));
  for (size_t a = 0; a < text.size(); ++a) {
    for (size_t b = a + 1; b < text.size(); ++b) {
      if (text[a] == '-' || text[b] == '-' || text[a] == text[b]) continue;
      std::swap(text[a], text[b]);
      BOOST_TEST(is_refused(text));
      std::swap(text[a], text[b]);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_none_is_refused) {
  const std::string text = text_of(random_bits(5));
  for (const std::string& wrong :
       {std::string(), std::string("-"), text.substr(0, text.size() - 1), text + "0", "U" + text.substr(1),
        text + '\0', std::string(1 << 20, '0'), std::string("\xC3\xA9") + text})
    BOOST_TEST(is_refused(wrong));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::keys
