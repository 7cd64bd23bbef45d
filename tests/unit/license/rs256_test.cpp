// Tokens of other systems: RS256, in the shape of TT-29 and TT-30.
#include "crypto/interop.hpp"
#include "installation.hpp"

namespace tessera {
namespace {

using namespace license_test;

constexpr const char* kIssuer = "tiktrend-license-service";
constexpr const char* kHwid = "5f2b0c9d7e1a";  // what the fake machine's digest is

const std::shared_ptr<const IssuerKey>& rsa_key() {
  static const auto key = require(IssuerKey::generate_rs256());
  return key;
}

struct Fixture : Installation {
  Fixture() {
    config.rsa_keys = {rsa_issuer()};
    use_device(kHwid);
  }

  static RsaIssuer rsa_issuer() {
    return {kIssuer, {}, {}, require(RsaPublicKey::from_pem(rsa_key()->public_text())), 12 * 3600, 72 * 3600};
  }
  void use_device(const std::string& digest) {
    device = std::make_shared<const test::FakeDevice>(test::FakeDevice::desktop(), digest);
  }

  Json claims() const {
    const int64_t now = clock.wall / 1000;
    return {{"iss", kIssuer}, {"sub", "ana@example.com"}, {"hwid", kHwid}, {"plan", "pro"},
            {"iat", now},     {"exp", now + 12 * 3600}};
  }
  Json claims_with(const char* name, const Json& value) const {
    Json out = claims();
    out[name] = value;
    return out;
  }

