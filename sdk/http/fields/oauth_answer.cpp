#include "http/fields/oauth_answer.hpp"

#include <algorithm>

#include "base/utf8_sequence.hpp"
#include "http/fields/cursor.hpp"
#include "text/json.hpp"

namespace tessera::http {
namespace {

constexpr int64_t kLongestLife = int64_t{1} << 31;
constexpr size_t kLongestError = 64;
constexpr size_t kLongestDescription = 512;

Error unusable(ErrorCode code, const std::string& why) {
  return {code, "http", "the token endpoint's answer " + why, {}};
}

std::string text_of(const Json& answer, std::string_view name) {
  auto member = json_string(answer, name);
  return member && *member ? **std::move(member) : std::string();
}

/// VSCHAR of RFC 6749 appendix A without the space, which would end the token in an Authorization field.
bool is_sendable(std::string_view token) {
  return std::ranges::all_of(token, [](char c) { return c > ' ' && c <= '~'; });
}

std::string printable(std::string_view text, size_t most) {
  std::string shown;
  for (size_t at = 0; at < text.size();) {
    const std::string_view sequence = text.substr(at, utf8_sequence(text, at));
    if (shown.size() + sequence.size() > most) break;
    const bool is_control = sequence.front() >= '\0' && (sequence.front() < ' ' || sequence.front() == 0x7F);
    shown += is_control ? std::string_view("?") : sequence;
    at += sequence.size();
  }
  return shown;
}

/// A number, or one in a string as some servers write it.
std::optional<int64_t> seconds_of(const Json& answer, std::string_view name) {
  const auto member = answer.find(name);
  if (member == answer.end()) return std::nullopt;
  if (member->is_string()) return parse_digits(member->get_ref<const std::string&>(), kLongestLife);
  if (!member->is_number()) return std::nullopt;
  const auto seconds = member->get<double>();
  if (seconds < 0) return std::nullopt;
  return static_cast<int64_t>(std::min(seconds, static_cast<double>(kLongestLife)));
}

}  // namespace

Result<OAuthAnswer> parse_oauth_answer(std::string_view body) {
  const JsonLimits limits{kLargestOAuthAnswer, /*max_depth=*/16, /*max_members=*/1024, kLargestOAuthAnswer};
  const auto document = parse_json(body, limits);
  if (!document) return unusable(document.error().code, "is malformed or too large");
  if (!document->is_object()) return unusable(ErrorCode::kARG, "is no JSON object");
  OAuthAnswer answer;
  answer.error = printable(text_of(*document, "error"), kLongestError);
  if (answer.is_error()) {
    answer.error_description = printable(text_of(*document, "error_description"), kLongestDescription);
    return answer;
  }
  answer.access_token = text_of(*document, "access_token");
  answer.refresh_token = text_of(*document, "refresh_token");
  if (answer.access_token.empty()) return unusable(ErrorCode::kARG, "holds neither a token nor an error");
  if (!is_sendable(answer.access_token) || !is_sendable(answer.refresh_token)) {
    return unusable(ErrorCode::kARG, "holds a token with a space, control or non-ASCII character");
  }
  answer.token_type = text_of(*document, "token_type");
  answer.scope = text_of(*document, "scope");
  answer.expires_in = seconds_of(*document, "expires_in");
  return answer;
}

}  // namespace tessera::http
