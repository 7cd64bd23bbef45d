// What installations send to the vendor. The first letter: Q claims of an activation request and D claims of
// a deactivation, to be signed by the installation; H header and claims with a tab in between, signed too;
// any other a document that nobody signed.
#include "license/authenticate.hpp"
#include "same_claims.hpp"
#include "verdict_course.hpp"

namespace {

using namespace tessera;
using namespace tessera::fuzz;

constexpr const char* kSpec =
    R"({"sku":"pro","days":30,"entitlements":{"export":true},"grace":{"expiry_s":60}})";
constexpr const char* kWeakSpec = R"({"sku":"pro","kind":"floating","allow_weak":true})";
constexpr const char* kLeaseSpec = R"({"license_id":"L1","ttl_s":3600})";

struct Desk {
  Desk() {
    const auto key = std::make_shared<const IssuerKey>(key_of(101));
    issuer = require(Issuer::open(R"({"issuer":"acme","product":"player"})", key, clock, random));
    other = require(Issuer::open(R"({"issuer":"acme","product":"recorder"})", key, clock, random));
  }
  test::FakeClock clock;
  test::FakeRandom random;
  std::unique_ptr<Issuer> issuer, other;
};

/// The client of an honest vendor can read what was made for `asked`, and it answers just that.
void check_license(const std::string& token, const RequestClaims& asked, const Snapshot& snapshot) {
  const LicenseContext context = world().context();
  const AuthenticLicense license =
      require(authenticate_license(require(parse_jws(token)), snapshot.trust(world().config)));
  const LicenseClaims& claims = license.claims;
  require(claims.nonce == asked.nonce && claims.install_key == ed25519_thumbprint(asked.install_key));
  require(claims.hardware && same(*claims.hardware, asked.hardware));
  const auto match = match_hardware(license, context);
  follow(
      [&](int64_t wall_ms) {
        return judge_license(license, match, snapshot, context, wall_ms, snapshot.floor_ms);
      },
      kNowMs);
}

void answer(const std::string& token, const Desk& desk) {
  static const Snapshot snapshot = [] {
    Snapshot it = world().snapshot();
    it.state.drift_since_ms = kNowMs;  // noted at once by the service
    return it;
  }();
  const auto shown = desk.issuer->read_request(token);
  const auto license = desk.issuer->issue(token, kSpec);
  const auto weak_license = desk.issuer->issue(token, kWeakSpec);
  const auto lease = desk.issuer->lease(token, kLeaseSpec);
  const auto time = desk.issuer->time(token);
  require(!desk.other->read_request(token) || !shown);
  if (!shown) {
    require(!license && !weak_license && !lease && !time);
    return;
  }
  const Json view = Json::parse(*shown);
  const RequestClaims asked = require(authenticate_request(token, kProduct));
  require_comes_back<RequestClaims>(asked, write_claims, read_request_claims);
  require(view.at("nonce") == asked.nonce && view.at("factors").size() == asked.hardware.factors.size());

  const bool is_weak = view.at("strength") == "weak" || view.at("strength") == "none";
  require(license.ok() == !is_weak && weak_license.ok());
  for (const auto* one : {&license, &weak_license}) {
    if (*one) check_license(**one, asked, snapshot);
  }
  const Trust trust = snapshot.trust(world().config);
  require(require(authenticate_lease(require(parse_jws(*lease)), trust)).nonce == asked.nonce);
  require(require(authenticate_time(require(parse_jws(*time)), trust)).nonce == asked.nonce);
}

void take_back(const std::string& token, const Desk& desk) {
  const auto shown = desk.issuer->read_deactivation(token);
  if (!shown) return;
  require(Json::parse(*shown).at("license_id").is_string());
  const DeactivationClaims claims = require(authenticate_deactivation(token, kProduct));
  require_comes_back<DeactivationClaims>(claims, write_claims, read_deactivation_claims);
}

void refuse(std::string_view token, const Desk& desk) {
  require(!desk.issuer->read_request(token) && !desk.issuer->read_deactivation(token));
  require(!desk.issuer->time(token) && !desk.issuer->lease(token, kLeaseSpec));
  // No request at all asks for a licence that is bound to nothing.
  require(token.empty() || !desk.issuer->issue(token, kSpec));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const Desk desk;
  const std::string_view input = as_text({data, size});
  const std::string_view rest = input.substr(1);
  const Ed25519Key& installation = *world().state.install_key;
  switch (input.front()) {
    case 'Q': {
      const std::string token = signed_claims(DocumentType::kRequest, rest, installation);
      answer(token, desk);
      require(!desk.issuer->read_deactivation(token));
      // Another installation can't ask in this one's name.
      refuse(signed_claims(DocumentType::kRequest, rest, world().retired), desk);
      break;
    }
    case 'D': {
      const std::string token = signed_claims(DocumentType::kDeactivation, rest, installation);
      take_back(token, desk);
      require(!desk.issuer->read_request(token));
      break;
    }
    case 'H': {
      const size_t tab = rest.find('\t');
      const std::string_view claims =
          tab == std::string_view::npos ? std::string_view() : rest.substr(tab + 1);
      const std::string token = signed_text(rest.substr(0, tab), claims, installation);
      answer(token, desk);
      take_back(token, desk);
      break;
    }
    default:
      refuse(rest, desk);
      break;
  }
  return 0;
}
