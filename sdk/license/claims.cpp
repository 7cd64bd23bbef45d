#include "license/claims.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "license/claims_json.hpp"
#include "text/base64url.hpp"

namespace tessera {
namespace {

constexpr int64_t kSchemaVersion = 1;
constexpr int64_t kMaxSpan =
    100 * 366 * kDaySeconds;  // graces and intervals; far below overflow when added to a time

std::optional<FactorClass> read_class(std::string_view text) {
  if (text == "U") return FactorClass::kUnique;
  if (text == "O") return FactorClass::kOs;
  if (text == "M") return FactorClass::kModel;
  return std::nullopt;
}

std::string write_class(FactorClass cls) { return {static_cast<char>(cls)}; }

EnvironmentPolicy read_policy(ClaimReader& reader, std::string_view name) {
  const std::string text = reader.text(name, false);
  if (text == "warn") return EnvironmentPolicy::kWarn;
  if (text == "deny") return EnvironmentPolicy::kDeny;
  if (!text.empty() && text != "allow") reader.fail(name);
  return EnvironmentPolicy::kAllow;
}

std::string_view write_policy(EnvironmentPolicy policy) {
  switch (policy) {
    case EnvironmentPolicy::kWarn:
      return "warn";
    case EnvironmentPolicy::kDeny:
      return "deny";
    case EnvironmentPolicy::kAllow:
      break;
  }
  return "allow";
}

Ed25519Public read_public_key(ClaimReader& reader, std::string_view name, const Json* confirmation) {
  Ed25519Public key{};
  const Json* jwk = nullptr;
  if (confirmation != nullptr) {
    auto found = json_object(*confirmation, "jwk");
    if (found) jwk = *found;
  }
  if (jwk == nullptr) return reader.fail(name), key;
  ClaimReader members(*jwk);
  const bool is_ed25519 = members.text("kty", true) == "OKP" && members.text("crv", true) == "Ed25519";
  const auto bytes = base64url_decode(members.text("x", true));
  if (members.failed() || !is_ed25519 || !bytes || bytes->size() != key.size()) return reader.fail(name), key;
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return key;
}

Json write_public_key(const Ed25519Public& key) {
  return {{"jwk", {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", base64url_encode(key)}}}};
}

std::string read_install_thumbprint(ClaimReader& reader, std::string_view name, bool required,
                                    const Json* confirmation) {
  if (confirmation == nullptr) {
    if (required) reader.fail(name);
    return {};
  }
  ClaimReader members(*confirmation);
  std::string thumbprint = members.text("jkt", true, 64);
  if (members.failed()) reader.fail(name);
  return thumbprint;
}

/// Checks `ver` before anything else, so that a newer schema is told apart from a malformed document.
Status check_schema(const Json& claims) {
  auto version = json_integer(claims, "ver", 0, kMaxTime);
  if (!version || !*version) return license_error(LicenseCode::kCLAIM_INVALID, "member \"ver\"");
  if (**version != kSchemaVersion) return license_error(LicenseCode::kSCHEMA_UNSUPPORTED);
  return {};
}

void read_common(ClaimReader& reader, bool from_issuer, DocumentClaims* out) {
  out->issuer = reader.text("iss", from_issuer, 256);
  out->product = reader.text("aud", true, 64);
  out->issued_at = reader.integer("iat", true, 0, kMaxTime);
}

Json write_common(const DocumentClaims& claims) {
  Json out{{"ver", kSchemaVersion}, {"aud", claims.product}, {"iat", claims.issued_at}};
  if (!claims.issuer.empty()) out["iss"] = claims.issuer;
  return out;
}

void set_if(Json& out, const char* name, const std::string& value) {
  if (!value.empty()) out[name] = value;
}
void set_if(Json& out, const char* name, int64_t value) {
  if (value != 0) out[name] = value;
}

void read_plan(ClaimReader& reader, LicenseClaims* out) {
  if (const Json* plan = reader.object("lic", true)) {
    ClaimReader members(*plan);
    out->sku = members.text("sku", true, 128);
    out->edition = members.text("edition", false, 128);
    out->kind = members.text("kind", true, 16);
    out->seats = members.integer("seats", false, 0, 1'000'000'000);
    static constexpr std::array<std::string_view, 5> kKinds{"node", "floating", "site", "trial", "user"};
    if (std::find(kKinds.begin(), kKinds.end(), out->kind) == kKinds.end()) members.fail("kind");
    if (members.failed()) reader.fail(members.take().error());
  }
  if (const Json* entitlements = reader.object("ent")) {
    auto read = read_entitlements(*entitlements);
    if (read) {
      out->entitlements = std::move(*read);
    } else {
      reader.fail(std::move(read).error());
    }
  }
}

Json write_plan(const LicenseClaims& claims) {
  Json out = write_common(claims);
  Json plan{{"sku", claims.sku}, {"kind", claims.kind}};
  set_if(plan, "edition", claims.edition);
  set_if(plan, "seats", claims.seats);
  out["lic"] = std::move(plan);
  out["jti"] = claims.id;
  if (!claims.entitlements.empty()) {
    Json& all = out["ent"] = Json::object();
    for (const auto& [name, entitlement] : claims.entitlements) {
      Json& one = all[name] = Json::object();
      std::visit([&one](const auto& value) { one["v"] = value; }, entitlement.value);
      set_if(one, "exp", entitlement.expires_at_ms / 1000);
      set_if(one, "per", entitlement.per);
    }
  }
  return out;
}

}  // namespace

Result<std::map<std::string, Entitlement, std::less<>>> read_entitlements(const Json& object) {
  std::map<std::string, Entitlement, std::less<>> out;
  const auto invalid = [] { return license_error(LicenseCode::kCLAIM_INVALID, "member \"ent\""); };
  if (object.size() > kMaxEntitlements) return invalid();
  for (const auto& [name, value] : object.items()) {
    if (name.empty() || name.size() > 128 || name.find('\0') != std::string::npos || !value.is_object())
      return invalid();
    Entitlement entitlement;
    ClaimReader members(value);
    entitlement.expires_at_ms = members.integer("exp", false, 0, kMaxTime) * 1000;
    entitlement.per = members.text("per", false, 8);
    const auto payload = value.find("v");
    if (payload == value.end()) return invalid();
    if (payload->is_boolean()) {
      entitlement.value = payload->get<bool>();
    } else if (payload->is_string()) {
      entitlement.value = members.text("v", false, 1024);
    } else {
      entitlement.value = members.integer("v", true, -kMaxInteger, kMaxInteger);
    }
    const bool per_known = entitlement.per.empty() || entitlement.per == "day" ||
                           entitlement.per == "month" || entitlement.per == "total";
    const bool meters_integer = entitlement.per.empty() || std::holds_alternative<int64_t>(entitlement.value);
    if (members.failed() || !per_known || !meters_integer) return invalid();
    out.emplace(name, std::move(entitlement));
  }
  return out;
}

Json write_hardware(const BoundHardware& hardware) {
  Json factors = Json::array();
  for (const BoundFactor& factor : hardware.factors) {
    Json tags = Json::array();
    for (const std::string& tag : factor.tags) tags.push_back(base64url_encode(as_bytes(tag)));
    factors.push_back(
        {{"k", factor.kind}, {"c", write_class(factor.cls)}, {"w", factor.weight}, {"t", std::move(tags)}});
  }
  Json out{{"scheme", hardware.scheme},
           {"salt", base64url_encode(hardware.salt)},
           {"bits", 64},
           {"comps", std::move(factors)}};
  const BoundHardware defaults;
  if (hardware.ok != defaults.ok) out["ok"] = hardware.ok;
  if (hardware.drift != defaults.drift) out["drift"] = hardware.drift;
  if (hardware.ufloor != defaults.ufloor) out["ufloor"] = hardware.ufloor;
  return out;
}

Result<BoundHardware> read_hardware(const Json& value) {
  ClaimReader reader(value);
  BoundHardware out;
  out.scheme = static_cast<int>(reader.integer("scheme", true, 1, 1000));
  TSR_RETURN_IF_ERROR(reader.take());
  if (out.scheme != 1) return license_error(LicenseCode::kHW_SCHEME_UNSUPPORTED);
  const auto salt = base64url_decode(reader.text("salt", true, 128));
  if (!salt || salt->size() < 8) reader.fail("salt");
  if (salt) out.salt = *salt;
  reader.integer("bits", true, 64, 64);
  out.ok = static_cast<int>(reader.integer("ok", false, 1, 1000, out.ok));
  out.drift = static_cast<int>(reader.integer("drift", false, 1, out.ok, std::min(out.drift, out.ok)));
  out.ufloor = static_cast<int>(reader.integer("ufloor", false, 0, 1000, out.ufloor));
  const Json* factors = reader.array("comps", true);
  if (factors != nullptr && (factors->empty() || factors->size() > kMaxFactors)) reader.fail("comps");
  TSR_RETURN_IF_ERROR(reader.take());
  out.factors.reserve(factors->size());
  for (const Json& item : *factors) {
    const auto invalid = [] { return license_error(LicenseCode::kCLAIM_INVALID, "member \"comps\""); };
    if (!item.is_object()) return invalid();
    ClaimReader members(item);
    BoundFactor factor;
    factor.kind = members.text("k", true, 64);
    const auto cls = read_class(members.text("c", true, 1));
    factor.weight = static_cast<int>(members.integer("w", true, 1, 10));
    const Json* tags = members.array("t", true);
    if (members.failed() || !cls || tags->empty() || tags->size() > kMaxTagsPerKind) return invalid();
    factor.cls = *cls;
    factor.tags.reserve(tags->size());
    for (const Json& tag : *tags) {
      const auto bytes = tag.is_string() ? base64url_decode(tag.get_ref<const std::string&>()) : std::nullopt;
      if (!bytes || (bytes->size() != 8 && bytes->size() != 2)) return invalid();
      factor.tags.emplace_back(as_text(*bytes));
    }
    const bool repeated =
        std::any_of(out.factors.begin(), out.factors.end(),
                    [&factor](const BoundFactor& other) { return other.kind == factor.kind; });
    if (repeated) return invalid();
    out.factors.push_back(std::move(factor));
  }
  return out;
}

Result<LicenseClaims> read_license_claims(const Json& claims) {
  TSR_RETURN_IF_ERROR(check_schema(claims));
  LicenseClaims out;
  ClaimReader reader(claims);
  read_common(reader, /*from_issuer=*/true, &out);
  out.id = reader.text("jti", true, 128);
  out.subject = reader.text("sub", true, 256);
  out.not_before = reader.integer("nbf", true, 0, kMaxTime);
  out.expires_at = reader.integer("exp", false, 1, kMaxTime);
  if (out.expires_at != 0 && out.expires_at <= out.not_before) reader.fail("exp");
  read_plan(reader, &out);
  out.maintenance_until = reader.integer("maint", false, 0, kMaxTime);
  out.version_min = reader.text("vmin", false, 64);
  out.version_max = reader.text("vmax", false, 64);
  if (!out.version_min.empty() && !is_version(out.version_min)) reader.fail("vmin");
  if (!out.version_max.empty() && !is_version(out.version_max)) reader.fail("vmax");
  if (const Json* hardware = reader.object("hw")) {
    auto read = read_hardware(*hardware);
    if (!read) return std::move(read).error();
    out.hardware = std::move(*read);
    ClaimReader members(*hardware);
    out.allow_weak = members.boolean("weak", false);
    if (members.failed()) reader.fail("hw");
  }
  out.install_key = read_install_thumbprint(reader, "cnf", false, reader.object("cnf"));
  if (const Json* grace = reader.object("grace")) {
    ClaimReader members(*grace);
    out.grace_expiry = members.integer("exp", false, 0, kMaxSpan, out.grace_expiry);
    out.grace_sync = members.integer("sync", false, 0, kMaxSpan, out.grace_sync);
    out.grace_hardware = members.integer("hw", false, 0, kMaxSpan, out.grace_hardware);
    if (members.failed()) reader.fail("grace");
  }
  if (const Json* sync = reader.object("sync")) {
    ClaimReader members(*sync);
    out.sync_every = members.integer("every", true, 1, kMaxSpan);
    out.sync_max = members.integer("max", false, out.sync_every, kMaxSpan);
    if (members.failed()) reader.fail("sync");
  }
  if (const Json* environment = reader.object("env")) {
    ClaimReader members(*environment);
    out.vm = read_policy(members, "vm");
    out.container = read_policy(members, "container");
    if (members.failed()) reader.fail("env");
  }
  out.epoch = reader.integer("epoch", false, 0, kMaxTime);
  out.nonce = reader.text("nonce", false, 64);
  out.import_by = reader.integer("rexp", false, 0, kMaxTime);
  TSR_RETURN_IF_ERROR(reader.take());
  return out;
}

Json write_claims(const LicenseClaims& claims) {
  Json out = write_plan(claims);
  out["sub"] = claims.subject;
  out["nbf"] = claims.not_before;
  set_if(out, "exp", claims.expires_at);
  set_if(out, "maint", claims.maintenance_until);
  set_if(out, "vmin", claims.version_min);
  set_if(out, "vmax", claims.version_max);
  if (claims.hardware) {
    out["hw"] = write_hardware(*claims.hardware);
    if (claims.allow_weak) out["hw"]["weak"] = true;
  }
  if (!claims.install_key.empty()) out["cnf"] = {{"jkt", claims.install_key}};
  const LicenseClaims defaults;
  Json grace;
  if (claims.grace_expiry != defaults.grace_expiry) grace["exp"] = claims.grace_expiry;
  if (claims.grace_sync != defaults.grace_sync) grace["sync"] = claims.grace_sync;
  if (claims.grace_hardware != defaults.grace_hardware) grace["hw"] = claims.grace_hardware;
  if (!grace.is_null()) out["grace"] = std::move(grace);
  if (claims.sync_every != 0) {
    Json& sync = out["sync"] = {{"every", claims.sync_every}};
    set_if(sync, "max", claims.sync_max);
  }
  if (claims.vm != EnvironmentPolicy::kAllow || claims.container != EnvironmentPolicy::kAllow)
    out["env"] = {{"vm", write_policy(claims.vm)}, {"container", write_policy(claims.container)}};
  set_if(out, "epoch", claims.epoch);
  set_if(out, "nonce", claims.nonce);
  set_if(out, "rexp", claims.import_by);
  return out;
}

Result<LicenseClaims> read_trial_claims(const Json& claims) {
  TSR_RETURN_IF_ERROR(check_schema(claims));
  LicenseClaims out;
  ClaimReader reader(claims);
  read_common(reader, /*from_issuer=*/true, &out);
  out.id = reader.text("jti", true, 128);
  out.trial_days = reader.integer("days", true, 1, 3660);
  out.allow_weak = reader.boolean("weak", false);
  read_plan(reader, &out);
  if (out.kind != "trial") reader.fail("lic");
  TSR_RETURN_IF_ERROR(reader.take());
  return out;
}

Json write_trial_claims(const LicenseClaims& claims) {
  Json out = write_plan(claims);
  out["days"] = claims.trial_days;
  if (claims.allow_weak) out["weak"] = true;
  return out;
}

Result<LeaseClaims> read_lease_claims(const Json& claims) {
  TSR_RETURN_IF_ERROR(check_schema(claims));
  LeaseClaims out;
  ClaimReader reader(claims);
  read_common(reader, /*from_issuer=*/true, &out);
  out.license_id = reader.text("jti", true, 128);
  out.expires_at = reader.integer("exp", true, 1, kMaxTime);
  out.install_key = read_install_thumbprint(reader, "cnf", true, reader.object("cnf", true));
  out.nonce = reader.text("nonce", true, 64);
  TSR_RETURN_IF_ERROR(reader.take());
  return out;
}

Json write_claims(const LeaseClaims& claims) {
  Json out = write_common(claims);
  out["jti"] = claims.license_id;
  out["exp"] = claims.expires_at;
  out["cnf"] = {{"jkt", claims.install_key}};
  out["nonce"] = claims.nonce;
  return out;
}

Result<TimeClaims> read_time_claims(const Json& claims) {
  TSR_RETURN_IF_ERROR(check_schema(claims));
  TimeClaims out;
  ClaimReader reader(claims);
  read_common(reader, /*from_issuer=*/true, &out);
  out.nonce = reader.text("nonce", true, 64);
  TSR_RETURN_IF_ERROR(reader.take());
  return out;
}

Json write_claims(const TimeClaims& claims) {
  Json out = write_common(claims);
  out["nonce"] = claims.nonce;
  return out;
}

Result<RequestClaims> read_request_claims(const Json& claims) {
  TSR_RETURN_IF_ERROR(check_schema(claims));
  RequestClaims out;
  ClaimReader reader(claims);
  read_common(reader, /*from_issuer=*/false, &out);
  out.nonce = reader.text("nonce", true, 64);
  out.license_key = reader.text("key", false, 64);
  out.note = reader.text("note", false, 256);
  out.renews = reader.text("renews", false, 128);
  out.sdk = reader.text("sdk", true, 32);
  out.install_key = read_public_key(reader, "cnf", reader.object("cnf", true));
  if (const Json* environment = reader.object("env")) {
    ClaimReader members(*environment);
    out.environment.vm = members.text("vm", false, 32);
    out.environment.container = members.text("container", false, 32);
    if (members.failed()) reader.fail("env");
  }
  const Json* hardware = reader.object("hw", true);
  TSR_RETURN_IF_ERROR(reader.take());
  TSR_ASSIGN_OR_RETURN(out.hardware, read_hardware(*hardware));
  return out;
}

Json write_claims(const RequestClaims& claims) {
  Json out = write_common(claims);
  out["nonce"] = claims.nonce;
  set_if(out, "key", claims.license_key);
  set_if(out, "note", claims.note);
  set_if(out, "renews", claims.renews);
  out["sdk"] = claims.sdk;
  out["cnf"] = write_public_key(claims.install_key);
  out["hw"] = write_hardware(claims.hardware);
  out["env"] = {{"vm", claims.environment.vm}, {"container", claims.environment.container}};
  return out;
}

Result<DeactivationClaims> read_deactivation_claims(const Json& claims) {
  TSR_RETURN_IF_ERROR(check_schema(claims));
  DeactivationClaims out;
  ClaimReader reader(claims);
  read_common(reader, /*from_issuer=*/false, &out);
  out.license_id = reader.text("jti", true, 128);
  out.install_key = read_public_key(reader, "cnf", reader.object("cnf", true));
  TSR_RETURN_IF_ERROR(reader.take());
  return out;
}

Json write_claims(const DeactivationClaims& claims) {
  Json out = write_common(claims);
  out["jti"] = claims.license_id;
  out["cnf"] = write_public_key(claims.install_key);
  return out;
}

namespace {

/// Up to four numbers; false when `text` is no version.
bool split_version(std::string_view text, std::array<uint32_t, 4>* out) {
  out->fill(0);
  for (size_t part = 0; part < out->size(); ++part) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), (*out)[part]);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    if (text.empty()) return true;
    if (text.front() != '.') return false;
    text.remove_prefix(1);
  }
  return false;
}

}  // namespace

bool is_version(std::string_view text) {
  std::array<uint32_t, 4> parts{};
  return split_version(text, &parts);
}

int compare_versions(std::string_view a, std::string_view b) {
  std::array<uint32_t, 4> left{}, right{};
  split_version(a, &left);
  split_version(b, &right);
  return left < right ? -1 : (left == right ? 0 : 1);
}

}  // namespace tessera
