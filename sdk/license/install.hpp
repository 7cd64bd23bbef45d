// What an installation makes itself: its key, activation requests, deactivation proofs, trials, meter
// readings. Each function changes `*state`; the caller stores it.
#pragma once

#include <string>
#include <string_view>

#include "base/random.hpp"
#include "license/service.hpp"
#include "license/snapshot.hpp"

namespace tessera {

LicenseState new_installation(Random& random);

Result<std::string> make_request(const ActivationRequestOptions& options, const Snapshot& snapshot,
                                 const LicenseContext& context, int64_t now_ms, Random& random,
                                 LicenseState* state);
Result<std::string> make_deactivation(const Snapshot& snapshot, const LicenseContext& context, int64_t now_ms,
                                      LicenseState* state);
/// Starting the trial that is already running changes nothing.
Status start_trial(std::string_view token, const Snapshot& snapshot, const LicenseContext& context,
                   const DeviceMemory& memory, int64_t now_ms, LicenseState* state);
Result<MeterReading> add_to_meter(std::string_view name, int64_t amount, const Verdict& verdict,
                                  LicenseState* state);
/// What was counted in periods after that of `now_ms` counts as of now.
void pull_back_meters(int64_t now_ms, LicenseState* state);

}  // namespace tessera
