// The one configuration of an application, from JSON. docs/reference/license-config.md is its schema.
#pragma once

#include <string_view>
#include <vector>

#include "app/store_config.hpp"
#include "base/result.hpp"
#include "hwid/scheme.hpp"
#include "license/config.hpp"

namespace tessera {

struct AppConfig {
  LicenseConfig license;
  StoreConfig store;
  std::vector<hwid::AppFactor> app_factors;
};

/// ARG with a sentence that names the member which is missing, unknown or malformed, never its value;
/// HW_CUSTOM_INVALID when an application factor breaks a rule.
Result<AppConfig> read_app_config(std::string_view json);
/// {"app_factors": [...]} alone; empty text gives none.
Result<std::vector<hwid::AppFactor>> read_device_config(std::string_view json);

}  // namespace tessera
