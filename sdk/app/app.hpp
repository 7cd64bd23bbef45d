// Composition root: reads the one configuration and wires the areas' ports. Nothing else may include two
// areas.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "app/store_config.hpp"
#include "app/store_secrets.hpp"
#include "base/device.hpp"
#include "base/executor.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "license/service.hpp"

namespace tessera {

class StoreCore;

/// What one configured application owns. Shared by the handles that refer to it.
class AppCore {
 public:
  static Result<std::shared_ptr<AppCore>> open(std::string_view config_json);
  LicenseService& license() { return *parts_->license; }
  Logger& logger() { return parts_->logger; }
  /// Where background work on this core waits for its turn.
  Strand& strand() { return strand_; }
  /// Opens the store or gives the open one, which needs no secrets. STATE after close().
  Result<std::shared_ptr<StoreCore>> store(const StoreSecrets& secrets);
  /// Closes the store, then the licence.
  Status close(int64_t timeout_ms);

 private:
  /// What the store goes on needing when the application's handle is gone.
  struct Parts {
    // In the order of their use: the service is destroyed before what it refers to.
    Logger logger;
    std::unique_ptr<DeviceProbe> probe;
    std::unique_ptr<LicenseService> license;
  };

  AppCore() = default;
  Status close_store(int64_t timeout_ms);

  const std::shared_ptr<Parts> parts_ = std::make_shared<Parts>();
  Strand strand_;
  StoreConfig store_config_;
  std::mutex store_mutex_;
  std::shared_ptr<StoreCore> store_;
};

/// Probes this machine; `config_json` is empty or {"app_factors": [...]}.
Result<std::shared_ptr<const DeviceFactors>> probe_device(std::string_view config_json);
/// Readable and JSON report of a probe, without raw values.
std::string explain_device(const DeviceFactors& factors);
std::string device_json(const DeviceFactors& factors);

}  // namespace tessera
