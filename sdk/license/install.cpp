#include "license/install.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include "license/license_key.hpp"
#include "text/base64url.hpp"
#include "text/utf8.hpp"

namespace tessera {
namespace {

constexpr size_t kNonceBytes = 16;
constexpr size_t kSaltBytes = 16;
constexpr size_t kMaxOpenNonces = 32;

void open_nonce(std::string nonce, int64_t now_ms, LicenseState* state) {
  auto& nonces = state->open_nonces;
  std::erase_if(nonces, [now_ms](const OpenNonce& one) { return one.made_ms + kNonceLifeMs < now_ms; });
  if (nonces.size() == kMaxOpenNonces) nonces.erase(nonces.begin());
  nonces.push_back({std::move(nonce), now_ms});
}

/// With a licence key the salt is the same on every request, so that the issuer recognises a returning
/// machine; tags under different keys can't be linked.
Result<Bytes> request_salt(const std::string& license_key, const std::string& product,
                           const LicenseState& state) {
  if (license_key.empty()) return state.salt;
  return hkdf_sha256({}, as_bytes(license_key), as_bytes("tessera/hwid-salt/1" + product), kSaltBytes);
}

/// The period of a day or month that contains `time_ms`.
std::string meter_period(std::string_view scope, int64_t time_ms) {
  const std::time_t seconds = static_cast<std::time_t>(time_ms / 1000);
  std::tm parts{};
  std::array<char, 32> out{};
  if (gmtime_r(&seconds, &parts) == nullptr) return {};  // no clock goes that far
  const size_t length = std::strftime(out.data(), out.size(), scope == "day" ? "%Y-%m-%d" : "%Y-%m", &parts);
  return std::string(out.data(), length);
}

}  // namespace

LicenseState new_installation(Random& random) {
  LicenseState state;
  state.install_key = std::make_shared<const Ed25519Key>(Ed25519Key::generate(random));
  state.salt = random_bytes(random, kSaltBytes);
  return state;
}

Result<std::string> make_request(const ActivationRequestOptions& options, const Snapshot& snapshot,
                                 const LicenseContext& context, int64_t now_ms, Random& random,
                                 LicenseState* state) {
  RequestClaims claims;
  if (!options.license_key.empty()) {
    TSR_ASSIGN_OR_RETURN(claims.license_key, license_key_canonical(options.license_key));
  }
  if (options.note.size() > 256 || options.note.find('\0') != std::string::npos || !is_utf8(options.note))
    return Error{ErrorCode::kARG, "license", "the note of a request is text of at most 256 bytes", {}};
  TSR_ASSIGN_OR_RETURN(const Bytes salt, request_salt(claims.license_key, context.config->product, *state));
  if (context.device == nullptr) return license_error(LicenseCode::kHW_NO_COMPONENTS);
  claims.hardware = context.device->bind(context.config->product, salt);
  if (claims.hardware.factors.empty()) return license_error(LicenseCode::kHW_NO_COMPONENTS);
  claims.environment = context.device->environment();
  claims.product = context.config->product;
  claims.issued_at = now_ms / 1000;
  claims.nonce = base64url_encode(random_bytes(random, kNonceBytes));
  claims.note = options.note;
  if (snapshot.license && snapshot.license->origin == LicenseOrigin::kTessera)
    claims.renews = snapshot.license->claims.id;
  claims.sdk = TESSERA_VERSION_TEXT;
  claims.install_key = state->install_key->public_key();
  open_nonce(claims.nonce, now_ms, state);
  return sign_jws(DocumentType::kRequest, write_claims(claims), *state->install_key);
}

Result<std::string> make_deactivation(const Snapshot& snapshot, const LicenseContext& context, int64_t now_ms,
                                      LicenseState* state) {
  if (!snapshot.license || snapshot.license->origin != LicenseOrigin::kTessera) {
    if (state->license.empty() && !state->tombstones.empty()) return state->tombstones.back().proof;
    return license_error(LicenseCode::kNO_LICENSE);
  }
  DeactivationClaims claims;
  claims.product = context.config->product;
  claims.issued_at = now_ms / 1000;
  claims.license_id = snapshot.license->claims.id;
  claims.install_key = state->install_key->public_key();
  const std::string proof = sign_jws(DocumentType::kDeactivation, write_claims(claims), *state->install_key);
  state->give_back({claims.license_id, proof});
  return proof;
}

Status start_trial(std::string_view token, const Snapshot& snapshot, const LicenseContext& context,
                   const DeviceMemory& memory, int64_t now_ms, LicenseState* state) {
  TSR_ASSIGN_OR_RETURN(const Jws jws, parse_jws(token));
  TSR_ASSIGN_OR_RETURN(AuthenticLicense trial, authenticate_license(jws, snapshot.trust(*context.config)));
  if (trial.origin != LicenseOrigin::kTrial) return license_error(LicenseCode::kTOKEN_TYPE, "not a trial");
  const std::string& id = trial.claims.id;
  if (state->trial && state->trial->id == id && snapshot.license && snapshot.license->claims.id == id &&
      judge(snapshot, context, now_ms).usable())
    return {};
  if (state->trial || memory.trials.contains(id)) return license_error(LicenseCode::kTRIAL_USED);
  if (context.device == nullptr) return license_error(LicenseCode::kHW_NO_COMPONENTS);
  BoundHardware bound = context.device->bind(context.config->product, state->salt);
  if (bound.factors.empty()) return license_error(LicenseCode::kHW_NO_COMPONENTS);
  if (strength_of(bound.factors) <= Strength::kWeak && !trial.claims.allow_weak)
    return license_error(LicenseCode::kHW_TOO_WEAK);
  state->signed_floor_ms = std::max(state->signed_floor_ms, trial.claims.issued_at * 1000);
  const int64_t started_ms = std::max(now_ms, state->signed_floor_ms);
  state->trial = TrialRecord{id, std::string(token), started_ms, std::move(bound)};
  if (!state->license.empty()) return {};
  const Verdict verdict = judge(take_snapshot(*state, context, memory), context, now_ms);
  return verdict.usable() ? Status() : Status(refusal(verdict));
}

Result<MeterReading> add_to_meter(std::string_view name, int64_t amount, const Verdict& verdict,
                                  LicenseState* state) {
  if (!verdict.usable()) return license_error(verdict.code);
  const Entitlement* entitlement = verdict.usable_entitlement(name);
  const int64_t* limit = entitlement == nullptr ? nullptr : std::get_if<int64_t>(&entitlement->value);
  if (limit == nullptr || entitlement->per.empty()) return license_error(LicenseCode::kMETER_UNKNOWN);
  const bool is_total = entitlement->per == "total";
  const MeterKey key{std::string(name), is_total ? "total:" + verdict.license_id : entitlement->per};
  const int64_t time_ms = std::min(verdict.effective_time_ms, verdict.clock_floor_ms + kMarkStepMs);
  std::string period = is_total ? std::string() : meter_period(key.scope, time_ms);
  int64_t used = 0;
  if (const auto found = state->meters.find(key); found != state->meters.end()) {
    // A clock that swings forward and back must not open a fresh period each time: the latest one stays.
    period = std::max(period, found->second.period);
    if (found->second.period == period) used = found->second.used;
  }
  if (amount == 0) return MeterReading{used, *limit};
  if (amount > *limit - used) return license_error(LicenseCode::kMETER_LIMIT);
  state->meters[key] = {std::move(period), used + amount};
  return MeterReading{used + amount, *limit};
}

void pull_back_meters(int64_t now_ms, LicenseState* state) {
  for (auto& [key, use] : state->meters) {
    if (!use.period.empty()) use.period = std::min(use.period, meter_period(key.scope, now_ms));
  }
}

}  // namespace tessera
