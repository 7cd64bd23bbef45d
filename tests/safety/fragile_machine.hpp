// One customer's machine whose disk can lose power, and its vendor.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "crypto/crypto.hpp"
#include "fakes.hpp"
#include "fault_files.hpp"
#include "license/issuer.hpp"
#include "license/service.hpp"
#include "license/state_file.hpp"
#include "temp_dir.hpp"

namespace tessera::test {

inline constexpr const char* kProduct = "player";

template <class T>
T need(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().text);
  return std::move(result).value();
}

class SdkVendor {
 public:
  const Ed25519Public& root() const { return root_key_->ed25519().public_key(); }

  std::string key_set() const {
    return need(root_->keyset(R"({"seq":1,"keys":[{"public":")" + signing_key_->public_text() + R"("}]})"));
  }
  std::string license_file(const std::string& request) const {
    return key_set() + '\n' +
           need(signer_->issue(
               request, R"({"sku":"pro","days":365,"entitlements":{"copies":{"value":9,"per":"total"}}})")) +
           '\n';
  }

 private:
  static std::shared_ptr<const IssuerKey> new_key() {
    return need(IssuerKey::generate_ed25519(system_random()));
  }
  std::unique_ptr<Issuer> issuer(std::shared_ptr<const IssuerKey> key) {
    return need(
        Issuer::open(R"({"issuer":"acme","product":"player"})", std::move(key), clock_, system_random()));
  }

  FakeClock clock_;
  std::shared_ptr<const IssuerKey> root_key_ = new_key(), signing_key_ = new_key();
  std::unique_ptr<Issuer> root_ = issuer(root_key_), signer_ = issuer(signing_key_);
};

/// What copies of a machine share: its hardware, its vendor and the folder of its locks.
struct Site {
  LicenseConfig config() const {
    LicenseConfig config;
    config.product = kProduct;
    config.data_dir = folder / "data";
    config.memory_dir = folder / "memory";
    config.trusted_keys = {vendor.root()};
    config.key_location = KeyLocation::kFile;
    return config;
  }

  SdkVendor vendor;
  TempDir folder;
  FakeProbe probe;
  Logger logger;
};

/// Copies are machines of their own in the same state.
struct FragileMachine {
  explicit FragileMachine(Site& its_site) : site(&its_site) {}

  std::unique_ptr<LicenseService> open() {
    return need(LicenseService::open(site->config(), {.clock = &clock,
                                                      .random = &random,
                                                      .files = &disk,
                                                      .probe = &site->probe,
                                                      .logger = &site->logger}));
  }
  /// What is on the disk, byte by byte; empty when there is nothing.
  Result<Bytes> stored() {
    TSR_ASSIGN_OR_RETURN(const auto state, StateFile(disk, random, os_keystore(), site->config()).load());
    return state ? write_state(*state) : Bytes();
  }

  Site* site;
  FaultFiles disk;
  FakeRandom random;  // repeats in each copy, so that what a step writes is known before it is interrupted
  FakeClock clock;
};

}  // namespace tessera::test
