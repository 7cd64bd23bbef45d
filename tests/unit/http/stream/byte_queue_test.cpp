#include "http/stream/byte_queue.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(byte_queue)

BOOST_AUTO_TEST_CASE(what_goes_in_comes_out_in_order_whatever_the_pieces) {
  ByteQueue queue;
  uint8_t next_in = 0, next_out = 0;
  for (size_t round = 0; round < 500; ++round) {
    Bytes piece((round * 7) % 23);
    for (uint8_t& byte : piece) byte = next_in++;
    const size_t before = queue.size();
    queue.push(piece);
    BOOST_REQUIRE_EQUAL(queue.size(), before + piece.size());
    for (const uint8_t byte : queue.take((round * 5) % 19)) BOOST_REQUIRE_EQUAL(byte, next_out++);
  }
  for (const uint8_t byte : queue.take(queue.size() + 1)) BOOST_REQUIRE_EQUAL(byte, next_out++);
  BOOST_TEST(next_out == next_in);
  BOOST_TEST(queue.empty());
  BOOST_TEST(queue.take(1).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
