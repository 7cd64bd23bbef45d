// The configuration of a store, from JSON. docs/reference/store-config.md is its schema.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "hwid/scheme.hpp"
#include "keys/types.hpp"
#include "store/cache.hpp"
#include "store/database.hpp"
#include "store/outbox.hpp"
#include "text/json.hpp"

namespace tessera {

struct StoreConfig {
  store::DatabaseConfig database;
  std::string user;  // part of what a device slot is derived from
  keys::KdfLevel kdf = keys::KdfLevel::kDefault;
  std::vector<keys::SlotType> slots;  // of a new store; empty: one for each secret, else keystore or device
  store::CacheConfig cache;
  store::OutboxConfig outbox;
  std::vector<hwid::AppFactor> app_factors;

  bool in_memory() const { return database.path.empty(); }
  /// "<stem>" and `suffix`, such as ".tks", for what lies beside the database.
  std::string beside(std::string_view suffix) const;
};

/// ARG with a sentence that names the member which is missing, unknown or malformed, never its value.
Result<StoreConfig> read_store_config(std::string_view json);
/// The same members inside an application's configuration, without "path", "user" and "app_factors".
Result<StoreConfig> read_app_store(const Json& object);

}  // namespace tessera
