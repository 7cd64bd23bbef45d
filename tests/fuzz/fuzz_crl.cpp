// Revocation lists that follow one another under an installed licence, "L1" of epoch 1. Each line is a
// document of document_of().
#include "license/authenticate.hpp"
#include "lines.hpp"
#include "same_claims.hpp"
#include "verdict_course.hpp"

namespace {

using namespace tessera;
using namespace tessera::fuzz;

const LicenseState& installed() {
  static const LicenseState it = [] {
    LicenseClaims claims = node_license();
    claims.issued_at = claims.not_before = kNow - kDaySeconds;
    claims.expires_at = kNow + 300 * kDaySeconds;
    claims.sync_every = 90 * kDaySeconds;
    claims.epoch = 1;
    LicenseState state = world().state;
    state.license = sign_jws(DocumentType::kLicense, write_claims(claims), world().signer);
    const Snapshot snapshot = take_snapshot(state, world().context(), {});
    require(judge(snapshot, world().context(), kNowMs).usable());
    return state;
  }();
  return it;
}

bool lists(const Json& claims, const char* name) {
  const auto found = claims.find(name);
  return found != claims.end() && std::find(found->begin(), found->end(), "L1") != found->end();
}

bool has_reason(const Verdict& verdict, LicenseCode code) {
  return std::any_of(verdict.reasons.begin(), verdict.reasons.end(),
                     [code](const Reason& reason) { return reason.code == code; });
}

void check_verdicts(const Json& claims, const RevocationList& list, const Snapshot& snapshot) {
  LicenseConfig strict = world().config;
  strict.deny_stale_crl = true;
  for (const LicenseConfig& config : {world().config, strict}) {
    LicenseContext context = world().context();
    context.config = &config;
    const auto verdict_at = [&](int64_t wall_ms) { return judge(snapshot, context, wall_ms); };
    const Verdict verdict = verdict_at(kNowMs);
    require(has_reason(verdict, LicenseCode::kREVOKED) == (lists(claims, "revoked") || list.min_epoch > 1));
    require(has_reason(verdict, LicenseCode::kSUSPENDED) == lists(claims, "suspended"));
    const bool stale = list.next_update != 0 && verdict.effective_time_ms >= list.next_update * 1000;
    require(has_reason(verdict, LicenseCode::kWARN_CRL_STALE) == (stale && !config.deny_stale_crl));
    if (stale && config.deny_stale_crl) require(!verdict.usable());
    follow(verdict_at, kNowMs);
  }
}

void import_line(std::string_view line, LicenseState* state) {
  const LicenseContext context = world().context();
  const std::string document = document_of(line);
  LicenseState changed = *state;
  if (!import_documents(document, context, {}, kNowMs, &changed)) return;

  const bool is_signed = std::string_view("CEHKLMRT").find(line.front()) != std::string_view::npos;
  require(is_signed);
  const Snapshot after = take_snapshot(changed, context, {});
  require(read_state(write_state(changed)).ok());
  if (line.front() == 'C') {
    const Json claims = require(parse_json(line.substr(1)));
    const RevocationList list = require(read_crl_claims(claims));
    require_comes_back<RevocationList>(list, write_claims, read_crl_claims);
    require(list.issuer == kIssuer && list.product == kProduct);
    const auto before = take_snapshot(*state, context, {}).crl;
    require(!before || list.seq > before->seq || same(list, *before));
    require(after.crl && same(*after.crl, list) && after.floor_ms >= list.issued_at * 1000);
    check_verdicts(claims, list, after);
  }
  *state = std::move(changed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  LicenseState state = installed();
  for (const std::string_view line : lines_of(as_text({data, size}), 3)) import_line(line, &state);
  return 0;
}
