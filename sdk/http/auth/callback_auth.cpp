#include "http/auth/callback_auth.hpp"

#include <utility>

#include "http/auth/worker.hpp"

namespace tessera::http {
namespace {

Result<ProvidedToken> call(const TokenFunction& function) {
  try {
    return function();
  } catch (...) {
    return Error{ErrorCode::kCALLBACK,
                 "http",
                 "the application's function that gives tokens threw an exception; see what it reported",
                 {}};
  }
}

}  // namespace

std::shared_ptr<CallbackAuth> CallbackAuth::make(TokenFunction function, const AuthPorts& ports,
                                                 CredentialForm form, const RenewalConfig& config) {
  return std::shared_ptr<CallbackAuth>(new CallbackAuth(std::move(function), ports, std::move(form), config));
}

void CallbackAuth::renew(const Start& start, Done done) {
  run_on_worker([function = function_, done = std::move(done), version = start.version + 1] {
    const auto renewal = std::make_shared<Renewal>();
    Result<ProvidedToken> provided = call(*function);
    if (provided.ok()) {
      renewal->kind = Renewal::Kind::kToken;
      renewal->token = std::move(provided->token);
      renewal->expires_at_ms = provided->expires_at_ms;
      renewal->version = version;
    } else {
      renewal->error = std::move(provided).error();
    }
    done(renewal);
  });
}

}  // namespace tessera::http
