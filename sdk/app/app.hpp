// Composition root: reads the one configuration and wires the areas' ports. Nothing else may include two
// areas.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "app/http_secrets.hpp"
#include "app/store_config.hpp"
#include "app/store_secrets.hpp"
#include "base/device.hpp"
#include "base/executor.hpp"
#include "base/fork_guard.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "license/online/background.hpp"
#include "license/online/online_license.hpp"
#include "license/service.hpp"

namespace tessera {

class HttpCore;
struct LicenseServiceConfig;
class StoreCore;
class StoreSlot;

/// What one configured application owns. Shared by the handles that refer to it.
class AppCore {
 public:
  static Result<std::shared_ptr<AppCore>> open(std::string_view config_json);
  LicenseService& license() { return *parts_->license; }
  /// STATE when no licence service is configured; UNSUPPORTED in a build without the API client.
  Result<OnlineLicense*> online_license();
  ~AppCore();
  /// The same, for what may outlive the application's handle.
  std::shared_ptr<LicenseService> shared_license() const { return {parts_, parts_->license.get()}; }
  Logger& logger() { return parts_->logger; }
  /// Where background work on this core waits for its turn.
  Strand& strand() { return strand_; }
  /// Opens the store or gives the open one, which needs no secrets. STATE after close().
  Result<std::shared_ptr<StoreCore>> store(const StoreSecrets& secrets);
  /// Makes the API client or gives the one that is there, which needs no secrets. STATE after close().
  Result<std::shared_ptr<HttpCore>> http(const HttpSecrets& secrets);
  /// Closes the API client, the store, then the licence.
  Status close(int64_t timeout_ms);

 private:
  /// What the store goes on needing when the application's handle is gone.
  struct Parts {
    // In the order of their use: the service is destroyed before what it refers to.
    Logger logger;
    std::unique_ptr<DeviceProbe> probe;
    std::unique_ptr<LicenseService> license;
    std::unique_ptr<LicenseTransport> transport;
    std::unique_ptr<OnlineLicense> online;  // null without a licence service
  };

  AppCore() = default;
  Status close_http(int64_t timeout_ms);
  void open_online(const LicenseServiceConfig& config);
  void stop_online();
  Status close_store(int64_t timeout_ms);

  const std::shared_ptr<Parts> parts_ = std::make_shared<Parts>();
  const ForkGuard fork_;
  std::mutex background_mutex_;
  std::unique_ptr<BackgroundSync> background_;  // guarded by background_mutex_
  Strand strand_;
  StoreConfig store_config_;
  std::mutex store_mutex_;
  std::shared_ptr<StoreCore> store_;
  std::shared_ptr<StoreSlot> store_slot_;  // what the API client follows; null when one of both is not built
  Json http_config_;
  std::string gateway_;
  std::mutex http_mutex_;
  std::shared_ptr<HttpCore> http_;
};

/// Probes this machine; `config_json` is empty or {"app_factors": [...]}.
Result<std::shared_ptr<const DeviceFactors>> probe_device(std::string_view config_json);
/// Readable and JSON report of a probe, without raw values.
std::string explain_device(const DeviceFactors& factors);
std::string device_json(const DeviceFactors& factors);

}  // namespace tessera
