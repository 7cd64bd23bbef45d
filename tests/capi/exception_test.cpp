// An exception thrown inside any exported function stays inside it.
#include <boost/test/unit_test.hpp>
#include <string_view>
#include <type_traits>

#include "handles.hpp"
#include "live_objects.hpp"
#include "tessera_testing.h"

namespace tessera::test {
namespace {

/// The exception comes before a function looks at its arguments, so zeros do for all of them.
template <class Result, class... Args>
Result call_with_zeros(Result (*function)(Args...) noexcept) {
  return function(Args{}...);
}

template <class Function>
constexpr bool kReturnsStatus = false;
template <class... Args>
constexpr bool kReturnsStatus<tsr_status (*)(Args...) noexcept> =
    // tsr_status is a plain integer: only functions that fill an error return one.
    (std::is_same_v<Args, tsr_error**> || ...);

template <class Function>
void check_contained(std::string_view name, Function function) {
  BOOST_TEST_CONTEXT(name) {
    const uint64_t swallowed = tsr_testing_swallowed();
    tsr_testing_throw_in(str(name));
    if constexpr (kReturnsStatus<Function>) {
      BOOST_TEST(call_with_zeros(function) == TSR_E_INTERNAL);
      BOOST_TEST(tsr_testing_swallowed() == swallowed);
    } else {
      if constexpr (std::is_same_v<decltype(call_with_zeros(function)), const char*>) {
        BOOST_TEST((call_with_zeros(function) != nullptr));
      } else {
        static_cast<void>(call_with_zeros(function));
      }
      BOOST_TEST(tsr_testing_swallowed() == swallowed + 1);
    }
  }
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(exception, LiveObjects)

BOOST_AUTO_TEST_CASE(stays_inside_every_function) {
#define TSR_FUNCTION(name) check_contained(#name, &name);
#include "functions.def"
#undef TSR_FUNCTION
}

BOOST_AUTO_TEST_CASE(becomes_an_error_that_names_the_function_and_quotes_nothing) {
  Key key;
  Failure failure;
  tsr_testing_throw_in(TSR_LIT("tsr_key_generate"));
  BOOST_TEST(tsr_key_generate(TSR_KEY_ED25519, key.out(), failure.out()) == TSR_E_INTERNAL);
  BOOST_TEST(!key);
  const std::string text = tsr_error_text(failure.get());
  BOOST_TEST(text.find("tsr_key_generate") != std::string::npos);
  BOOST_TEST(text.find("injected") == std::string::npos);
  BOOST_TEST(tsr_key_generate(TSR_KEY_ED25519, key.out(), failure.out()) == TSR_OK);
}

BOOST_AUTO_TEST_CASE(exhausted_memory_is_told_without_needing_any) {
  Key key;
  Failure first, second;
  tsr_testing_exhaust_memory_in(TSR_LIT("tsr_key_generate"));
  BOOST_TEST(tsr_key_generate(TSR_KEY_ED25519, key.out(), first.out()) == TSR_E_NO_MEMORY);
  tsr_testing_exhaust_memory_in(TSR_LIT("tsr_key_generate"));
  BOOST_TEST(tsr_key_generate(TSR_KEY_ED25519, key.out(), second.out()) == TSR_E_NO_MEMORY);
  BOOST_TEST(first.get() == second.get());  // one object that was always there
  BOOST_TEST(tsr_error_code(first.get()) == TSR_E_NO_MEMORY);
  BOOST_TEST(tsr_error_retryable(first.get()) == 1);
  BOOST_TEST(!key);
}

BOOST_AUTO_TEST_CASE(leaves_out_parameters_zeroed) {
  tsr_buf buffer{reinterpret_cast<uint8_t*>(1), 99};
  tsr_testing_throw_in(TSR_LIT("tsr_license_key_generate"));
  BOOST_TEST(tsr_license_key_generate(&buffer, nullptr) == TSR_E_INTERNAL);
  BOOST_TEST(buffer.data == nullptr);
}

BOOST_AUTO_TEST_CASE(a_log_registration_still_frees_its_user_data) {
  int freed = 0;
  tsr_testing_throw_in(TSR_LIT("tsr_app_on_log"));
  Subscription subscription;
  BOOST_TEST(tsr_app_on_log(
                 nullptr, TSR_LOG_INFO, [](void*, int32_t, tsr_str, tsr_str, tsr_str, tsr_str) {}, &freed,
                 [](void* user) { ++*static_cast<int*>(user); }, subscription.out(),
                 nullptr) == TSR_E_INTERNAL);
  BOOST_TEST(freed == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
