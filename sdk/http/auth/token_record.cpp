#include "http/auth/token_record.hpp"

#include "http/auth/credential_form.hpp"
#include "http/fields/oauth_answer.hpp"
#include "text/json.hpp"

namespace tessera::http {
namespace {

constexpr int64_t kMostNumber = int64_t{1} << 53;  // what JSON carries everywhere

Error damaged(std::string_view why) {
  return {ErrorCode::kCORRUPT,
          "http",
          "the kept tokens are damaged: " + std::string(why) + "; authorise the account again",
          {}};
}

/// For its caller, who says what it is.
Error unreadable(std::string_view why) { return {ErrorCode::kARG, "http", std::string(why), {}}; }

void wipe_members(Json& object) {
  for (Json& member : object) {
    if (member.is_string()) wipe_text(member.get_ref<std::string&>());
  }
}

Status read_secret(Json& object, std::string_view name, SecretBytes* out) {
  TSR_ASSIGN_OR_RETURN(auto text, json_string(object, name));
  if (!text) return {};
  *out = SecretBytes(as_bytes(*text));
  wipe_text(*text);
  return {};
}

Status read(Json& object, TokenRecord* out) {
  if (!object.is_object()) return unreadable("it is no JSON object");
  TSR_RETURN_IF_ERROR(read_secret(object, "access_token", &out->access_token));
  TSR_RETURN_IF_ERROR(read_secret(object, "refresh_token", &out->refresh_token));
  TSR_ASSIGN_OR_RETURN(const auto expires, json_integer(object, "expires_at_ms", 0, kMostNumber));
  TSR_ASSIGN_OR_RETURN(const auto version, json_integer(object, "version", 1, kMostNumber));
  TSR_ASSIGN_OR_RETURN(auto type, json_string(object, "token_type"));
  TSR_ASSIGN_OR_RETURN(auto scope, json_string(object, "scope"));
  out->version = static_cast<uint64_t>(version.value_or(0));
  out->expires_at_ms = expires.value_or(0);
  out->token_type = type.value_or("Bearer");
  out->scope = scope.value_or("");
  return {};
}

Result<TokenRecord> parse(ByteView json) {
  const JsonLimits limits{kLargestOAuthAnswer * 4, /*max_depth=*/8, /*max_members=*/64, kLargestOAuthAnswer};
  Result<Json> object = parse_json(as_text(json), limits);
  if (!object.ok()) return unreadable("it is no JSON of a reasonable size");
  TokenRecord record;
  const Status status = read(*object, &record);
  wipe_members(*object);
  if (!status.ok()) return status.error();
  return record;
}

}  // namespace

TokenRecord TokenRecord::copy() const {
  TokenRecord made;
  made.access_token = SecretBytes(access_token.view());
  made.refresh_token = SecretBytes(refresh_token.view());
  made.expires_at_ms = expires_at_ms;
  made.token_type = token_type;
  made.scope = scope;
  made.version = version;
  return made;
}

SecretBytes token_record_json(const TokenRecord& record) {
  Json object = {{"access_token", as_text(record.access_token.view())},
                 {"refresh_token", as_text(record.refresh_token.view())},
                 {"expires_at_ms", record.expires_at_ms},
                 {"token_type", record.token_type},
                 {"scope", record.scope},
                 {"version", record.version}};
  std::string text = dump_json(object);
  SecretBytes json(as_bytes(text));
  wipe_text(text);
  wipe_members(object);
  return json;
}

Result<TokenRecord> parse_token_record(ByteView json) {
  Result<TokenRecord> record = parse(json);
  if (!record.ok()) return damaged(record.error().text);
  if (record->version == 0) return damaged("it has no version");
  return record;
}

Result<TokenRecord> parse_new_tokens(ByteView json) {
  Result<TokenRecord> record = parse(json);
  if (record.ok()) return record;
  return Error{ErrorCode::kARG, "http", "the tokens can't be read: " + record.error().text, {}};
}

}  // namespace tessera::http
