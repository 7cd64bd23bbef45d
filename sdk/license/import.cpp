#include "license/import.hpp"

#include <algorithm>

namespace tessera {
namespace {

/// A bundle's documents by what they are. Views into the bundle.
struct Documents {
  std::vector<std::vector<Jws>> keysets;  // each with the same content under several signatures
  std::vector<Jws> crls, times, leases;
  std::vector<Jws> licenses;  // Tessera's and RS256
};

Result<Documents> sort_documents(std::string_view bundle) {
  TSR_ASSIGN_OR_RETURN(const auto lines, split_bundle(bundle));
  Documents out;
  for (const std::string_view line : lines) {
    TSR_ASSIGN_OR_RETURN(Jws jws, parse_jws(line));
    if (jws.has_type(DocumentType::kKeySet)) {
      const auto same = std::find_if(
          out.keysets.begin(), out.keysets.end(),
          [&jws](const std::vector<Jws>& group) { return group.front().payload == jws.payload; });
      if (same != out.keysets.end()) {
        same->push_back(std::move(jws));
      } else {
        out.keysets.push_back({std::move(jws)});
      }
    } else if (jws.has_type(DocumentType::kCrl)) {
      out.crls.push_back(std::move(jws));
    } else if (jws.has_type(DocumentType::kTime)) {
      out.times.push_back(std::move(jws));
    } else if (jws.has_type(DocumentType::kLease)) {
      out.leases.push_back(std::move(jws));
    } else {
      out.licenses.push_back(std::move(jws));
    }
  }
  if (out.licenses.size() > 1)
    return license_error(LicenseCode::kTOKEN_MALFORMED, "more than one licence in the file");
  return out;
}

/// The text a document was parsed from: the signing input is followed by a dot and the signature.
std::string whole_token(const Jws& jws, std::string_view bundle) {
  const size_t start = static_cast<size_t>(jws.signing_input.data() - bundle.data());
  const size_t end = bundle.find_first_of(" \t\r\n", start);
  return std::string(bundle.substr(start, end == std::string_view::npos ? end : end - start));
}

/// Roots that `set` names replace the ones in force.
void adopt_roots(const KeySet& set, const LicenseConfig& config, LicenseState* state) {
  if (set.next_roots.keys.empty()) return;
  state->roots = set.next_roots;
  state->roots_base = roots_fingerprint(config);
}

/// A key set that may follow `current`.
Result<KeySet> accept_keyset(const std::vector<Jws>& group, const LicenseState& state,
                             const LicenseConfig& config, const std::optional<KeySet>& current) {
  TSR_ASSIGN_OR_RETURN(KeySet set, verify_keyset(group, effective_roots(state, config)));
  if (!config.issuer.empty() && set.issuer != config.issuer) return license_error(LicenseCode::kWRONG_ISSUER);
  if (!set.product.empty() && set.product != config.product)
    return license_error(LicenseCode::kWRONG_PRODUCT);
  if (current && set.seq < current->seq) return license_error(LicenseCode::kKEYSET_ROLLBACK);
  if (current && set.seq == current->seq && write_claims(set) != write_claims(*current))
    return license_error(LicenseCode::kKEYSET_ROLLBACK, "another key set has the same number");
  return set;
}

/// A revocation list that may follow `current`.
Result<RevocationList> accept_crl(const Jws& jws, const Trust& trust,
                                  const std::optional<RevocationList>& current) {
  TSR_ASSIGN_OR_RETURN(RevocationList list, authenticate_crl(jws, trust));
  if (current && list.seq < current->seq) return license_error(LicenseCode::kCRL_ROLLBACK);
  if (current && list.seq == current->seq && write_claims(list) != write_claims(*current))
    return license_error(LicenseCode::kCRL_ROLLBACK, "another list has the same number");
  return list;
}

// An answer older than this proves nothing about the present.
constexpr int64_t kFreshNonceMs = 3 * kDaySeconds * 1000;

class Importer {
 public:
  Importer(std::string_view bundle, const LicenseContext& context, DeviceMemory memory, int64_t wall_ms,
           LicenseState* state)
      : bundle_(bundle), context_(context), memory_(std::move(memory)), wall_ms_(wall_ms), state_(state) {}

  Result<ImportResult> run() {
    TSR_ASSIGN_OR_RETURN(const Documents documents, sort_documents(bundle_));
    for (const auto& group : documents.keysets) TSR_RETURN_IF_ERROR(import_keyset(group));
    for (const Jws& jws : documents.crls) TSR_RETURN_IF_ERROR(import_crl(jws));
    for (const Jws& jws : documents.times) TSR_RETURN_IF_ERROR(import_time(jws));
    for (const Jws& jws : documents.licenses) TSR_RETURN_IF_ERROR(import_license(jws));
    for (const Jws& jws : documents.leases) TSR_RETURN_IF_ERROR(import_lease(jws));
    result_.memory_floor_ms = memory_.floor_ms;
    return result_;
  }

