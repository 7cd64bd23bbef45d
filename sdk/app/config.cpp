#include "app/config.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>

#include "app/config_reader.hpp"
#include "base/defaults.hpp"
#include "base/files.hpp"
#include "hwid/device_probe.hpp"
#include "license/license_code.hpp"
#include "text/base64url.hpp"
#include "text/json.hpp"
#include "text/utf8.hpp"

namespace tessera {
using config_reader::Choice;
using config_reader::in_configuration;
using config_reader::kLimits;
using config_reader::malformed;
using config_reader::read_app_factors;
using config_reader::read_choice;
using config_reader::read_integer;
using config_reader::read_objects;
using config_reader::read_path;
using config_reader::read_required_text;
using config_reader::read_text;
using config_reader::require_app_factors;
using config_reader::require_only;

namespace {

constexpr size_t kMaxKeys = 8;
constexpr size_t kMaxProduct = 64;
constexpr int64_t kMaxTime = int64_t{1} << 53;
constexpr int64_t kMaxSpanS = int64_t{10} * 366 * 24 * 3600;
constexpr int64_t kMaxSoonDays = 3660;
constexpr int64_t kDayS = int64_t{24} * 3600;

constexpr Choice<bool> kPolicies[] = {{"warn", false}, {"deny", true}};
constexpr Choice<KeyLocation> kKeystores[] = {
    {"auto", KeyLocation::kAuto}, {"os", KeyLocation::kOsKeystore}, {"file", KeyLocation::kFile}};

/// Apart from the data folder, so that deleting one forgets neither trials nor the clock mark. None for a
/// user without a home.
Status read_memory_directory(const Json& object, std::string* out) {
  TSR_RETURN_IF_ERROR(read_path(object, "memory_dir", out));
  if (!out->empty()) return {};
  if (auto own = expand_home("~/.local/state/tessera"); own.ok()) *out = std::move(own).value();
  return {};
}

Status read_product(const Json& object, std::string* out) {
  TSR_RETURN_IF_ERROR(read_required_text(object, "product", out));
  const auto is_alnum = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const auto is_allowed = [&](char c) { return is_alnum(c) || c == '.' || c == '_' || c == '-'; };
  if (out->size() > kMaxProduct || !is_alnum(out->front()) || !std::ranges::all_of(*out, is_allowed)) {
    return malformed("product", "must be 1 to 64 of a-z, 0-9, '.', '_' and '-', the first a letter or digit");
  }
  return {};
}

Result<Ed25519Public> read_trusted_key(const Json& entry) {
  const auto bytes = entry.is_string() ? base64url_decode(entry.get_ref<const std::string&>()) : std::nullopt;
  Ed25519Public key{};
  if (!bytes || bytes->size() != key.size()) {
    return malformed("trusted_keys", "must hold Ed25519 public keys: base64url of 32 bytes without padding");
  }
  std::ranges::copy(*bytes, key.begin());
  return key;
}

Status read_trusted_keys(const Json& object, LicenseConfig* out) {
  TSR_ASSIGN_OR_RETURN(const Json* entries, json_array(object, "trusted_keys"));
  if (entries == nullptr) return {};
  if (entries->empty() || entries->size() > kMaxKeys) {
    return malformed("trusted_keys", "must hold 1 to 8 keys");
  }
  for (const Json& entry : *entries) {
    TSR_ASSIGN_OR_RETURN(const Ed25519Public key, read_trusted_key(entry));
    if (std::ranges::find(out->trusted_keys, key) != out->trusted_keys.end()) {
      return malformed("trusted_keys", "holds the same key twice");
    }
    out->trusted_keys.push_back(key);
  }
  int64_t threshold = out->trusted_threshold;
  TSR_RETURN_IF_ERROR(
      read_integer(object, "trusted_threshold", 1, static_cast<int64_t>(entries->size()), &threshold));
  out->trusted_threshold = static_cast<int>(threshold);
  return {};
}

Result<RsaIssuer> read_rsa_key(const Json& object) {
  TSR_RETURN_IF_ERROR(
      require_only(object, {"issuer", "public_key", "key_id", "audience", "refresh_after_s", "grace_s"}));
  std::string issuer, pem, key_id, audience;
  int64_t refresh_after_s = kLicenseRefreshAfterS;
  int64_t grace_s = kRs256GraceS;
  TSR_RETURN_IF_ERROR(read_required_text(object, "issuer", &issuer));
  TSR_RETURN_IF_ERROR(read_required_text(object, "public_key", &pem));
  TSR_RETURN_IF_ERROR(read_text(object, "key_id", &key_id));
  TSR_RETURN_IF_ERROR(read_text(object, "audience", &audience));
  TSR_RETURN_IF_ERROR(read_integer(object, "refresh_after_s", 0, kMaxSpanS, &refresh_after_s));
  TSR_RETURN_IF_ERROR(read_integer(object, "grace_s", 0, kMaxSpanS, &grace_s));
  auto key = RsaPublicKey::from_pem(pem);
  if (!key.ok()) return malformed("public_key", "must be the PEM of an RSA public key of 2048 to 8192 bits");
  return RsaIssuer{std::move(issuer),      std::move(key_id), std::move(audience),
                   std::move(key).value(), refresh_after_s,   grace_s};
}

Status read_rsa_keys(const Json& object, std::vector<RsaIssuer>* out) {
  TSR_ASSIGN_OR_RETURN(const Json* entries, read_objects(object, "rsa_keys"));
  if (entries == nullptr) return {};
  if (entries->empty() || entries->size() > kMaxKeys) return malformed("rsa_keys", "must hold 1 to 8 keys");
  for (const Json& entry : *entries) {
    TSR_ASSIGN_OR_RETURN(RsaIssuer key, read_rsa_key(entry));
    out->push_back(std::move(key));
  }
  return {};
}

bool is_version(std::string_view text) {
  constexpr size_t kMaxNumbers = 4;
  constexpr size_t kMaxDigits = 9;
  for (size_t numbers = 1; numbers <= kMaxNumbers; ++numbers) {
    const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0 || digits > kMaxDigits) return false;
    text.remove_prefix(digits);
    if (text.empty()) return true;
    if (text.front() != '.') return false;
    text.remove_prefix(1);
  }
  return false;
}

Status read_app_version(const Json& object, std::string* out) {
  TSR_RETURN_IF_ERROR(read_text(object, "app_version", out));
  if (out->empty() || is_version(*out)) return {};
  return malformed("app_version", "must be one to four numbers with dots between, such as \"2.11.0\"");
}

std::optional<int> parse_digits(std::string_view digits) {
  int value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (failure != std::errc() || end != digits.data() + digits.size() || digits.front() == '-') return {};
  return value;
}

/// Seconds of the start of a day "YYYY-MM-DD", UTC.
std::optional<int64_t> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return {};
  const auto year = parse_digits(text.substr(0, 4));
  const auto month = parse_digits(text.substr(5, 2));
  const auto day = parse_digits(text.substr(8, 2));
  if (!year || !month || !day) return {};
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return {};
  return std::chrono::seconds(std::chrono::sys_days(date).time_since_epoch()).count();
}

