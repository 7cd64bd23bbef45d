#include "keys/sharing.hpp"

#include <boost/test/unit_test.hpp>

#include "fakes.hpp"

namespace tessera::keys {
namespace {

SecretBytes secret_of(uint8_t first) {
  Bytes bytes(kShareBytes);
  for (uint8_t& byte : bytes) byte = first++;
  return SecretBytes(bytes);
}

bool same(const SecretBytes& a, const SecretBytes& b) { return std::ranges::equal(a.view(), b.view()); }

BOOST_AUTO_TEST_SUITE(sharing)

BOOST_AUTO_TEST_CASE(every_choice_of_enough_shares_gives_the_secret) {
  test::FakeRandom random;
  const SecretBytes secret = secret_of(7);
  const auto shares = split_secret(secret, 3, 6, random);
  for (unsigned chosen = 0; chosen < 64; ++chosen) {
    std::vector<Share> some;
    for (size_t i = 0; i < shares.size(); ++i) {
      if ((chosen >> i & 1) != 0) some.push_back(shares[i]);
    }
    if (some.size() == 3) BOOST_TEST(same(join_shares(some), secret));
    if (some.size() < 3) BOOST_TEST(!same(join_shares(some), secret));
  }
}

BOOST_AUTO_TEST_CASE(limits) {
  test::FakeRandom random;
  const SecretBytes secret = secret_of(200);
  BOOST_TEST(same(join_shares(split_secret(secret, 255, 255, random)), secret));
  const auto one_of_three = split_secret(secret, 1, 3, random);
  for (const Share& share : one_of_three) BOOST_TEST(same(join_shares({share}), secret));
}

// x^8 + x^4 + x^3 + x + 1, by the line through (1, 0x53) and (2, 0xCA): a slope that is their difference
// over 3.
BOOST_AUTO_TEST_CASE(works_in_the_field_of_aes) {
  std::vector<Share> line(2);
  line[0].x = 0x02;
  line[0].value.fill(0x53);
  line[1].x = 0x03;
  line[1].value.fill(0xCA);
  // At 0: 0x53 * 3/(3^2) ^ 0xCA * 2/(2^3) = 0x53*3 ^ 0xCA*2 = 0xF5 ^ 0x8F.
  const SecretBytes secret = join_shares(line);
  BOOST_TEST(int{secret.view()[0]} == (0xF5 ^ 0x8F));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::keys
