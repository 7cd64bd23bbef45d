#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "handles.hpp"
#include "live_objects.hpp"

namespace tessera::test {

BOOST_FIXTURE_TEST_SUITE(version, LiveObjects)

BOOST_AUTO_TEST_CASE(has_three_numbers) {
  const std::string text = tsr_version();
  BOOST_TEST(std::count(text.begin(), text.end(), '.') == 2);
}

BOOST_AUTO_TEST_CASE(names_the_libraries_it_runs_with) {
  const std::string info = tsr_build_info();
  BOOST_TEST(info.find(std::string(R"("version":")") + tsr_version() + '"') != std::string::npos);
  BOOST_TEST(info.find(R"("openssl":"3.)") != std::string::npos);
  BOOST_TEST(info.find(R"("libsodium":"1.)") != std::string::npos);
  const bool has_store = (tsr_features() & TSR_FEATURE_STORE) != 0;
  BOOST_TEST((info.find(R"("sqlite":"3.)") != std::string::npos) == has_store);
  BOOST_TEST((info.find(R"("sqlcipher":"4.)") != std::string::npos) == has_store);
  BOOST_TEST(nlohmann::json::parse(info).contains("compiler"));
  BOOST_TEST(std::string(tsr_build_info()) == info);
}

BOOST_AUTO_TEST_CASE(names_the_areas) {
  const uint64_t areas = tsr_features();
  BOOST_TEST((areas | TSR_FEATURE_STORE) ==
             uint64_t{TSR_FEATURE_HWID | TSR_FEATURE_LICENSE | TSR_FEATURE_STORE});
  tsr_store* store = nullptr;
  const tsr_status opened = tsr_store_open(TSR_LIT("nonsense"), nullptr, &store, nullptr);
  BOOST_TEST((opened == TSR_E_UNSUPPORTED) == ((areas & TSR_FEATURE_STORE) == 0));
  BOOST_TEST(opened != TSR_OK);
}

BOOST_AUTO_TEST_CASE(accepts_the_header_it_was_built_with) {
  Failure failure;
  BOOST_TEST(tsr_abi_check(TSR_ABI_MAJOR, TSR_ABI_MINOR, failure.out()) == TSR_OK);
  BOOST_TEST(!failure);
  BOOST_TEST(tsr_abi_check(TSR_ABI_MAJOR, 0, nullptr) == TSR_OK);
}

BOOST_AUTO_TEST_CASE(refuses_another_major_and_a_newer_minor_and_names_both) {
  const std::string own = std::to_string(TSR_ABI_MAJOR) + '.' + std::to_string(TSR_ABI_MINOR);
  for (const auto& [major, minor] : {std::pair<uint32_t, uint32_t>{TSR_ABI_MAJOR + 1, 0},
                                     {TSR_ABI_MAJOR - 1, 0},
                                     {TSR_ABI_MAJOR, TSR_ABI_MINOR + 7},
                                     {UINT32_MAX, UINT32_MAX}}) {
    Failure failure;
    BOOST_TEST(tsr_abi_check(major, minor, failure.out()) == TSR_E_ABI);
    const std::string text = tsr_error_text(failure.get());
    BOOST_TEST(text.find(std::to_string(major) + '.' + std::to_string(minor)) != std::string::npos);
    BOOST_TEST(text.find(own) != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
