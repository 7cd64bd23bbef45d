// What the issuer writes and refuses. tests/capi/issuer_test.cpp covers keys and the C ABI.
#include "license/issuer.hpp"

#include "installation.hpp"

namespace tessera {
namespace {

using namespace license_test;

struct Fixture : Installation {
  Result<std::string> issue(const Json& spec, std::string_view request = {}) const {
    return vendor.issuer().issue(request, dump_json(spec));
  }
  /// A licence specification with one more member.
  Result<std::string> issue_with(const std::string& name, const Json& value) const {
    Json spec{{"sku", "pro"}};
    spec[name] = value;
    return issue(spec);
  }

  static Json content(const std::string& token) { return require(decode_claims(require(parse_jws(token)))); }
  static LicenseClaims claims(const std::string& token) {
    return require(read_license_claims(content(token)));
  }

  std::string weak_request() {
    move_to({{"cpu", {FactorClass::kModel, 1, "cpu"}}, {"machine_id", {FactorClass::kOs, 2, "os"}}});
    return request();
  }
};

/// A refused specification is the caller's error, names the member and shows no value.
template <class T>
void check_refused(const Result<T>& result, const std::string& member) {
  BOOST_TEST(error_of(result) == ErrorCode::kARG);
  BOOST_TEST(message_of(result).find(member) != std::string::npos, message_of(result) << " lacks " << member);
}

struct BadMember {
  const char* name;
  std::vector<Json> values;
};

const Json kLong = std::string(300, 'x');
const std::vector<Json> kNoTime{-1, 1.5, "1", true, nullptr, Json::array(), kMaxTime + 1};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(issuer, Fixture)

BOOST_AUTO_TEST_CASE(every_member_of_a_licence_is_written) {
  const int64_t now = clock.wall / 1000;
  const LicenseClaims out =
      claims(require(issue({{"sku", "pro"},
                            {"subject", "ana"},
                            {"edition", "studio"},
                            {"kind", "floating"},
                            {"seats", 5},
                            {"expires_at", now + 100},
                            {"not_before", now + 10},
                            {"entitlements",
                             {{"export", true},
                              {"region", "eu"},
                              {"copies", {{"value", 50}, {"per", "month"}, {"expires_at", now + 60}}}}},
                            {"maintenance_until", now + 20},
                            {"version_min", "1.2"},
                            {"version_max", "3"},
                            {"grace", {{"expiry_s", 1}, {"sync_s", 2}, {"hardware_s", 3}}},
                            {"sync", {{"every_s", 4}, {"max_s", 5}}},
                            {"environment", {{"vm", "warn"}, {"container", "deny"}}},
                            {"epoch", 6},
                            {"license_id", "L1"}})));
  BOOST_TEST(out.issuer == "acme");
  BOOST_TEST(out.product == "player");
  BOOST_TEST(out.issued_at == now);
  BOOST_TEST(out.id == "L1");
  BOOST_TEST(out.sku == "pro");
  BOOST_TEST(out.subject == "ana");
  BOOST_TEST(out.edition == "studio");
  BOOST_TEST(out.kind == "floating");
  BOOST_TEST(out.seats == 5);
  BOOST_TEST(out.expires_at == now + 100);
  BOOST_TEST(out.not_before == now + 10);
  BOOST_TEST(std::get<bool>(out.entitlements.at("export").value));
  BOOST_TEST(std::get<std::string>(out.entitlements.at("region").value) == "eu");
  BOOST_TEST(std::get<int64_t>(out.entitlements.at("copies").value) == 50);
  BOOST_TEST(out.entitlements.at("copies").per == "month");
  BOOST_TEST(out.entitlements.at("copies").expires_at_ms == (now + 60) * 1000);
  BOOST_TEST(out.maintenance_until == now + 20);
  BOOST_TEST(out.version_min == "1.2");
  BOOST_TEST(out.version_max == "3");
  BOOST_TEST(out.grace_expiry == 1);
  BOOST_TEST(out.grace_sync == 2);
  BOOST_TEST(out.grace_hardware == 3);
  BOOST_TEST(out.sync_every == 4);
  BOOST_TEST(out.sync_max == 5);
  BOOST_CHECK(out.vm == EnvironmentPolicy::kWarn);
  BOOST_CHECK(out.container == EnvironmentPolicy::kDeny);
  BOOST_TEST(out.epoch == 6);
  BOOST_TEST(!out.hardware);
  BOOST_TEST(out.install_key == "");
  BOOST_TEST(out.nonce == "");
  BOOST_TEST(out.import_by == 0);
}

BOOST_AUTO_TEST_CASE(defaults_of_a_licence) {
  const LicenseClaims out = claims(require(issue({{"sku", "pro"}})));
  BOOST_TEST(out.subject == "customer");
  BOOST_TEST(out.kind == "node");
  BOOST_TEST(out.not_before == clock.wall / 1000);
  BOOST_TEST(out.expires_at == 0);
  BOOST_TEST(out.grace_expiry == 0);
  BOOST_TEST(out.grace_sync == kDefaultSyncGrace);
  BOOST_TEST(out.grace_hardware == kDefaultHardwareGrace);
  BOOST_TEST(out.sync_every == 0);
  BOOST_CHECK(out.vm == EnvironmentPolicy::kAllow);
}

BOOST_AUTO_TEST_CASE(malformed_members_are_the_callers_errors) {
  const std::vector<Json> not_text{
      7, true, nullptr, Json::array({"a"}), Json::object(), kLong, std::string("a\0b", 3)};
  std::vector<BadMember> table{{"days", {0, -3, 1.5, "3", nullptr, 36601}},
                               {"seats", {-1, 1.5, "5", 1'000'000'001}},
                               {"import_within_days", {0, -1, 1.5, "7", 3661}},
                               {"allow_weak", {1, "yes", nullptr}},
                               {"entitlements", {nullptr, Json::array(), "x"}},
                               {"grace", {nullptr, Json::array(), 5}},
                               {"sync", {nullptr, Json::array(), 5}},
                               {"version_min", {"1.x", "v1", "1.2.3.4.5", "-1", 1}},
                               {"version_max", {"1..2", "one"}}};
  for (const char* name : {"sku", "subject", "edition", "kind", "license_id"})
    table.push_back({name, not_text});
  for (const char* name : {"expires_at", "not_before", "maintenance_until", "epoch"})
    table.push_back({name, kNoTime});
  for (const auto& [name, values] : table) {
    for (const Json& value : values) {
      BOOST_TEST_CONTEXT(name << " = " << value.dump(-1, ' ', true).substr(0, 40)) {
        const auto result = issue_with(name, value);
        BOOST_TEST(error_of(result) == ErrorCode::kARG);
      }
    }
  }
  check_refused(issue_with("sku", ""), "sku");
  check_refused(issue_with("days", -3), "days");
  check_refused(issue_with("dyas", 3), "dyas");
  check_refused(issue_with("kind", "enterprise"), "kind");
  check_refused(issue_with("kind", "trial"), "kind");
  // A mistyped member must not switch a check off.
  check_refused(issue_with("environment", {{"vn", "deny"}}), "vn");
  check_refused(issue_with("environment", {{"vm", "never"}}), "env");
  check_refused(issue_with("grace", {{"expiry", 5}}), "expiry");
  check_refused(issue_with("sync", {{"every_s", 5}, {"max", 9}}), "max");
}

BOOST_AUTO_TEST_CASE(malformed_entitlements) {
  for (const Json& value :
       {Json(1.5), Json(nullptr), Json::array(), Json::object(), Json({{"value", 1}, {"per", "week"}}),
        Json({{"value", true}, {"per", "day"}}), Json({{"value", 1}, {"expires_at", -1}}),
        Json({{"per", "day"}}), Json({{"value", kLong.get<std::string>() + std::string(1000, 'x')}})}) {
    BOOST_TEST_CONTEXT(value.dump().substr(0, 40)) {
      BOOST_TEST(error_of(issue({{"sku", "pro"}, {"entitlements", {{"one", value}}}})) == ErrorCode::kARG);
    }
  }
  check_refused(issue({{"sku", "pro"}, {"entitlements", {{"one", {{"vaule", 1}}}}}}), "vaule");
}

BOOST_AUTO_TEST_CASE(the_end_of_a_licence_is_said_once_and_after_its_start) {
  const int64_t now = clock.wall / 1000;
  BOOST_TEST(claims(require(issue_with("days", 2))).expires_at == now + 2 * kDaySeconds);
  BOOST_TEST(claims(require(issue({{"sku", "pro"}, {"days", 2}, {"not_before", now + 100}}))).expires_at ==
             now + 100 + 2 * kDaySeconds);
  BOOST_TEST(claims(require(issue({{"sku", "pro"}, {"days", 2}, {"not_before", 100}}))).expires_at ==
             now + 2 * kDaySeconds);
  check_refused(issue({{"sku", "pro"}, {"days", 2}, {"expires_at", now + 5}}), "not both");
  check_refused(issue({{"sku", "pro"}, {"not_before", now}, {"expires_at", now}}), "exp");
  BOOST_TEST(error_of(issue({{"sku", "pro"}, {"sync", {{"every_s", 10}, {"max_s", 9}}}})) == ErrorCode::kARG);
}

BOOST_AUTO_TEST_CASE(specifications_are_json_objects_of_a_bounded_size) {
  for (const char* spec : {"", "null", "[]", "{", "{\"sku\":\"a\",\"sku\":\"b\"}", "{\"sku\":NaN}"})
    BOOST_TEST(error_of(vendor.issuer().issue({}, spec)) == ErrorCode::kARG);
  BOOST_TEST(error_of(vendor.issuer().issue({}, std::string(300'000, ' '))) == ErrorCode::kARG);
}

BOOST_AUTO_TEST_CASE(a_document_that_no_client_would_read_is_not_signed) {
  Json spec{{"sku", "pro"}};
  for (int i = 0; i < 100; ++i) spec["entitlements"]["e" + std::to_string(i)] = std::string(1000, 'x');
  BOOST_TEST(code_of(issue(spec)) == Code::kTOKEN_TOO_LARGE);
  for (int i = 100; i < 257; ++i) spec["entitlements"]["e" + std::to_string(i)] = 1;
  BOOST_TEST(error_of(issue(spec)) == ErrorCode::kARG);
}

BOOST_AUTO_TEST_CASE(an_answer_binds_the_machine_that_asked) {
  const std::string asked = request();
  const LicenseClaims out = claims(require(issue({{"sku", "pro"}, {"import_within_days", 3}}, asked)));
  BOOST_TEST(out.nonce == state.open_nonces.back().value);
  BOOST_TEST(out.install_key == snapshot().install_key_id);
  BOOST_TEST(out.import_by == clock.wall / 1000 + 3 * kDaySeconds);
  BOOST_REQUIRE(out.hardware);
  BOOST_TEST(out.hardware->factors.size() == 4U);
  BOOST_TEST(!out.allow_weak);
}

BOOST_AUTO_TEST_CASE(a_weak_machine_is_bound_only_where_the_vendor_says_so) {
  const std::string asked = weak_request();
  BOOST_TEST(code_of(issue({{"sku", "pro"}}, asked)) == Code::kHW_TOO_WEAK);
  BOOST_TEST(code_of(issue({{"sku", "pro"}, {"allow_weak", false}}, asked)) == Code::kHW_TOO_WEAK);
  const std::string allowed = require(issue({{"sku", "pro"}, {"allow_weak", true}}, asked));
  BOOST_TEST(claims(allowed).allow_weak);
  BOOST_REQUIRE(import(vendor.key_set() + "\n" + allowed) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kWARN_HW_WEAK);
}

BOOST_AUTO_TEST_CASE(a_licence_gets_an_id_of_its_own_unless_one_is_kept) {
  const std::string first = claims(require(issue({{"sku", "pro"}}))).id;
  BOOST_TEST(first.size() == 22U);
  BOOST_TEST(claims(require(issue({{"sku", "pro"}}))).id != first);
  BOOST_REQUIRE(import(vendor.key_set() + "\n" +
                       vendor.license(request(), {{"sku", "pro"}, {"license_id", first}})) == Code::kOK);
  // A renewal names the licence it asks for; keeping its id is the vendor's choice.
  const std::string asked = request();
  const std::string renews = parse_json(require(vendor.issuer().read_request(asked))).value().at("renews");
  BOOST_TEST(renews == first);
  BOOST_TEST(claims(require(issue({{"sku", "pro"}, {"license_id", renews}}, asked))).id == first);
  BOOST_TEST(claims(require(issue({{"sku", "pro"}}, asked))).id != first);
}

BOOST_AUTO_TEST_CASE(requests_are_authenticated) {
  const std::string asked = request();
  std::string changed = asked;
  char& symbol = changed[asked.size() - 10];
  symbol = symbol == 'A' ? 'B' : 'A';
  Json other_key = content(asked);
  const std::string stolen = sign_jws(DocumentType::kRequest, other_key, key_of(77));
  Json other_product = other_key;
  other_product["aud"] = "editor";
  const std::string proof = sign_jws(DocumentType::kDeactivation, other_key, *state.install_key);
  struct Row {
    std::string text;
    Code code;
  };
  for (const auto& [text, code] :
       {Row{changed, Code::kSIGNATURE_INVALID}, Row{stolen, Code::kKEY_UNKNOWN},
        Row{proof, Code::kTOKEN_TYPE},
        Row{sign_jws(DocumentType::kRequest, other_product, *state.install_key), Code::kWRONG_PRODUCT},
        Row{vendor.license("", {{"sku", "pro"}}), Code::kTOKEN_TYPE}, Row{"x", Code::kTOKEN_MALFORMED}}) {
    BOOST_TEST(code_of(issue({{"sku", "pro"}}, text)) == code);
    BOOST_TEST(code_of(vendor.issuer().read_request(text)) == code);
    BOOST_TEST(code_of(vendor.issuer().time(text)) == code);
    BOOST_TEST(code_of(vendor.issuer().lease(text, R"({"license_id":"L1","ttl_s":60})")) == code);
  }
  BOOST_TEST(code_of(vendor.issuer().read_deactivation(asked)) == Code::kTOKEN_TYPE);
}

BOOST_AUTO_TEST_CASE(trials) {
  const auto made = [this](const Json& spec) { return vendor.issuer().trial(dump_json(spec)); };
  const LicenseClaims out =
      require(read_trial_claims(content(require(made({{"days", 14},
                                                      {"sku", "pro"},
                                                      {"edition", "e"},
                                                      {"entitlements", {{"export", true}}},
                                                      {"allow_weak", true}})))));
  BOOST_TEST(out.trial_days == 14);
  BOOST_TEST(out.edition == "e");
  BOOST_TEST(out.allow_weak);
  BOOST_TEST(out.entitlements.size() == 1U);
  for (const Json& days : {Json(0), Json(3661), Json("14"), Json(nullptr)})
    check_refused(made({{"days", days}, {"sku", "pro"}}), "days");
  check_refused(made({{"sku", "pro"}}), "days");
  check_refused(made({{"days", 14}}), "sku");
  check_refused(made({{"days", 14}, {"sku", "pro"}, {"subject", "ana"}}), "subject");
}

BOOST_AUTO_TEST_CASE(leases_and_times) {
  const std::string asked = request();
  const auto made = [&](const Json& spec) { return vendor.issuer().lease(asked, dump_json(spec)); };
  const LeaseClaims out =
      require(read_lease_claims(content(require(made({{"license_id", "L1"}, {"ttl_s", 60}})))));
  BOOST_TEST(out.license_id == "L1");
  BOOST_TEST(out.expires_at == clock.wall / 1000 + 60);
  BOOST_TEST(out.install_key == snapshot().install_key_id);
  BOOST_TEST(out.nonce == state.open_nonces.back().value);
  for (const Json& ttl : {Json(0), Json(-1), Json(1.5), Json("60"), Json(3661 * kDaySeconds)})
    check_refused(made({{"license_id", "L1"}, {"ttl_s", ttl}}), "ttl_s");
  check_refused(made({{"ttl_s", 60}}), "license_id");
  check_refused(made({{"license_id", "L1"}, {"ttl_s", 60}, {"days", 1}}), "days");

  const TimeClaims time = require(read_time_claims(content(require(vendor.issuer().time(asked)))));
  BOOST_TEST(time.issued_at == clock.wall / 1000);
  BOOST_TEST(time.nonce == state.open_nonces.back().value);
}

BOOST_AUTO_TEST_CASE(revocation_lists) {
  const auto made = [this](const Json& spec) { return vendor.issuer().crl(dump_json(spec)); };
  const auto read = [&](const Json& spec) { return require(read_crl_claims(content(require(made(spec))))); };
  const int64_t now = clock.wall / 1000;
  const RevocationList out =
      read({{"seq", 3}, {"revoked", {"b", "a"}}, {"suspended", {"c"}}, {"min_epoch", 2}, {"days", 7}});
  BOOST_TEST(out.seq == 3);
  BOOST_TEST(out.revoked.size() == 2U);
  BOOST_TEST(out.suspended.size() == 1U);
  BOOST_TEST(out.min_epoch == 2);
  BOOST_TEST(out.next_update == now + 7 * kDaySeconds);
  BOOST_TEST(read({{"seq", 1}, {"next_update", now + 5}}).next_update == now + 5);
  BOOST_TEST(read({{"seq", 1}}).next_update == 0);
  for (const auto& [name, values] :
       {BadMember{"seq", {0, -1, "1", 1.5, nullptr}}, BadMember{"revoked", {"a", Json::array({1}), nullptr}},
        BadMember{"suspended", {Json::object(), Json::array({""})}}, BadMember{"min_epoch", kNoTime},
        BadMember{"next_update", kNoTime}, BadMember{"days", {0, 3661, "7"}}}) {
    for (const Json& value : values) {
      Json spec{{"seq", 1}};
      spec[name] = value;
      check_refused(made(spec), name);
    }
  }
  check_refused(made(Json::object()), "seq");
}

BOOST_AUTO_TEST_CASE(key_sets) {
  const auto made = [this](const Json& spec) { return vendor.root_issuer().keyset(dump_json(spec)); };
  const Json key = vendor.signing_key();
  const auto with = [&](const char* name, const Json& value) {
    Json one = key;
    one[name] = value;
    return made({{"seq", 1}, {"keys", {one}}});
  };
  const KeySet out = require(read_keyset_claims(content(require(
      made({{"seq", 4},
            {"issued_at", 99},
            {"keys", {{{"public", key.at("public")}, {"not_before", 5}, {"expires_at", 6}}}},
            {"roots", {base64url_encode(key_of(50).public_key()), base64url_encode(key_of(51).public_key())}},
            {"root_threshold", 2}})))));
  BOOST_TEST(out.seq == 4);
  BOOST_TEST(out.issued_at == 99);
  BOOST_CHECK(out.keys.at(0).use == KeyUse::kSign);
  BOOST_TEST(out.keys[0].id == ed25519_thumbprint(vendor.signer().public_key()));
  BOOST_TEST(out.keys[0].not_before == 5);
  BOOST_TEST(out.keys[0].expires_at == 6);
  BOOST_TEST(out.next_roots.keys.size() == 2U);
  BOOST_TEST(out.next_roots.threshold == 2);

  for (const auto& [name, values] : {BadMember{"public",
                                               {"", "AAAA", 7, base64url_encode(Bytes(33, 1)),
                                                base64url_encode(vendor.root().public_key())}},
                                     BadMember{"use", {"enc", 7, nullptr}}, BadMember{"not_before", kNoTime},
                                     BadMember{"expires_at", kNoTime}, BadMember{"kid", {"any"}}}) {
    for (const Json& value : values) BOOST_TEST(error_of(with(name, value)) == ErrorCode::kARG, name);
  }
  for (const Json& spec :
       {Json{{"keys", {key}}}, Json{{"seq", 0}, {"keys", {key}}}, Json{{"seq", 1}},
        Json{{"seq", 1}, {"keys", Json::array()}}, Json{{"seq", 1}, {"keys", {key, key}}},
        Json{{"seq", 1}, {"keys", {7}}}, Json{{"seq", 1}, {"keys", {key}}, {"roots", Json::array()}},
        Json{{"seq", 1}, {"keys", {key}}, {"roots", {"AAAA"}}},
        Json{{"seq", 1}, {"keys", {key}}, {"issued_at", -1}},
        Json{{"seq", 1}, {"keys", {key}}, {"root_threshold", 1}},
        Json{{"seq", 1},
             {"keys", {key}},
             {"root_threshold", 2},
             {"roots", {base64url_encode(key_of(50).public_key())}}}})
    BOOST_TEST_CONTEXT(spec.dump()) { BOOST_TEST(error_of(made(spec)) == ErrorCode::kARG); }
}

BOOST_AUTO_TEST_CASE(rs256_tokens) {
  const auto key = require(IssuerKey::generate_rs256());
  const auto issuer = require(Issuer::open(R"({"issuer":"acme","product":"player"})", key, clock, random));
  const auto made = [&](const Json& spec) { return issuer->rs256(dump_json(spec)); };
  const Json spec{{"sub", "ana"}, {"hwid", "00"}, {"plan", "pro"}};
  Json full = spec;
  full.update({{"ttl_s", 60}, {"audience", "player"}});
  const Json out = content(require(made(full)));
  BOOST_TEST(out.at("exp").get<int64_t>() - out.at("iat").get<int64_t>() == 60);
  BOOST_TEST(out.at("aud") == "player");
  for (const char* name : {"sub", "hwid", "plan"}) {
    Json without = spec;
    without.erase(name);
    check_refused(made(without), name);
  }
  for (const auto& [name, values] : {BadMember{"ttl_s", {0, -1, "60", 3661 * kDaySeconds}},
                                     BadMember{"audience", {7, kLong}}, BadMember{"scope", {"x"}}}) {
    for (const Json& value : values) {
      Json bad = spec;
      bad[name] = value;
      check_refused(made(bad), name);
    }
  }
  // An RSA key signs nothing that Tessera reads as its own.
  const std::string asked = request();
  BOOST_TEST(error_of(issuer->issue({}, R"({"sku":"pro"})")) == ErrorCode::kARG);
  BOOST_TEST(error_of(issuer->crl(R"({"seq":1})")) == ErrorCode::kARG);
  BOOST_TEST(error_of(issuer->time(asked)) == ErrorCode::kARG);
  BOOST_TEST(error_of(issuer->trial(R"({"days":1,"sku":"pro"})")) == ErrorCode::kARG);
  BOOST_TEST(error_of(issuer->lease(asked, R"({"license_id":"L1","ttl_s":60})")) == ErrorCode::kARG);
  BOOST_TEST(error_of(issuer->keyset(dump_json({{"seq", 1}, {"keys", {vendor.signing_key()}}}))) ==
             ErrorCode::kARG);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
