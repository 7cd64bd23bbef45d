// How an application uses its licence service.
#pragma once

#include <cstdint>
#include <string>

#include "base/defaults.hpp"

namespace tessera {

enum class ServiceProtocol {
  kTessera,   // docs/reference/license-service.openapi.yaml
  kValidate,  // its one call for RS256 tokens (TT-27)
};

struct OnlineConfig {
  ServiceProtocol protocol = ServiceProtocol::kTessera;
  int64_t refresh_after_ms = kLicenseRefreshAfterS * 1000;  // TT-26
  std::string user;                                         // whom kValidate asks for
};

}  // namespace tessera
