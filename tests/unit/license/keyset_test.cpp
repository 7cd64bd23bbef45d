#include "license/keyset.hpp"

#include "installation.hpp"

namespace tessera {
namespace {

using namespace license_test;

KeySet set_of(std::vector<TrustedKey> keys, int64_t seq = 1) {
  KeySet set;
  set.issuer = "acme";
  set.product = "player";
  set.issued_at = 1'780'000'000;
  set.seq = seq;
  set.keys = std::move(keys);
  return set;
}

std::string signed_set(const KeySet& set, const Ed25519Key& root) {
  return sign_jws(DocumentType::kKeySet, write_claims(set), root);
}

Result<KeySet> verify(const std::vector<std::string>& documents, const Roots& roots) {
  std::vector<Jws> parsed;
  for (const std::string& document : documents) parsed.push_back(require(parse_jws(document)));
  return verify_keyset(parsed, roots);
}

Roots roots_of(std::initializer_list<const Ed25519Key*> keys, int threshold) {
  Roots roots{{}, threshold};
  for (const Ed25519Key* key : keys) roots.keys.push_back(key->public_key());
  return roots;
}

const Json kSpec{{"sku", "pro"}, {"days", 30}};

struct Fixture : Installation {
  const Ed25519Key old_root = key_of(11), new_root = key_of(12), third_root = key_of(13), signer = key_of(21);

