#include "base/error.hpp"

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <memory>
#include <set>
#include <string>

#include "base/result.hpp"

namespace tessera {
namespace {

constexpr ErrorCode kAllCodes[] = {
#define TSR_ERROR(name, value, retryable, python_base, text) ErrorCode::k##name,
#include "base/errors.def"
#undef TSR_ERROR
};

Result<int> half(int number) {
  if (number % 2 != 0) return Error{ErrorCode::kARG, "test", "odd", {}};
  return number / 2;
}

Result<int> quarter(int number) {
  TSR_ASSIGN_OR_RETURN(const int once, half(number));
  TSR_RETURN_IF_ERROR(half(once));
  return half(once);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(error)

BOOST_AUTO_TEST_CASE(codes_and_names_are_unique) {
  std::set<int32_t> values = {0};
  std::set<std::string_view> names = {"ok", "unknown"};
  for (const ErrorCode code : kAllCodes) {
    BOOST_TEST(values.insert(static_cast<int32_t>(code)).second);
    BOOST_TEST(names.insert(error_name(code)).second);
  }
}

BOOST_AUTO_TEST_CASE(names_are_lower_case_without_prefix) {
  BOOST_TEST(error_name(ErrorCode::kOk) == "ok");
  BOOST_TEST(error_name(ErrorCode::kNOT_FOUND) == "not_found");
  BOOST_TEST(error_name(static_cast<ErrorCode>(9999)) == "unknown");
}

BOOST_AUTO_TEST_CASE(only_passing_conditions_are_retryable) {
  BOOST_TEST(error_retryable(ErrorCode::kBUSY));
  BOOST_TEST(error_retryable(ErrorCode::kDISK_FULL));
  BOOST_TEST(!error_retryable(ErrorCode::kARG));
  BOOST_TEST(!error_retryable(static_cast<ErrorCode>(9999)));
}

BOOST_AUTO_TEST_CASE(errno_values_map_to_codes) {
  const auto code = [](int number) {
    return static_cast<int>(error_from_errno("base", "do it", number).code);
  };
  BOOST_TEST(code(ENOENT) == static_cast<int>(ErrorCode::kNOT_FOUND));
  for (const int denied : {EACCES, EPERM, EROFS})
    BOOST_TEST(code(denied) == static_cast<int>(ErrorCode::kPERMISSION));
  for (const int full : {ENOSPC, EDQUOT}) BOOST_TEST(code(full) == static_cast<int>(ErrorCode::kDISK_FULL));
  BOOST_TEST(code(ENOMEM) == static_cast<int>(ErrorCode::kNO_MEMORY));
  for (const int busy : {EBUSY, EAGAIN}) BOOST_TEST(code(busy) == static_cast<int>(ErrorCode::kBUSY));
  BOOST_TEST(code(EIO) == static_cast<int>(ErrorCode::kIO));

  const Error error = error_from_errno("license", "open the licence state", ENOENT);
  BOOST_TEST(error.domain == "license");
  BOOST_TEST(error.text == "could not open the licence state: No such file or directory; check the path");
}

BOOST_AUTO_TEST_CASE(result_carries_a_value_or_an_error) {
  BOOST_TEST(quarter(12).value() == 3);
  for (const int refused : {3, 6}) {
    const Result<int> result = quarter(refused);
    BOOST_TEST(!result.ok());
    BOOST_TEST(result.error().text == "odd");
  }
  Result<std::unique_ptr<int>> owned(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = *std::move(owned);
  BOOST_TEST(*taken == 7);
  BOOST_TEST(Status().ok());
  BOOST_TEST(!Status(Error{}).ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
