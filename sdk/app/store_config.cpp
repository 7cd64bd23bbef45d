#include "app/store_config.hpp"

#include <algorithm>

#include "app/config_reader.hpp"

namespace tessera {
using config_reader::Choice;
using config_reader::in_configuration;
using config_reader::kLimits;
using config_reader::malformed;
using config_reader::read_app_factors;
using config_reader::read_bool;
using config_reader::read_choice;
using config_reader::read_integer;
using config_reader::read_path;
using config_reader::read_text;
using config_reader::require_app_factors;
using config_reader::require_only;

namespace {

constexpr std::string_view kSuffix = ".tdb";
constexpr std::string_view kInMemory = ":memory:";
constexpr int64_t kMaxReaders = 16;
constexpr int64_t kMaxCacheBytes = int64_t{4} << 30;
constexpr int64_t kMaxTimeMs = int64_t{24} * 3600 * 1000;
constexpr int64_t kMaxBytes = int64_t{1} << 40;
constexpr int64_t kMaxRows = 100'000'000;
constexpr int64_t kMaxAgeS = int64_t{10} * 366 * 24 * 3600;
constexpr int64_t kMaxAttempts = 1'000'000;

constexpr Choice<store::Durability> kCommits[] = {{"strict", store::Durability::kStrict},
                                                  {"relaxed", store::Durability::kRelaxed}};
constexpr Choice<keys::KdfLevel> kLevels[] = {
    {"low", keys::KdfLevel::kLow}, {"default", keys::KdfLevel::kDefault}, {"high", keys::KdfLevel::kHigh}};
constexpr Choice<keys::SlotType> kSlots[] = {{"passphrase", keys::SlotType::kPassphrase},
                                             {"app_key", keys::SlotType::kAppKey},
                                             {"device", keys::SlotType::kDevice},
                                             {"passphrase_device", keys::SlotType::kPassphraseDevice},
                                             {"keystore", keys::SlotType::kKeystore}};

Status read_location(const Json& object, std::string* out) {
  TSR_ASSIGN_OR_RETURN(const auto text, json_string(object, "path"));
  if (!text) return malformed("path", "is required");
  if (*text == kInMemory) return {};
  TSR_RETURN_IF_ERROR(read_path(object, "path", out));
  if (!out->ends_with(kSuffix) || out->ends_with("/.tdb")) {
    return malformed("path", "must be \":memory:\" or name a file that ends with \".tdb\"");
  }
  return {};
}

Status read_database(const Json& object, store::DatabaseConfig* out) {
  int64_t readers = out->readers;
  int64_t max_readers = out->max_readers;
  TSR_RETURN_IF_ERROR(read_bool(object, "create", &out->create));
  TSR_RETURN_IF_ERROR(read_choice(object, "commit", kCommits, &out->commit));
  TSR_RETURN_IF_ERROR(read_integer(object, "readers", 1, kMaxReaders, &readers));
  TSR_RETURN_IF_ERROR(read_integer(object, "max_readers", readers, kMaxReaders, &max_readers));
  TSR_RETURN_IF_ERROR(
      read_integer(object, "cache_bytes", int64_t{1} << 20, kMaxCacheBytes, &out->cache_bytes));
  TSR_RETURN_IF_ERROR(read_integer(object, "query_timeout_ms", 0, kMaxTimeMs, &out->query_timeout_ms));
  TSR_RETURN_IF_ERROR(
      read_integer(object, "transaction_limit_ms", 1, kMaxTimeMs, &out->transaction_limit_ms));
  TSR_RETURN_IF_ERROR(read_integer(object, "busy_timeout_ms", 0, kMaxTimeMs, &out->busy_timeout_ms));
  out->readers = static_cast<int>(readers);
  out->max_readers = static_cast<int>(std::max(readers, max_readers));
  return {};
}

Status read_slots(const Json& object, std::vector<keys::SlotType>* out) {
  TSR_ASSIGN_OR_RETURN(const Json* entries, json_array(object, "slots"));
  if (entries == nullptr) return {};
  for (const Json& entry : *entries) {
    const auto* known = entry.is_string() ? std::ranges::find(kSlots, entry.get_ref<const std::string&>(),
                                                              &Choice<keys::SlotType>::name)
                                          : std::end(kSlots);
    if (known == std::end(kSlots)) {
      return malformed(
          "slots",
          "must hold \"passphrase\", \"app_key\", \"device\", \"passphrase_device\" or \"keystore\"");
    }
    if (std::ranges::find(*out, known->value) != out->end()) return malformed("slots", "holds a slot twice");
    out->push_back(known->value);
  }
  return {};
}

Status read_cache(const Json& object, store::CacheConfig* out) {
  TSR_ASSIGN_OR_RETURN(const Json* cache, json_object(object, "cache"));
  if (cache == nullptr) return {};
  TSR_RETURN_IF_ERROR(require_only(*cache, {"max_bytes", "max_rows"}));
  TSR_RETURN_IF_ERROR(read_integer(*cache, "max_bytes", 1, kMaxBytes, &out->max_bytes));
  return read_integer(*cache, "max_rows", 1, kMaxRows, &out->max_rows);
}

Status read_outbox(const Json& object, store::OutboxConfig* out) {
  constexpr int64_t kSecond = 1000;
  TSR_ASSIGN_OR_RETURN(const Json* outbox, json_object(object, "outbox"));
  if (outbox == nullptr) return {};
  TSR_RETURN_IF_ERROR(
      require_only(*outbox, {"max_rows", "max_bytes", "max_age_s", "lease_s", "max_attempts"}));
  int64_t max_age_s = out->max_age_ms / kSecond;
  int64_t lease_s = out->lease_ms / kSecond;
  TSR_RETURN_IF_ERROR(read_integer(*outbox, "max_rows", 1, kMaxRows, &out->max_rows));
  TSR_RETURN_IF_ERROR(read_integer(*outbox, "max_bytes", 1, kMaxBytes, &out->max_bytes));
  TSR_RETURN_IF_ERROR(read_integer(*outbox, "max_age_s", 1, kMaxAgeS, &max_age_s));
  TSR_RETURN_IF_ERROR(read_integer(*outbox, "lease_s", 1, kMaxAgeS, &lease_s));
  TSR_RETURN_IF_ERROR(read_integer(*outbox, "max_attempts", 1, kMaxAttempts, &out->max_attempts));
  out->max_age_ms = max_age_s * kSecond;
  out->lease_ms = lease_s * kSecond;
  return {};
}

/// What a store has in its own configuration and in an application's.
Status read_shared(const Json& object, StoreConfig* out) {
  TSR_RETURN_IF_ERROR(read_database(object, &out->database));
  TSR_RETURN_IF_ERROR(read_choice(object, "kdf", kLevels, &out->kdf));
  TSR_RETURN_IF_ERROR(read_slots(object, &out->slots));
  TSR_RETURN_IF_ERROR(read_cache(object, &out->cache));
  return read_outbox(object, &out->outbox);
}

Result<StoreConfig> read_members(std::string_view json) {
  TSR_ASSIGN_OR_RETURN(const Json object, parse_json(json, kLimits));
  TSR_RETURN_IF_ERROR(require_only(
      object,
      {"path", "user", "create", "commit", "kdf", "slots", "readers", "max_readers", "cache_bytes",
       "query_timeout_ms", "transaction_limit_ms", "busy_timeout_ms", "cache", "outbox", "app_factors"}));
  StoreConfig config;
  TSR_RETURN_IF_ERROR(read_location(object, &config.database.path));
  TSR_RETURN_IF_ERROR(read_text(object, "user", &config.user));
  TSR_RETURN_IF_ERROR(read_app_factors(object, &config.app_factors));
  TSR_RETURN_IF_ERROR(read_shared(object, &config));
  return config;
}

}  // namespace

std::string StoreConfig::beside(std::string_view suffix) const {
  return database.path.substr(0, database.path.size() - kSuffix.size()).append(suffix);
}

Result<StoreConfig> read_store_config(std::string_view json) {
  auto config = read_members(json);
  if (!config.ok()) return in_configuration(config.error());
  TSR_RETURN_IF_ERROR(require_app_factors(config->app_factors));
  return config;
}

Result<StoreConfig> read_app_store(const Json& object) {
  TSR_RETURN_IF_ERROR(require_only(
      object, {"create", "commit", "kdf", "slots", "readers", "max_readers", "cache_bytes",
               "query_timeout_ms", "transaction_limit_ms", "busy_timeout_ms", "cache", "outbox"}));
  StoreConfig config;
  TSR_RETURN_IF_ERROR(read_shared(object, &config));
  return config;
}

}  // namespace tessera
