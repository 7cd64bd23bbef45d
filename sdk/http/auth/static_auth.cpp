#include "http/auth/static_auth.hpp"

#include <utility>

namespace tessera::http {

Result<std::shared_ptr<StaticAuth>> StaticAuth::make(ByteView secret, CredentialForm form) {
  TSR_ASSIGN_OR_RETURN(HeldCredential held, hold_credential(form, secret));
  return std::shared_ptr<StaticAuth>(new StaticAuth(std::move(form), std::move(held)));
}

Status StaticAuth::set(ByteView secret) {
  TSR_ASSIGN_OR_RETURN(HeldCredential held, hold_credential(form_, secret));
  const std::scoped_lock lock(mutex_);
  held_ = std::move(held);
  return {};
}

bool StaticAuth::renews(uint64_t generation) {
  const std::scoped_lock lock(mutex_);
  return held_.generation != generation;
}

std::optional<Result<Credential>> StaticAuth::get(AuthWaiter&, std::optional<uint64_t>) {
  const std::scoped_lock lock(mutex_);
  return held_.as_field(form_);
}

}  // namespace tessera::http
