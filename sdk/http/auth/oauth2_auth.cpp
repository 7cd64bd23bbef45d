#include "http/auth/oauth2_auth.hpp"

#include <algorithm>
#include <utility>

#include "http/auth/worker.hpp"

namespace tessera::http {
namespace {

constexpr int kMostSwaps = 10;

bool is_sendable(ByteView token) {
  return std::ranges::all_of(token, [](uint8_t byte) { return byte > ' ' && byte <= '~'; });
}

/// Keeps `tokens` under the next version.
Status put(TokenStore& store, TokenRecord* tokens) {
  for (int i = 0; i < kMostSwaps; ++i) {
    TSR_ASSIGN_OR_RETURN(const std::optional<TokenRecord> present, store.load());
    const uint64_t expected = present ? present->version : 0;
    tokens->version = expected + 1;
    TSR_ASSIGN_OR_RETURN(const bool is_kept, store.compare_and_swap(expected, *tokens));
    if (is_kept) return {};
  }
  return Error{ErrorCode::kBUSY, "http", "others change the account's tokens all the time; try later", {}};
}

}  // namespace

Result<std::shared_ptr<OAuth2Auth>> OAuth2Auth::make(OAuthConfig config, ByteView client_secret,
                                                     std::shared_ptr<TokenStore> store,
                                                     const AuthPorts& ports, Listener listener) {
  if (store == nullptr) return Error{ErrorCode::kARG, "http", "a token store is required", {}};
  if (config.client_auth != OAuthClientAuth::kNone && client_secret.empty()) {
    return Error{ErrorCode::kARG,
                 "http",
                 "the client's secret is missing; pass it, or configure \"client_auth\": \"none\"",
                 {}};
  }
  auto source = std::make_shared<TokenSource>();
  source->config = std::move(config);
  source->client_secret = SecretBytes(client_secret);
  source->store = std::move(store);
  return std::shared_ptr<OAuth2Auth>(new OAuth2Auth(std::move(source), ports, std::move(listener)));
}

OAuth2Auth::OAuth2Auth(std::shared_ptr<const TokenSource> source, const AuthPorts& ports, Listener listener)
    : RenewingAuth({}, source->config.renewal, ports),
      source_(std::move(source)),
      listener_(std::make_shared<const Listener>(std::move(listener))) {}

Status OAuth2Auth::set_tokens(TokenRecord tokens) {
  if (tokens.access_token.empty() || !is_sendable(tokens.access_token.view()) ||
      !is_sendable(tokens.refresh_token.view())) {
    return Error{
        ErrorCode::kARG, "http", "a token is missing, or holds a space, control or non-ASCII character", {}};
  }
  try {
    TSR_RETURN_IF_ERROR(put(*source_->store, &tokens));
  } catch (...) {
    return Error{ErrorCode::kCALLBACK,
                 "http",
                 "the application's token store threw an exception; see what it reported",
                 {}};
  }
  return adopt(tokens.access_token.view(), tokens.expires_at_ms, tokens.version);
}

void OAuth2Auth::renew(const Start& start, Done done) {
  TokenRenewal::Start its_start{.host = start.host,
                                .clock = ports_.clock,
                                .version = start.version,
                                .wall_ms = start.wall_ms,
                                .is_awaited = start.is_awaited,
                                .only_looks = start.only_looks,
                                .unkept = std::nullopt};
  {
    const std::scoped_lock lock(mutex_);
    its_start.unkept.swap(unkept_);
  }
  const auto self = std::static_pointer_cast<OAuth2Auth>(shared_from_this());
  const auto renewal = std::make_shared<TokenRenewal>(
      source_, std::move(its_start),
      [self, done = std::move(done)](std::shared_ptr<Renewal> result, std::optional<UnkeptPair> unkept) {
        self->note_unkept(std::move(unkept));
        done(std::move(result));
      });
  renewal->begin();
}

void OAuth2Auth::note_unkept(std::optional<UnkeptPair> unkept) {
  const std::scoped_lock lock(mutex_);
  unkept_ = std::move(unkept);
}

void OAuth2Auth::on_blocked(const Error& why) {
  if (*listener_) {
    run_on_worker([listener = listener_, why] {
      try {
        (*listener)(why);
      } catch (...) {  // the application's own; the event has been told
        return;
      }
    });
  }
}

}  // namespace tessera::http