Status read_build_date(const Json& object, int64_t* out) {
  const auto found = object.find("build_date");
  if (found == object.end()) return {};
  if (found->is_number()) return read_integer(object, "build_date", 0, kMaxTime, out);
  const auto date = found->is_string() ? parse_date(found->get_ref<const std::string&>()) : std::nullopt;
  if (!date) return malformed("build_date", "must be \"YYYY-MM-DD\" or seconds since 1970");
  *out = *date;
  return {};
}

Status read_license(const Json& object, LicenseConfig* out) {
  TSR_RETURN_IF_ERROR(read_product(object, &out->product));
  TSR_RETURN_IF_ERROR(read_path(object, "data_dir", &out->data_dir));
  if (out->data_dir.empty()) return malformed("data_dir", "is required");
  TSR_RETURN_IF_ERROR(read_memory_directory(object, &out->memory_dir));
  TSR_RETURN_IF_ERROR(read_text(object, "user", &out->user));
  TSR_RETURN_IF_ERROR(read_text(object, "issuer", &out->issuer));
  TSR_RETURN_IF_ERROR(read_trusted_keys(object, out));
  TSR_RETURN_IF_ERROR(read_rsa_keys(object, &out->rsa_keys));
  if (out->trusted_keys.empty() && out->rsa_keys.empty()) return malformed("trusted_keys", "is required");
  TSR_RETURN_IF_ERROR(read_text(object, "key_set", &out->key_set));
  TSR_RETURN_IF_ERROR(read_app_version(object, &out->app_version));
  TSR_RETURN_IF_ERROR(read_build_date(object, &out->build_date_s));
  TSR_RETURN_IF_ERROR(read_choice(object, "clock_policy", kPolicies, &out->deny_clock_rollback));
  TSR_RETURN_IF_ERROR(read_choice(object, "crl_policy", kPolicies, &out->deny_stale_crl));
  int64_t soon_days = kExpiresSoonDays;
  TSR_RETURN_IF_ERROR(read_integer(object, "expires_soon_days", 0, kMaxSoonDays, &soon_days));
  out->expires_soon_s = soon_days * kDayS;
  return read_choice(object, "keystore", kKeystores, &out->key_location);
}

