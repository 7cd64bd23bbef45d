#include "http/auth/token_renewal.hpp"

#include <utility>

#include "http/auth/worker.hpp"
#include "text/json.hpp"

namespace tessera::http {
namespace {

/// Against a store in which somebody else writes all the time.
constexpr int kMostRequests = 3;

Error store_error(const Error& cause) {
  return {cause.code, "http", "the account's tokens could not be loaded or kept: " + cause.text,
          cause.detail_json};
}

Error thrown_error() {
  return {ErrorCode::kCALLBACK,
          "http",
          "the application's token store threw an exception; see what it reported",
          {}};
}

/// Waits that the client itself found out about.
int64_t wait_of(const Error& error) {
  if (error.detail_json.empty()) return 0;
  const Result<Json> detail = parse_json(error.detail_json);
  if (!detail.ok() || !detail->is_object()) return 0;
  const auto wait_ms = json_integer(*detail, "retry_after_ms", 0, 86'400'000);
  return wait_ms.ok() ? wait_ms->value_or(0) : 0;
}

}  // namespace

void TokenRenewal::begin() {
  run_on_worker([self = shared_from_this()] { self->look(); });
}

void TokenRenewal::look() {
  Result<std::optional<TokenRecord>> loaded = load();
  if (!loaded.ok()) return fail(std::move(loaded).error());
  if (*loaded) base_ = **std::move(loaded);
  if (start_.unkept && start_.unkept->expected == base_.version) return commit_unkept();
  start_.unkept.reset();
  const bool is_new = base_.version != start_.version;
  if (is_new && is_usable(base_)) return use(base_);
  if (start_.only_looks && !is_new) {
    return block({ErrorCode::kUNAUTHORIZED, "http", "the account has to be authorised again", {}});
  }
  ask();
}

void TokenRenewal::commit_unkept() {
  UnkeptPair unkept = *std::move(start_.unkept);
  start_.unkept.reset();
  commit(std::move(unkept.record));
}

void TokenRenewal::ask() {
  const OAuthConfig& config = source_->config;
  if (config.grant == OAuthGrant::kRefreshToken && base_.refresh_token.empty()) {
    return block({ErrorCode::kUNAUTHORIZED,
                  "http",
                  "there is no refresh token; authorise the account and set its tokens",
                  {}});
  }
  if (++requests_ > kMostRequests) {
    return fail({ErrorCode::kBUSY, "http", "others change the account's tokens all the time; try later", {}});
  }
  Request request = make_token_request(config, source_->client_secret.view(), base_.refresh_token.view());
  // Calls that wait have passed their own host's breaker, maybe as its only probe: were this one refused by
  // the same breaker, it would never close.
  request.skips_breaker = start_.is_awaited;
  self_ = shared_from_this();
  const auto sent = start_.host->send(std::move(request), *this);
  if (sent.ok()) return;
  self_.reset();
  fail(sent.error());
}

void TokenRenewal::on_done(Result<Response> response) {
  wall_ms_ = start_.clock->wall_ms();
  run_on_worker([self = std::exchange(self_, nullptr), answer = std::make_shared<Result<Response>>(std::move(
                                                           response))] { self->judge(std::move(*answer)); });
}

void TokenRenewal::judge(Result<Response> response) {
  if (!response.ok()) {
    const Error& cause = response.error();
    return fail(
        {cause.code, "http", "the access token could not be renewed: " + cause.text, cause.detail_json},
        wait_of(cause));
  }
  TokenAnswer answer = read_token_answer(*response, wall_ms_);
  wipe(response->body.data(), response->body.size());
  switch (answer.kind) {
    case TokenAnswer::Kind::kTokens:
      return keep(std::move(answer.tokens));
    case TokenAnswer::Kind::kInvalidGrant:
      return doubt(*std::move(answer.error), source_->config.commit_grace_ms == 0);
    case TokenAnswer::Kind::kFailed:
      return fail(*std::move(answer.error), answer.retry_after_ms);
  }
}

void TokenRenewal::keep(OAuthAnswer tokens) {
  constexpr int64_t kSecondMs = 1'000;
  TokenRecord record;
  record.access_token = SecretBytes(as_bytes(tokens.access_token));
  record.refresh_token = tokens.refresh_token.empty() ? SecretBytes(base_.refresh_token.view())
                                                      : SecretBytes(as_bytes(tokens.refresh_token));
  if (tokens.expires_in) record.expires_at_ms = wall_ms_ + *tokens.expires_in * kSecondMs;
  record.scope = tokens.scope.empty() ? base_.scope : std::move(tokens.scope);
  record.version = base_.version + 1;
  wipe_text(tokens.access_token);
  wipe_text(tokens.refresh_token);
  commit(std::move(record));
}

void TokenRenewal::commit(TokenRecord record) {
  const Result<bool> kept = swap(record);
  if (!kept.ok()) {
    Renewal renewal;
    renewal.error = kept.error();
    return end(std::move(renewal), UnkeptPair{base_.version, std::move(record)});
  }
  if (!*kept) return use_winner();
  use(record);
}

/// Somebody else was first: what is in the store counts.
void TokenRenewal::use_winner() {
  Result<std::optional<TokenRecord>> loaded = load();
  if (!loaded.ok()) return fail(std::move(loaded).error());
  go_on_with(*loaded ? **std::move(loaded) : TokenRecord());
}

void TokenRenewal::go_on_with(TokenRecord record) {
  base_ = std::move(record);
  if (base_.version != 0 && is_usable(base_)) return use(base_);
  ask();
}

/// The refresh token is not accepted: another process has used it, and keeps the new pair any moment, or the
/// account's owner has withdrawn it.
void TokenRenewal::doubt(Error refusal, bool is_last) {
  Result<std::optional<TokenRecord>> loaded = load();
  if (!loaded.ok()) return fail(std::move(loaded).error());
  const bool is_newer = *loaded && (*loaded)->version != base_.version;
  if (is_newer) return go_on_with(**std::move(loaded));
  if (is_last) return block(std::move(refusal));
  run_on_worker([self = shared_from_this(),
                 error = std::move(refusal)]() mutable { self->doubt(std::move(error), true); },
                source_->config.commit_grace_ms);
}

bool TokenRenewal::is_usable(const TokenRecord& record) const {
  return !record.access_token.empty() && (record.expires_at_ms == 0 || wall_ms_ < record.expires_at_ms);
}

Result<std::optional<TokenRecord>> TokenRenewal::load() {
  try {
    Result<std::optional<TokenRecord>> loaded = source_->store->load();
    if (loaded.ok()) return loaded;
    return store_error(loaded.error());
  } catch (...) {
    return thrown_error();
  }
}

Result<bool> TokenRenewal::swap(const TokenRecord& record) {
  try {
    const Result<bool> kept = source_->store->compare_and_swap(base_.version, record);
    if (kept.ok()) return kept;
    return store_error(kept.error());
  } catch (...) {
    return thrown_error();
  }
}

void TokenRenewal::use(const TokenRecord& record) {
  Renewal renewal;
  renewal.kind = Renewal::Kind::kToken;
  renewal.token = SecretBytes(record.access_token.view());
  renewal.expires_at_ms = record.expires_at_ms;
  renewal.version = record.version;
  end(std::move(renewal));
}

void TokenRenewal::fail(Error error, int64_t retry_after_ms) {
  Renewal renewal;
  renewal.error = std::move(error);
  renewal.retry_after_ms = retry_after_ms;
  end(std::move(renewal), std::move(start_.unkept));
}

void TokenRenewal::block(Error error) {
  Renewal renewal;
  renewal.kind = Renewal::Kind::kBlocked;
  renewal.error = std::move(error);
  renewal.version = base_.version;
  end(std::move(renewal));
}

void TokenRenewal::end(Renewal renewal, std::optional<UnkeptPair> unkept) {
  done_(std::make_shared<Renewal>(std::move(renewal)), std::move(unkept));
}

}  // namespace tessera::http
