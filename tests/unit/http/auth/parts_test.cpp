// What the providers are made of: life of a token, its record, configuration, and answers of an endpoint.
#include "auth_fixture.hpp"
#include "http/auth/token_request.hpp"

namespace tessera::http {
namespace {

Response response(int status, std::string_view body, std::initializer_list<Field> fields = {}) {
  Response made;
  made.status = status;
  made.body = to_bytes(body);
  made.headers = Headers(fields);
  return made;
}

ErrorCode code_of(const Response& response) { return read_token_answer(response, 0).error->code; }

Error refusal(std::string_view config) {
  const auto read = read_oauth_config(parse_json(config).value());
  BOOST_REQUIRE_MESSAGE(!read.ok(), config);
  return read.error();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(auth_parts)

BOOST_AUTO_TEST_CASE(a_token_is_renewed_at_80_percent_or_two_minutes_before_its_end) {
  const auto renewed_after = [](int64_t life_ms) {
    return life_of(5'000 + life_ms, 5'000, 100, {}).renew_at_ms - 100;
  };
  BOOST_TEST(renewed_after(3'600'000) == 2'880'000);
  BOOST_TEST(renewed_after(600'000) == 480'000);
  BOOST_TEST(renewed_after(300'000) == 180'000);
  BOOST_TEST(renewed_after(60'000) == 30'000);  // half of it, or it would be renewed all the time
  BOOST_TEST(renewed_after(0) == 0);
  BOOST_TEST(renewed_after(-10) == 0);
  BOOST_TEST(life_of(6'000, 5'000, 100, {}).ends_at_ms == 1'100);
  BOOST_TEST(life_of(0, 5'000, 100, {}).ends_at_ms == std::numeric_limits<int64_t>::max());
  BOOST_TEST(life_of(std::numeric_limits<int64_t>::max(), 5'000, 100, {}).renew_at_ms > 1'000'000'000);
}

BOOST_AUTO_TEST_CASE(a_record_comes_back_from_its_json) {
  TokenRecord record = tokens("a\"b", "r", 1'780'000'000'000);
  record.scope = "read";
  record.version = 7;
  const SecretBytes json = token_record_json(record);
  BOOST_TEST(as_text(json.view()) ==
             R"({"access_token":"a\"b","expires_at_ms":1780000000000,"refresh_token":"r","scope":"read",)"
             R"("token_type":"Bearer","version":7})");
  const TokenRecord read = parse_token_record(json.view()).value();
  BOOST_TEST(as_text(read.access_token.view()) == "a\"b");
  BOOST_TEST(as_text(read.refresh_token.view()) == "r");
  BOOST_TEST(read.expires_at_ms == record.expires_at_ms);
  BOOST_TEST(read.scope == "read");
  BOOST_TEST(read.version == 7U);
}

BOOST_AUTO_TEST_CASE(a_damaged_record_is_told_without_its_content) {
  for (const char* text : {"", "[]", "{}", R"({"access_token":"top"})", R"({"access_token":1,"version":1})",
                           R"({"access_token":"top","version":0})", R"({"access_token":"top","version":1)"}) {
    const auto read = parse_token_record(as_bytes(text));
    BOOST_REQUIRE_MESSAGE(!read.ok(), text);
    BOOST_TEST(read.error().code == ErrorCode::kCORRUPT);
    BOOST_TEST(read.error().text.find("top") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(new_tokens_need_no_version) {
  const auto read = parse_new_tokens(as_bytes(R"({"access_token":"a","refresh_token":"r"})"));
  BOOST_REQUIRE(read.ok());
  BOOST_TEST(as_text(read->refresh_token.view()) == "r");
  for (const char* text : {"", "[]", R"({"access_token":1,"refresh_token":"top"})"}) {
    const auto bad = parse_new_tokens(as_bytes(text));
    BOOST_REQUIRE_MESSAGE(!bad.ok(), text);
    BOOST_TEST(bad.error().code == ErrorCode::kARG);
    BOOST_TEST(bad.error().text.find("top") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_store_in_memory_swaps_only_what_is_expected) {
  MemoryTokenStore store;
  BOOST_TEST(!store.load().value().has_value());
  TokenRecord record = tokens("a", "r");
  record.version = 1;
  BOOST_TEST(!store.compare_and_swap(1, record).value());
  BOOST_TEST(store.compare_and_swap(0, record).value());
  BOOST_TEST(!store.compare_and_swap(0, record).value());
  record.version = 2;
  BOOST_TEST(store.compare_and_swap(1, record).value());
  BOOST_TEST(store.load().value()->version == 2U);
}

BOOST_AUTO_TEST_CASE(a_configuration_is_read) {
  const OAuthConfig config =
      read_oauth_config(parse_json(R"({"token_url":"https://auth.example/token","client_id":"app",
        "grant":"client_credentials","client_auth":"post","scope":"a b","parameters":{"audience":"x"},
        "renew_percent":70,"renew_margin_ms":7200000,"backoff_ms":5,"timeout_ms":9,"commit_grace_ms":0})")
                            .value())
          .value();
  BOOST_TEST(config.token_url.text() == "https://auth.example/token");
  BOOST_TEST((config.grant == OAuthGrant::kClientCredentials));
  BOOST_TEST((config.client_auth == OAuthClientAuth::kPost));
  BOOST_TEST(config.client_id == "app");
  BOOST_TEST(config.scope == "a b");
  BOOST_TEST(config.parameters.front().second == "x");
  BOOST_TEST(config.renewal.percent == 70);
  BOOST_TEST(config.renewal.margin_ms == 7'200'000);
  BOOST_TEST(config.renewal.backoff_ms == 5);
  BOOST_TEST(config.timeout_ms == 9);
  BOOST_TEST(config.commit_grace_ms == 0);
}

BOOST_AUTO_TEST_CASE(a_wrong_configuration_is_refused_by_the_name_of_the_member) {
  const std::string start = R"({"token_url":"https://auth.example/token","client_id":"app")";
  const std::pair<std::string, const char*> cases[] = {
      {"{}", "token_url"},
      {R"({"token_url":"https://auth.example/token"})", "client_id"},
      {R"({"token_url":"ftp://auth.example/","client_id":"app"})", "token_url"},
      {R"({"token_url":"wss://auth.example/","client_id":"app"})", "token_url"},
      {start + R"(,"client_secret":"hidden"})", "client_secret"},
      {start + R"(,"parameters":{"refresh_token":"hidden"}})", "refresh_token"},
      {start + R"(,"parameters":{"grant_type":"password"}})", "grant_type"},
      {start + R"(,"parameters":{"a":1}})", "a"},
      {start + R"(,"grant":"password"})", "grant"},
      {start + R"(,"renew_percent":101})", "renew_percent"},
      {start + R"(,"unknown":1})", "unknown"},
  };
  for (const auto& [text, member] : cases) {
    const Error error = refusal(text);
    BOOST_TEST(error.code == ErrorCode::kARG);
    BOOST_TEST(error.text.find("\"" + std::string(member) + "\"") != std::string::npos, error.text);
    BOOST_TEST(error.text.find("hidden") == std::string::npos);
  }
  BOOST_TEST(read_oauth_config(Json::array()).error().code == ErrorCode::kARG);
}

BOOST_AUTO_TEST_CASE(tokens_are_read_with_tolerance) {
  const TokenAnswer answer = read_token_answer(
      response(200, R"({"access_token":"a","token_type":"BEARER","expires_in":"60","extra":[]})"), 0);
  BOOST_TEST((answer.kind == TokenAnswer::Kind::kTokens));
  BOOST_TEST(answer.tokens.expires_in.value() == 60);
  BOOST_TEST(code_of(response(200, R"({"access_token":"a","token_type":"mac"})")) == ErrorCode::kPROTOCOL);
  BOOST_TEST(code_of(response(500, R"({"access_token":"a"})")) == ErrorCode::kUNAVAILABLE);
}

BOOST_AUTO_TEST_CASE(errors_are_told_apart) {
  const auto is_invalid_grant = [](const Response& response) {
    return read_token_answer(response, 0).kind == TokenAnswer::Kind::kInvalidGrant;
  };
  BOOST_TEST(is_invalid_grant(response(400, R"({"error":"invalid_grant"})")));
  BOOST_TEST(is_invalid_grant(response(200, R"({"error":"invalid_grant"})")));
  BOOST_TEST(is_invalid_grant(response(400, "error_description=no&error=invalid_grant&a")));
  BOOST_TEST(!is_invalid_grant(response(503, R"({"error":"invalid_grant"})")));
  BOOST_TEST(!is_invalid_grant(response(200, "error=invalid_grant")));
  BOOST_TEST(!is_invalid_grant(response(400, "no_error=invalid_grant")));
  BOOST_TEST(code_of(response(400, R"({"error":"invalid_scope"})")) == ErrorCode::kUNAUTHORIZED);
  BOOST_TEST(code_of(response(400, R"({"error":"temporarily_unavailable"})")) == ErrorCode::kUNAVAILABLE);
  BOOST_TEST(code_of(response(403, "")) == ErrorCode::kUNAUTHORIZED);
  BOOST_TEST(code_of(response(200, "")) == ErrorCode::kPROTOCOL);
  const TokenAnswer limited = read_token_answer(response(429, "", {{"Retry-After", "7"}}), 0);
  BOOST_TEST(limited.retry_after_ms == 7'000);
  const TokenAnswer own = read_token_answer(response(400, R"({"error":"my_secret_token"})"), 0);
  BOOST_TEST(own.error->text.find("my_secret") == std::string::npos);
  BOOST_TEST(own.error->detail_json == R"({"status":400})");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
