// The one configuration of an application, from JSON. docs/reference/license-config.md is its schema.
#pragma once

#include <string_view>
#include <vector>

#include "app/license_sync.hpp"
#include "app/store_config.hpp"
#include "base/result.hpp"
#include "hwid/scheme.hpp"
#include "license/config.hpp"
#include "text/json.hpp"

namespace tessera {

struct AppConfig {
  LicenseConfig license;
  StoreConfig store;
  Json http =
      Json::object();   // see read_app_http(); read when somebody asks for the client, with its secrets
  std::string gateway;  // without a slash at its end; empty: none
  LicenseServiceConfig license_service;
  std::vector<hwid::AppFactor> app_factors;
};

/// ARG with a sentence that names the member which is missing, unknown or malformed, never its value;
/// HW_CUSTOM_INVALID when an application factor breaks a rule.
Result<AppConfig> read_app_config(std::string_view json);
/// {"app_factors": [...]} alone; empty text gives none.
Result<std::vector<hwid::AppFactor>> read_device_config(std::string_view json);

}  // namespace tessera
