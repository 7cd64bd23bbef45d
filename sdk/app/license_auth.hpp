// The licence's own token as the credential of an API client.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "http/auth/credential_form.hpp"
#include "license/service.hpp"

namespace tessera {

/// What is installed when a call is sent, so that it follows an import. Without one a call ends with the
/// licence's error. A 401 is the response unless another licence is installed by then.
class LicenseAuth final : public http::AuthProvider {
 public:
  explicit LicenseAuth(std::shared_ptr<LicenseService> license) : license_(std::move(license)) {}

  bool renews(uint64_t generation) override;
  std::optional<Result<http::Credential>> get(http::AuthWaiter& waiter,
                                              std::optional<uint64_t> rejected) override;
  void leave(http::AuthWaiter&) override {}

 private:
  Result<http::Credential> present();

  const std::shared_ptr<LicenseService> license_;
  const http::CredentialForm form_;
  std::mutex mutex_;
  http::HeldCredential held_;  // guarded by mutex_; generation 0: none
};

}  // namespace tessera
