// The DeviceProbe of this platform.
#pragma once

#include <memory>
#include <vector>

#include "hwid/scheme.hpp"

namespace tessera::hwid {

/// ARG when an application factor breaks check_app_factor(), a name stands twice, or there are more than
/// kMaxAppFactors.
Status check_app_factors(const std::vector<AppFactor>& factors);

/// Each probe() reads the machine afresh: no child process, no network. It fails as check_app_factors() does.
std::unique_ptr<DeviceProbe> make_device_probe(std::vector<AppFactor> app_factors);

}  // namespace tessera::hwid
