#include <boost/test/unit_test.hpp>
#include <string>

#include "handles.hpp"
#include "live_objects.hpp"

namespace tessera::test {

BOOST_FIXTURE_TEST_SUITE(error, LiveObjects)

BOOST_AUTO_TEST_CASE(carries_the_returned_code_a_sentence_and_a_domain) {
  Failure failure;
  const tsr_status status = tsr_license_check(nullptr, nullptr, failure.out());
  BOOST_TEST(status == TSR_E_ARG);
  BOOST_TEST(tsr_error_code(failure.get()) == status);
  BOOST_TEST(std::string(tsr_error_text(failure.get())).find("licence") != std::string::npos);
  BOOST_TEST(tsr_error_domain(failure.get()) == "abi");
  BOOST_TEST(tsr_error_detail(failure.get()) == "{}");
  BOOST_TEST(tsr_error_retryable(failure.get()) == 0);
}

BOOST_AUTO_TEST_CASE(is_counted_as_a_live_object) {
  Failure failure;
  BOOST_TEST(tsr_abi_check(0, 0, failure.out()) == TSR_E_ABI);
  BOOST_TEST(tsr_live_objects() == before + 1);
}

BOOST_AUTO_TEST_CASE(is_not_made_without_a_receiver) {
  BOOST_TEST(tsr_abi_check(0, 0, nullptr) == TSR_E_ABI);
  BOOST_TEST(tsr_live_objects() == before);
}

BOOST_AUTO_TEST_CASE(receiver_is_null_after_success) {
  auto* stale = reinterpret_cast<tsr_error*>(1);
  BOOST_TEST(tsr_abi_check(TSR_ABI_MAJOR, TSR_ABI_MINOR, &stale) == TSR_OK);
  BOOST_TEST(stale == nullptr);
}

BOOST_AUTO_TEST_CASE(null_reads_as_no_error) {
  BOOST_TEST(tsr_error_code(nullptr) == TSR_OK);
  BOOST_TEST(tsr_error_text(nullptr) == "");
  BOOST_TEST(tsr_error_domain(nullptr) == "");
  BOOST_TEST(tsr_error_detail(nullptr) == "{}");
  BOOST_TEST(tsr_error_retryable(nullptr) == 0);
  tsr_error_free(nullptr);
}

BOOST_AUTO_TEST_CASE(licence_refusals_name_their_code) {
  Failure failure;
  Buffer out;
  BOOST_TEST(tsr_license_key_check(TSR_LIT("nonsense"), out.out(), failure.out()) == TSR_E_LICENSE);
  const auto detail = nlohmann::json::parse(tsr_error_detail(failure.get()));
  BOOST_TEST(detail.at("license_code") == TSR_LICENSE_LICENSE_KEY_INVALID);
  BOOST_TEST(detail.at("license_name") == "LICENSE_KEY_INVALID");
}

BOOST_AUTO_TEST_CASE(statuses_have_names) {
  BOOST_TEST(tsr_status_name(TSR_OK) == "ok");
  BOOST_TEST(tsr_status_name(TSR_E_NOT_FOUND) == "not_found");
  BOOST_TEST(tsr_status_name(TSR_E_INTERNAL) == "internal");
  BOOST_TEST(tsr_status_name(-1) == "unknown");
  BOOST_TEST(tsr_status_name(INT32_MAX) == "unknown");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
