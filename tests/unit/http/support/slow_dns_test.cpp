#include "slow_dns.hpp"

#include <boost/test/unit_test.hpp>
#include <future>

#include "clients.hpp"
#include "http_origin.hpp"

namespace tessera::test {

BOOST_AUTO_TEST_SUITE(slow_dns)

BOOST_AUTO_TEST_CASE(a_name_is_where_the_test_says) {
  SlowDns dns;
  dns.answer("api.test", "127.0.0.1");
  dns.fail("gone.test");
  Origin origin;
  origin.on("GET", "/", [](const Seen&) { return 200; });
  BOOST_TEST(get(origin.url("/", "api.test")).status == 200);
  BOOST_TEST(origin.wait_for(1).header("Host") == "api.test:" + std::to_string(origin.port()));
  BOOST_TEST(get("http://gone.test/").code == CURLE_COULDNT_RESOLVE_HOST);
  BOOST_TEST(dns.lookups("api.test") == 1);
  BOOST_TEST(get(origin.url("/", "localhost")).status == 200);
}

BOOST_AUTO_TEST_CASE(a_held_name_is_answered_when_it_is_released) {
  SlowDns dns;
  dns.answer("slow.test", "127.0.0.1");
  dns.hold("slow.test");
  Origin origin;
  origin.on("GET", "/", [](const Seen&) { return 200; });
  auto call = std::async(std::launch::async, [&] { return get(origin.url("/", "slow.test")); });
  dns.wait_for_lookups("slow.test", 1);
  BOOST_TEST(origin.connections() == 0);
  dns.release("slow.test");
  BOOST_TEST(call.get().status == 200);
}

BOOST_AUTO_TEST_CASE(a_client_can_give_up_on_a_name) {
  SlowDns dns;
  dns.hold("slow.test");
  const Got got =
      get("http://slow.test/", [](CURL* handle) { curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 20L); });
  BOOST_TEST(got.code == CURLE_OPERATION_TIMEDOUT);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
