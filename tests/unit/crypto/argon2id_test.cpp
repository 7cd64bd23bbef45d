#include <boost/test/unit_test.hpp>

#include "bytes_of.hpp"
#include "crypto/crypto.hpp"

namespace tessera {
namespace {

constexpr Argon2Cost kCheap{.passes = 2, .memory_bytes = 64 << 10};
constexpr Key256 kPatternBytes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
constexpr ByteView kSalt = ByteView(kPatternBytes).first(16);

int code(const Argon2Cost& cost, size_t length, ByteView salt = kSalt) {
  const Result<Bytes> key = argon2id(as_bytes("password"), salt, cost, length);
  return key.ok() ? 0 : static_cast<int>(key.error().code);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(argon2)

BOOST_AUTO_TEST_CASE(agrees_with_the_reference_implementation) {
  BOOST_TEST(hex_encode(argon2id(as_bytes("password"), kSalt, kCheap, 32).value()) ==
             "716882821df77bc6414358b07159fb63ca1c90beaeb9d0ca0e43bd887dcf2ca9");
}

BOOST_AUTO_TEST_CASE(costs_and_sizes_outside_the_range_are_refused) {
  constexpr int kLimit = static_cast<int>(ErrorCode::kLIMIT);
  BOOST_TEST(code(kCheap, 16) == 0);
  BOOST_TEST(argon2id({}, kSalt, kCheap, 16).ok());
  BOOST_TEST(code(kCheap, 15) == kLimit);
  BOOST_TEST(code({.passes = 0, .memory_bytes = 64 << 10}, 32) == kLimit);
  BOOST_TEST(code({.passes = 2, .memory_bytes = 1024}, 32) == kLimit);
  BOOST_TEST(code({.passes = 2, .memory_bytes = uint64_t{1} << 60}, 32) == kLimit);
  BOOST_TEST(code(kCheap, 32, kSalt.first(15)) == static_cast<int>(ErrorCode::kARG));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
