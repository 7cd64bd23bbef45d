#include "http/policy/breaker_record.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(breaker_record)

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
  const std::string text = write_record({true, 1'780'000'000'000, 30'000, 2});
  const auto record = read_record(text);
  BOOST_REQUIRE(record.has_value());
  BOOST_TEST(record->is_open);
  BOOST_TEST(record->opened_wall_ms == 1'780'000'000'000);
  BOOST_TEST(record->cooldown_ms == 30'000);
  BOOST_TEST(record->trips == 2);
}

BOOST_AUTO_TEST_CASE(a_closed_breaker_has_nothing_to_keep) { BOOST_TEST(write_record({}).empty()); }

BOOST_AUTO_TEST_CASE(what_is_no_record_is_none) {
  for (const char* text :
       {"", "x", "[]", "{}", "7", "null", "{\"opened_ms\":1}", "{\"opened_ms\":-1,\"cooldown_ms\":1}",
        "{\"opened_ms\":1,\"cooldown_ms\":99999999999999999999}", "{\"opened_ms\":1.5,\"cooldown_ms\":1}",
        "{\"opened_ms\":\"1\",\"cooldown_ms\":1}", "{\"opened_ms\":1,\"cooldown_ms\":1,\"more\":1}"}) {
    BOOST_TEST(!read_record(text).has_value(), text);
  }
  BOOST_TEST(!read_record(std::string(2'000, ' ')).has_value());
}

BOOST_AUTO_TEST_CASE(a_record_of_a_wrong_clock_holds_no_longer_than_an_hour) {
  const auto record = read_record("{\"opened_ms\":9007199254740992,\"cooldown_ms\":9007199254740992}");
  BOOST_REQUIRE(record.has_value());
  Breaker breaker(BreakerConfig::client());
  breaker.restore(*record, 1'000, 1'780'000'000'000);
  BOOST_TEST(breaker.left_ms(1'000) == 3'600'000);
  BOOST_TEST(!breaker.admit(3'600'999).is_allowed);
  BOOST_TEST(breaker.admit(3'601'000).is_allowed);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
