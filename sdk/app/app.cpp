#include "app/app.hpp"

#include "app/config.hpp"
#include "app/license_sync.hpp"
#include "base/clock.hpp"
#include "base/files.hpp"
#include "crypto/crypto.hpp"
#include "hwid/device_probe.hpp"
#if defined(TESSERA_WITH_HTTP) && defined(TESSERA_WITH_STORE)
#include "app/http_memory.hpp"
#endif

namespace tessera {
#ifdef TESSERA_WITH_HTTP
namespace {

// Short programs ask nobody.
constexpr int64_t kFirstLookMs = 5'000;
constexpr int64_t kFirstLookSpreadMs = 25'000;

}  // namespace
#endif

Result<std::shared_ptr<AppCore>> AppCore::open(std::string_view config_json) {
  TSR_ASSIGN_OR_RETURN(AppConfig config, read_app_config(config_json));
  const std::shared_ptr<AppCore> core(new AppCore);
  core->store_config_ = std::move(config.store);
  core->http_config_ = std::move(config.http);
  core->gateway_ = std::move(config.gateway);
#if defined(TESSERA_WITH_HTTP) && defined(TESSERA_WITH_STORE)
  core->store_slot_ = std::make_shared<StoreSlot>();
#endif
  Parts& parts = *core->parts_;
  parts.probe = hwid::make_device_probe(std::move(config.app_factors));
  TSR_ASSIGN_OR_RETURN(parts.license,
                       LicenseService::open(std::move(config.license), {.clock = &system_clock(),
                                                                        .random = &system_random(),
                                                                        .files = &system_files(),
                                                                        .probe = parts.probe.get(),
                                                                        .logger = &parts.logger}));
#ifdef TESSERA_WITH_HTTP
  if (!config.license_service.url.empty()) core->open_online(config.license_service);
#endif
  return core;
}

AppCore::~AppCore() { stop_online(); }

Result<OnlineLicense*> AppCore::online_license() {
  if (parts_->online != nullptr) return parts_->online.get();
#ifdef TESSERA_WITH_HTTP
  return Error{ErrorCode::kSTATE,
               "license",
               "no licence service is configured; give \"gateway\" in the configuration, or import a file",
               {}};
#else
  return Error{ErrorCode::kUNSUPPORTED, "license", "this build of Tessera has no API client", {}};
#endif
}

#ifdef TESSERA_WITH_HTTP
void AppCore::open_online(const LicenseServiceConfig& config) {
  Parts& parts = *parts_;
  Random& random = system_random();
  parts.transport = make_license_transport(config, system_clock(), random, parts.logger);
  parts.online =
      std::make_unique<OnlineLicense>(config.online, OnlinePorts{.license = parts.license.get(),
                                                                 .transport = parts.transport.get(),
                                                                 .random = &random,
                                                                 .logger = &parts.logger});
  if (!config.is_background) return;
  const int64_t first_ms = kFirstLookMs + kFirstLookSpreadMs * draw_chance(random) / 1000;
  const std::shared_ptr<OnlineLicense> online(parts_, parts.online.get());  // keeps all parts
  auto background = BackgroundSync::start(online, first_ms);
  if (background) {
    background_ = std::move(background).value();
  } else {
    parts.logger.write(LogLevel::kWarn, "license", "background_not_started", background.error().text);
  }
}
#endif

void AppCore::stop_online() {
  if (fork_.in_child()) return;  // a lock may be held there for ever, and nothing runs
  {
    const std::lock_guard lock(background_mutex_);
    background_.reset();
  }
  if (parts_->online != nullptr) parts_->online->stop();
}

Status AppCore::close(int64_t timeout_ms) {
  stop_online();
#ifdef TESSERA_WITH_HTTP
  TSR_RETURN_IF_ERROR(close_http(timeout_ms));
#endif
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
