// Random source, constant-time comparison and secret memory.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <utility>

#include "crypto/crypto.hpp"

namespace tessera {

BOOST_AUTO_TEST_SUITE(secret)

BOOST_AUTO_TEST_CASE(random_bytes_differ) {
  BOOST_TEST(random_bytes(system_random(), 0).empty());
  const Bytes first = random_bytes(system_random(), 32);
  BOOST_TEST(first.size() == 32U);
  BOOST_CHECK(first != random_bytes(system_random(), 32));
}

BOOST_AUTO_TEST_CASE(comparison_needs_equal_length_and_content) {
  BOOST_TEST(equal_constant_time({}, {}));
  BOOST_TEST(equal_constant_time(as_bytes("same"), as_bytes("same")));
  BOOST_TEST(!equal_constant_time(as_bytes("same"), as_bytes("sane")));
  BOOST_TEST(!equal_constant_time(as_bytes("same"), as_bytes("sam")));
  BOOST_TEST(!equal_constant_time(as_bytes("same"), {}));
}

BOOST_AUTO_TEST_CASE(wiping_leaves_zeros) {
  Bytes bytes(64, 0xFF);
  wipe(bytes.data(), bytes.size());
  BOOST_CHECK(bytes == Bytes(64));
}

BOOST_AUTO_TEST_CASE(secret_bytes_hold_and_move_their_content) {
  SecretBytes secret(as_bytes("hidden"));
  BOOST_TEST(as_text(secret.view()) == "hidden");
  SecretBytes moved(std::move(secret));
  BOOST_TEST(as_text(moved.view()) == "hidden");
  SecretBytes assigned(as_bytes("other"));
  assigned = std::move(moved);
  BOOST_TEST(as_text(assigned.view()) == "hidden");
  BOOST_TEST(assigned.size() == 6U);
  assigned = SecretBytes();
  BOOST_TEST(assigned.empty());
}

BOOST_AUTO_TEST_CASE(secret_bytes_of_a_size_start_as_zeros) {
  SecretBytes secret(100);
  BOOST_TEST(std::all_of(secret.view().begin(), secret.view().end(), [](uint8_t byte) { return byte == 0; }));
  secret.writable()[99] = 7;
  BOOST_TEST(secret.view()[99] == 7);
  BOOST_TEST(SecretBytes(size_t{0}).empty());
  BOOST_TEST(SecretBytes(ByteView()).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
