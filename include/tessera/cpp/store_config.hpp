/// @file tessera/cpp/store_config.hpp  What a store is configured with, and the secrets that open it.
#ifndef TESSERA_CPP_STORE_CONFIG_HPP
#define TESSERA_CPP_STORE_CONFIG_HPP

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/cpp/detail/json_writer.hpp"
#include "tessera/cpp/hwid.hpp"
#include "tessera/cpp/sql.hpp"
#include "tessera/store_keys.h"

namespace tessera::inline v1 {

/// Ways into a store.  @since 1.1
enum class SlotType : std::int32_t {
  kPassphrase = TSR_SLOT_PASSPHRASE,
  kAppKey = TSR_SLOT_APP_KEY,
  kDevice = TSR_SLOT_DEVICE,
  kPassphraseDevice = TSR_SLOT_PASSPHRASE_DEVICE,
  kRecovery = TSR_SLOT_RECOVERY,
  kKeystore = TSR_SLOT_KEYSTORE,
};

/// As configurations spell it.  @threads any  @since 1.1
constexpr std::string_view name(SlotType type) noexcept {
  switch (type) {
    case SlotType::kPassphrase:
      return "passphrase";
    case SlotType::kAppKey:
      return "app_key";
    case SlotType::kDevice:
      return "device";
    case SlotType::kPassphraseDevice:
      return "passphrase_device";
    case SlotType::kRecovery:
      return "recovery";
    case SlotType::kKeystore:
      break;
  }
  return "keystore";
}

/// Cost of guessing a passphrase.  @since 1.1
enum class Kdf : std::int32_t { kLow, kDefault, kHigh };

/// As configurations spell it.  @threads any  @since 1.1
constexpr std::string_view name(Kdf kdf) noexcept {
  return kdf == Kdf::kLow ? "low" : kdf == Kdf::kHigh ? "high" : "default";
}

/// Secrets that open a store. Borrows them for the call; what is empty is not tried.  @since 1.1
struct Secrets {
  std::string_view passphrase{};
  std::string_view app_key{};  ///< 32 bytes that the application keeps itself.
  std::string_view recovery_key{};

  tsr_store_secrets to_c() const noexcept {
    tsr_store_secrets secrets;
    tsr_store_secrets_init(&secrets, sizeof secrets);
    if (!passphrase.empty()) secrets.passphrase = passphrase.data();
    secrets.passphrase_len = passphrase.size();
    if (!app_key.empty()) secrets.app_key = app_key.data();
    secrets.app_key_len = app_key.size();
    secrets.recovery_key = detail::borrow_if_any(recovery_key);
    return secrets;
  }
};

/// Budget of each space of the cache.  @since 1.1
struct CacheLimits {
  std::optional<std::int64_t> max_bytes{};
  std::optional<std::int64_t> max_rows{};

  std::string to_json() const {
    return detail::JsonObject().add("max_bytes", max_bytes).add("max_rows", max_rows).text();
  }
};

/// Limits of the outbox.  @since 1.1
struct OutboxLimits {
  std::optional<std::int64_t> max_rows{};
  std::optional<std::int64_t> max_bytes{};
  std::optional<std::chrono::seconds> max_age{};
  std::optional<std::chrono::seconds> lease{};
  std::optional<std::int64_t> max_attempts{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("max_rows", max_rows)
        .add("max_bytes", max_bytes)
        .add("max_age_s", max_age)
        .add("lease_s", lease)
        .add("max_attempts", max_attempts)
        .text();
  }
};

/// What a store has in its own configuration and in an application's. Members left alone keep the library's
/// defaults; docs/reference/store-config.md has them.  @since 1.1
struct StoreOptions {
  std::optional<bool> create{};
  std::optional<Commit> commit{};
  std::optional<Kdf> kdf{};
  std::vector<SlotType> slots{};  ///< Ways into a new store.
  std::optional<std::int32_t> readers{};
  std::optional<std::int32_t> max_readers{};
  std::optional<std::int64_t> cache_bytes{};
  std::optional<std::chrono::milliseconds> query_timeout{};
  std::optional<std::chrono::milliseconds> transaction_limit{};
  std::optional<std::chrono::milliseconds> busy_timeout{};
  std::optional<CacheLimits> cache{};
  std::optional<OutboxLimits> outbox{};

  std::string to_json() const { return write(detail::JsonObject()).text(); }

  /// For the facade's own use.
  detail::JsonObject write(detail::JsonObject object) const {
    return object.add("create", create)
        .add("commit", commit)
        .add("kdf", kdf)
        .add_if_any("slots", slots)
        .add("readers", readers)
        .add("max_readers", max_readers)
        .add("cache_bytes", cache_bytes)
        .add("query_timeout_ms", count(query_timeout))
        .add("transaction_limit_ms", count(transaction_limit))
        .add("busy_timeout_ms", count(busy_timeout))
        .add("cache", cache)
        .add("outbox", outbox);
  }

 private:
  static std::optional<std::int64_t> count(std::optional<std::chrono::milliseconds> time) {
    return time ? std::optional<std::int64_t>(time->count()) : std::nullopt;
  }
};

/// Configuration of Store::open().  @since 1.1
struct StoreConfig {
  std::string path{};  ///< Required: a file that ends with ".tdb", or ":memory:".
  std::string user{};  ///< Part of what a device slot needs.
  std::vector<AppFactor> app_factors{};
  StoreOptions options{};

  std::string to_json() const {
    return options
        .write(detail::JsonObject()
                   .add("path", path)
                   .add_if_any("user", user)
                   .add_if_any("app_factors", app_factors))
        .text();
  }
};

}  // namespace tessera::inline v1

#endif
