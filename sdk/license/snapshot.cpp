#include "license/snapshot.hpp"

#include <algorithm>

#include "text/base64url.hpp"

namespace tessera {
namespace {

/// The newer of the key set compiled into the application and the stored one.
std::optional<KeySet> load_keys(const LicenseState& state, const LicenseConfig& config) {
  std::optional<KeySet> best;
  const auto consider = [&](const std::vector<std::string_view>& documents, const Roots& roots) {
    std::vector<Jws> parsed;
    for (const std::string_view document : documents) {
      auto jws = parse_jws(document);
      if (!jws) return;
      parsed.push_back(std::move(*jws));
    }
    auto set = verify_keyset(parsed, roots);
    if (set && (!best || set->seq > best->seq)) best = std::move(*set);
  };
  const Roots configured{config.trusted_keys, config.trusted_threshold};
  if (!config.key_set.empty()) {
    if (const auto documents = split_bundle(config.key_set)) consider(*documents, configured);
  }
  if (!state.keyset.empty()) {
    const std::vector<std::string_view> documents(state.keyset.begin(), state.keyset.end());
    consider(documents, configured);
    // After a rotation the stored set may be signed by the new roots only, while the old ones are configured.
    if (const Roots rotated = effective_roots(state, config); rotated != configured)
      consider(documents, rotated);
  }
  return best;
}

/// Accepted with a signature when it was imported; a list must not lose its force when its key is retired.
std::optional<RevocationList> load_crl(const LicenseState& state) {
  if (state.crl.empty()) return std::nullopt;
  const auto jws = parse_jws(state.crl);
  const auto claims = jws ? decode_claims(*jws) : Result<Json>(jws.error());
  auto list = claims ? read_crl_claims(*claims) : Result<RevocationList>(claims.error());
  return list ? std::optional(std::move(*list)) : std::nullopt;
}

void load_license(Snapshot* snapshot, const LicenseContext& context) {
  const LicenseState& state = snapshot->state;
  const std::string& token =
      !state.license.empty() ? state.license : (state.trial ? state.trial->token : state.license);
  if (token.empty()) return;
  const auto jws = parse_jws(token);
  auto license = jws ? authenticate_license(*jws, snapshot->trust(*context.config))
                     : Result<AuthenticLicense>(jws.error());
  if (!license) {
    snapshot->problem = std::move(license).error();
    return;
  }
  if (given_back(license->claims.id, *snapshot)) {
    snapshot->problem = license_error(LicenseCode::kDEACTIVATED);
    return;
  }
  if (license->origin == LicenseOrigin::kTrial) license->claims.hardware = state.trial->hardware;
  snapshot->license = std::move(*license);
  snapshot->match = match_hardware(*snapshot->license, context);
}

}  // namespace

int64_t clock_floor(const LicenseState& state, const DeviceMemory& memory, int64_t release_ms) {
  return std::max({state.signed_floor_ms, state.mark_ms, memory.floor_ms, release_ms});
}

std::string roots_fingerprint(const LicenseConfig& config) {
  Bytes all{static_cast<uint8_t>(config.trusted_threshold)};
  for (const Ed25519Public& key : config.trusted_keys) all.insert(all.end(), key.begin(), key.end());
  return base64url_encode(sha256(all));
}

Roots effective_roots(const LicenseState& state, const LicenseConfig& config) {
  if (!state.roots.keys.empty() && state.roots_base == roots_fingerprint(config)) return state.roots;
  return {config.trusted_keys, config.trusted_threshold};
}

bool notice_rollback(const DeviceMemory& memory, LicenseState* state) {
  const int64_t newest = memory.generation_of(ed25519_thumbprint(state->install_key->public_key()));
  if (newest <= state->generation) return false;
  state->generation = newest;  // so that no state in between passes for a newer one
  state->rolled_back = true;
  state->open_nonces.clear();
  state->brought_back.clear();
  return true;
}

std::optional<HardwareMatch> match_hardware(const AuthenticLicense& license, const LicenseContext& context) {
  if (!license.claims.hardware) return std::nullopt;
  const BoundHardware& bound = *license.claims.hardware;
  if (context.device != nullptr) return context.device->match(bound, context.config->product);
  // A probe that failed knows nothing; that is not another machine.
  HardwareMatch unknown;
  unknown.outcome = MatchOutcome::kUnverifiable;
  for (const BoundFactor& factor : bound.factors)
    unknown.factors.push_back({factor.kind, factor.cls, factor.weight, FactorState::kUnknown});
  return unknown;
}

bool given_back(const std::string& license_id, const Snapshot& snapshot) {
  if (snapshot.state.brought_back.contains(license_id)) return false;
  return snapshot.state.find_tombstone(license_id) != nullptr ||
         snapshot.memory.tombstones.contains(license_id);
}

Snapshot empty_snapshot(const LicenseContext& context, DeviceMemory memory, std::optional<Error> problem) {
  Snapshot snapshot;
  snapshot.memory = std::move(memory);
  snapshot.problem = std::move(problem);
  snapshot.keys = load_keys(snapshot.state, *context.config);
  snapshot.floor_ms = clock_floor(snapshot.state, snapshot.memory, context.release_ms);
  return snapshot;
}

Snapshot take_snapshot(LicenseState state, const LicenseContext& context, DeviceMemory memory) {
  Snapshot snapshot;
  snapshot.memory = std::move(memory);
  snapshot.state = std::move(state);
  snapshot.has_state = true;
  snapshot.install_key_id = ed25519_thumbprint(snapshot.state.install_key->public_key());
  snapshot.keys = load_keys(snapshot.state, *context.config);
  snapshot.floor_ms = clock_floor(snapshot.state, snapshot.memory, context.release_ms);
  snapshot.rollback_noticed = notice_rollback(snapshot.memory, &snapshot.state);

  const Trust trust = snapshot.trust(*context.config);
  snapshot.crl = load_crl(snapshot.state);
  if (!snapshot.state.lease.empty()) {
    const auto jws = parse_jws(snapshot.state.lease);
    auto lease = jws ? authenticate_lease(*jws, trust) : Result<LeaseClaims>(jws.error());
    if (lease) snapshot.lease = std::move(*lease);
  }
  load_license(&snapshot, context);
  return snapshot;
}

Verdict judge_license(const AuthenticLicense& license, const std::optional<HardwareMatch>& match,
                      const Snapshot& snapshot, const LicenseContext& context, int64_t wall_ms,
                      int64_t floor_ms) {
  LicenseFacts facts;
  facts.config = context.config;
  facts.crl = snapshot.crl ? &*snapshot.crl : nullptr;
  facts.lease = snapshot.lease ? &*snapshot.lease : nullptr;
  facts.install_key = snapshot.install_key_id;
  facts.last_sync_ms = std::max(snapshot.state.signed_floor_ms, license.claims.issued_at * 1000);
  facts.drift_since_ms = snapshot.state.drift_since_ms;
  facts.rebind_since_ms = snapshot.state.rebind_since_ms;
  facts.trial_started_ms = snapshot.state.trial ? snapshot.state.trial->started_ms : 0;
  facts.state_rolled_back = snapshot.state.rolled_back;
  facts.hardware = match;
  if (context.device != nullptr) {
    facts.environment = context.device->environment();
    facts.legacy_digest = context.device->legacy_digest();
  }
  return evaluate_license(license, facts, {wall_ms, std::max(floor_ms, license.claims.issued_at * 1000)});
}

Verdict judge(const Snapshot& snapshot, const LicenseContext& context, int64_t wall_ms, int64_t floor_ms) {
  const Now now{wall_ms, floor_ms};
  if (snapshot.license)
    return judge_license(*snapshot.license, snapshot.match, snapshot, context, wall_ms, floor_ms);
  if (snapshot.problem) return denial(license_code_of(*snapshot.problem), snapshot.problem->text, now);
  if (!snapshot.state.tombstones.empty()) return denial(LicenseCode::kDEACTIVATED, {}, now);
  return denial(LicenseCode::kNO_LICENSE, {}, now);
}

}  // namespace tessera
