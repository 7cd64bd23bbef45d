#include "text/hex.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera {

BOOST_AUTO_TEST_SUITE(hex)

BOOST_AUTO_TEST_CASE(writes_lower_case_and_reads_both) {
  const Bytes bytes = {0x00, 0x1A, 0xFF};
  BOOST_TEST(hex_encode(bytes) == "001aff");
  BOOST_CHECK(hex_decode("001aff") == bytes);
  BOOST_CHECK(hex_decode("001AFf") == bytes);
  BOOST_CHECK(hex_decode("") == Bytes());
}

BOOST_AUTO_TEST_CASE(refuses_what_is_not_hex) {
  for (const char* text : {"0", "001", "0g", "0x00", "00 11", "-1"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(!hex_decode(text).has_value()); }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
