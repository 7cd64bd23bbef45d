#include <tessera/tessera.hpp>

#include <boost/test/unit_test.hpp>

#include "live_objects.hpp"

namespace tessera::facade_test {
namespace {

Error sample() { return {ErrorCode::kLicense, "license", "the text", true, R"({"license_code":48,"x":1})"}; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(error, test::LiveObjects)

BOOST_AUTO_TEST_CASE(carries_every_fact) {
  const Error error = sample();
  BOOST_TEST((error.code() == ErrorCode::kLicense));
  BOOST_TEST(error.domain() == "license");
  BOOST_TEST(error.what() == std::string("the text"));
  BOOST_TEST(error.retryable());
  BOOST_TEST((error.license_code() == LicenseCode::kSignatureInvalid));
}

BOOST_AUTO_TEST_CASE(only_licence_errors_have_a_licence_code) {
  BOOST_TEST(!Error(ErrorCode::kIo, "base", "text", false, "{}").license_code().has_value());
}

BOOST_AUTO_TEST_CASE(copies_never_throw) {
  BOOST_TEST(std::is_nothrow_copy_constructible_v<Error>);
  BOOST_TEST(std::is_nothrow_copy_assignable_v<Error>);
}

BOOST_AUTO_TEST_CASE(names_come_from_the_library) {
  BOOST_TEST(name(ErrorCode::kNotFound) == "not_found");
  BOOST_TEST(name(static_cast<ErrorCode>(9999)) == "unknown");
  BOOST_TEST(name(LicenseCode::kHwMismatch) == "HW_MISMATCH");
  BOOST_TEST(!meaning(LicenseCode::kHwMismatch).empty());
  BOOST_TEST(!next_step(LicenseCode::kHwMismatch).empty());
  BOOST_TEST(is_usable(LicenseCode::kWarnRebindDue));
  BOOST_TEST(!is_usable(LicenseCode::kNoLicense));
}

BOOST_AUTO_TEST_CASE(expected_gives_the_value_or_throws_the_error) {
  Expected<std::string> good(std::string("value"));
  BOOST_TEST(good.has_value());
  BOOST_TEST(good.value() == "value");
  BOOST_TEST(good->size() == 5U);
  BOOST_TEST(std::move(good).value_or("other") == "value");

  const Expected<std::string> bad(sample());
  BOOST_TEST(!bad);
  BOOST_TEST((bad.error().code() == ErrorCode::kLicense));
  BOOST_CHECK_THROW(bad.value(), Error);
  BOOST_TEST(Expected<std::string>(sample()).value_or("other") == "other");
}

BOOST_AUTO_TEST_CASE(expected_holds_move_only_types) {
  Expected<Key> key = Key::try_generate();
  BOOST_REQUIRE(key.has_value());
  const Key taken = std::move(key).value();
  BOOST_TEST(!taken.id().empty());
}

BOOST_AUTO_TEST_CASE(expected_without_value_type) {
  BOOST_TEST(Expected<void>().has_value());
  BOOST_CHECK_NO_THROW(Expected<void>().value());
  BOOST_CHECK_THROW(Expected<void>(sample()).value(), Error);
}

BOOST_AUTO_TEST_CASE(loaded_library_serves_these_headers) {
  BOOST_TEST(!version().empty());
  BOOST_TEST(build_info().find(version()) != std::string_view::npos);
  BOOST_TEST(try_check_abi().has_value());
  BOOST_CHECK_NO_THROW(check_abi());
  BOOST_TEST(has_feature(Feature::kHwid));
  BOOST_TEST(has_feature(Feature::kLicense));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::facade_test