 private:
  Snapshot snapshot() const { return take_snapshot(*state_, context_, memory_); }
  void saw_signed_time(int64_t seconds) {
    state_->signed_floor_ms = std::max(state_->signed_floor_ms, seconds * 1000);
  }
  /// The latest time that anything here has seen.
  int64_t now_ms() const { return std::max(wall_ms_, clock_floor(*state_, memory_, context_.release_ms)); }

  /// True for a request that may still be answered. The documents of one file may answer one together.
  bool is_open(std::string_view nonce) const {
    return std::find(answered_.begin(), answered_.end(), nonce) != answered_.end() ||
           state_->find_open_nonce(nonce, now_ms()) != nullptr;
  }

  /// Spends the nonce that a document answers. A fresh answer proves the time: where the system clock, too,
  /// is behind what this machine took the time to be, that comes down to the newest signed time. Answers to
  /// the other open requests are void then, or a hoard of old ones would turn the time back again and again.
  Status answer(std::string_view nonce, int64_t issued_at) {
    if (!is_open(nonce)) return license_error(LicenseCode::kREQ_NONCE_MISMATCH);
    const OpenNonce* open = state_->find_open_nonce(nonce, now_ms());
    if (open == nullptr) {  // spent by another document of the bundle
      saw_signed_time(issued_at);
      return {};
    }
    const bool is_fresh = now_ms() - open->made_ms <= kFreshNonceMs;
    const bool is_behind = wall_ms_ < now_ms() - kClockToleranceMs;
    state_->spend_nonce(nonce);
    answered_.emplace_back(nonce);
    saw_signed_time(issued_at);
    state_->rolled_back = false;  // this request was made, and seen by the vendor, since that was noticed
    if (!is_fresh) return {};
    ++state_->proofs;
    result_.time_proven = true;
    const int64_t proven_ms = state_->signed_floor_ms;
    if (!is_behind || proven_ms >= now_ms()) return {};
    state_->open_nonces.clear();
    state_->mark_ms = std::min(state_->mark_ms, proven_ms);
    memory_.floor_ms = std::min(memory_.floor_ms, proven_ms);
    return {};
  }

  Status import_keyset(const std::vector<Jws>& group) {
    const LicenseConfig& config = *context_.config;
    TSR_ASSIGN_OR_RETURN(const KeySet set, accept_keyset(group, *state_, config, snapshot().keys));
    state_->keyset.clear();
    for (const Jws& jws : group) state_->keyset.push_back(whole_token(jws, bundle_));
    adopt_roots(set, config, state_);
    saw_signed_time(set.issued_at);
    return {};
  }

  Status import_crl(const Jws& jws) {
    const Snapshot before = snapshot();
    TSR_ASSIGN_OR_RETURN(const RevocationList list,
                         accept_crl(jws, before.trust(*context_.config), before.crl));
    state_->crl = whole_token(jws, bundle_);
    saw_signed_time(list.issued_at);
    return {};
  }

  Status import_time(const Jws& jws) {
    TSR_ASSIGN_OR_RETURN(const TimeClaims time, authenticate_time(jws, snapshot().trust(*context_.config)));
    return answer(time.nonce, time.issued_at);
  }

  Status import_license(const Jws& jws) {
    const Snapshot before = snapshot();
    TSR_ASSIGN_OR_RETURN(const AuthenticLicense license,
                         authenticate_license(jws, before.trust(*context_.config)));
    const LicenseClaims& claims = license.claims;
    if (license.origin == LicenseOrigin::kTrial)
      return license_error(LicenseCode::kTOKEN_TYPE, "a trial is started, not imported");
    const bool answers_request = !claims.nonce.empty() && is_open(claims.nonce);
    // Requests from before the deactivation are void, so this one asked to have the licence back.
    if (given_back(claims.id, before)) {
      if (!answers_request) return license_error(LicenseCode::kDEACTIVATED);
      state_->bring_back(claims.id);
    }
    if (answers_request) TSR_RETURN_IF_ERROR(answer(claims.nonce, claims.issued_at));
    saw_signed_time(claims.issued_at);
    if (!claims.nonce.empty() && !answers_request) TSR_RETURN_IF_ERROR(allow_rebind(claims));

    // A licence that is installed already keeps the grace it has used up.
    if (answers_request || !is_installed(claims.id)) state_->drift_since_ms = 0;
    const auto first_rebind = memory_.rebinds.find(claims.id);
    state_->rebind_since_ms =
        first_rebind == memory_.rebinds.end() ? 0 : std::min(first_rebind->second, now_ms());
    const Snapshot after = snapshot();
    const auto match = match_hardware(license, context_);
    const Verdict verdict = judge_license(license, match, after, context_, wall_ms_, after.floor_ms);
    TSR_RETURN_IF_ERROR(check_usable(verdict));
    const bool is_foreign_binding = !claims.legacy_hwid.empty();
    if ((match && nothing_readable(*match)) || (is_foreign_binding && context_.device == nullptr))
      return license_error(LicenseCode::kHW_NO_COMPONENTS);
    if (answers_request && claims.import_by != 0 && verdict.effective_time_ms > claims.import_by * 1000)
      return license_error(LicenseCode::kRESPONSE_EXPIRED);

    const bool is_rebind = !claims.install_key.empty() && claims.install_key != after.install_key_id;
    if (!is_rebind) {
      state_->rebind_since_ms = 0;
    } else if (state_->rebind_since_ms == 0) {
      state_->rebind_since_ms = verdict.effective_time_ms;
    }
    const bool drifts = match && match->outcome != MatchOutcome::kOk;
    if (drifts && state_->drift_since_ms == 0) state_->drift_since_ms = verdict.effective_time_ms;
    if (!claims.nonce.empty() && !answers_request) state_->spend_nonce(claims.nonce);
    state_->license = whole_token(jws, bundle_);
    return {};
  }

