// Configuration structs reach the C ABI as the JSON that they stand for.
#include <tessera/tessera.hpp>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

namespace tessera::facade_test {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

constexpr TimePoint kTime{std::chrono::milliseconds(1'780'000'000'999)};

}  // namespace

BOOST_AUTO_TEST_SUITE(json)

BOOST_AUTO_TEST_CASE(text_is_escaped) {
  std::string text;
  for (char c = 1; c < 0x7F; ++c) text += c;
  text += std::string("\0 end: \xC3\xA3 \xF0\x9F\x94\x92", 14);
  const std::string json = IssuerConfig{.issuer = text, .product = "p"}.to_json();
  BOOST_TEST(Json::parse(json)["issuer"].get<std::string>() == text);
}

BOOST_AUTO_TEST_CASE(what_is_left_alone_stays_out) {
  const AppConfig config{.product = "player", .data_dir = "/data", .trusted_keys = {"key"}};
  const Json expected{{"product", "player"}, {"data_dir", "/data"}, {"trusted_keys", {"key"}}};
  BOOST_TEST(Json::parse(config.to_json()) == expected);
  BOOST_TEST(HwidConfig().to_json() == "{}");
}

BOOST_AUTO_TEST_CASE(application_with_everything) {
  const AppConfig config{
      .product = "player",
      .data_dir = "/data",
      .user = "ana",
      .trusted_keys = {"one", "two"},
      .trusted_threshold = 2,
      .key_set = "a.b.c",
      .issuer = "acme",
      .app_version = "2.1",
      .build_date = kTime,
      .clock_policy = Policy::kDeny,
      .crl_policy = Policy::kWarn,
      .expires_soon_days = 7,
      .keystore = Keystore::kOs,
      .memory_dir = "/memory",
      .rsa_keys = {{.issuer = "old",
                    .public_key = "PEM",
                    .key_id = "k",
                    .audience = "a",
                    .refresh_after = 1h,
                    .grace = 72h}},
      .app_factors = {{.name = "dongle", .value = "1", .factor_class = FactorClass::kOs, .weight = 3}}};
  const Json expected = Json::parse(R"({
    "product": "player", "data_dir": "/data", "user": "ana", "trusted_keys": ["one", "two"], "trusted_threshold": 2,
    "key_set": "a.b.c", "issuer": "acme", "app_version": "2.1", "build_date": 1780000000, "clock_policy": "deny",
    "crl_policy": "warn", "expires_soon_days": 7, "keystore": "os", "memory_dir": "/memory",
    "rsa_keys": [{"issuer": "old", "public_key": "PEM", "key_id": "k", "audience": "a", "refresh_after_s": 3600,
                  "grace_s": 259200}],
    "app_factors": [{"name": "dongle", "value": "1", "class": "os", "weight": 3}]})");
  BOOST_TEST(Json::parse(config.to_json()) == expected);
}

BOOST_AUTO_TEST_CASE(licence_with_everything) {
  const LicenseSpec spec{
      .sku = "pro",
      .subject = "ana",
      .edition = "studio",
      .kind = LicenseKind::kFloating,
      .seats = 5,
      .days = 30,
      .expires_at = kTime,
      .not_before = kTime,
      .entitlements = {{"a", true},
                       {"b", 50L},
                       {"c", "text"},
                       {"d", EntitlementSpec(7U).per(MeterPeriod::kDay).until(kTime)},
                       {"e", std::string("text")}},
      .maintenance_until = kTime,
      .version_min = "1",
      .version_max = "2",
      .grace = GraceSpec{.expiry = 1s, .sync = 2s, .hardware = 3s},
      .sync = SyncSpec{.every = 4s, .max = 5s},
      .environment = EnvironmentSpec{.vm = EnvironmentRule::kWarn, .container = EnvironmentRule::kDeny},
      .epoch = 1,
      .license_id = "L1",
      .allow_weak = true,
      .import_within_days = 3};
  const Json expected = Json::parse(R"({
    "sku": "pro", "subject": "ana", "edition": "studio", "kind": "floating", "seats": 5, "days": 30,
    "expires_at": 1780000000, "not_before": 1780000000,
    "entitlements": {"a": {"value": true}, "b": {"value": 50}, "c": {"value": "text"},
                     "d": {"value": 7, "expires_at": 1780000000, "per": "day"}, "e": {"value": "text"}},
    "maintenance_until": 1780000000, "version_min": "1", "version_max": "2",
    "grace": {"expiry_s": 1, "sync_s": 2, "hardware_s": 3}, "sync": {"every_s": 4, "max_s": 5},
    "environment": {"vm": "warn", "container": "deny"}, "epoch": 1, "license_id": "L1", "allow_weak": true,
    "import_within_days": 3})");
  BOOST_TEST(Json::parse(spec.to_json()) == expected);
}

BOOST_AUTO_TEST_CASE(other_documents) {
  BOOST_TEST(Json::parse(TrialSpec{.days = 14, .sku = "pro"}.to_json()) ==
             (Json{{"days", 14}, {"sku", "pro"}}));
  BOOST_TEST(Json::parse(LeaseSpec{.license_id = "L1", .ttl = 10min}.to_json()) ==
             (Json{{"license_id", "L1"}, {"ttl_s", 600}}));
  const KeysetSpec keyset{.seq = 2,
                          .keys = {{.public_key = "p", .use = KeyUse::kVerifyOnly, .not_before = kTime}},
                          .roots = {"r"},
                          .root_threshold = 1,
                          .issued_at = kTime};
  BOOST_TEST(
      Json::parse(keyset.to_json()) ==
      Json::parse(R"({"seq": 2, "keys": [{"public": "p", "use": "verify-only", "not_before": 1780000000}],
                             "roots": ["r"], "root_threshold": 1, "issued_at": 1780000000})"));
  BOOST_TEST(
      Json::parse(
          CrlSpec{.seq = 3, .revoked = {"L1"}, .suspended = {"L2"}, .min_epoch = 1, .days = 7}.to_json()) ==
      Json::parse(R"({"seq": 3, "revoked": ["L1"], "suspended": ["L2"], "min_epoch": 1, "days": 7})"));
  BOOST_TEST(
      Json::parse(Rs256Spec{.subject = "ana", .legacy_digest = "d", .plan = "pro", .ttl = 1h}.to_json()) ==
      (Json{{"sub", "ana"}, {"hwid", "d"}, {"plan", "pro"}, {"ttl_s", 3600}}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::facade_test
