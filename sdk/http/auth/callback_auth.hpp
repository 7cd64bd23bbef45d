// Tokens that a function of the application gives.
#pragma once

#include <functional>
#include <memory>

#include "http/auth/renewing_auth.hpp"

namespace tessera::http {

struct ProvidedToken {
  SecretBytes token;
  int64_t expires_at_ms = 0;  // of the wall clock; 0: unknown
};

/// Called on a worker, one call at a time, and may take long; it may still run while the client closes, and
/// is kept until then. What it throws is a CALLBACK error.
using TokenFunction = std::function<Result<ProvidedToken>()>;

/// A 401 to the present token has the function called once more for that call.
class CallbackAuth final : public RenewingAuth {
 public:
  static std::shared_ptr<CallbackAuth> make(TokenFunction function, const AuthPorts& ports,
                                            CredentialForm form = {}, const RenewalConfig& config = {});

 private:
  CallbackAuth(TokenFunction function, const AuthPorts& ports, CredentialForm form,
               const RenewalConfig& config)
      : RenewingAuth(std::move(form), config, ports),
        function_(std::make_shared<const TokenFunction>(std::move(function))) {}
  void renew(const Start& start, Done done) override;

  const std::shared_ptr<const TokenFunction> function_;
};

}  // namespace tessera::http
