// Missing handles, missing receivers and impossible lengths are TSR_E_ARG, never a crash.
#include <boost/test/unit_test.hpp>
#include <string_view>
#include <type_traits>

#include "machine.hpp"

namespace tessera::test {
namespace {

constexpr size_t kImpossible = SIZE_MAX;

/// Functions whose zero arguments are a valid call.
constexpr std::string_view kZerosAreFine[] = {"tsr_abi_check"};

template <class Result, class... Args>
void check_zeros(std::string_view name, Result (*function)(Args...) noexcept) {
  BOOST_TEST_CONTEXT(name) {
    if constexpr ((std::is_same_v<Args, tsr_error**> || ...)) {
      const bool fine = std::ranges::find(kZerosAreFine, name) != std::end(kZerosAreFine);
      const tsr_status status = function(Args{}...);
      // Functions of an area that is not built know no arguments.
      const bool is_absent = status == TSR_E_UNSUPPORTED && (tsr_features() & TSR_FEATURE_STORE) == 0;
      BOOST_TEST((status == TSR_E_ARG || is_absent) == !fine);
    } else if constexpr (std::is_same_v<Result, const char*>) {
      BOOST_TEST((function(Args{}...) != nullptr));
    } else {
      static_cast<void>(function(Args{}...));
    }
  }
}

/// A text that has a length and no bytes, and one that is longer than memory.
template <class Call>
void check_bad_texts(Call call) {
  const char byte = 'x';
  for (const tsr_str text :
       {tsr_str{nullptr, 1}, tsr_str{nullptr, kImpossible}, tsr_str{&byte, kImpossible}}) {
    Failure failure;
    BOOST_TEST(call(text, failure.out()) == TSR_E_ARG);
    BOOST_TEST(std::string_view(tsr_error_text(failure.get())).size() > 0U);
  }
  Failure failure;
  BOOST_TEST(call(TSR_LIT("\xC3("), failure.out()) == TSR_E_ARG);
}

template <class Call>
void check_bad_bytes(Call call) {
  const char byte = 'x';
  BOOST_TEST(call(nullptr, size_t{1}) == TSR_E_ARG);
  BOOST_TEST(call(nullptr, kImpossible) == TSR_E_ARG);
  BOOST_TEST(call(&byte, kImpossible) == TSR_E_ARG);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(arguments, Machine)

BOOST_AUTO_TEST_CASE(zeros_never_crash) {
#define TSR_FUNCTION(name) check_zeros(#name, &name);
#include "functions.def"
#undef TSR_FUNCTION
}

BOOST_AUTO_TEST_CASE(impossible_texts) {
  License license = open();
  License other;
  App app;
  Hardware hardware;
  Key key;
  Issuer issuer;
  Buffer out;
  BOOST_REQUIRE(tsr_key_generate(TSR_KEY_ED25519, key.out(), nullptr) == TSR_OK);

  check_bad_texts([&](tsr_str text, tsr_error** err) { return tsr_license_open(text, other.out(), err); });
  check_bad_texts([&](tsr_str text, tsr_error** err) { return tsr_app_open(text, app.out(), err); });
  check_bad_texts([&](tsr_str text, tsr_error** err) { return tsr_hwid_probe(text, hardware.out(), err); });
  check_bad_texts(
      [&](tsr_str text, tsr_error** err) { return tsr_issuer_open(text, key.get(), issuer.out(), err); });
  check_bad_texts([&](tsr_str text, tsr_error** err) { return tsr_license_key_check(text, out.out(), err); });
  check_bad_texts([&](tsr_str text, tsr_error** err) {
    return tsr_license_meter_add(license.get(), text, 1, nullptr, nullptr, err);
  });
  for (auto* function : {tsr_issuer_read_request, tsr_issuer_read_deactivation, tsr_issuer_trial,
                         tsr_issuer_keyset, tsr_issuer_crl, tsr_issuer_time, tsr_issuer_rs256}) {
    check_bad_texts(
        [&](tsr_str text, tsr_error** err) { return function(vendor.issuer(), text, out.out(), err); });
  }
  for (auto* function : {tsr_issuer_issue, tsr_issuer_lease}) {
    check_bad_texts([&](tsr_str text, tsr_error** err) {
      return function(vendor.issuer(), text, TSR_LIT("{}"), out.out(), err);
    });
    check_bad_texts([&](tsr_str text, tsr_error** err) {
      return function(vendor.issuer(), TSR_LIT("x"), text, out.out(), err);
    });
  }
  check_bad_texts([&](tsr_str text, tsr_error** err) {
    tsr_request_opts opts{};
    tsr_request_opts_init(&opts, sizeof(opts));
    opts.note = text;
    return tsr_license_request(license.get(), &opts, out.out(), err);
  });
}

BOOST_AUTO_TEST_CASE(impossible_bytes) {
  License license = open();
  Verdict verdict;
  Key key;
  Buffer out;
  check_bad_bytes(
      [&](const void* data, size_t len) { return tsr_key_import(data, len, key.out(), nullptr); });
  check_bad_bytes(
      [&](const void* data, size_t len) { return tsr_document_inspect(data, len, out.out(), nullptr); });
  for (auto* function : {tsr_license_import, tsr_license_verify, tsr_license_start_trial}) {
    check_bad_bytes([&](const void* data, size_t len) {
      return function(license.get(), data, len, verdict.out(), nullptr);
    });
  }
}

BOOST_AUTO_TEST_CASE(missing_receivers) {
  License license = licensed();
  Failure failure;
  BOOST_TEST(tsr_license_check(license.get(), nullptr, nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_license_verify(license.get(), "", 0, nullptr, nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_license_request(license.get(), nullptr, nullptr, nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_license_open(TSR_LIT("{}"), nullptr, failure.out()) == TSR_E_ARG);
  BOOST_TEST(std::string(tsr_error_text(failure.get())).find("NULL") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_missing_receiver_stops_a_deactivation_before_it_has_an_effect) {
  License license = licensed();
  BOOST_TEST(tsr_license_deactivate(license.get(), nullptr, nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_verdict_usable(check(license).get()) == 1);
}

BOOST_AUTO_TEST_CASE(optional_receivers_may_be_null) {
  License license = licensed();
  BOOST_TEST(tsr_license_refresh(license.get(), nullptr, nullptr) == TSR_OK);
  const std::string file = vendor.license_file({}, {{"sku", "pro"}});
  BOOST_TEST(tsr_license_import(license.get(), file.data(), file.size(), nullptr, nullptr) == TSR_OK);
  BOOST_TEST(tsr_license_meter_add(license.get(), TSR_LIT("x"), 0, nullptr, nullptr, nullptr) ==
             TSR_E_LICENSE);
}

BOOST_AUTO_TEST_CASE(an_empty_file_is_malformed_however_it_is_passed) {
  License license = open();
  for (const char* data : {static_cast<const char*>(nullptr), ""}) {
    Failure failure;
    BOOST_TEST(tsr_license_import(license.get(), data, 0, nullptr, failure.out()) == TSR_E_LICENSE);
    BOOST_TEST(license_code(failure) == TSR_LICENSE_TOKEN_MALFORMED);
  }
}

BOOST_AUTO_TEST_CASE(negative_amounts_and_unknown_enumerators) {
  License license = licensed();
  Key key;
  Subscription subscription;
  const tsr_log_fn ignore = [](void*, int32_t, tsr_str, tsr_str, tsr_str, tsr_str) {};
  BOOST_TEST(tsr_license_meter_add(license.get(), TSR_LIT("copies"), -1, nullptr, nullptr, nullptr) ==
             TSR_E_ARG);
  BOOST_TEST(tsr_key_generate(0, key.out(), nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_key_generate(3, key.out(), nullptr) == TSR_E_ARG);
  for (const int32_t level : {-1, 5, INT32_MAX}) {
    BOOST_TEST(tsr_license_on_log(license.get(), level, ignore, nullptr, nullptr, subscription.out(),
                                  nullptr) == TSR_E_ARG);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
