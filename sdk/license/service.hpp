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
#include "crypto/crypto.hpp"
#include "license/config.hpp"
#include "license/expected_answer.hpp"
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

/// What decides when a licence service is to be asked. Times in milliseconds; 0 means "none".
struct ContactState {
  bool has_license = false;  // a trial is none: nobody but this machine knows of it
  bool is_foreign = false;   // an RS256 token
  bool is_floating = false;
  int64_t now_ms = 0;
  int64_t last_sync_ms = 0;
  int64_t sync_every_ms = 0;
  int64_t expires_at_ms = 0;
  int64_t lease_from_ms = 0, lease_until_ms = 0;
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
  /// The token of the installed licence, else of the trial, usable or not; LICENSE (NO_LICENSE) when there is
  /// neither. Waits as little as check().
  Result<SecretBytes> token();
  Result<VerdictPtr> refresh();
  Result<VerdictPtr> import_bundle(std::string_view bundle);
  /// The answer of a licence service; the same but for the rules of `expected`.
  Result<VerdictPtr> import_answer(std::string_view bundle, const ExpectedAnswer& expected);
  Result<VerdictPtr> verify_bundle(std::string_view bundle);
  Result<VerdictPtr> start_trial(std::string_view token);
  Result<std::string> request(const ActivationRequestOptions& options);
  Result<std::string> deactivate();
  Result<MeterReading> meter_add(std::string_view name, int64_t amount);
  /// A memory read, as check(). STATE once closed.
  Result<ContactState> contact_state();
  /// How the last call of a licence service ended, for verdicts until the next one; null when it worked.
  void note_contact(const Error* failure);
  /// The digest of this machine that RS256 tokens bind to (TT-25); empty when it can't be read.
  std::string legacy_hwid();
  Status close(int64_t timeout_ms);

 private:
  class Impl;
  explicit LicenseService(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tessera
