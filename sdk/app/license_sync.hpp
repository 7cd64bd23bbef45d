// The licence service of an application: its address, the API client that calls it, and the schedule.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "license/online/config.hpp"
#include "license/online/transport.hpp"

namespace tessera {

struct LicenseServiceConfig {
  std::string url;  // without a slash at its end; empty: there is no service
  OnlineConfig online;
  bool is_background = true;
  int64_t timeout_ms = 20'000;
};

/// Opens nothing before the first call.
std::unique_ptr<LicenseTransport> make_license_transport(const LicenseServiceConfig& config, Clock& clock,
                                                         Random& random, Logger& logger);

}  // namespace tessera
