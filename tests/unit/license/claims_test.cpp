#include "license/claims.hpp"

#include <functional>

#include "license/crl.hpp"
#include "license_fixture.hpp"

namespace tessera {
namespace {

using namespace license_test;

BoundHardware hardware() {
  BoundHardware out;
  out.salt = Bytes(16, 5);
  out.factors = {{"disk", FactorClass::kUnique, 3, {std::string(8, 'd')}},
                 {"mac", FactorClass::kUnique, 2, {std::string(2, 'a'), std::string(2, 'b')}},
                 {"machine_id", FactorClass::kOs, 2, {std::string(8, 'o')}},
                 {"cpu", FactorClass::kModel, 1, {std::string(2, 'c')}}};
  out.ok = 700;
  out.drift = 500;
  out.ufloor = 100;
  return out;
}

/// A licence that uses every member.
LicenseClaims full_license() {
  LicenseClaims claims;
  claims.issuer = "acme";
  claims.product = "player";
  claims.issued_at = 1'780'000'000;
  claims.id = "L1";
  claims.subject = "Ana Žižková";
  claims.not_before = 1'780'000'100;
  claims.expires_at = 1'790'000'000;
  claims.sku = "pro";
  claims.edition = "studio";
  claims.kind = "node";
  claims.seats = 5;
  claims.entitlements = {{"export", {true, 0, ""}},
                         {"credits", {int64_t{100}, 1'785'000'000'000, "month"}},
                         {"region", {std::string("eu"), 0, ""}},
                         {"offset", {int64_t{-3}, 0, ""}}};
  claims.maintenance_until = 1'788'000'000;
  claims.version_min = "1.0";
  claims.version_max = "3.9.1.7";
  claims.hardware = hardware();
  claims.allow_weak = true;
  claims.install_key = "thumb";
  claims.grace_expiry = 10;
  claims.grace_sync = 20;
  claims.grace_hardware = 30;
  claims.sync_every = 100;
  claims.sync_max = 500;
  claims.vm = EnvironmentPolicy::kWarn;
  claims.container = EnvironmentPolicy::kDeny;
  claims.epoch = 4;
  claims.nonce = "nonce";
  claims.import_by = 1'782'000'000;
  return claims;
}

/// The licence above with one change.
Code read_changed(const std::function<void(Json&)>& change) {
  Json json = write_claims(full_license());
  change(json);
  return code_of(read_license_claims(json));
}
Code read_with(const std::string& pointer, const Json& value) {
  return read_changed([&](Json& json) { json[Json::json_pointer(pointer)] = value; });
}
Code read_without(const std::string& name) {
  return read_changed([&](Json& json) { json.erase(name); });
}

/// What a signed document with this text as its content gives.
Code read_text(const std::string& text) {
  const Ed25519Key key = key_of(1);
  const std::string token = signed_text(header_of(key), text, key);
  const Jws jws = require(parse_jws(token));
  const auto json = decode_claims(jws);
  return json ? code_of(read_license_claims(*json)) : code_of(json);
}
std::string text_with(const std::string& member) {
  std::string text = dump_json(write_claims(full_license()));
  text.pop_back();
  return text + "," + member + "}";
}

/// Reads back what is written, byte for byte when written again.
template <class Claims>
Claims round_trip(const Claims& claims, Result<Claims> (*read)(const Json&)) {
  const Json written = write_claims(claims);
  Claims again = require(read(parse_json(dump_json(written)).value()));
  BOOST_TEST(dump_json(write_claims(again)) == dump_json(written));
  return again;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(claims)

BOOST_AUTO_TEST_CASE(a_licence_comes_back_as_written) {
  const LicenseClaims again = round_trip(full_license(), read_license_claims);
  BOOST_TEST(again.subject == "Ana Žižková");
  BOOST_TEST(again.expires_at == 1'790'000'000);
  BOOST_TEST(again.entitlements.size() == 4);
  BOOST_TEST(std::get<int64_t>(again.entitlements.at("offset").value) == -3);
  BOOST_TEST(again.entitlements.at("credits").per == "month");
  BOOST_TEST(again.entitlements.at("credits").expires_at_ms == 1'785'000'000'000);
  BOOST_REQUIRE(again.hardware);
  BOOST_TEST(again.hardware->factors.size() == 4);
  BOOST_TEST(again.hardware->factors[1].tags.size() == 2);
  BOOST_TEST(again.hardware->ok == 700);
  BOOST_TEST(again.allow_weak);
  BOOST_TEST(again.sync_max == 500);
  BOOST_CHECK(again.container == EnvironmentPolicy::kDeny);

  LicenseClaims least;
  least.issuer = "acme";
  least.product = "player";
  least.id = "L";
  least.subject = "s";
  least.sku = "x";
  least.kind = "site";
  const LicenseClaims small = round_trip(least, read_license_claims);
  BOOST_TEST(small.expires_at == 0);
  BOOST_TEST(!small.hardware);
  BOOST_TEST(small.grace_hardware == kDefaultHardwareGrace);
}

BOOST_AUTO_TEST_CASE(every_other_document_comes_back_as_written) {
  LeaseClaims lease;
  lease.issuer = "acme";
  lease.product = "player";
  lease.issued_at = 5;
  lease.license_id = "L1";
  lease.install_key = "thumb";
  lease.nonce = "n";
  lease.expires_at = 9;
  BOOST_TEST(round_trip(lease, read_lease_claims).license_id == "L1");

  TimeClaims time;
  time.issuer = "acme";
  time.product = "player";
  time.issued_at = 7;
  time.nonce = "n";
  BOOST_TEST(round_trip(time, read_time_claims).issued_at == 7);

  RequestClaims request;
  request.product = "player";
  request.issued_at = 3;
  request.nonce = "n";
  request.license_key = "KEY";
  request.note = "from the office";
  request.renews = "L0";
  request.sdk = "1.0.0";
  request.install_key = key_of(3).public_key();
  request.hardware = hardware();
  request.environment = {"kvm", "docker"};
  const RequestClaims asked = round_trip(request, read_request_claims);
  BOOST_TEST(asked.environment.container == "docker");
  BOOST_CHECK(asked.install_key == request.install_key);

  DeactivationClaims proof;
  proof.product = "player";
  proof.issued_at = 3;
  proof.license_id = "L1";
  proof.install_key = key_of(3).public_key();
  BOOST_TEST(round_trip(proof, read_deactivation_claims).license_id == "L1");

  RevocationList crl;
  crl.issuer = "acme";
  crl.product = "player";
  crl.issued_at = 4;
  crl.seq = 2;
  crl.next_update = 10;
  crl.min_epoch = 1;
  crl.revoked = {"a", "b"};
  crl.suspended = {"c"};
  BOOST_TEST(round_trip(crl, read_crl_claims).revoked.size() == 2);

  LicenseClaims trial;
  trial.issuer = "acme";
  trial.product = "player";
  trial.id = "T1";
  trial.sku = "pro";
  trial.kind = "trial";
  trial.trial_days = 14;
  trial.allow_weak = true;
  const LicenseClaims again = require(read_trial_claims(write_trial_claims(trial)));
  BOOST_TEST(dump_json(write_trial_claims(again)) == dump_json(write_trial_claims(trial)));
}

BOOST_AUTO_TEST_CASE(required_members_are_required) {
  for (const std::string name : {"ver", "iss", "aud", "sub", "jti", "iat", "nbf", "lic"}) {
    BOOST_TEST_CONTEXT(name) { BOOST_TEST(read_without(name) == Code::kCLAIM_INVALID); }
  }
  for (const std::string name : {"exp", "ent", "maint", "vmin", "vmax", "hw", "cnf", "grace", "sync", "env",
                                 "epoch", "nonce", "rexp"}) {
    BOOST_TEST_CONTEXT(name) { BOOST_TEST(read_without(name) == Code::kOK); }
  }
}

BOOST_AUTO_TEST_CASE(row_float_negative_or_huge_time) {
  for (const std::string pointer : {"/iat", "/nbf", "/exp", "/maint", "/epoch", "/rexp", "/grace/exp",
                                    "/sync/every", "/lic/seats", "/ent/credits/exp"}) {
    for (const Json& bad : {Json(1.5), Json(1e30), Json(-1), Json(int64_t{1} << 60), Json(uint64_t{1} << 63),
                            Json("1"), Json(true), Json(nullptr), Json::array(), Json::object()}) {
      BOOST_TEST_CONTEXT(pointer << " = " << bad.dump()) {
        BOOST_TEST(read_with(pointer, bad) == Code::kCLAIM_INVALID);
      }
    }
  }
  BOOST_TEST(read_text(text_with("\"x\":1e3")) == Code::kOK);  // unknown, so nobody looks at it
  std::string text = dump_json(write_claims(full_license()));
  for (const std::string time : {"1780000000.0", "178e7", "-0", "9007199254740993", "18446744073709551616"}) {
    std::string changed = text;
    const std::string member = "\"iat\":1780000000";
    changed.replace(changed.find(member), member.size(), "\"iat\":" + time);
    BOOST_TEST_CONTEXT(time) { BOOST_TEST(read_text(changed) == Code::kCLAIM_INVALID); }
  }
  BOOST_TEST(read_with("/maint", kMaxTime) == Code::kOK);
  BOOST_TEST(read_with("/maint", kMaxTime + 1) == Code::kCLAIM_INVALID);
}

BOOST_AUTO_TEST_CASE(texts_have_a_type_and_a_limit) {
  struct Limit {
    std::string pointer;
    size_t most;
  };
  for (const auto& [pointer, most] :
       {Limit{"/iss", 256}, Limit{"/aud", 64}, Limit{"/jti", 128}, Limit{"/sub", 256}, Limit{"/lic/sku", 128},
        Limit{"/lic/edition", 128}, Limit{"/nonce", 64}, Limit{"/cnf/jkt", 64}}) {
    BOOST_TEST_CONTEXT(pointer) {
      BOOST_TEST(read_with(pointer, std::string(most, 'x')) == Code::kOK);
      BOOST_TEST(read_with(pointer, std::string(most + 1, 'x')) == Code::kCLAIM_INVALID);
      for (const Json& bad : {Json(1), Json(true), Json(nullptr), Json::array({"x"}), Json::object()})
        BOOST_TEST(read_with(pointer, bad) == Code::kCLAIM_INVALID);
      BOOST_TEST(read_with(pointer, std::string("a\0b", 3)) == Code::kCLAIM_INVALID);
    }
  }
  for (const std::string pointer : {"/iss", "/aud", "/jti", "/sub", "/lic/sku", "/lic/kind", "/cnf/jkt"})
    BOOST_TEST(read_with(pointer, "") == Code::kCLAIM_INVALID);
}

BOOST_AUTO_TEST_CASE(row_null_or_another_type_where_an_object_is_expected) {
  for (const std::string name : {"lic", "ent", "hw", "cnf", "grace", "sync", "env"}) {
    for (const Json& bad : {Json(nullptr), Json(1), Json("x"), Json::array(), Json(true)}) {
      BOOST_TEST_CONTEXT(name << " = " << bad.dump()) {
        BOOST_TEST(read_with("/" + name, bad) == Code::kCLAIM_INVALID);
      }
    }
  }
  BOOST_TEST(read_text("null") == Code::kTOKEN_MALFORMED);
  BOOST_TEST(read_text("[]") == Code::kTOKEN_MALFORMED);
  BOOST_TEST(read_text("") == Code::kTOKEN_MALFORMED);
}

BOOST_AUTO_TEST_CASE(row_text_over_4_kib_depth_bomb_1025_members_nan_lone_surrogate_nul) {
  BOOST_TEST(read_text(text_with("\"x\":\"" + std::string(4 << 10, 'x') + "\"")) == Code::kOK);
  BOOST_TEST(read_text(text_with("\"x\":\"" + std::string((4 << 10) + 1, 'x') + "\"")) ==
             Code::kTOKEN_MALFORMED);
  BOOST_TEST(read_text(text_with("\"x\":" + std::string(7, '[') + std::string(7, ']'))) == Code::kOK);
  BOOST_TEST(read_text(text_with("\"x\":" + std::string(8, '[') + std::string(8, ']'))) ==
             Code::kTOKEN_MALFORMED);
  BOOST_TEST(read_text(text_with("\"x\":" + std::string(20000, '['))) == Code::kTOKEN_MALFORMED);
  BOOST_TEST(read_text(std::string(40000, '[')) == Code::kTOKEN_MALFORMED);
  std::string many = "\"x\":[0";
  for (int i = 1; i < 1025; ++i) many.append(",0");
  BOOST_TEST(read_text(text_with(many + "]")) == Code::kTOKEN_MALFORMED);
  for (const std::string value : {"NaN", "Infinity", "-Infinity", "01", "+1", "tru", "'x'", "\"\\ud800\"",
                                  "\"\\udc00\\ud800\"", "\"\xC3\"", "\"\xED\xA0\x80\"", "\"a\nb\"", "1,"}) {
    BOOST_TEST_CONTEXT(value) {
      BOOST_TEST(read_text(text_with("\"x\":" + value)) == Code::kTOKEN_MALFORMED);
    }
  }
  BOOST_TEST(read_text(text_with(std::string("\"x\":\"a\0b\"", 9))) == Code::kTOKEN_MALFORMED);
}

BOOST_AUTO_TEST_CASE(row_duplicate_member) {
  BOOST_TEST(read_text(text_with("\"exp\":9999999999")) == Code::kTOKEN_MALFORMED);
  BOOST_TEST(read_text(text_with("\"x\":{\"y\":1,\"y\":1}")) == Code::kTOKEN_MALFORMED);
  BOOST_TEST(read_text(text_with("\"\\u0065xp\":9999999999")) ==
             Code::kTOKEN_MALFORMED);  // the same name, escaped
}

BOOST_AUTO_TEST_CASE(row_unknown_extra_claim) {
  BOOST_TEST(read_with("/colour", "blue") == Code::kOK);
  BOOST_TEST(read_with("/lic/colour", Json::object()) == Code::kOK);
  BOOST_TEST(read_with("/ent/export/colour", nullptr) == Code::kOK);
  BOOST_TEST(read_with("/hw/colour", 1) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(row_unknown_ver) {
  for (const int version : {0, 2, 100}) BOOST_TEST(read_with("/ver", version) == Code::kSCHEMA_UNSUPPORTED);
  for (const Json& bad : {Json("1"), Json(1.0), Json(nullptr), Json(-1), Json(true)})
    BOOST_TEST(read_with("/ver", bad) == Code::kCLAIM_INVALID);
  // A newer schema is told apart even where its members look malformed to us.
  BOOST_TEST(read_changed([](Json& json) {
               json["ver"] = 2;
               json["lic"] = "other";
             }) == Code::kSCHEMA_UNSUPPORTED);
}

BOOST_AUTO_TEST_CASE(an_end_before_the_start_is_malformed) {
  BOOST_TEST(read_with("/exp", 1'780'000'100) == Code::kCLAIM_INVALID);
  BOOST_TEST(read_with("/exp", 1'780'000'099) == Code::kCLAIM_INVALID);
  BOOST_TEST(read_with("/exp", 0) == Code::kCLAIM_INVALID);
  BOOST_TEST(read_with("/exp", 1'780'000'101) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(only_known_kinds_and_policies) {
  for (const std::string kind : {"node", "floating", "site", "trial", "user"})
    BOOST_TEST(read_with("/lic/kind", kind) == Code::kOK);
  for (const std::string kind : {"Node", "enterprise"})
    BOOST_TEST(read_with("/lic/kind", kind) == Code::kCLAIM_INVALID);
  for (const std::string name : {"/env/vm", "/env/container"}) {
    BOOST_TEST(read_with(name, "allow") == Code::kOK);
    BOOST_TEST(read_with(name, "Deny") == Code::kCLAIM_INVALID);
    BOOST_TEST(read_with(name, true) == Code::kCLAIM_INVALID);
  }
}

BOOST_AUTO_TEST_CASE(entitlements_are_typed_and_limited) {
  const auto with_entry = [](const Json& entry) { return read_with("/ent/extra", entry); };
  for (const Json& value : {Json(true), Json(false), Json(0), Json(-5), Json("text"), Json("")})
    BOOST_TEST(with_entry({{"v", value}}) == Code::kOK);
  for (const Json& value : {Json(1.5), Json(nullptr), Json::array(), Json::object(), Json(int64_t{1} << 60),
                            Json(std::string(1025, 'x')), Json(std::string("a\0b", 3))})
    BOOST_TEST(with_entry({{"v", value}}) == Code::kCLAIM_INVALID);
  BOOST_TEST(with_entry(Json::object()) == Code::kCLAIM_INVALID);
  BOOST_TEST(with_entry(true) == Code::kCLAIM_INVALID);
  BOOST_TEST(with_entry({{"v", 5}, {"per", "week"}}) == Code::kCLAIM_INVALID);
  BOOST_TEST(with_entry({{"v", true}, {"per", "day"}}) ==
             Code::kCLAIM_INVALID);  // only a number can be a meter
  for (const std::string per : {"day", "month", "total"})
    BOOST_TEST(with_entry({{"v", 5}, {"per", per}}) == Code::kOK);
  // Quotas are counted in bytes too.
  constexpr int64_t kMost = (int64_t{1} << 53) - 1;
  BOOST_TEST(with_entry({{"v", kMost}}) == Code::kOK);
  BOOST_TEST(with_entry({{"v", -kMost}}) == Code::kOK);
  BOOST_TEST(with_entry({{"v", kMost + 1}}) == Code::kCLAIM_INVALID);

  const auto with_count = [](size_t count) {
    return read_changed([count](Json& json) {
      json["ent"] = Json::object();
      for (size_t i = 0; i < count; ++i) json["ent"]["e" + std::to_string(i)] = {{"v", true}};
    });
  };
  BOOST_TEST(with_count(kMaxEntitlements) == Code::kOK);
  BOOST_TEST(with_count(kMaxEntitlements + 1) == Code::kCLAIM_INVALID);
  for (const std::string& name : {std::string(), std::string(129, 'n'), std::string("a\0b", 3)}) {
    BOOST_TEST(read_changed([&](Json& json) { json["ent"][name] = {{"v", true}}; }) == Code::kCLAIM_INVALID);
  }
}

BOOST_AUTO_TEST_CASE(row_hardware_scheme_2) {
  BOOST_TEST(read_with("/hw/scheme", 2) == Code::kHW_SCHEME_UNSUPPORTED);
  BOOST_TEST(read_with("/hw/scheme", 0) == Code::kCLAIM_INVALID);
  BOOST_TEST(read_with("/hw/scheme", "1") == Code::kCLAIM_INVALID);
}

BOOST_AUTO_TEST_CASE(hardware_is_checked_member_by_member) {
  const std::string tag = base64url_encode(Bytes(8, 1));
  struct Row {
    const char* pointer;
    Json value;
  };
  for (const auto& [pointer, value] : {Row{"/hw/salt", ""},
                                       Row{"/hw/salt", "AAAA"},
                                       Row{"/hw/salt", "!!!!!!!!!!!!!!!!"},
                                       Row{"/hw/salt", 1},
                                       Row{"/hw/bits", 32},
                                       Row{"/hw/bits", "64"},
                                       Row{"/hw/ok", 0},
                                       Row{"/hw/ok", 1001},
                                       Row{"/hw/drift", 701},
                                       Row{"/hw/drift", 0},
                                       Row{"/hw/ufloor", 1001},
                                       Row{"/hw/weak", "yes"},
                                       Row{"/hw/weak", 1},
                                       Row{"/hw/comps", Json::array()},
                                       Row{"/hw/comps", Json::object()},
                                       Row{"/hw/comps/0", nullptr},
                                       Row{"/hw/comps/0/k", ""},
                                       Row{"/hw/comps/0/k", std::string(65, 'k')},
                                       Row{"/hw/comps/0/k", "mac"},
                                       Row{"/hw/comps/0/c", "X"},
                                       Row{"/hw/comps/0/c", "UU"},
                                       Row{"/hw/comps/0/w", 0},
                                       Row{"/hw/comps/0/w", 11},
                                       Row{"/hw/comps/0/w", 1.5},
                                       Row{"/hw/comps/0/t", Json::array()},
                                       Row{"/hw/comps/0/t", tag},
                                       Row{"/hw/comps/0/t", Json::array({1})},
                                       Row{"/hw/comps/0/t", Json::array({""})},
                                       Row{"/hw/comps/0/t", Json::array({base64url_encode(Bytes(4, 1))})},
                                       Row{"/hw/comps/0/t", Json::array({tag + "="})},
                                       Row{"/hw/comps/0/t", Json(kMaxTagsPerKind + 1, tag)}}) {
    BOOST_TEST_CONTEXT(pointer << " = " << value.dump()) {
      BOOST_TEST(read_with(pointer, value) == Code::kCLAIM_INVALID);
    }
  }
  BOOST_TEST(read_with("/hw/comps/0/t", Json(kMaxTagsPerKind, tag)) == Code::kOK);
  BOOST_TEST(read_changed([&](Json& json) {
               json["hw"]["comps"] = Json::array();
               for (size_t i = 0; i <= kMaxFactors; ++i)
                 json["hw"]["comps"].push_back(
                     {{"k", "k" + std::to_string(i)}, {"c", "M"}, {"w", 1}, {"t", {tag}}});
             }) == Code::kCLAIM_INVALID);
  for (const std::string name : {"scheme", "salt", "bits", "comps"}) {
    BOOST_TEST(read_changed([&](Json& json) { json["hw"].erase(name); }) == Code::kCLAIM_INVALID);
  }
}

BOOST_AUTO_TEST_CASE(errors_name_the_member_and_never_its_value) {
  Json json = write_claims(full_license());
  json["sub"] = Json::array({"secret-value"});
  const auto read = read_license_claims(json);
  BOOST_REQUIRE(!read.ok());
  BOOST_TEST(read.error().text.find("\"sub\"") != std::string::npos);
  BOOST_TEST(read.error().text.find("secret-value") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(other_documents_refuse_what_is_missing_or_malformed) {
  using Read = std::function<Code(const Json&)>;
  const auto check = [](Json document, std::initializer_list<const char*> required, const Read& read) {
    BOOST_TEST(read(document) == Code::kOK);
    for (const std::string name : required) {
      BOOST_TEST_CONTEXT(name) {
        Json changed = document;
        changed.erase(name);
        BOOST_TEST(read(changed) == Code::kCLAIM_INVALID);
        for (const Json& bad : {Json(nullptr), Json(1.5), Json::array({Json::object()})}) {
          changed[name] = bad;
          BOOST_TEST(read(changed) == Code::kCLAIM_INVALID);
        }
      }
    }
    document["ver"] = 2;
    BOOST_TEST(read(document) == Code::kSCHEMA_UNSUPPORTED);
  };
  const Json common{{"ver", 1}, {"iss", "acme"}, {"aud", "player"}, {"iat", 5}};
  const auto with = [&common](Json more) {
    more.update(common);
    return more;
  };
  const Json jwk{{"jwk", {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", base64url_encode(Bytes(32, 1))}}}};
  check(with({{"jti", "L"}, {"exp", 9}, {"nonce", "n"}, {"cnf", {{"jkt", "t"}}}}),
        {"ver", "iss", "aud", "iat", "jti", "exp", "nonce", "cnf"},
        [](const Json& json) { return code_of(read_lease_claims(json)); });
  check(with({{"nonce", "n"}}), {"ver", "iss", "aud", "iat", "nonce"},
        [](const Json& json) { return code_of(read_time_claims(json)); });
  check(with({{"jti", "L"}, {"cnf", jwk}}), {"ver", "aud", "iat", "jti", "cnf"},
        [](const Json& json) { return code_of(read_deactivation_claims(json)); });
  check(with({{"nonce", "n"}, {"sdk", "1"}, {"cnf", jwk}, {"hw", write_hardware(hardware())}}),
        {"ver", "aud", "iat", "nonce", "sdk", "cnf", "hw"},
        [](const Json& json) { return code_of(read_request_claims(json)); });
  check(with({{"jti", "T"}, {"days", 14}, {"lic", {{"sku", "x"}, {"kind", "trial"}}}}),
        {"ver", "iss", "aud", "iat", "jti", "days", "lic"},
        [](const Json& json) { return code_of(read_trial_claims(json)); });
}

BOOST_AUTO_TEST_CASE(a_request_carries_an_ed25519_key) {
  const auto read_key = [](const Json& jwk) {
    Json json{{"ver", 1}, {"aud", "p"}, {"iat", 1}, {"jti", "L"}, {"cnf", {{"jwk", jwk}}}};
    return code_of(read_deactivation_claims(json));
  };
  const std::string x = base64url_encode(Bytes(32, 1));
  BOOST_TEST(read_key({{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", x}}) == Code::kOK);
  BOOST_TEST(read_key({{"kty", "EC"}, {"crv", "Ed25519"}, {"x", x}}) == Code::kCLAIM_INVALID);
  BOOST_TEST(read_key({{"kty", "OKP"}, {"crv", "X25519"}, {"x", x}}) == Code::kCLAIM_INVALID);
  BOOST_TEST(read_key({{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", x + "A"}}) == Code::kCLAIM_INVALID);
  BOOST_TEST(read_key({{"kty", "OKP"}, {"crv", "Ed25519"}}) == Code::kCLAIM_INVALID);
  BOOST_TEST(read_key(nullptr) == Code::kCLAIM_INVALID);
}

BOOST_AUTO_TEST_CASE(a_trial_is_of_kind_trial_and_has_days) {
  Json json{{"ver", 1},
            {"iss", "a"},
            {"aud", "p"},
            {"iat", 1},
            {"jti", "T"},
            {"days", 14},
            {"lic", {{"sku", "x"}, {"kind", "node"}}}};
  BOOST_TEST(code_of(read_trial_claims(json)) == Code::kCLAIM_INVALID);
  json["lic"]["kind"] = "trial";
  BOOST_TEST(code_of(read_trial_claims(json)) == Code::kOK);
  for (const int days : {0, -1, 3661}) {
    json["days"] = days;
    BOOST_TEST(code_of(read_trial_claims(json)) == Code::kCLAIM_INVALID);
  }
}

BOOST_AUTO_TEST_CASE(versions_are_up_to_four_numbers) {
  for (const std::string_view text : {"1", "1.2", "1.2.3", "1.2.3.4", "0", "4294967295"})
    BOOST_TEST(is_version(text));
  for (const std::string_view text : {"", ".", "1.", ".1", "1..2", "1.2.3.4.5", "v1", "1.2b", "-1", "+1",
                                      " 1", "1 ", "4294967296", "1.2.3.4."})
    BOOST_TEST(!is_version(text));
  BOOST_TEST(compare_versions("1.2", "1.2.0.0") == 0);
  BOOST_TEST(compare_versions("1.10", "1.9") > 0);
  BOOST_TEST(compare_versions("1.9.9.9", "2") < 0);
  BOOST_TEST(read_with("/vmin", "1.x") == Code::kCLAIM_INVALID);
  BOOST_TEST(read_with("/vmax", "latest") == Code::kCLAIM_INVALID);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
