// The application's API client; absent where that is not built.
#include "app/app.hpp"
#include "app/http_core.hpp"
#ifdef TESSERA_WITH_STORE
#include "app/http_memory.hpp"
#endif

namespace tessera {

Result<std::shared_ptr<HttpCore>> AppCore::http(const HttpSecrets& secrets) {
  const std::lock_guard lock(http_mutex_);
  TSR_RETURN_IF_ERROR(parts_->license->check());  // STATE after close()
  if (http_ != nullptr) return http_;
  TSR_ASSIGN_OR_RETURN(http::ClientConfig config, read_app_http(http_config_, gateway_, secrets));
  HttpMemory memory;
#ifdef TESSERA_WITH_STORE
  memory = memory_in(store_slot_);
#endif
  TSR_ASSIGN_OR_RETURN(
      http_,
      HttpCore::open(std::move(config), std::shared_ptr<Logger>(parts_, &parts_->logger), std::move(memory)));
  return http_;
}

Status AppCore::close_http(int64_t timeout_ms) {
  std::shared_ptr<HttpCore> http;
  {
    const std::lock_guard lock(http_mutex_);
    http = http_;
  }
  return http == nullptr ? Status() : http->close(timeout_ms);
}

}  // namespace tessera
