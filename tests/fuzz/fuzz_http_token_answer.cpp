// What an answer of a token endpoint means: first byte the status, then Retry-After up to a line feed, then
// the body; and tokens that an application kept.
#include <algorithm>
#include <array>
#include <string_view>

#include "http/auth/token_record.hpp"
#include "http/auth/token_request.hpp"

namespace {

using namespace tessera;
using namespace tessera::http;

void check(bool holds) {
  if (!holds) __builtin_trap();
}

void check_record(ByteView text) {
  if (const auto given = parse_new_tokens(text); !given.ok()) check(given.error().code == ErrorCode::kARG);
  const Result<TokenRecord> record = parse_token_record(text);
  if (!record.ok()) return check(record.error().code == ErrorCode::kCORRUPT);
  const SecretBytes json = token_record_json(*record);
  const Result<TokenRecord> again = parse_token_record(json.view());
  check(again.ok() && again->version == record->version);
  check(as_text(again->access_token.view()) == as_text(record->access_token.view()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static constexpr std::array<int, 8> kStatuses{200, 201, 302, 400, 401, 429, 500, 503};
  std::string_view rest = as_text({data + 1, size - 1});
  Response response;
  response.status = kStatuses[data[0] % kStatuses.size()];
  response.headers.add("Retry-After", rest.substr(0, rest.find('\n')));
  rest.remove_prefix(std::min(rest.size(), rest.find('\n')));
  response.body = to_bytes(rest);
  const TokenAnswer answer = read_token_answer(response, 1'780'000'000'000);
  check(answer.retry_after_ms >= 0 && answer.retry_after_ms <= int64_t{86'400'000});
  check((answer.kind == TokenAnswer::Kind::kTokens) == !answer.error.has_value());
  if (answer.kind == TokenAnswer::Kind::kTokens) {
    check(response.status < 300 && !answer.tokens.access_token.empty());
  } else {
    check(answer.error->text.size() < 200 && answer.error->detail_json.size() < 100);
  }
  check_record(as_bytes(rest));
  return 0;
}
