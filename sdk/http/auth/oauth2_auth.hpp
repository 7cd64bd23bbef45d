// Access tokens of an OAuth 2.0 account (RFC 6749, 6750), renewed and kept.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "http/auth/oauth_config.hpp"
#include "http/auth/renewing_auth.hpp"
#include "http/auth/token_record.hpp"
#include "http/auth/token_renewal.hpp"
#include "http/auth/token_store.hpp"

namespace tessera::http {

class OAuth2Auth final : public RenewingAuth {
 public:
  /// Once each time that the account has to be authorised again; on a worker.
  using Listener = std::function<void(const Error& why)>;
  enum class State : uint8_t {
    kReady,
    kReauthorise,  // every call ends with UNAUTHORIZED until there are other tokens
  };

  /// ARG without a store, or without the secret that `config.client_auth` sends; empty for "none".
  static Result<std::shared_ptr<OAuth2Auth>> make(OAuthConfig config, ByteView client_secret,
                                                  std::shared_ptr<TokenStore> store, const AuthPorts& ports,
                                                  Listener listener = {});
  /// The tokens that a new authorisation gave: kept in the store, then used. Its version does not matter.
  /// Waits for the store; from any thread but the client's own. ARG for tokens that can't be sent, BUSY when
  /// others change the store all the time.
  Status set_tokens(TokenRecord tokens);
  State state() { return is_blocked() ? State::kReauthorise : State::kReady; }

 private:
  OAuth2Auth(std::shared_ptr<const TokenSource> source, const AuthPorts& ports, Listener listener);
  void renew(const Start& start, Done done) override;
  void on_blocked(const Error& why) override;
  void note_unkept(std::optional<UnkeptPair> unkept);

  const std::shared_ptr<const TokenSource> source_;
  const std::shared_ptr<const Listener> listener_;
  std::mutex mutex_;
  std::optional<UnkeptPair> unkept_;  // guarded by mutex_
};

}  // namespace tessera::http
