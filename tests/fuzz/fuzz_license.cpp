// Licences, trials, RS256 tokens, leases and times: text that nobody signed, and hostile claims that are
// signed. The form of an input is that of document_of().
#include "license/authenticate.hpp"
#include "license/inspect.hpp"
#include "license/install.hpp"
#include "same_claims.hpp"
#include "verdict_course.hpp"

namespace {

using namespace tessera;
using namespace tessera::fuzz;

/// Of an installation that has noted since when its hardware and its key differ, as the service does at once.
const Snapshot& snapshot() {
  static const Snapshot it = [] {
    LicenseState state = world().state;
    state.drift_since_ms = state.rebind_since_ms = kNowMs;
    return take_snapshot(state, world().context(), {});
  }();
  return it;
}

/// Nothing that nobody signed has any effect.
void refuse(std::string_view text) {
  const LicenseContext context = world().context();
  require(!judge_bundle(text, context, snapshot(), {kNowMs, snapshot().floor_ms}).ok());
  LicenseState state = world().state;
  require(!import_documents(text, context, {}, kNowMs, &state).ok());
  require(!start_trial(text, snapshot(), context, {}, kNowMs, &state).ok());
  if (const auto shown = inspect_documents(text); shown) require(Json::accept(*shown));
}

/// The signature of another key, and one byte changed below the right one.
void refuse_forgeries(const std::string& token) {
  const Trust trust = snapshot().trust(world().config);
  const size_t second = token.rfind('.');
  static const Ed25519Key stranger = key_of(99);
  const std::string input = token.substr(0, second);
  const std::string forged = input + "." + base64url_encode(stranger.sign(as_bytes(input)));
  std::string changed = token;
  changed[second - 1] = changed[second - 1] == 'A' ? 'B' : 'A';
  for (const std::string& text : {forged, changed}) {
    const auto jws = parse_jws(text);
    require(!jws || !authenticate_license(*jws, trust));
  }
}

/// Three installations that the same licence meets, each from the present and from the licence's start on.
void judge_everywhere(const AuthenticLicense& license) {
  const LicenseContext here = world().context();
  LicenseContext unreadable = here;
  unreadable.device = nullptr;
  static const LicenseConfig strict = [] {
    LicenseConfig config = world().config;
    config.deny_clock_rollback = config.deny_stale_crl = true;
    return config;
  }();
  LicenseContext elsewhere = here;
  elsewhere.config = &strict;

  static const Snapshot settled = [] {
    Snapshot it = snapshot();
    it.state.drift_since_ms = it.state.rebind_since_ms = kNowMs - 2 * kDaySeconds * 1000;
    it.state.trial = TrialRecord{"T1", {}, kNowMs - 3 * kDaySeconds * 1000, {}};
    it.crl.emplace();
    it.crl->next_update = kNow + 20 * kDaySeconds;
    it.crl->suspended = {"suspended"};
    it.crl->min_epoch = 2;
    it.lease.emplace();
    it.lease->license_id = "L1";
    it.lease->install_key = it.install_key_id;
    it.lease->expires_at = kNow + kDaySeconds;
    return it;
  }();

  struct Place {
    const LicenseContext& context;
    const Snapshot& snapshot;
  };
  for (const Place& place : {Place{here, snapshot()}, {unreadable, snapshot()}, {elsewhere, settled}}) {
    const auto match = match_hardware(license, place.context);
    const auto verdict_at = [&](int64_t wall_ms) {
      return judge_license(license, match, place.snapshot, place.context, wall_ms, place.snapshot.floor_ms);
    };
    follow(verdict_at, kNowMs);
    follow(verdict_at, std::max(kNowMs, license.claims.not_before * 1000));
    require_sound(verdict_at(-1));
  }
}

void check_license(const std::string& token) {
  refuse_forgeries(token);
  const LicenseContext context = world().context();
  const Now now{kNowMs, snapshot().floor_ms};
  const auto judged = judge_bundle(token, context, snapshot(), now);
  const auto jws = parse_jws(token);
  const auto license = jws ? authenticate_license(*jws, snapshot().trust(world().config))
                           : Result<AuthenticLicense>(jws.error());
  if (!license) {
    require(!judged.ok() && license_code_of(judged.error()) == license_code_of(license.error()));
    return;
  }
  const LicenseClaims& claims = license->claims;
  require(claims.product == kProduct && !claims.id.empty());
  require(judged.ok() == (license->origin != LicenseOrigin::kTrial));
  switch (license->origin) {
    case LicenseOrigin::kTessera:
      require_comes_back<LicenseClaims>(claims, write_claims, read_license_claims);
      break;
    case LicenseOrigin::kTrial:
      require_comes_back<LicenseClaims>(claims, write_trial_claims, read_trial_claims);
      break;
    case LicenseOrigin::kRs256:
      require(claims.issuer == "tiktrend" && !claims.legacy_hwid.empty() && claims.expires_at != 0);
      break;
  }
  judge_everywhere(*license);
}

template <class Claims>
void check_reader(const std::string& token, Result<Claims> (*authenticate)(const Jws&, const Trust&),
                  Result<Claims> (*read)(const Json&)) {
  const auto jws = parse_jws(token);
  if (!jws) return;
  const Trust trust = snapshot().trust(world().config);
  if (const auto claims = authenticate(*jws, trust); claims) {
    require(claims->issuer == kIssuer && claims->product == kProduct);
    require_comes_back<Claims>(*claims, write_claims, read);
  }
  require(!authenticate_license(*jws, trust));
}

/// One header makes one type at most, and only with the key that it names.
void check_header(const std::string& token) {
  const auto jws = parse_jws(token);
  if (!jws) return;
  const Trust trust = snapshot().trust(world().config);
  const int types = authenticate_license(*jws, trust).ok() + authenticate_crl(*jws, trust).ok() +
                    authenticate_lease(*jws, trust).ok() + authenticate_time(*jws, trust).ok() +
                    authenticate_request(token, kProduct).ok() +
                    authenticate_deactivation(token, kProduct).ok();
  require(types <= 1);
  if (types == 1) require(jws->is_ed25519() && jws->kid == ed25519_thumbprint(world().signer.public_key()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input = as_text({data, size});
  const std::string document = document_of(input);
  switch (input.front()) {
    case 'L':
    case 'T':
    case 'R':
      check_license(document);
      break;
    case 'E':
      check_reader<LeaseClaims>(document, authenticate_lease, read_lease_claims);
      break;
    case 'M':
      check_reader<TimeClaims>(document, authenticate_time, read_time_claims);
      break;
    case 'H':
      check_header(document);
      break;
    case 'C':
    case 'K':
      break;  // have fuzzers of their own
    default:
      refuse(document);
      break;
  }
  return 0;
}
