#include <boost/test/unit_test.hpp>
#include <string>

#include "machine.hpp"

namespace tessera::test {
namespace {

Key generate(int32_t type) {
  Key key;
  Failure failure;
  require_ok(tsr_key_generate(type, key.out(), failure.out()), failure);
  return key;
}

std::string export_text(const Key& key) {
  return made_text([&](tsr_buf* out, tsr_error** err) { return tsr_key_export(key.get(), out, err); });
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(issuer, Machine)

BOOST_AUTO_TEST_CASE(keys_survive_export_and_import) {
  for (const int32_t type : {TSR_KEY_ED25519, TSR_KEY_RS256}) {
    const Key key = generate(type);
    const std::string text = export_text(key);
    Key again;
    BOOST_REQUIRE(tsr_key_import(text.data(), text.size(), again.out(), nullptr) == TSR_OK);
    BOOST_TEST(tsr_key_type(again.get()) == type);
    BOOST_TEST(tsr_key_public(again.get()) == std::string(tsr_key_public(key.get())));
    BOOST_TEST(tsr_key_id(again.get()) == std::string(tsr_key_id(key.get())));
    BOOST_TEST(text.find(tsr_key_public(key.get())) ==
               (type == TSR_KEY_RS256 ? std::string::npos : text.find("\"x\":\"") + 5));
  }
}

BOOST_AUTO_TEST_CASE(foreign_texts_are_no_keys) {
  for (const std::string text :
       {"", "x", "{}", "null", "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"AAAA\"}",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}) {
    Key key;
    Failure failure;
    const tsr_status status = tsr_key_import(text.data(), text.size(), key.out(), failure.out());
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST((status == TSR_E_CRYPTO || status == TSR_E_ARG));
      BOOST_TEST(!key);
    }
  }
}

BOOST_AUTO_TEST_CASE(configuration_and_specification_errors_are_the_callers) {
  const Key key = generate(TSR_KEY_ED25519);
  Issuer issuer;
  Failure failure;
  for (const char* config :
       {"", "[]", "{}", "{\"issuer\":\"a\"}", "{\"issuer\":\"a\",\"product\":\"b\",\"c\":1}"})
    BOOST_TEST(tsr_issuer_open(tsr_str_of(config), key.get(), issuer.out(), failure.out()) == TSR_E_ARG);
  Buffer out;
  for (const char* spec :
       {"", "{}", "{\"sku\":7}", "{\"sku\":\"pro\",\"dyas\":3}", "{\"sku\":\"pro\",\"days\":-3}"}) {
    BOOST_TEST_CONTEXT(spec)
    BOOST_TEST(tsr_issuer_issue(vendor.issuer(), tsr_str_of(nullptr), tsr_str_of(spec), out.out(),
                                failure.out()) == TSR_E_ARG);
  }
}

BOOST_AUTO_TEST_CASE(an_empty_request_never_yields_a_licence_for_every_machine) {
  Buffer out;
  Failure failure;
  BOOST_TEST(tsr_issuer_issue(vendor.issuer(), TSR_LIT(""), TSR_LIT("{\"sku\":\"pro\"}"), out.out(),
                              failure.out()) == TSR_E_ARG);
  BOOST_TEST(tsr_issuer_issue(vendor.issuer(), TSR_LIT(" "), TSR_LIT("{\"sku\":\"pro\"}"), out.out(),
                              failure.out()) == TSR_E_LICENSE);
}

BOOST_AUTO_TEST_CASE(reads_a_request_without_raw_values) {
  const License license = open();
  const std::string text = request(license);
  const auto seen = nlohmann::json::parse(made_text([&](tsr_buf* out, tsr_error** err) {
    return tsr_issuer_read_request(vendor.issuer(), str(text), out, err);
  }));
  BOOST_TEST(seen.at("strength") == "strong");
  BOOST_TEST(seen.at("factors").size() > 3U);
}

BOOST_AUTO_TEST_CASE(a_changed_request_is_refused) {
  const License license = open();
  std::string text = request(license);
  text[text.size() / 2] = text[text.size() / 2] == 'A' ? 'B' : 'A';
  Buffer out;
  BOOST_TEST(tsr_issuer_read_request(vendor.issuer(), str(text), out.out(), nullptr) == TSR_E_LICENSE);
}

BOOST_AUTO_TEST_CASE(an_rsa_key_signs_rs256_tokens_and_nothing_else) {
  const Key key = generate(TSR_KEY_RS256);
  Issuer rsa;
  Buffer out;
  BOOST_REQUIRE(tsr_issuer_open(TSR_LIT("{\"issuer\":\"tiktrend-license-service\",\"product\":\"player\"}"),
                                key.get(), rsa.out(), nullptr) == TSR_OK);
  const tsr_str spec = TSR_LIT("{\"sub\":\"ana\",\"hwid\":\"00\",\"plan\":\"pro\"}");
  BOOST_TEST(tsr_issuer_rs256(rsa.get(), spec, out.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_issuer_rs256(vendor.issuer(), spec, out.out(), nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_issuer_issue(rsa.get(), tsr_str_of(nullptr), TSR_LIT("{\"sku\":\"pro\"}"), out.out(),
                              nullptr) == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(licence_keys_forgive_typing) {
  const std::string key = made_text(tsr_license_key_generate);
  std::string typed;
  for (const char c : key)
    typed += c == '-' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  BOOST_TEST(made_text([&](tsr_buf* out, tsr_error** err) {
               return tsr_license_key_check(str(typed), out, err);
             }) == key);
}

BOOST_AUTO_TEST_CASE(inspect_shows_documents_unverified) {
  const std::string file = vendor.license_file({}, {{"sku", "pro"}});
  const auto shown = nlohmann::json::parse(made_text([&](tsr_buf* out, tsr_error** err) {
    return tsr_document_inspect(file.data(), file.size(), out, err);
  }));
  BOOST_REQUIRE(shown.size() == 2U);
  BOOST_TEST(shown[0].at("header").at("typ") == "tessera-keys+jwt");
  BOOST_TEST(shown[1].at("claims").at("lic").at("sku") == "pro");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
