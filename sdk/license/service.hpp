// LicenseService: one product's licence in one data folder. Everything that tsr_license_* does.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/device.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "license/config.hpp"
#include "license/verdict.hpp"

namespace tessera {

/// The ports that the service needs; app/ wires the real ones. All must outlive the service.
struct LicensePorts {
  Clock* clock;
  Random* random;
  Files* files;
  DeviceProbe* probe;
  Logger* logger;
};

struct ActivationRequestOptions {
  std::string license_key;
  std::string note;
};

struct MeterReading {
  int64_t used;
  int64_t limit;
};

/// Safe from any thread.
class LicenseService {
 public:
  using VerdictPtr = std::shared_ptr<const Verdict>;

  static Result<std::unique_ptr<LicenseService>> open(LicenseConfig config, const LicensePorts& ports);
  ~LicenseService();

  /// Never writes and never waits for a lock; see tsr_license_check().
  Result<VerdictPtr> check();
  /// Whether check() would give `known`; nothing when it takes a check to tell.
  std::optional<bool> is_current(const Verdict* known);
  Result<VerdictPtr> refresh();
  Result<VerdictPtr> import_bundle(std::string_view bundle);
  Result<VerdictPtr> verify_bundle(std::string_view bundle);
  Result<VerdictPtr> start_trial(std::string_view token);
  Result<std::string> request(const ActivationRequestOptions& options);
  Result<std::string> deactivate();
  Result<MeterReading> meter_add(std::string_view name, int64_t amount);
  Status close(int64_t timeout_ms);

 private:
  class Impl;
  explicit LicenseService(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tessera
