#include <boost/test/unit_test.hpp>
#include <string>

#include "handles.hpp"
#include "live_objects.hpp"

namespace tessera::test {

BOOST_FIXTURE_TEST_SUITE(buffer, LiveObjects)

BOOST_AUTO_TEST_CASE(ends_with_a_nul_that_is_not_counted) {
  Buffer key;
  BOOST_TEST(tsr_license_key_generate(key.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(key.get().data != nullptr);
  BOOST_TEST(key.get().len == std::string(reinterpret_cast<const char*>(key.get().data)).size());
}

BOOST_AUTO_TEST_CASE(free_zeroes_it_and_may_be_repeated) {
  tsr_buf buffer{};
  BOOST_TEST(tsr_license_key_generate(&buffer, nullptr) == TSR_OK);
  tsr_buf_free(&buffer);
  BOOST_TEST(buffer.data == nullptr);
  BOOST_TEST(buffer.len == 0U);
  tsr_buf_free(&buffer);
  tsr_buf_free(nullptr);
}

BOOST_AUTO_TEST_CASE(is_zeroed_by_a_call_that_fails) {
  tsr_buf buffer{reinterpret_cast<uint8_t*>(1), 99};
  BOOST_TEST(tsr_license_key_check(TSR_LIT("nonsense"), &buffer, nullptr) == TSR_E_LICENSE);
  BOOST_TEST(buffer.data == nullptr);
  BOOST_TEST(buffer.len == 0U);
}

BOOST_AUTO_TEST_CASE(text_with_an_embedded_nul_counts_whole) {
  Buffer key, canonical;
  BOOST_TEST(tsr_license_key_generate(key.out(), nullptr) == TSR_OK);
  const std::string longer = key.text() + '\0' + "X";
  BOOST_TEST(tsr_license_key_check(str(longer), canonical.out(), nullptr) == TSR_E_LICENSE);
  BOOST_TEST(tsr_license_key_check(str(key.text()), canonical.out(), nullptr) == TSR_OK);
  BOOST_TEST(canonical.text() == key.text());

  const std::string config = std::string("{}\0", 3);
  Hardware hardware;
  BOOST_TEST(tsr_hwid_probe(str(config), hardware.out(), nullptr) == TSR_E_ARG);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
