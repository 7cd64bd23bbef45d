#include "license/jws.hpp"

#include <array>
#include <set>

#include "license/authenticate.hpp"
#include "license_fixture.hpp"

namespace tessera {
namespace {

using namespace license_test;

constexpr std::string_view kClaims =
    R"({"aud":"player","exp":4000000000,"iat":1780000000,"iss":"acme","jti":"L1",)"
    R"("lic":{"kind":"node","sku":"pro"},"nbf":1780000000,"sub":"ana","ver":1})";

struct Fixture {
  Fixture() {
    config.product = "player";
    keys.issuer = "acme";
    keys.issued_at = 1'780'000'000;
    keys.keys.push_back(trusted(key));
  }

  /// What a licence check says about the text of a token.
  Code judged(std::string_view text) const {
    const auto jws = parse_jws(text);
    return jws ? code_of(authenticate_license(*jws, {&config, &keys})) : code_of(jws);
  }
  Code judged_header(std::string_view header) const { return judged(signed_text(header, kClaims, key)); }
  std::string header_with(std::string_view member) const {
    std::string header = header_of(key);
    header.pop_back();
    return header.append(",").append(member).append("}");
  }

  const Ed25519Key key = key_of(7);
  const std::string token = signed_text(header_of(key), kClaims, key);
  const std::string kid = ed25519_thumbprint(key.public_key());
  LicenseConfig config;
  KeySet keys;
};

std::array<std::string, 3> parts_of(const std::string& token) {
  const size_t first = token.find('.');
  const size_t second = token.find('.', first + 1);
  return {token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1)};
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(jws, Fixture)

BOOST_AUTO_TEST_CASE(rfc8037_appendix_a4) {
  const auto seed = base64url_decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
  const Ed25519Key rfc_key = Ed25519Key::from_seed(*seed).value();
  const std::string input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  const std::string signature =
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  BOOST_TEST(signed_text(R"({"alg":"EdDSA"})", "Example of Ed25519 signing", rfc_key) ==
             input + "." + signature);

  const std::string text = input + "." + signature;
  const Jws jws = require(parse_jws(text));
  BOOST_TEST(jws.is_ed25519());
  BOOST_TEST(verify_jws(jws, rfc_key.public_key()).ok());
  BOOST_TEST(code_of(verify_jws(jws, key.public_key())) == Code::kSIGNATURE_INVALID);
  BOOST_TEST(code_of(decode_claims(jws)) == Code::kTOKEN_MALFORMED);  // signed text, but no JSON
}

BOOST_AUTO_TEST_CASE(rfc8037_appendix_a3_thumbprint) {
  const auto seed = base64url_decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
  BOOST_TEST(ed25519_thumbprint(Ed25519Key::from_seed(*seed).value().public_key()) ==
             "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

BOOST_AUTO_TEST_CASE(both_names_of_the_algorithm_are_read_and_the_new_one_written) {
  BOOST_TEST(judged(token) == Code::kOK);
  const std::string old_name = R"({"alg":"EdDSA","typ":"tessera-lic+jwt","kid":")" + kid + "\"}";
  BOOST_TEST(judged_header(old_name) == Code::kOK);
  const std::string made = sign_jws(DocumentType::kLicense, parse_json(kClaims).value(), key);
  BOOST_TEST(require(parse_jws(made)).alg == "Ed25519");
}

BOOST_AUTO_TEST_CASE(row_empty_bom_pem_trailing_nul) {
  BOOST_TEST(judged("") == Code::kTOKEN_MALFORMED);
  BOOST_TEST(judged(" \r\n\t ") == Code::kTOKEN_MALFORMED);
  BOOST_TEST(judged("\xEF\xBB\xBF" + token) == Code::kTOKEN_MALFORMED);
  BOOST_TEST(judged(token + '\0') == Code::kTOKEN_MALFORMED);
  BOOST_TEST(judged(std::string(1, '\0') + token) == Code::kTOKEN_MALFORMED);
  BOOST_TEST(judged("-----BEGIN LICENSE-----\n" + token + "\n-----END LICENSE-----") ==
             Code::kTOKEN_MALFORMED);
  BOOST_TEST(judged("\xC2\xA0" + token) == Code::kTOKEN_MALFORMED);  // a no-break space is no ASCII space
  BOOST_TEST(judged(" \t" + token + "\r\n") == Code::kOK);
}

BOOST_AUTO_TEST_CASE(exactly_two_dots) {
  const auto [header, payload, signature] = parts_of(token);
  for (const std::string& bad :
       {header, header + "." + payload, token + ".", "." + token, token + "." + header,
        header + payload + signature, std::string(".."), std::string(".")}) {
    BOOST_TEST_CONTEXT(bad) { BOOST_TEST(judged(bad) == Code::kTOKEN_MALFORMED); }
  }
  BOOST_TEST(judged(header + ".." + signature) == Code::kSIGNATURE_INVALID);
}

BOOST_AUTO_TEST_CASE(base64url_is_strict) {
  const auto [header, payload, signature] = parts_of(token);
  const auto with_header = [&](const std::string& text) {
    return judged(text + "." + payload + "." + signature);
  };
  BOOST_TEST(with_header(header + "=") == Code::kTOKEN_MALFORMED);
  BOOST_TEST(with_header(header + "==") == Code::kTOKEN_MALFORMED);
  BOOST_TEST(with_header(header + "\n") == Code::kTOKEN_MALFORMED);
  BOOST_TEST(with_header(header.substr(0, 10) + " " + header.substr(10)) == Code::kTOKEN_MALFORMED);
  BOOST_TEST(with_header("e30") == Code::kALG_NOT_ALLOWED);  // {}
  BOOST_TEST(with_header("e31") == Code::kTOKEN_MALFORMED);  // {} with unused bits set
  // A payload is looked at only after the signature over its text: what isn't base64url must be signed to
  // matter.
  for (const std::string& text :
       {std::string("e30="), std::string("e31"), std::string("e+0"), std::string("e3 0")}) {
    const std::string input = header + "." + text;
    const Ed25519Signature made = key.sign(as_bytes(input));
    BOOST_TEST(judged(input + "." + base64url_encode(made)) == Code::kTOKEN_MALFORMED);
  }
}

BOOST_AUTO_TEST_CASE(row_alg_none_hs256_rs256_missing_array) {
  for (const std::string alg : {R"("none")", R"("None")", R"("NONE")", R"("HS256")", R"("HS512")",
                                R"("RS256")", R"("RS512")", R"("PS256")", R"("ES256")", R"("ed25519")",
                                R"("EDDSA")", R"("Ed448")", R"("")", R"(["Ed25519"])", "null", "1", "{}"}) {
    BOOST_TEST_CONTEXT(alg) {
      const std::string rest = R"(,"typ":"tessera-lic+jwt","kid":")" + kid + "\"}";
      BOOST_TEST(judged_header(R"({"alg":)" + alg + rest) == Code::kALG_NOT_ALLOWED);
    }
  }
  BOOST_TEST(judged_header(R"({"typ":"tessera-lic+jwt","kid":")" + kid + "\"}") == Code::kALG_NOT_ALLOWED);
}

BOOST_AUTO_TEST_CASE(row_crit_embedded_jwk_and_unknown_header_members) {
  for (const std::string member :
       {R"("crit":["exp"])", R"("crit":[])",
        R"("jwk":{"kty":"OKP","crv":"Ed25519","key_ops":["verify"],"x":"AA"})",
        R"("jku":"https://example.com/keys")", R"("x5c":["MIIB"])", R"("x5u":"https://example.com/cert")",
        R"("x5t":"AA")", R"("b64":false)", R"("zip":"DEF")", R"("cty":"JWT")", R"("exp":1)",
        R"("Alg":"Ed25519")", R"("":1)"}) {
    BOOST_TEST_CONTEXT(member) {
      BOOST_TEST(judged_header(header_with(member)) == Code::kHEADER_NOT_ALLOWED);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_header_member_twice_is_malformed) {
  BOOST_TEST(judged_header(header_with(R"("alg":"Ed25519")")) == Code::kTOKEN_MALFORMED);
  BOOST_TEST(judged_header(header_with(R"("kid":")" + kid + '"')) == Code::kTOKEN_MALFORMED);
  BOOST_TEST(judged_header(header_with(R"("zip":1,"zip":2)")) == Code::kTOKEN_MALFORMED);
}

BOOST_AUTO_TEST_CASE(a_header_that_is_no_object_is_malformed) {
  for (const std::string_view header : {"[]", "\"Ed25519\"", "null", "1", "", "{", "{}{}", "{\"alg\":NaN}",
                                        "{\"alg\":\"\\ud800\"}", "\xEF\xBB\xBF{}"}) {
    BOOST_TEST_CONTEXT(header) { BOOST_TEST(judged_header(header) == Code::kTOKEN_MALFORMED); }
  }
  BOOST_TEST(judged_header(std::string(9000, '[')) == Code::kTOKEN_MALFORMED);
}

BOOST_AUTO_TEST_CASE(row_kid_missing_or_10_kb) {
  const std::string start = R"({"alg":"Ed25519","typ":"tessera-lic+jwt")";
  BOOST_TEST(judged_header(start + "}") == Code::kKEY_UNKNOWN);
  BOOST_TEST(judged_header(start + R"(,"kid":""})") == Code::kKEY_UNKNOWN);
  BOOST_TEST(judged_header(start + R"(,"kid":")" + std::string(10 << 10, 'k') + "\"}") == Code::kKEY_UNKNOWN);
  BOOST_TEST(judged_header(start + R"(,"kid":["a"]})") == Code::kKEY_UNKNOWN);
  BOOST_TEST(judged_header(start + R"(,"kid":")" + kid + "x\"}") == Code::kKEY_UNKNOWN);
}

BOOST_AUTO_TEST_CASE(row_signature_of_wrong_length) {
  const auto [header, payload, signature] = parts_of(token);
  const Bytes good = *base64url_decode(signature);
  for (const size_t length : {0u, 1u, 32u, 63u, 65u, 128u, 2048u}) {
    Bytes bytes = good;
    bytes.resize(length);
    BOOST_TEST_CONTEXT(length) {
      BOOST_TEST(judged(header + "." + payload + "." + base64url_encode(bytes)) == Code::kSIGNATURE_INVALID);
    }
  }
}

BOOST_AUTO_TEST_CASE(row_malleable_signature) {
  const auto [header, payload, signature] = parts_of(token);
  Bytes bytes = *base64url_decode(signature);
  // S + L is the same scalar; RFC 8032 demands the smaller one.
  constexpr std::array<uint8_t, 32> kOrder{0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7,
                                           0xA2, 0xDE, 0xF9, 0xDE, 0x14, 0,    0,    0,    0,    0,    0,
                                           0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  unsigned carry = 0;
  for (size_t i = 0; i < kOrder.size(); ++i) {
    carry += unsigned{bytes[32 + i]} + kOrder[i];
    bytes[32 + i] = static_cast<uint8_t>(carry & 0xFF);
    carry >>= 8;
  }
  BOOST_TEST(judged(header + "." + payload + "." + base64url_encode(bytes)) == Code::kSIGNATURE_INVALID);
}

BOOST_AUTO_TEST_CASE(row_small_order_key) {
  // With a key of order one, R = identity and S = 0 fit every message unless such keys are refused.
  Ed25519Public identity{};
  identity[0] = 1;
  keys.keys.push_back({ed25519_thumbprint(identity), identity, KeyUse::kSign, 0, 0});
  const std::string header =
      R"({"alg":"Ed25519","typ":"tessera-lic+jwt","kid":")" + keys.keys.back().id + "\"}";
  Bytes forged(64, 0);
  forged[0] = 1;
  BOOST_TEST(judged(base64url_encode(as_bytes(header)) + "." + base64url_encode(as_bytes(kClaims)) + "." +
                    base64url_encode(forged)) == Code::kSIGNATURE_INVALID);
}

BOOST_AUTO_TEST_CASE(row_flipped_bit_anywhere) {
  const size_t payload_start = token.find('.') + 1;
  for (size_t i = payload_start; i < token.size(); ++i) {
    if (token[i] == '.') continue;
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = token;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      // One more dot is another structure; space at an end is trimmed and leaves a signature too short.
      const Code expected = changed[i] == '.' ? Code::kTOKEN_MALFORMED : Code::kSIGNATURE_INVALID;
      const Code found = judged(changed);
      if (found != expected) BOOST_ERROR("byte " << i << " bit " << bit << " gave " << found);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_in_the_header_never_passes) {
  for (size_t i = 0; i <= token.find('.'); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = token;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      const int32_t code = static_cast<int32_t>(judged(changed));
      if (code < 40 || code > 50) BOOST_ERROR("byte " << i << " bit " << bit << " gave code " << code);
    }
  }
}

BOOST_AUTO_TEST_CASE(row_token_over_64_kib) {
  const auto of_size = [&](size_t size) {
    const auto [header, payload, signature] = parts_of(token);
    return header + "." + std::string(size - header.size() - signature.size() - 2, 'A') + "." + signature;
  };
  BOOST_TEST(judged(of_size(kMaxTokenBytes + 1)) == Code::kTOKEN_TOO_LARGE);
  BOOST_TEST(judged(of_size(kMaxTokenBytes)) == Code::kSIGNATURE_INVALID);
  BOOST_TEST(judged(std::string(10 << 20, 'A')) == Code::kTOKEN_TOO_LARGE);
  BOOST_TEST(judged(std::string(1 << 20, '.')) == Code::kTOKEN_TOO_LARGE);
}

BOOST_AUTO_TEST_CASE(row_valid_token_of_another_type) {
  for (const DocumentType type : {DocumentType::kLease, DocumentType::kKeySet, DocumentType::kCrl,
                                  DocumentType::kTime, DocumentType::kRequest, DocumentType::kDeactivation}) {
    BOOST_TEST_CONTEXT(document_typ(type)) {
      BOOST_TEST(judged_header(header_of(key, type)) == Code::kTOKEN_TYPE);
    }
  }
  for (const std::string typ :
       {R"("JWT")", R"("tessera-lic+JWT")", R"("application/tessera-lic+jwt")", R"("")"}) {
    BOOST_TEST(judged_header(R"({"alg":"Ed25519","kid":")" + kid + R"(","typ":)" + typ + "}") ==
               Code::kTOKEN_TYPE);
  }
  BOOST_TEST(judged_header(R"({"alg":"Ed25519","kid":")" + kid + "\"}") == Code::kTOKEN_TYPE);
  BOOST_TEST(judged_header(R"({"alg":"Ed25519","typ":7,"kid":")" + kid + "\"}") == Code::kTOKEN_TYPE);
}

BOOST_AUTO_TEST_CASE(row_valid_token_of_another_product_or_issuer) {
  config.product = "editor";
  BOOST_TEST(judged(token) == Code::kWRONG_PRODUCT);
  config.product = "player";
  keys.issuer = "acme inc";
  BOOST_TEST(judged(token) == Code::kWRONG_ISSUER);
  config.issuer = "acme";  // the configuration decides where it speaks
  BOOST_TEST(judged(token) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(every_type_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (int type = 0; type <= static_cast<int>(DocumentType::kDeactivation); ++type)
    names.insert(document_typ(static_cast<DocumentType>(type)));
  BOOST_TEST(names.size() == 8);
  for (const std::string_view name : names) {
    BOOST_TEST(name.starts_with("tessera-"));
    BOOST_TEST(name.ends_with("+jwt"));
  }
}

BOOST_AUTO_TEST_CASE(bundles_hold_one_document_a_line) {
  const auto lines = require(split_bundle("\r\n  a.b.c \r\n\n\td.e.f\n"));
  BOOST_TEST(lines.size() == 2);
  BOOST_TEST(lines.at(0) == "a.b.c");
  BOOST_TEST(lines.at(1) == "d.e.f");
  BOOST_TEST(code_of(split_bundle("")) == Code::kTOKEN_MALFORMED);
  BOOST_TEST(code_of(split_bundle(" \n\r\n")) == Code::kTOKEN_MALFORMED);

  std::string many;
  for (size_t i = 0; i < kMaxBundleLines; ++i) many.append("a.b.c\n");
  BOOST_TEST(require(split_bundle(many)).size() == kMaxBundleLines);
  BOOST_TEST(code_of(split_bundle(many + "a.b.c")) == Code::kTOKEN_TOO_LARGE);
  BOOST_TEST(code_of(split_bundle(std::string(2 << 20, '\n'))) == Code::kTOKEN_TOO_LARGE);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
