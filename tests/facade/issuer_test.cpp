#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "vendor_and_machine.hpp"

namespace tessera::facade_test {

BOOST_FIXTURE_TEST_SUITE(issuer_side, VendorAndMachine)

BOOST_AUTO_TEST_CASE(keys_survive_export_and_import) {
  for (const KeyType type : {KeyType::kEd25519, KeyType::kRs256}) {
    const Key key = Key::generate(type);
    const Key copy = Key::import_text(key.export_text().view());
    BOOST_TEST((copy.type() == type));
    BOOST_TEST(copy.id() == key.id());
    BOOST_TEST(copy.public_key() == key.public_key());
  }
}

BOOST_AUTO_TEST_CASE(a_bad_key_is_an_error) {
  BOOST_TEST(!Key::try_import_text("no key").has_value());
  BOOST_CHECK_THROW(Key::import_text(""), Error);
  BOOST_CHECK_THROW(Key::generate(static_cast<KeyType>(77)), Error);
}

BOOST_AUTO_TEST_CASE(an_issuer_keeps_its_key_alive) {
  const auto open = [] { return Issuer::open({.issuer = "acme", .product = "player"}, Key::generate()); };
  BOOST_TEST(!open().issue({}, {.sku = "pro"}).empty());
}

BOOST_AUTO_TEST_CASE(an_issuer_needs_names) {
  BOOST_TEST((Issuer::try_open({.product = "player"}, signing_key).error().code() == ErrorCode::kArg));
}

BOOST_AUTO_TEST_CASE(specs_may_be_json) {
  const auto claims =
      nlohmann::json::parse(inspect(issuer.issue({}, JsonText(R"({"sku":"pro","edition":"x"})"))));
  BOOST_TEST(claims["claims"]["lic"]["edition"] == "x");
  BOOST_TEST((issuer.try_issue({}, JsonText("{}")).error().code() == ErrorCode::kArg));
  BOOST_CHECK_THROW(issuer.issue({}, LicenseSpec{}), Error);
}

BOOST_AUTO_TEST_CASE(revocation_and_suspension_reach_the_client) {
  License license = License::open(config());
  const std::string id = license.import_bundle(license_file(license.request())).license_id();
  BOOST_TEST(
      (license.import_bundle(issuer.crl({.seq = 1, .suspended = {id}})).code() == LicenseCode::kSuspended));
  BOOST_TEST(
      (license.import_bundle(issuer.crl({.seq = 2, .revoked = {id}})).code() == LicenseCode::kRevoked));
  BOOST_TEST((license.try_import_bundle(issuer.crl({.seq = 1})).error().license_code() ==
              LicenseCode::kCrlRollback));
}

BOOST_AUTO_TEST_CASE(time_file_answers_a_request) {
  License license = License::open(config());
  license.import_bundle(key_set());
  BOOST_CHECK_NO_THROW(license.import_bundle(issuer.time(license.request())));
  BOOST_TEST(!issuer.try_time("no request").has_value());
}

BOOST_AUTO_TEST_CASE(floating_licence_runs_on_a_lease) {
  License license = License::open(config());
  const Verdict without = license.import_bundle(
      license_file({}, {.sku = "pro", .kind = LicenseKind::kFloating, .seats = 2, .license_id = "L-float"}));
  BOOST_TEST(!without.usable());
  const std::string lease = issuer.lease(license.request(), {.license_id = "L-float", .ttl = 1h});
  BOOST_TEST(license.import_bundle(lease).usable());
  BOOST_TEST(license
                 .import_bundle(
                     issuer.lease(license.request(), JsonText(R"({"license_id":"L-float","ttl_s":7200})")))
                 .usable());
  BOOST_TEST(!issuer.try_lease("no request", {.license_id = "L-float", .ttl = 1h}).has_value());
}

BOOST_AUTO_TEST_CASE(rs256_token_of_an_older_service) {
  const Key key = Key::generate(KeyType::kRs256);
  const Issuer service = Issuer::open({.issuer = "service", .product = "player"}, key);
  const std::string token = service.rs256(
      {.subject = "ana", .legacy_digest = Hwid::probe().legacy_digest(), .plan = "pro", .ttl = 24h});
  AppConfig with_key = config();
  with_key.rsa_keys = {{.issuer = "service", .public_key = key.public_key()}};
  const Verdict verdict = License::open(with_key).import_bundle(token);
  BOOST_TEST(verdict.usable());
  BOOST_TEST(verdict.sku() == "pro");
  BOOST_TEST(service.try_rs256(JsonText(R"({"sub":"ana","hwid":"d","plan":"pro"})")).has_value());
  BOOST_TEST(!issuer.try_rs256({.subject = "ana", .legacy_digest = "d", .plan = "pro"}).has_value());
}

static_assert(std::is_constructible_v<EntitlementSpec, std::uint32_t>);
static_assert(!std::is_constructible_v<EntitlementSpec, std::uint64_t>, "would wrap");

BOOST_AUTO_TEST_CASE(licence_keys_are_forgiving_and_checked) {
  std::string key = generate_license_key();
  std::string typed = key;
  std::ranges::transform(typed, typed.begin(), [](unsigned char c) { return std::tolower(c); });
  BOOST_TEST(check_license_key(typed) == key);
  key.front() = key.front() == 'A' ? 'B' : 'A';
  BOOST_TEST((try_check_license_key(key).error().license_code() == LicenseCode::kLicenseKeyInvalid));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::facade_test
