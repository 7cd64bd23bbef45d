// Composition root: reads the one configuration and wires the areas' ports. Nothing else may include two
// areas.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/device.hpp"
#include "base/executor.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "license/service.hpp"

namespace tessera {

/// What one configured application owns. Shared by the handles that refer to it.
class AppCore {
 public:
  static Result<std::shared_ptr<AppCore>> open(std::string_view config_json);
  LicenseService& license() { return *license_; }
  Logger& logger() { return logger_; }
  /// Where background work on this core waits for its turn.
  Strand& strand() { return strand_; }

 private:
  AppCore() = default;
  // In the order of their use: the service is destroyed before what it refers to.
  Logger logger_;
  Strand strand_;
  std::unique_ptr<DeviceProbe> probe_;
  std::unique_ptr<LicenseService> license_;
};

/// Probes this machine; `config_json` is empty or {"app_factors": [...]}.
Result<std::shared_ptr<const DeviceFactors>> probe_device(std::string_view config_json);
/// Readable and JSON report of a probe, without raw values.
std::string explain_device(const DeviceFactors& factors);
std::string device_json(const DeviceFactors& factors);

}  // namespace tessera
