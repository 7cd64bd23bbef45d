#include "license/license_key.hpp"

#include "license_fixture.hpp"

namespace tessera {
namespace {

using namespace license_test;

constexpr std::string_view kKey = "01234-56789-ABCDE-FGHJK-MNPQ";  // and its check symbol
constexpr std::string_view kData = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kChecks = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";

/// The key with the one check symbol that fits.
std::string valid_key() {
  for (const char check : kChecks) {
    if (license_key_canonical(std::string(kKey) + check).ok()) return std::string(kKey) + check;
  }
  throw std::runtime_error("no check symbol fits");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(license_key)

BOOST_AUTO_TEST_CASE(generated_keys_are_canonical_and_differ) {
  test::FakeRandom random;
  std::string last;
  for (int i = 0; i < 1000; ++i) {
    const std::string key = license_key_generate(random);
    BOOST_REQUIRE(key.size() == 29U);
    for (size_t at = 0; at < 28; ++at)
      BOOST_REQUIRE((at % 6 == 5 ? key[at] == '-' : kData.find(key[at]) != std::string_view::npos));
    BOOST_REQUIRE(require(license_key_canonical(key)) == key);
    BOOST_REQUIRE(key != last);
    last = key;
  }
}

BOOST_AUTO_TEST_CASE(one_check_symbol_fits) {
  const std::string key = valid_key();
  int fitting = 0;
  for (const char check : kChecks) fitting += license_key_canonical(std::string(kKey) + check).ok() ? 1 : 0;
  BOOST_TEST(fitting == 1);
  BOOST_TEST(require(license_key_canonical(key)) == key);
}

BOOST_AUTO_TEST_CASE(typing_is_forgiven) {
  const std::string key = valid_key();
  std::string lower, look_alike, spaced, joined;
  for (const char c : key) {
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    look_alike += c == '0' ? 'O' : c == '1' ? 'l' : c;
    spaced += c == '-' ? std::string(" \t") : std::string(1, c);
    if (c != '-') joined += c;
  }
  for (const std::string& typed :
       {lower, look_alike, spaced, joined, "\r\n  " + key + " \n", "-" + key + "--"})
    BOOST_TEST_CONTEXT(typed) { BOOST_TEST(require(license_key_canonical(typed)) == key); }
}

BOOST_AUTO_TEST_CASE(other_texts_are_no_keys) {
  const std::string key = valid_key();
  for (const std::string& typed :
       {std::string(), std::string("-"), key.substr(1), key.substr(0, key.size() - 1), key + key.back(),
        key + "0", "U" + key.substr(1), "*" + key.substr(1), key.substr(0, 5) + "_" + key.substr(6),
        key + std::string(1, '\0'), "\xEF\xBB\xBF" + key, std::string(100'000, '0')})
    BOOST_TEST_CONTEXT(typed.substr(0, 40)) {
      BOOST_TEST(code_of(license_key_canonical(typed)) == Code::kLICENSE_KEY_INVALID);
    }
}

BOOST_AUTO_TEST_CASE(every_mistyped_symbol_is_noticed) {
  const std::string key = valid_key();
  for (size_t at = 0; at < key.size(); ++at) {
    if (key[at] == '-') continue;
    for (const char symbol : at + 1 == key.size() ? kChecks : kData) {
      if (symbol == key[at]) continue;
      std::string typed = key;
      typed[at] = symbol;
      BOOST_REQUIRE(code_of(license_key_canonical(typed)) == Code::kLICENSE_KEY_INVALID);
    }
  }
}

BOOST_AUTO_TEST_CASE(two_symbols_swapped_are_noticed) {
  const std::string key = valid_key();
  for (size_t at = 0; at + 1 < key.size(); ++at) {
    const size_t next = key[at + 1] == '-' ? at + 2 : at + 1;
    if (key[at] == '-' || key[at] == key[next]) continue;
    std::string typed = key;
    std::swap(typed[at], typed[next]);
    BOOST_TEST(code_of(license_key_canonical(typed)) == Code::kLICENSE_KEY_INVALID);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
