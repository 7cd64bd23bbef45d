#include "app/app.hpp"

#include "app/config.hpp"
#include "base/clock.hpp"
#include "base/files.hpp"
#include "crypto/crypto.hpp"
#include "hwid/device_probe.hpp"

namespace tessera {

Result<std::shared_ptr<AppCore>> AppCore::open(std::string_view config_json) {
  TSR_ASSIGN_OR_RETURN(AppConfig config, read_app_config(config_json));
  const std::shared_ptr<AppCore> core(new AppCore);
  core->probe_ = hwid::make_device_probe(std::move(config.app_factors));
  TSR_ASSIGN_OR_RETURN(core->license_,
                       LicenseService::open(std::move(config.license), {.clock = &system_clock(),
                                                                        .random = &system_random(),
                                                                        .files = &system_files(),
                                                                        .probe = core->probe_.get(),
                                                                        .logger = &core->logger_}));
  return core;
}

Result<std::shared_ptr<const DeviceFactors>> probe_device(std::string_view config_json) {
  TSR_ASSIGN_OR_RETURN(auto app_factors, read_device_config(config_json));
  return hwid::make_device_probe(std::move(app_factors))->probe();
}

}  // namespace tessera
