// A secret that stays until the application gives another: an API key, a token from elsewhere.
#pragma once

#include <memory>
#include <mutex>

#include "http/auth/credential_form.hpp"

namespace tessera::http {

/// A 401 to the secret that it has is the call's response; one to an earlier secret is repeated with the
/// present one. May serve several clients.
class StaticAuth final : public AuthProvider {
 public:
  /// ARG when HTTP can't carry it.
  static Result<std::shared_ptr<StaticAuth>> make(ByteView secret, CredentialForm form = {});
  /// Instead of the secret so far, for what is sent from now on. From any thread.
  Status set(ByteView secret);

  bool renews(uint64_t generation) override;
  std::optional<Result<Credential>> get(AuthWaiter& waiter, std::optional<uint64_t> rejected) override;
  void leave(AuthWaiter&) override {}

 private:
  StaticAuth(CredentialForm form, HeldCredential held) : form_(std::move(form)), held_(std::move(held)) {}

  const CredentialForm form_;
  std::mutex mutex_;
  HeldCredential held_;  // guarded by mutex_
};

}  // namespace tessera::http
