#include "app/http_credentials.hpp"

#include <utility>

#include "app/license_auth.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "http/auth/static_auth.hpp"

namespace tessera {

http::AuthPorts HttpCredentials::ports() const {
  return {.clock = &system_clock(), .random = &system_random(), .logger = &logger_};
}

Status HttpCredentials::use(std::shared_ptr<http::AuthProvider> provider,
                            std::shared_ptr<http::OAuth2Auth> oauth) {
  // Unlocked before they go: the last of a provider frees what the application gave.
  std::shared_ptr<http::AuthProvider> former = provider;
  std::shared_ptr<http::OAuth2Auth> former_oauth = std::move(oauth);
  const std::scoped_lock lock(mutex_);
  TSR_RETURN_IF_ERROR(client_.set_auth(std::move(provider)));
  provider_.swap(former);
  oauth_.swap(former_oauth);
  return {};
}

Status HttpCredentials::set_token(ByteView secret, http::CredentialForm form) {
  TSR_ASSIGN_OR_RETURN(auto provider, http::StaticAuth::make(secret, std::move(form)));
  return use(std::move(provider));
}

Status HttpCredentials::set_source(http::TokenFunction source) {
  return use(http::CallbackAuth::make(std::move(source), ports()));
}

Status HttpCredentials::set_oauth(http::OAuthConfig config, ByteView client_secret,
                                  std::shared_ptr<http::TokenStore> store,
                                  http::OAuth2Auth::Listener listener) {
  TSR_ASSIGN_OR_RETURN(auto oauth, http::OAuth2Auth::make(std::move(config), client_secret, std::move(store),
                                                          ports(), std::move(listener)));
  return use(oauth, oauth);
}

Status HttpCredentials::set_license(std::shared_ptr<LicenseService> license) {
  return use(std::make_shared<LicenseAuth>(std::move(license)));
}

Status HttpCredentials::clear() { return use(nullptr); }

Status HttpCredentials::set_oauth_tokens(const http::TokenRecord& tokens) {
  std::shared_ptr<http::OAuth2Auth> oauth;
  {
    const std::scoped_lock lock(mutex_);
    oauth = oauth_;
  }
  if (oauth == nullptr) {
    return Error{
        ErrorCode::kSTATE, "http", "the client has no OAuth account; configure one before its tokens", {}};
  }
  if (client_.is_current()) {
    return Error{ErrorCode::kSTATE,
                 "http",
                 "tokens can't be set on the client's own thread, which must not wait; set them in the "
                 "background",
                 {}};
  }
  return oauth->set_tokens(tokens.copy());
}

HttpCredentials::State HttpCredentials::state() {
  const std::scoped_lock lock(mutex_);
  if (provider_ == nullptr) return State::kNone;
  const bool is_blocked = oauth_ != nullptr && oauth_->state() == http::OAuth2Auth::State::kReauthorise;
  return is_blocked ? State::kReauthorise : State::kReady;
}

}  // namespace tessera
