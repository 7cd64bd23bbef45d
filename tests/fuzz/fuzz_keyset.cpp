// Key sets that follow one another. Each line is one: a hex digit whose bits say which roots sign it, then
// its claims. A line that starts otherwise is a document nobody signed.
#include <array>

#include "license/authenticate.hpp"
#include "lines.hpp"
#include "same_claims.hpp"

namespace {

using namespace tessera;
using namespace tessera::fuzz;

struct Roster {
  Roster() {
    config.trusted_keys = {roots[0].public_key(), roots[1].public_key()};
    config.trusted_threshold = 2;
    const std::string claims = dump_json(write_claims(*world().snapshot().keys));
    state.keyset.clear();
    for (int i = 0; i < 2; ++i)
      state.keyset.push_back(signed_claims(DocumentType::kKeySet, claims, roots[i]));
    for (const Ed25519Key* key : {&world().signer, &world().retired, &world().revoked})
      licenses.push_back(signed_claims(DocumentType::kLicense, license_claims(), *key));
    require(take_snapshot(state, context(), {}).keys.has_value());
  }

  static std::string license_claims() {
    LicenseClaims claims = node_license();
    claims.issued_at = claims.not_before = kNow;
    return dump_json(write_claims(claims));
  }

  LicenseContext context() const { return {&config, nullptr, 0}; }

  const std::array<Ed25519Key, 4> roots{key_of(1), key_of(2), key_of(3), key_of(4)};
  LicenseConfig config = world().config;
  LicenseState state = world().state;
  std::vector<std::string> licenses;  // one of each signing key
};

const Roster& roster() {
  static const Roster it;
  return it;
}

std::optional<unsigned> signers_of(char digit) {
  const auto found = std::string_view("0123456789abcdef").find(digit);
  return found == std::string_view::npos ? std::nullopt : std::optional(static_cast<unsigned>(found));
}

bool enough(unsigned signers, const Roots& roots) {
  int count = 0;
  for (size_t i = 0; i < roster().roots.size(); ++i) {
    const bool listed =
        std::find(roots.keys.begin(), roots.keys.end(), roster().roots[i].public_key()) != roots.keys.end();
    if (listed && (signers >> i & 1) != 0) ++count;
  }
  return count >= roots.threshold;
}

/// What a licence signed at kNow by a listed key is worth.
LicenseCode expected_code(const TrustedKey* key, const KeySet& set) {
  if (key == nullptr) return LicenseCode::kKEY_UNKNOWN;
  if (key->use == KeyUse::kRevoked) return LicenseCode::kKEY_REVOKED;
  if (set.issuer != kIssuer) return LicenseCode::kWRONG_ISSUER;
  const bool retired = key->use == KeyUse::kVerifyOnly && set.issued_at < kNow;
  const bool in_force = key->not_before <= kNow && (key->expires_at == 0 || kNow <= key->expires_at);
  return in_force && !retired ? LicenseCode::kOK : LicenseCode::kKEY_EXPIRED;
}

void check_in_force(const KeySet& set, const Snapshot& after) {
  require(after.keys && same(*after.keys, set));
  for (const std::string& token : roster().licenses) {
    const Jws jws = require(parse_jws(token));
    const auto license = authenticate_license(jws, after.trust(roster().config));
    const LicenseCode code = license ? LicenseCode::kOK : license_code_of(license.error());
    require(code == expected_code(set.find(jws.kid), set));
  }
}

void import_line(std::string_view line, LicenseState* state) {
  const LicenseContext context = roster().context();
  const auto signers = signers_of(line.front());
  const std::string_view claims = line.substr(1);
  std::string bundle;
  for (size_t i = 0; i < roster().roots.size(); ++i) {
    if (signers && (*signers >> i & 1) != 0)
      bundle += signed_claims(DocumentType::kKeySet, claims, roster().roots[i]) + "\n";
  }
  LicenseState changed = *state;
  const auto imported =
      import_documents(signers ? std::string_view(bundle) : claims, context, {}, kNowMs, &changed);
  if (!imported) return;

  require(signers.has_value());
  const KeySet set = require(read_keyset_claims(require(parse_json(claims))));
  require_comes_back<KeySet>(set, write_claims, read_keyset_claims);
  const KeySet before = *take_snapshot(*state, context, {}).keys;
  require(set.seq > before.seq || same(set, before));
  require(enough(*signers, effective_roots(*state, roster().config)));
  require(set.next_roots.keys.empty() || enough(*signers, set.next_roots));
  for (const Ed25519Key& root : roster().roots) {
    const Roots& roots =
        set.next_roots.keys.empty() ? effective_roots(*state, roster().config) : set.next_roots;
    const bool is_root =
        std::find(roots.keys.begin(), roots.keys.end(), root.public_key()) != roots.keys.end();
    require(!is_root || set.find(ed25519_thumbprint(root.public_key())) == nullptr);
  }
  check_in_force(set, take_snapshot(changed, context, {}));
  require(read_state(write_state(changed)).ok());
  *state = std::move(changed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  LicenseState state = roster().state;
  for (const std::string_view line : lines_of(as_text({data, size}), 4)) import_line(line, &state);
  return 0;
}