  static std::string token(const Json& claims, const Json& header = {{"alg", "RS256"}, {"typ", "JWT"}}) {
    const std::string input =
        base64url_encode(as_bytes(dump_json(header))) + "." + base64url_encode(as_bytes(dump_json(claims)));
    return input + "." + base64url_encode(require(rsa_key()->rsa().sign_rs256(as_bytes(input))));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(rs256, Fixture)

BOOST_AUTO_TEST_CASE(a_token_of_the_licence_service_is_a_licence) {
  BOOST_REQUIRE(import(token(claims())) == Code::kOK);
  const Verdict seen = verdict();
  BOOST_TEST(seen.code == Code::kOK);
  BOOST_TEST(seen.subject == "ana@example.com");
  BOOST_TEST(seen.sku == "pro");
  BOOST_TEST(seen.product == "player");
  BOOST_TEST(seen.expires_at_ms == clock.wall + 12 * kHourMs);
  BOOST_TEST(seen.license_id.starts_with("rs256:"));
}

BOOST_AUTO_TEST_CASE(the_issuer_makes_tokens_of_that_shape) {
  test::FakeRandom bytes;
  const auto issuer = require(
      Issuer::open(R"({"issuer":"tiktrend-license-service","product":"player"})", rsa_key(), clock, bytes));
  const std::string made =
      require(issuer->rs256(R"({"sub":"ana@example.com","hwid":"5f2b0c9d7e1a","plan":"pro"})"));
  const Jws jws = require(parse_jws(made));
  BOOST_TEST(jws.alg == "RS256");
  BOOST_TEST(jws.typ == "JWT");
  BOOST_TEST(jws.kid == rsa_key()->id());
  BOOST_CHECK(require(decode_claims(jws)) == claims());
  BOOST_TEST(import(made) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(it_lives_12_hours_and_72_more_offline) {
  BOOST_REQUIRE(import(token(claims())) == Code::kOK);
  struct Row {
    int64_t hours;
    Code code;
  };
  const int64_t start_ms = clock.wall;
  for (const auto& [hours, code] : {Row{11, Code::kOK}, Row{12, Code::kWARN_EXPIRY_GRACE},
                                    Row{83, Code::kWARN_EXPIRY_GRACE}, Row{84, Code::kEXPIRED}}) {
    clock.wall = start_ms + hours * kHourMs;
    BOOST_TEST(verdict().code == code);
    BOOST_TEST(has_reason(verdict(), Code::kWARN_SYNC_DUE) == (hours >= 12));
  }
  BOOST_TEST(import(token(claims())) == Code::kOK);  // the next one from the service
  BOOST_TEST(verdict().code == Code::kOK);
}

BOOST_AUTO_TEST_CASE(the_hwid_of_another_machine_is_refused) {
  BOOST_TEST(import(token(claims_with("hwid", "5F2B0C9D7E1A"))) == Code::kOK);
  for (const char* hwid : {"5f2b0c9d7e1b", "5f2b", "0"})
    BOOST_TEST(import(token(claims_with("hwid", hwid))) == Code::kHW_MISMATCH);
  use_device("another");
  BOOST_TEST(verdict().code == Code::kHW_MISMATCH);
  BOOST_TEST(verdict().state == "HW_LOST");
  BOOST_TEST(verdict().reasons[0].text.find("shared") != std::string::npos);
  device = nullptr;
  BOOST_TEST(import(token(claims())) == Code::kHW_NO_COMPONENTS);
  BOOST_TEST(verdict().code == Code::kWARN_HW_UNVERIFIABLE);
}

// The classic attack: the RSA public key, which everybody has, as the secret of an HMAC.
BOOST_AUTO_TEST_CASE(row_hs256_with_the_public_key_as_its_secret) {
  for (const std::string alg : {"HS256", "HS512", "none", "None", "RS512", "PS256", "rs256", ""}) {
    BOOST_TEST_CONTEXT(alg) {
      const std::string input = base64url_encode(as_bytes(dump_json({{"alg", alg}, {"typ", "JWT"}}))) + "." +
                                base64url_encode(as_bytes(dump_json(claims())));
      const Sha256 mac = hmac_sha256(as_bytes(rsa_key()->public_text()), as_bytes(input));
      BOOST_TEST(import(input + "." + base64url_encode(mac)) == Code::kALG_NOT_ALLOWED);
      BOOST_TEST(import(input + ".") == Code::kALG_NOT_ALLOWED);
      BOOST_TEST(import(token(claims(), {{"alg", alg}, {"typ", "JWT"}})) == Code::kALG_NOT_ALLOWED);
    }
  }
  const std::string input = base64url_encode(as_bytes(R"({"alg":"RS256"})")) + "." +
                            base64url_encode(as_bytes(dump_json(claims())));
  const Sha256 mac = hmac_sha256(as_bytes(rsa_key()->public_text()), as_bytes(input));
  BOOST_TEST(import(input + "." + base64url_encode(mac)) == Code::kSIGNATURE_INVALID);
  BOOST_TEST(import(input + ".") == Code::kSIGNATURE_INVALID);
}

BOOST_AUTO_TEST_CASE(the_key_decides_the_algorithm) {
  BOOST_REQUIRE(import(vendor.key_set()) == Code::kOK);
  const std::string header =
      dump_json({{"alg", "RS256"}, {"kid", ed25519_thumbprint(vendor.signer().public_key())}});
  BOOST_TEST(import(signed_text(header, dump_json(claims()), vendor.signer())) == Code::kSIGNATURE_INVALID);
  BOOST_TEST(
      import(token(claims(), {{"alg", "Ed25519"}, {"typ", "tessera-lic+jwt"}, {"kid", rsa_key()->id()}})) ==
      Code::kKEY_UNKNOWN);
  // Tessera's own documents are never RS256.
  BOOST_TEST(import(token(claims(), {{"alg", "RS256"}, {"typ", "tessera-lic+jwt"}})) == Code::kTOKEN_TYPE);
  for (const char* type : {"tessera-crl+jwt", "tessera-time+jwt", "tessera-lease+jwt"})
    BOOST_TEST(import(token(claims(), {{"alg", "RS256"}, {"typ", type}})) == Code::kALG_NOT_ALLOWED);
}

BOOST_AUTO_TEST_CASE(only_under_a_configured_key) {
  const std::string good = token(claims());
  std::string changed = good;
  changed[good.find('.') + 20] ^= 1;
  BOOST_TEST(import(changed) == Code::kSIGNATURE_INVALID);
  const auto other = require(IssuerKey::generate_rs256());
  config.rsa_keys[0].key = require(RsaPublicKey::from_pem(other->public_text()));
  BOOST_TEST(import(good) == Code::kSIGNATURE_INVALID);
  config.rsa_keys.push_back(rsa_issuer());  // the key of last month beside this month's
  BOOST_TEST(import(good) == Code::kOK);
  config.rsa_keys.clear();
  BOOST_TEST(import(good) == Code::kALG_NOT_ALLOWED);
  BOOST_TEST(verdict().code == Code::kALG_NOT_ALLOWED);
}

BOOST_AUTO_TEST_CASE(the_key_id_counts_where_one_is_configured) {
  struct Row {
    const char* configured;
    Json header;
    Code code;
  };
  for (const auto& [configured, header, code] :
       {Row{"", {{"alg", "RS256"}}, Code::kOK}, Row{"", {{"alg", "RS256"}, {"kid", "any"}}, Code::kOK},
        Row{"k1", {{"alg", "RS256"}, {"kid", "k1"}}, Code::kOK},
        Row{"k1", {{"alg", "RS256"}, {"kid", "k2"}}, Code::kKEY_UNKNOWN},
        Row{"k1", {{"alg", "RS256"}}, Code::kKEY_UNKNOWN}}) {
    config.rsa_keys[0].key_id = configured;
    BOOST_TEST_CONTEXT(configured << ' ' << header.dump()) {
      BOOST_TEST(import(token(claims(), header)) == code);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_type_is_jwt_or_absent) {
  BOOST_TEST(import(token(claims(), {{"alg", "RS256"}})) == Code::kOK);
  for (const char* type : {"jwt", "at+jwt", "JWS"})
    BOOST_TEST(import(token(claims(), {{"alg", "RS256"}, {"typ", type}})) == Code::kTOKEN_TYPE);
  BOOST_TEST(import(token(claims(), {{"alg", "RS256"}, {"crit", {"exp"}}})) == Code::kHEADER_NOT_ALLOWED);
}

BOOST_AUTO_TEST_CASE(issuer_and_audience_must_be_the_configured_ones) {
  BOOST_TEST(import(token(claims_with("iss", "tiktrend-license-service-2"))) == Code::kWRONG_ISSUER);
  BOOST_TEST(import(token(claims_with("aud", "anybody"))) == Code::kOK);
  config.rsa_keys[0].audience = "player";
  BOOST_TEST(import(token(claims())) == Code::kWRONG_PRODUCT);
  struct Row {
    Json audience;
    Code code;
  };
  for (const auto& [audience, code] :
       {Row{"player", Code::kOK}, Row{Json::array({"editor", "player"}), Code::kOK},
        Row{"Player", Code::kWRONG_PRODUCT}, Row{Json::array({"editor"}), Code::kWRONG_PRODUCT},
        Row{Json::array(), Code::kWRONG_PRODUCT}, Row{nullptr, Code::kWRONG_PRODUCT},
        Row{7, Code::kWRONG_PRODUCT}, Row{{{"player", true}}, Code::kWRONG_PRODUCT}}) {
    BOOST_TEST_CONTEXT(audience.dump()) { BOOST_TEST(import(token(claims_with("aud", audience))) == code); }
  }
}

BOOST_AUTO_TEST_CASE(claims_are_required_and_typed) {
  for (const char* name : {"iss", "sub", "hwid", "plan", "iat", "exp"}) {
    BOOST_TEST_CONTEXT(name) {
      Json without = claims();
      without.erase(name);
      BOOST_TEST(import(token(without)) == Code::kCLAIM_INVALID);
      for (const Json& bad : {Json(nullptr), Json(1.5), Json::object(), Json(""), Json(true)})
        BOOST_TEST(import(token(claims_with(name, bad))) == Code::kCLAIM_INVALID);
    }
  }
  const int64_t now = clock.wall / 1000;
  BOOST_TEST(import(token(claims_with("exp", now))) == Code::kCLAIM_INVALID);
  BOOST_TEST(import(token(claims_with("nbf", now + 60))) == Code::kNOT_YET_VALID);
  BOOST_TEST(import(token(claims_with("nbf", "now"))) == Code::kCLAIM_INVALID);
  BOOST_TEST(import(token(claims_with("jti", "T1"))) == Code::kOK);
  BOOST_TEST(verdict().license_id == "T1");
  BOOST_TEST(import(token(claims_with("scope", "anything"))) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(it_is_not_given_back) {
  BOOST_REQUIRE(import(token(claims())) == Code::kOK);
  BOOST_TEST(code_of(make_deactivation(snapshot(), context(), clock.wall, &state)) == Code::kNO_LICENSE);
  BOOST_TEST(verdict().usable());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
