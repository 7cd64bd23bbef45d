// Whose credentials the calls of one API client have. Safe from any thread.
#pragma once

#include <memory>
#include <mutex>

#include "base/log.hpp"
#include "http/auth/callback_auth.hpp"
#include "http/auth/oauth2_auth.hpp"
#include "http/client/client.hpp"
#include "license/service.hpp"

namespace tessera {

class HttpCredentials {
 public:
  enum class State : int32_t { kNone = 0, kReady = 1, kReauthorise = 2 };

  /// Both outlive it.
  HttpCredentials(http::Client& client, Logger& logger) : client_(client), logger_(logger) {}

  // Each takes the place of what was set before. STATE once the client is closed.
  Status set_token(ByteView secret, http::CredentialForm form);
  Status set_source(http::TokenFunction source);
  Status set_oauth(http::OAuthConfig config, ByteView client_secret, std::shared_ptr<http::TokenStore> store,
                   http::OAuth2Auth::Listener listener);
  Status set_license(std::shared_ptr<LicenseService> license);
  Status clear();

  /// The tokens that a new authorisation gave; waits for their store. STATE without set_oauth(), and on the
  /// client's own thread.
  Status set_oauth_tokens(const http::TokenRecord& tokens);
  State state();

 private:
  http::AuthPorts ports() const;
  Status use(std::shared_ptr<http::AuthProvider> provider, std::shared_ptr<http::OAuth2Auth> oauth = nullptr);

  http::Client& client_;
  Logger& logger_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::shared_ptr<http::AuthProvider> provider_;
  std::shared_ptr<http::OAuth2Auth> oauth_;  // the same, if it is one
};

}  // namespace tessera
