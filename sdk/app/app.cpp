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
  core->store_config_ = std::move(config.store);
  Parts& parts = *core->parts_;
  parts.probe = hwid::make_device_probe(std::move(config.app_factors));
  TSR_ASSIGN_OR_RETURN(parts.license,
                       LicenseService::open(std::move(config.license), {.clock = &system_clock(),
                                                                        .random = &system_random(),
                                                                        .files = &system_files(),
                                                                        .probe = parts.probe.get(),
                                                                        .logger = &parts.logger}));
  return core;
}

Status AppCore::close(int64_t timeout_ms) {
#ifdef TESSERA_WITH_STORE
  TSR_RETURN_IF_ERROR(close_store(timeout_ms));
#endif
  return parts_->license->close(timeout_ms);
}

Result<std::shared_ptr<const DeviceFactors>> probe_device(std::string_view config_json) {
  TSR_ASSIGN_OR_RETURN(auto app_factors, read_device_config(config_json));
  return hwid::make_device_probe(std::move(app_factors))->probe();
}

}  // namespace tessera
