// What providers have in common whose credential ends and is fetched again: one renewal at a time for all.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "http/auth/credential_form.hpp"
#include "http/auth/token_life.hpp"
#include "http/auth/waiters.hpp"
#include "http/client/auth_host.hpp"

namespace tessera::http {

/// They outlive the client and what the application calls of the provider.
struct AuthPorts {
  Clock* clock = nullptr;
  Random* random = nullptr;
  Logger* logger = nullptr;  // or null
};

/// What a renewal came to.
struct Renewal {
  enum class Kind : uint8_t {
    kToken,
    kFailed,   // it may work later
    kBlocked,  // not before the application does something
  };
  Kind kind = Kind::kFailed;
  SecretBytes token;
  int64_t expires_at_ms = 0;  // of the wall clock; 0: unknown
  uint64_t version = 0;       // of the token
  std::optional<Error> error;
  int64_t retry_after_ms = 0;  // as the server asked
};

/// A token that still holds is given at once; the next is fetched before it ends. A 401 to the present one
/// has the next fetched, and whoever asks meanwhile waits for it. Serves one client at a time.
class RenewingAuth : public AuthProvider, public std::enable_shared_from_this<RenewingAuth> {
 public:
  Status attach(const std::shared_ptr<AuthHost>& host) final;
  bool renews(uint64_t generation) final;
  std::optional<Result<Credential>> get(AuthWaiter& waiter, std::optional<uint64_t> rejected) final;
  void leave(AuthWaiter& waiter) final { waiters_.remove(waiter); }

 protected:
  struct Start {
    std::shared_ptr<AuthHost> host;
    uint64_t version = 0;     // of the present token, or 0
    int64_t wall_ms = 0;      // now
    bool is_awaited = false;  // calls wait for it
    bool only_looks = false;  // it is blocked: whether somebody else has unblocked it
  };
  using Done = std::function<void(std::shared_ptr<Renewal>)>;

  RenewingAuth(CredentialForm form, const RenewalConfig& config, const AuthPorts& ports)
      : ports_(ports), form_(std::move(form)), config_(config) {}

  /// Fetches the next token away from the loop's thread, and tells `done` once, from any thread.
  virtual void renew(const Start& start, Done done) = 0;
  /// It has become blocked. On the loop's thread.
  virtual void on_blocked(const Error&) {}

  bool is_blocked();
  /// A token from elsewhere; those that wait get it. From any thread.
  Status adopt(ByteView token, int64_t expires_at_ms, uint64_t version);

  const AuthPorts ports_;

 private:
  void begin(const Start& start, uint64_t number);
  void finish(uint64_t number, Renewal& renewal);
  void forget(uint64_t number);
  void log(const Renewal& renewal) const;
  // With mutex_ held.
  bool holds(int64_t now_ms) const;
  std::optional<Error> refusal(int64_t now_ms) const;
  Start start_now(bool is_refused, bool is_awaited);
  Result<Credential> settle(Renewal& renewal);
  Status take(ByteView token, int64_t expires_at_ms, uint64_t version);
  void note_failure(const Renewal& renewal);

  const CredentialForm form_;
  const RenewalConfig config_;
  Waiters waiters_;  // of the loop's thread; empty unless a renewal is under way
  std::mutex mutex_;
  // Guarded by mutex_.
  std::shared_ptr<AuthHost> host_;
  std::optional<HeldCredential> held_;
  TokenLife life_;
  uint64_t version_ = 0;
  bool is_reborn_ = false;  // after a 401
  int64_t born_ms_ = 0;
  uint64_t number_ = 0;  // of the renewal under way, or the last
  bool is_renewing_ = false;
  bool is_suspect_ = false;        // a 401 came to the present token, and a renewal is under way
  uint64_t version_at_start_ = 0;  // of the renewal
  std::optional<Error> blocked_, failure_;
  int64_t failures_ = 0, retry_at_ms_ = 0, look_at_ms_ = 0;
};

}  // namespace tessera::http
