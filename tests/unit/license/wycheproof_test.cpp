// Google's vectors for JWS and JWK. Their RS256 signatures are checked in the crypto suite; here counts what
// a token may be at all.
#include "license/authenticate.hpp"
#include "license_fixture.hpp"
#include "vectors.hpp"

namespace tessera {
namespace {

using namespace license_test;

bool every_group(const nlohmann::json& /*group*/) { return true; }

/// "HS256" of a token's header; empty when there is no such thing.
std::string algorithm_of(const std::string& token) {
  const auto header = base64url_decode(std::string_view(token).substr(0, token.find('.')));
  const auto json = header ? parse_json(as_text(*header)) : Result<Json>(Error{});
  return json && json->is_object() ? json->value("alg", "") : "";
}

void check_refused(const nlohmann::json& vector) {
  if (!vector.at("jws").is_string()) return;
  const std::string token = vector.at("jws").get<std::string>();
  LicenseConfig config;
  config.product = "player";
  const KeySet keys;
  const auto jws = parse_jws(token);
  const Code code = jws ? code_of(authenticate_license(*jws, {&config, &keys})) : code_of(jws);
  const std::string algorithm = algorithm_of(token);
  if (algorithm == "RS256" || !jws) {
    // No RSA key is configured, or the text breaks a rule of compact JWS before its algorithm counts.
    BOOST_TEST((code == Code::kALG_NOT_ALLOWED || code == Code::kTOKEN_MALFORMED ||
                code == Code::kHEADER_NOT_ALLOWED));
  } else {
    BOOST_TEST(code == Code::kALG_NOT_ALLOWED);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wycheproof, *test::needs_data("wycheproof"))

BOOST_AUTO_TEST_CASE(no_foreign_token_is_accepted) {
  test::for_each_vector("json_web_signature_test.json", 400, every_group,
                        [](const auto& /*group*/, const auto& vector) { check_refused(vector); });
}

BOOST_AUTO_TEST_CASE(hmac_is_refused_even_where_the_vector_is_valid) {
  const auto is_hmac = [](const nlohmann::json& group) {
    const nlohmann::json& key = group.value("private", nlohmann::json::object());
    return key.value("kty", "") == "oct";
  };
  test::for_each_vector("json_web_signature_test.json", 35, is_hmac, [](const auto&, const auto& vector) {
    if (vector.at("result") != "valid") return;
    const Code code = code_of(parse_jws(vector.at("jws").template get<std::string>()));
    // Wycheproof lets a decoder skip characters outside the alphabet; ours stops there.
    const bool is_sloppy = vector.at("comment") == "InvalidCharacterInsertedInHeader";
    BOOST_TEST(code == (is_sloppy ? Code::kTOKEN_MALFORMED : Code::kALG_NOT_ALLOWED));
  });
}

BOOST_AUTO_TEST_CASE(an_embedded_key_is_refused) {
  size_t seen = 0;
  test::for_each_vector(
      "json_web_signature_test.json", 400, every_group, [&](const auto&, const auto& vector) {
        if (vector.at("comment") != "rejectsAttackerProvidedEmbeddedJwk") return;
        ++seen;
        // The same header under an algorithm that is allowed.
        const std::string token = vector.at("jws").template get<std::string>();
        Json header = parse_json(as_text(*base64url_decode(token.substr(0, token.find('.'))))).value();
        header["alg"] = "Ed25519";
        BOOST_TEST(code_of(parse_jws(signed_text(dump_json(header), "{}", key_of(1)))) ==
                   Code::kHEADER_NOT_ALLOWED);
      });
  BOOST_TEST(seen >= 1);
}

BOOST_AUTO_TEST_CASE(row_key_set_with_duplicate_kid) {
  // Each key id of a group stands for one key of ours, because our ids are thumbprints.
  const auto same_keys = [](const nlohmann::json& group) {
    return group.at("comment") == "jws_duplicate_kid" || group.at("comment") == "jws_keyset";
  };
  test::for_each_vector("json_web_key_test.json", 3, same_keys, [](const auto& group, const auto&) {
    std::map<std::string, uint8_t> seeds;
    KeySet set;
    set.issuer = "acme";
    set.seq = 1;
    for (const auto& jwk : group.at("private").at("keys")) {
      const auto seed = static_cast<uint8_t>(seeds.size() + 1);
      const auto found = seeds.try_emplace(jwk.at("kid").template get<std::string>(), seed).first;
      set.keys.push_back(trusted(key_of(found->second)));
    }
    const bool is_duplicate = group.at("comment") == "jws_duplicate_kid";
    BOOST_TEST(code_of(read_keyset_claims(write_claims(set))) ==
               (is_duplicate ? Code::kKEYSET_INVALID : Code::kOK));
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
