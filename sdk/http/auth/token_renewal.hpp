// One renewal of the tokens of an account: look whether somebody else did it, ask, and keep before use.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "http/auth/oauth_config.hpp"
#include "http/auth/renewing_auth.hpp"
#include "http/auth/token_record.hpp"
#include "http/auth/token_request.hpp"
#include "http/auth/token_store.hpp"

namespace tessera::http {

/// A new pair that the store did not take: the old one is spent, so it is kept for the next renewal.
struct UnkeptPair {
  uint64_t expected = 0;
  TokenRecord record;
};

/// What does not change between renewals.
struct TokenSource {
  OAuthConfig config;
  SecretBytes client_secret;
  std::shared_ptr<TokenStore> store;
};

/// Keeps itself until it has told its end. Its steps run on workers, one after another.
class TokenRenewal final : public Receiver, public std::enable_shared_from_this<TokenRenewal> {
 public:
  struct Start {
    std::shared_ptr<AuthHost> host;
    const Clock* clock = nullptr;  // used on the loop's thread only
    uint64_t version = 0;          // that is in use, or 0
    int64_t wall_ms = 0;           // now
    bool is_awaited = false;       // by calls
    bool only_looks = false;       // asks nobody but the store
    std::optional<UnkeptPair> unkept;
  };
  using Done = std::function<void(std::shared_ptr<Renewal>, std::optional<UnkeptPair>)>;

  TokenRenewal(std::shared_ptr<const TokenSource> source, Start start, Done done)
      : source_(std::move(source)),
        start_(std::move(start)),
        wall_ms_(start_.wall_ms),
        done_(std::move(done)) {}
  void begin();

 private:
  void look();
  void commit_unkept();
  void ask();
  void on_done(Result<Response> response) override;
  void judge(Result<Response> response);
  void keep(OAuthAnswer tokens);
  void commit(TokenRecord record);
  void use_winner();
  void doubt(Error refusal, bool is_last);
  /// Goes on with what the store holds now instead of what it held: uses it, or asks again with it.
  void go_on_with(TokenRecord record);

  bool is_usable(const TokenRecord& record) const;
  Result<std::optional<TokenRecord>> load();
  Result<bool> swap(const TokenRecord& record);
  void use(const TokenRecord& record);
  void fail(Error error, int64_t retry_after_ms = 0);
  void block(Error error);
  void end(Renewal renewal, std::optional<UnkeptPair> unkept = std::nullopt);

  const std::shared_ptr<const TokenSource> source_;
  Start start_;
  int64_t wall_ms_;  // when the last answer came
  const Done done_;
  TokenRecord base_;  // what the store held; version 0: nothing
  int requests_ = 0;
  std::shared_ptr<TokenRenewal> self_;  // while a request is under way
};

}  // namespace tessera::http
