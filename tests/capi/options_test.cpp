// tsr_request_opts across headers of other ages.
#include <boost/test/unit_test.hpp>
#include <cstring>

#include "machine.hpp"

namespace tessera::test {
namespace {

/// The struct as a later header might declare it.
struct LaterOpts {
  tsr_request_opts known;
  int64_t added;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(options, Machine)

BOOST_AUTO_TEST_CASE(init_gives_the_defaults) {
  tsr_request_opts opts;
  std::memset(&opts, 0xFF, sizeof(opts));
  tsr_request_opts_init(&opts, sizeof(opts));
  BOOST_TEST(opts.struct_size == sizeof(opts));
  BOOST_TEST(opts.flags == 0U);
  BOOST_TEST(opts.license_key.data == nullptr);
  BOOST_TEST(opts.note.data == nullptr);
  tsr_request_opts_init(nullptr, UINT32_MAX);
}

BOOST_AUTO_TEST_CASE(a_newer_caller_is_served) {
  License license = open();
  Buffer out;
  LaterOpts opts;
  std::memset(&opts, 0xFF, sizeof(opts));
  tsr_request_opts_init(&opts.known, sizeof(opts));
  BOOST_TEST(opts.added == 0);
  opts.known.note = TSR_LIT("seat 7");
  opts.added = 42;
  BOOST_TEST(tsr_license_request(license.get(), &opts.known, out.out(), nullptr) == TSR_OK);
}

BOOST_AUTO_TEST_CASE(a_size_below_the_first_release_is_refused) {
  License license = open();
  Buffer out;
  tsr_request_opts opts{};
  for (const uint32_t size : {0U, 4U, 8U, static_cast<uint32_t>(sizeof(opts)) - 1}) {
    opts.struct_size = size;
    Failure failure;
    BOOST_TEST(tsr_license_request(license.get(), &opts, out.out(), failure.out()) == TSR_E_ARG);
    BOOST_TEST(std::string(tsr_error_text(failure.get())).find("tsr_request_opts_init") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_flag_is_refused) {
  License license = open();
  Buffer out;
  tsr_request_opts opts;
  tsr_request_opts_init(&opts, sizeof(opts));
  opts.flags = 1;
  BOOST_TEST(tsr_license_request(license.get(), &opts, out.out(), nullptr) == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(key_and_note_reach_the_issuer) {
  License license = open();
  Buffer key, out;
  BOOST_REQUIRE(tsr_license_key_generate(key.out(), nullptr) == TSR_OK);
  const std::string key_text = key.text();
  tsr_request_opts opts;
  tsr_request_opts_init(&opts, sizeof(opts));
  opts.license_key = str(key_text);
  opts.note = TSR_LIT("seat 7");
  BOOST_REQUIRE(tsr_license_request(license.get(), &opts, out.out(), nullptr) == TSR_OK);
  const std::string request_text = out.text();
  const auto seen = nlohmann::json::parse(made_text([&](tsr_buf* json, tsr_error** err) {
    return tsr_issuer_read_request(vendor.issuer(), str(request_text), json, err);
  }));
  BOOST_TEST(seen.at("license_key") == key_text);
  BOOST_TEST(seen.at("note") == "seat 7");
}

BOOST_AUTO_TEST_CASE(a_mistyped_key_and_a_long_note_are_refused) {
  License license = open();
  Buffer out;
  Failure failure;
  tsr_request_opts opts;
  tsr_request_opts_init(&opts, sizeof(opts));
  opts.license_key = TSR_LIT("AAAAA-BBBBB");
  BOOST_TEST(tsr_license_request(license.get(), &opts, out.out(), failure.out()) == TSR_E_LICENSE);
  BOOST_TEST(license_code(failure) == TSR_LICENSE_LICENSE_KEY_INVALID);

  const std::string note(257, 'n');
  tsr_request_opts_init(&opts, sizeof(opts));
  opts.note = str(note);
  BOOST_TEST(tsr_license_request(license.get(), &opts, out.out(), nullptr) == TSR_E_ARG);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
