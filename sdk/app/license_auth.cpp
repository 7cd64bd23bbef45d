#include "app/license_auth.hpp"

namespace tessera {

Result<http::Credential> LicenseAuth::present() {
  TSR_ASSIGN_OR_RETURN(const SecretBytes token, license_->token());
  const std::scoped_lock lock(mutex_);
  if (held_.generation == 0 || as_text(held_.secret.view()) != as_text(token.view())) {
    TSR_ASSIGN_OR_RETURN(held_, http::hold_credential(form_, token.view()));
  }
  return held_.as_field(form_);
}

bool LicenseAuth::renews(uint64_t generation) {
  const Result<http::Credential> now = present();
  return now.ok() && now->generation != generation;
}

std::optional<Result<http::Credential>> LicenseAuth::get(http::AuthWaiter& /*waiter*/,
                                                         std::optional<uint64_t> /*rejected*/) {
  return present();
}

}  // namespace tessera
