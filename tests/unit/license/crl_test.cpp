#include "license/crl.hpp"

#include "installation.hpp"

namespace tessera {
namespace {

using namespace license_test;

const Json kSpec{{"sku", "pro"}, {"license_id", "L1"}, {"epoch", 3}};

struct Fixture : Installation {
  Fixture() {
    BOOST_REQUIRE(import(vendor.key_set()) == Code::kOK);
    BOOST_REQUIRE(import(vendor.license("", kSpec)) == Code::kOK);
  }
  Code import_crl(const Json& spec) { return import(vendor.crl(spec)); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(crl, Fixture)

BOOST_AUTO_TEST_CASE(a_list_ends_the_installed_licence) {
  BOOST_TEST(verdict().usable());
  BOOST_REQUIRE(import_crl({{"seq", 1}, {"revoked", {"L0", "L1", "L2"}}}) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kREVOKED);
  BOOST_TEST(verdict().state == "REVOKED");
  BOOST_TEST(import(vendor.license("", kSpec)) == Code::kREVOKED);
  BOOST_TEST(!state.license.empty());
  BOOST_REQUIRE(import_crl({{"seq", 2}, {"revoked", {"L0"}}}) == Code::kOK);
  BOOST_TEST(verdict().usable());
}

BOOST_AUTO_TEST_CASE(a_suspended_licence_can_come_back) {
  BOOST_REQUIRE(import_crl({{"seq", 1}, {"suspended", {"L1"}}}) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kSUSPENDED);
  BOOST_TEST(verdict().state == "SUSPENDED");
  BOOST_REQUIRE(import_crl({{"seq", 2}}) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kOK);
}

BOOST_AUTO_TEST_CASE(revoked_comes_before_suspended_and_both_are_listed) {
  BOOST_REQUIRE(import_crl({{"seq", 1}, {"revoked", {"L1"}}, {"suspended", {"L1"}}}) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kREVOKED);
  BOOST_TEST(has_reason(verdict(), Code::kSUSPENDED));
}

BOOST_AUTO_TEST_CASE(min_epoch_ends_all_earlier_licences) {
  BOOST_REQUIRE(import_crl({{"seq", 1}, {"min_epoch", 3}}) == Code::kOK);
  BOOST_TEST(verdict().usable());
  BOOST_REQUIRE(import_crl({{"seq", 2}, {"min_epoch", 4}}) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kREVOKED);
}

BOOST_AUTO_TEST_CASE(a_lower_number_or_another_list_of_the_same_is_a_rollback) {
  BOOST_REQUIRE(import_crl({{"seq", 5}, {"revoked", {"L1"}}}) == Code::kOK);
  BOOST_TEST(import_crl({{"seq", 4}}) == Code::kCRL_ROLLBACK);
  BOOST_TEST(import_crl({{"seq", 5}}) == Code::kCRL_ROLLBACK);
  BOOST_TEST(import_crl({{"seq", 5}, {"revoked", {"L1"}}}) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kREVOKED);
}

BOOST_AUTO_TEST_CASE(a_stale_list_warns_or_denies_as_configured) {
  BOOST_REQUIRE(import_crl({{"seq", 1}, {"days", 7}}) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kOK);
  BOOST_TEST(verdict().next_check_ms == clock.wall + 7 * kDayMs);
  config.deny_stale_crl = true;
  BOOST_TEST(verdict().usable_until_ms == clock.wall + 7 * kDayMs);
  clock.pass(7 * kDayMs);
  BOOST_TEST(verdict().code == Code::kSYNC_GRACE_OVER);
  config.deny_stale_crl = false;
  BOOST_TEST(verdict().code == Code::kWARN_CRL_STALE);
  BOOST_TEST(verdict().state == "ACTIVE");
  BOOST_REQUIRE(import_crl({{"seq", 2}, {"days", 7}}) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kOK);
}

BOOST_AUTO_TEST_CASE(a_list_needs_the_key_issuer_and_product_of_the_licences) {
  const RevocationList list = [&] {
    RevocationList out;
    out.issuer = Vendor::kIssuer;
    out.product = Vendor::kProduct;
    out.issued_at = clock.wall / 1000;
    out.seq = 1;
    return out;
  }();
  const auto signed_list = [&](const RevocationList& content, const Ed25519Key& key) {
    return import(sign_jws(DocumentType::kCrl, write_claims(content), key));
  };
  BOOST_TEST(signed_list(list, vendor.signer()) == Code::kOK);
  BOOST_TEST(signed_list(list, vendor.root()) == Code::kKEY_UNKNOWN);
  RevocationList other = list;
  other.issuer = "other";
  BOOST_TEST(signed_list(other, vendor.signer()) == Code::kWRONG_ISSUER);
  other = list;
  other.product = "editor";
  BOOST_TEST(signed_list(other, vendor.signer()) == Code::kWRONG_PRODUCT);
}

BOOST_AUTO_TEST_CASE(members_have_types) {
  const auto read_with = [](const char* name, const Json& value) {
    Json json{{"ver", 1}, {"iss", "a"}, {"aud", "p"}, {"iat", 1}, {"seq", 1}, {"revoked", {"x"}}};
    json[name] = value;
    return code_of(read_crl_claims(json));
  };
  BOOST_TEST(read_with("next", 5) == Code::kOK);
  for (const char* name : {"ver", "iss", "aud", "iat", "seq", "next", "min_epoch", "revoked", "suspended"}) {
    BOOST_TEST_CONTEXT(name) {
      for (const Json& bad : {Json(nullptr), Json(1.5), Json::object(), Json(-1)})
        BOOST_TEST(read_with(name, bad) == Code::kCLAIM_INVALID);
    }
  }
  BOOST_TEST(read_with("revoked", Json::array({1})) == Code::kCLAIM_INVALID);
  BOOST_TEST(read_with("revoked", Json::array({""})) == Code::kCLAIM_INVALID);
  BOOST_TEST(read_with("seq", 0) == Code::kCLAIM_INVALID);
  BOOST_TEST(read_with("ver", 2) == Code::kSCHEMA_UNSUPPORTED);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