  Code read_with(const std::string& pointer, const Json& value) const {
    Json json = write_claims(set_of({trusted(signer)}));
    json[Json::json_pointer(pointer)] = value;
    return code_of(read_keyset_claims(json));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(keyset, Fixture)

BOOST_AUTO_TEST_CASE(a_key_set_comes_back_as_written) {
  KeySet set = set_of(
      {trusted(signer), trusted(key_of(22), KeyUse::kVerifyOnly), trusted(key_of(23), KeyUse::kRevoked)}, 7);
  set.keys[0].not_before = 5;
  set.keys[0].expires_at = 50;
  set.next_roots = roots_of({&old_root, &new_root}, 2);
  const KeySet again = require(read_keyset_claims(parse_json(dump_json(write_claims(set))).value()));
  BOOST_TEST(dump_json(write_claims(again)) == dump_json(write_claims(set)));
  BOOST_TEST(again.seq == 7);
  BOOST_CHECK(again.next_roots == set.next_roots);
  BOOST_CHECK(again.keys[2].use == KeyUse::kRevoked);
}

BOOST_AUTO_TEST_CASE(row_wrong_use_wrong_curve_kid_that_is_no_thumbprint) {
  BOOST_TEST(read_with("/keys/0/use", "enc") == Code::kKEYSET_INVALID);
  BOOST_TEST(read_with("/keys/0/use", "Sign") == Code::kKEYSET_INVALID);
  BOOST_TEST(read_with("/keys/0/use", nullptr) == Code::kKEYSET_INVALID);
  BOOST_TEST(read_with("/keys/0/crv", "Ed448") == Code::kKEYSET_INVALID);
  BOOST_TEST(read_with("/keys/0/crv", "P-256") == Code::kKEYSET_INVALID);
  BOOST_TEST(read_with("/keys/0/kid", "my-key") == Code::kKEYSET_INVALID);
  BOOST_TEST(read_with("/keys/0/kid", ed25519_thumbprint(old_root.public_key())) == Code::kKEYSET_INVALID);
  BOOST_TEST(read_with("/keys/0/x", base64url_encode(Bytes(31, 1))) == Code::kKEYSET_INVALID);
  BOOST_TEST(read_with("/keys/0/x", base64url_encode(old_root.public_key())) == Code::kKEYSET_INVALID);
  BOOST_TEST(read_with("/keys/0/nbf", 1.5) == Code::kKEYSET_INVALID);
  BOOST_TEST(read_with("/keys/0", "key") == Code::kKEYSET_INVALID);
}

BOOST_AUTO_TEST_CASE(row_key_set_with_duplicate_kid) {
  BOOST_TEST(code_of(read_keyset_claims(write_claims(set_of({trusted(signer), trusted(signer)})))) ==
             Code::kKEYSET_INVALID);
  BOOST_TEST(code_of(read_keyset_claims(write_claims(
                 set_of({trusted(signer), trusted(signer, KeyUse::kRevoked)})))) == Code::kKEYSET_INVALID);
}

BOOST_AUTO_TEST_CASE(members_have_types_and_limits) {
  BOOST_TEST(read_with("/keys", Json::array()) == Code::kKEYSET_INVALID);
  BOOST_TEST(read_with("/keys", Json::object()) == Code::kCLAIM_INVALID);
  BOOST_TEST(read_with("/seq", 0) == Code::kCLAIM_INVALID);
  BOOST_TEST(read_with("/seq", "1") == Code::kCLAIM_INVALID);
  BOOST_TEST(read_with("/iat", -1) == Code::kCLAIM_INVALID);
  BOOST_TEST(read_with("/iss", "") == Code::kCLAIM_INVALID);
  BOOST_TEST(read_with("/ver", 2) == Code::kSCHEMA_UNSUPPORTED);
  BOOST_TEST(read_with("/roots", Json::array()) == Code::kKEYSET_INVALID);
  BOOST_TEST(read_with("/roots", Json::array({"AA"})) == Code::kKEYSET_INVALID);
  BOOST_TEST(read_with("/roots", Json::array({1})) == Code::kKEYSET_INVALID);
  const std::string root = base64url_encode(old_root.public_key());
  BOOST_TEST(read_with("/roots", Json::array({root})) == Code::kOK);
  BOOST_TEST(read_with("/roots", Json::array({root, root})) == Code::kKEYSET_INVALID);
  Json json = write_claims(set_of({trusted(signer)}));
  json["roots"] = {root};
  json["threshold"] = 2;
  BOOST_TEST(code_of(read_keyset_claims(json)) == Code::kKEYSET_INVALID);
  std::vector<TrustedKey> many;
  for (uint8_t seed = 0; seed < 65; ++seed) many.push_back(trusted(key_of(seed)));
  BOOST_TEST(code_of(read_keyset_claims(write_claims(set_of(many)))) == Code::kKEYSET_INVALID);
}

BOOST_AUTO_TEST_CASE(a_root_must_have_signed) {
  const KeySet set = set_of({trusted(signer)});
  const Roots roots = roots_of({&old_root}, 1);
  BOOST_TEST(code_of(verify({signed_set(set, old_root)}, roots)) == Code::kOK);
  BOOST_TEST(code_of(verify({signed_set(set, new_root)}, roots)) == Code::kKEY_UNKNOWN);
  BOOST_TEST(code_of(verify({signed_set(set, signer)}, roots)) == Code::kKEY_UNKNOWN);
  // The name of the root over another key's signature.
  const std::string forged =
      signed_text(header_of(old_root, DocumentType::kKeySet), dump_json(write_claims(set)), new_root);
  BOOST_TEST(code_of(verify({forged}, roots)) == Code::kSIGNATURE_INVALID);
  const std::string crl = sign_jws(DocumentType::kCrl, write_claims(set), old_root);
  BOOST_TEST(code_of(verify({crl}, roots)) == Code::kTOKEN_TYPE);
}

BOOST_AUTO_TEST_CASE(a_threshold_of_two_needs_two_roots) {
  const KeySet set = set_of({trusted(signer)});
  const Roots roots = roots_of({&old_root, &new_root, &third_root}, 2);
  const std::string first = signed_set(set, old_root), second = signed_set(set, third_root);
  BOOST_TEST(code_of(verify({first}, roots)) == Code::kKEYSET_INVALID);
  BOOST_TEST(code_of(verify({first, first}, roots)) == Code::kKEYSET_INVALID);
  BOOST_TEST(code_of(verify({first, signed_set(set, key_of(99))}, roots)) == Code::kKEYSET_INVALID);
  BOOST_TEST(code_of(verify({first, second}, roots)) == Code::kOK);
  // Two roots that signed different contents, or content as another type of document, are no two signatures.
  BOOST_TEST(code_of(verify({first, signed_set(set_of({trusted(signer)}, 2), third_root)}, roots)) ==
             Code::kKEYSET_INVALID);
  BOOST_TEST(code_of(verify({first, sign_jws(DocumentType::kCrl, write_claims(set), third_root)}, roots)) ==
             Code::kTOKEN_TYPE);
}

BOOST_AUTO_TEST_CASE(new_roots_need_signatures_of_old_and_new) {
  KeySet set = set_of({trusted(signer)}, 2);
  set.next_roots = roots_of({&new_root}, 1);
  const Roots roots = roots_of({&old_root}, 1);
  BOOST_TEST(code_of(verify({signed_set(set, old_root)}, roots)) == Code::kKEYSET_INVALID);
  BOOST_TEST(code_of(verify({signed_set(set, new_root)}, roots)) == Code::kKEY_UNKNOWN);
  BOOST_TEST(code_of(verify({signed_set(set, old_root), signed_set(set, new_root)}, roots)) == Code::kOK);
  set.next_roots = roots_of({&new_root, &third_root}, 2);
  BOOST_TEST(code_of(verify({signed_set(set, old_root), signed_set(set, new_root)}, roots)) ==
             Code::kKEYSET_INVALID);
}

BOOST_AUTO_TEST_CASE(a_root_is_no_signing_key) {
  BOOST_TEST(code_of(verify({signed_set(set_of({trusted(signer), trusted(old_root)}), old_root)},
                            roots_of({&old_root}, 1))) == Code::kKEYSET_INVALID);
  BOOST_TEST(code_of(verify({signed_set(set_of({trusted(new_root)}), old_root)},
                            roots_of({&old_root, &new_root}, 1))) == Code::kKEYSET_INVALID);
  // Nor does a root that signs a licence get it accepted.
  BOOST_REQUIRE(import(vendor.key_set()) == Code::kOK);
  const auto forged = require(vendor.root_issuer().issue("", dump_json(kSpec)));
  BOOST_TEST(import(forged) == Code::kKEY_UNKNOWN);
}

BOOST_AUTO_TEST_CASE(row_key_set_with_lower_seq) {
  BOOST_REQUIRE(import(vendor.key_set(5)) == Code::kOK);
  BOOST_TEST(import(vendor.key_set(4)) == Code::kKEYSET_ROLLBACK);
  BOOST_TEST(import(vendor.key_set(5)) == Code::kOK);
  const Json other{{"seq", 5}, {"keys", {vendor.signing_key("verify-only")}}};
  BOOST_TEST(import(vendor.key_set(other)) == Code::kKEYSET_ROLLBACK);
  BOOST_TEST(import(vendor.key_set(6)) == Code::kOK);
  BOOST_TEST(snapshot().keys->seq == 6);
}

BOOST_AUTO_TEST_CASE(a_compiled_in_key_set_counts_as_known) {
  config.key_set = vendor.key_set(5);
  BOOST_TEST(import(vendor.key_set(4)) == Code::kKEYSET_ROLLBACK);
  BOOST_TEST(import(vendor.license("", kSpec)) == Code::kOK);
  BOOST_TEST(import(vendor.key_set(6)) == Code::kOK);
  BOOST_TEST(snapshot().keys->seq == 6);
}

BOOST_AUTO_TEST_CASE(a_key_set_of_another_issuer_or_product_is_refused) {
  KeySet set = set_of({trusted(vendor.signer())});
  set.product = "editor";
  const std::string bundle = signed_set(set, vendor.root()) + "\n" + vendor.license("", kSpec);
  BOOST_TEST(import(bundle) == Code::kWRONG_PRODUCT);
  BOOST_TEST(code_of(judge_bundle(bundle, context(), snapshot(), {clock.wall, 0})) == Code::kWRONG_PRODUCT);
  set.product.clear();  // a key set may serve all products
  BOOST_TEST(import(signed_set(set, vendor.root())) == Code::kOK);
  config.issuer = "other";
  BOOST_TEST(import(vendor.key_set(2)) == Code::kWRONG_ISSUER);
}

BOOST_AUTO_TEST_CASE(a_key_marked_revoked_ends_its_licences) {
  BOOST_REQUIRE(import(vendor.key_set(1)) == Code::kOK);
  BOOST_REQUIRE(import(vendor.license("", kSpec)) == Code::kOK);
  BOOST_TEST(verdict().usable());
  BOOST_REQUIRE(import(vendor.key_set({{"seq", 2}, {"keys", {vendor.signing_key("revoked")}}})) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kKEY_REVOKED);
  BOOST_TEST(verdict().state == "INVALID");
  BOOST_TEST(import(vendor.license("", kSpec)) == Code::kKEY_REVOKED);
  BOOST_TEST(!state.license.empty());  // kept: a later key set may take the mark back
}

BOOST_AUTO_TEST_CASE(a_retired_key_is_good_for_what_it_signed_before) {
  const std::string before = vendor.license("", kSpec);
  clock.pass(kDayMs);
  const std::string retired = vendor.key_set({{"seq", 2}, {"keys", {vendor.signing_key("verify-only")}}});
  clock.pass(kDayMs);
  const std::string after = vendor.license("", kSpec);
  BOOST_REQUIRE(import(vendor.key_set(1)) == Code::kOK);
  BOOST_TEST(import(after) == Code::kOK);
  BOOST_REQUIRE(import(retired) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kKEY_EXPIRED);
  BOOST_TEST(import(after) == Code::kKEY_EXPIRED);
  BOOST_TEST(import(before) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(the_dates_of_a_key_bound_when_it_may_sign) {
  const int64_t now = clock.wall / 1000;
  Json key = vendor.signing_key();
  const auto judged = [&](const Json& dates) {
    Installation fresh;
    Json dated = key;
    dated.update(dates);
    BOOST_REQUIRE(fresh.import(vendor.key_set({{"seq", 1}, {"keys", {dated}}})) == Code::kOK);
    return fresh.import(vendor.license("", kSpec));
  };
  BOOST_TEST(judged({{"not_before", now}, {"expires_at", now}}) == Code::kOK);
  BOOST_TEST(judged({{"not_before", now + 1}}) == Code::kKEY_EXPIRED);
  BOOST_TEST(judged({{"expires_at", now - 1}}) == Code::kKEY_EXPIRED);
}

BOOST_AUTO_TEST_CASE(rotated_roots_stay_in_force_beside_a_compiled_in_set) {
  config.trusted_keys = {old_root.public_key()};
  config.key_set = signed_set(set_of({trusted(signer)}, 1), old_root);

  KeySet rotation = set_of({trusted(signer)}, 2);
  rotation.next_roots = roots_of({&new_root}, 1);
  BOOST_REQUIRE(import(signed_set(rotation, old_root) + "\n" + signed_set(rotation, new_root)) == Code::kOK);
  BOOST_TEST(snapshot().keys->seq == 2);

  // The old root is gone: its sets no longer count, and those of the new root do.
  const Ed25519Key next_signer = key_of(31);
  BOOST_TEST(import(signed_set(set_of({trusted(next_signer)}, 3), old_root)) == Code::kKEY_UNKNOWN);
  BOOST_REQUIRE(import(signed_set(set_of({trusted(next_signer)}, 3), new_root)) == Code::kOK);
  BOOST_TEST(snapshot().keys->seq == 3);
  BOOST_TEST(snapshot().keys->find(ed25519_thumbprint(next_signer.public_key())) != nullptr);
  BOOST_TEST(import(signed_set(set_of({trusted(next_signer)}, 2), new_root)) == Code::kKEYSET_ROLLBACK);

  // An update of the application that knows the new root only reads the same state.
  config.trusted_keys = {new_root.public_key()};
  config.key_set.clear();
  BOOST_TEST(snapshot().keys->seq == 3);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
