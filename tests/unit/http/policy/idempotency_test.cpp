#include "http/policy/idempotency.hpp"

#include <boost/test/unit_test.hpp>

#include "fakes.hpp"

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(idempotency)

BOOST_AUTO_TEST_CASE(no_call_gets_a_key_unless_configured) {
  for (const std::string_view method : {"POST", "PATCH", "GET", "PUT"}) BOOST_TEST(!needs_key(method, {}));
  const IdempotencyConfig config{.is_automatic = true};
  for (const std::string_view method : {"POST", "PATCH"}) BOOST_TEST(needs_key(method, config));
  for (const std::string_view method : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "post", ""}) {
    BOOST_TEST(!needs_key(method, config));
  }
}

BOOST_AUTO_TEST_CASE(a_key_is_a_random_uuid) {
  test::FakeRandom random;
  const std::string key = make_key(random);
  BOOST_TEST(key.size() == 36U);
  BOOST_TEST(key[14] == '4');
  BOOST_TEST(key != make_key(random));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