  /// A licence whose request this installation didn't make: only after the installation key was lost
  /// (decision 11). Whether the hardware fits is judged with everything else.
  Status allow_rebind(const LicenseClaims& claims) const {
    const bool ours = claims.install_key == ed25519_thumbprint(state_->install_key->public_key());
    if (claims.install_key.empty() || ours || state_->has_spent_nonce(claims.nonce) ||
        is_installed(claims.id))
      return license_error(LicenseCode::kREQ_NONCE_MISMATCH);
    return {};
  }

  bool is_installed(const std::string& id) const {
    const Snapshot now = snapshot();
    return now.license && now.license->claims.id == id;
  }

  /// The first reason against a licence, save for a lease, which follows the licence.
  static Status check_usable(const Verdict& verdict) {
    for (const Reason& reason : verdict.reasons) {
      if (reason.denies && reason.code != LicenseCode::kLEASE_EXPIRED)
        return license_error(reason.code, reason.text);
    }
    return {};
  }

  Status import_lease(const Jws& jws) {
    const Snapshot before = snapshot();
    TSR_ASSIGN_OR_RETURN(const LeaseClaims lease, authenticate_lease(jws, before.trust(*context_.config)));
    if (!before.license || before.license->claims.id != lease.license_id)
      return license_error(LicenseCode::kACTIVATION_NOT_FOUND, "the lease is of another licence");
    if (lease.install_key != before.install_key_id) return license_error(LicenseCode::kINSTALL_KEY_MISMATCH);
    TSR_RETURN_IF_ERROR(answer(lease.nonce, lease.issued_at));
    state_->lease = whole_token(jws, bundle_);
    return {};
  }

  const std::string_view bundle_;
  const LicenseContext& context_;
  DeviceMemory memory_;
  const int64_t wall_ms_;
  LicenseState* state_;
  std::vector<std::string> answered_;  // nonces, by earlier documents of the bundle
  ImportResult result_;
};

}  // namespace

Result<ImportResult> import_documents(std::string_view bundle, const LicenseContext& context,
                                      const DeviceMemory& memory, int64_t wall_ms, LicenseState* state) {
  return Importer(bundle, context, memory, wall_ms, state).run();
}

Result<Verdict> judge_bundle(std::string_view bundle, const LicenseContext& context, const Snapshot& snapshot,
                             const Now& now) {
  TSR_ASSIGN_OR_RETURN(const Documents documents, sort_documents(bundle));
  if (documents.licenses.empty()) return license_error(LicenseCode::kTOKEN_TYPE, "the file holds no licence");
  const LicenseConfig& config = *context.config;
  std::optional<Snapshot> changed;
  const Snapshot* used = &snapshot;
  if (!documents.keysets.empty() || !documents.crls.empty() || !documents.leases.empty()) {
    Snapshot& view = changed.emplace(snapshot);
    used = &view;
    for (const auto& group : documents.keysets) {
      TSR_ASSIGN_OR_RETURN(view.keys, accept_keyset(group, view.state, config, view.keys));
      adopt_roots(*view.keys, config, &view.state);
    }
    for (const Jws& jws : documents.crls) {
      TSR_ASSIGN_OR_RETURN(view.crl, accept_crl(jws, view.trust(config), view.crl));
    }
    for (const Jws& jws : documents.leases) {
      TSR_ASSIGN_OR_RETURN(view.lease, authenticate_lease(jws, view.trust(config)));
    }
  }
  TSR_ASSIGN_OR_RETURN(AuthenticLicense license,
                       authenticate_license(documents.licenses.front(), used->trust(config)));
  if (license.origin == LicenseOrigin::kTrial)
    return license_error(LicenseCode::kTOKEN_TYPE, "a trial is started, not verified");
  const bool may_come_back =
      snapshot.state.find_open_nonce(license.claims.nonce, now.effective_ms()) != nullptr;
  if (given_back(license.claims.id, *used) && !may_come_back) return license_error(LicenseCode::kDEACTIVATED);
  return judge_license(license, match_hardware(license, context), *used, context, now.wall_ms, now.floor_ms);
}

}  // namespace tessera