/// The store lies in the data folder and belongs to the application's user.
Status read_store(const Json& object, const LicenseConfig& license, StoreConfig* out) {
  TSR_ASSIGN_OR_RETURN(const Json* members, json_object(object, "store"));
  if (members != nullptr) {
    TSR_ASSIGN_OR_RETURN(*out, read_app_store(*members));
  }
  out->database.path = license.data_dir + "/app.tdb";
  out->user = license.user;
  return {};
}

Result<AppConfig> read_app_members(std::string_view json) {
  TSR_ASSIGN_OR_RETURN(const Json object, parse_json(json, kLimits));
  TSR_RETURN_IF_ERROR(require_only(
      object, {"product", "data_dir", "memory_dir", "user", "issuer", "trusted_keys", "trusted_threshold",
               "key_set", "rsa_keys", "app_version", "build_date", "clock_policy", "crl_policy",
               "expires_soon_days", "keystore", "app_factors", "store"}));
  AppConfig config;
  TSR_RETURN_IF_ERROR(read_license(object, &config.license));
  TSR_RETURN_IF_ERROR(read_app_factors(object, &config.app_factors));
  TSR_RETURN_IF_ERROR(read_store(object, config.license, &config.store));
  return config;
}

Result<std::vector<hwid::AppFactor>> read_device_members(std::string_view json) {
  TSR_ASSIGN_OR_RETURN(const Json object, parse_json(json, kLimits));
  TSR_RETURN_IF_ERROR(require_only(object, {"app_factors"}));
  std::vector<hwid::AppFactor> factors;
  TSR_RETURN_IF_ERROR(read_app_factors(object, &factors));
  return factors;
}

}  // namespace

Result<AppConfig> read_app_config(std::string_view json) {
  auto config = read_app_members(json);
  if (!config.ok()) return in_configuration(config.error());
  TSR_RETURN_IF_ERROR(require_app_factors(config->app_factors));
  return config;
}

Result<std::vector<hwid::AppFactor>> read_device_config(std::string_view json) {
  if (json.empty()) return std::vector<hwid::AppFactor>();
  auto factors = read_device_members(json);
  if (!factors.ok()) return in_configuration(factors.error());
  TSR_RETURN_IF_ERROR(require_app_factors(*factors));
  return factors;
}

}  // namespace tessera
