// The application's store; absent where the store is not built.
#include "app/app.hpp"
#include "app/store_core.hpp"

namespace tessera {

namespace {

/// TT-21: one row, read-only; the licence's truth is in its own file.
store::RowSet license_row(LicenseService& license) {
  store::RowSet rows(std::vector<std::string>(store::kLicenseColumns.begin(), store::kLicenseColumns.end()));
  const auto checked = license.check();
  if (!checked.ok()) return rows;
  const Verdict& verdict = **checked;
  const auto text = [](std::string_view value) { return store::Value::of(value); };
  const std::string detail = verdict_json(verdict);
  const store::Value cells[] = {
      text(verdict.state),
      text(license_code_name(verdict.code)),
      text(verdict.product),
      text(verdict.sku),
      text(verdict.license_id),
      verdict.expires_at_ms == 0 ? store::Value() : store::Value::of(verdict.expires_at_ms),
      store::Value::of(verdict.effective_time_ms),
      text(detail)};
  rows.add(cells);
  return rows;
}

}  // namespace

Result<std::shared_ptr<StoreCore>> AppCore::store(const StoreSecrets& secrets) {
  const std::lock_guard lock(store_mutex_);
  TSR_RETURN_IF_ERROR(parts_->license->check());  // STATE after close()
  if (store_ != nullptr && store_->check_open().ok()) return store_;
  TSR_ASSIGN_OR_RETURN(
      store_, StoreCore::open(store_config_,
                              {.probe = std::shared_ptr<DeviceProbe>(parts_, parts_->probe.get()),
                               .license_row = [parts = parts_] { return license_row(*parts->license); }},
                              secrets));
  return store_;
}

Status AppCore::close_store(int64_t timeout_ms) {
  std::shared_ptr<StoreCore> store;
  {
    const std::lock_guard lock(store_mutex_);
    store = store_;
  }
  return store == nullptr ? Status() : store->close(timeout_ms);
}

}  // namespace tessera
