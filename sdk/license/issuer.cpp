#include "license/issuer.hpp"

#include <algorithm>

#include "base/defaults.hpp"
#include "license/authenticate.hpp"
#include "license/claims_json.hpp"
#include "license/crl.hpp"
#include "license/keyset.hpp"
#include "text/base64url.hpp"

namespace tessera {
namespace {

constexpr size_t kIdBytes = 16;
constexpr JsonLimits kSpecLimits{.max_document = 256u << 10, .max_members = 4096};

Error bad_spec(std::string_view what) {
  return {ErrorCode::kARG, "license", std::string("the specification is not usable: ").append(what), {}};
}

/// Specification errors are the caller's: ARG instead of a licence code.
Status spec_status(ClaimReader& reader) {
  Status status = reader.take();
  if (status.ok()) return status;
  return bad_spec(status.error().text);
}

/// A mistyped member must not switch a check off.
Status only_members(const Json& object, std::initializer_list<std::string_view> members) {
  const Status only = json_only(object, members);
  return only.ok() ? Status() : Status(bad_spec(only.error().text));
}

Result<Json> parse_spec(std::string_view text, std::initializer_list<std::string_view> members) {
  auto json = parse_json(text, kSpecLimits);
  if (!json) return bad_spec(json.error().text);
  if (!json->is_object()) return bad_spec("expected a JSON object");
  TSR_RETURN_IF_ERROR(only_members(*json, members));
  return json;
}

/// The issuer's spelling of entitlements, turned into the document's.
Result<std::map<std::string, Entitlement, std::less<>>> read_spec_entitlements(const Json& spec) {
  Json documents = Json::object();
  for (const auto& [name, value] : spec.items()) {
    if (!value.is_object()) {
      documents[name] = {{"v", value}};
      continue;
    }
    TSR_RETURN_IF_ERROR(only_members(value, {"value", "expires_at", "per"}));
    Json& one = documents[name] = Json::object();
    for (const auto& [from, to] : {std::pair{"value", "v"}, {"expires_at", "exp"}, {"per", "per"}}) {
      if (const auto found = value.find(from); found != value.end()) one[to] = *found;
    }
  }
  auto read = read_entitlements(documents);
  if (!read) return bad_spec("an entitlement is malformed");
  return read;
}

/// Plan members that licences and trials share.
Status read_spec_plan(ClaimReader& reader, LicenseClaims* claims) {
  claims->sku = reader.text("sku", true, 128);
  claims->edition = reader.text("edition", false, 128);
  if (const Json* entitlements = reader.object("entitlements")) {
    TSR_ASSIGN_OR_RETURN(claims->entitlements, read_spec_entitlements(*entitlements));
  }
  claims->allow_weak = reader.boolean("allow_weak", false);
  return {};
}

}  // namespace

Result<std::unique_ptr<Issuer>> Issuer::open(std::string_view config_json,
                                             std::shared_ptr<const IssuerKey> key, Clock& clock,
                                             Random& random) {
  TSR_ASSIGN_OR_RETURN(const Json config, parse_spec(config_json, {"issuer", "product"}));
  ClaimReader reader(config);
  std::string issuer = reader.text("issuer", true, 256);
  std::string product = reader.text("product", true, 64);
  TSR_RETURN_IF_ERROR(spec_status(reader));
  return std::unique_ptr<Issuer>(
      new Issuer(std::move(issuer), std::move(product), std::move(key), clock, random));
}

int64_t Issuer::now_s() const { return clock_->wall_ms() / 1000; }

std::string Issuer::new_id() const { return base64url_encode(random_bytes(*random_, kIdBytes)); }

Result<std::string> Issuer::sign(DocumentType type, const Json& claims) const {
  if (!key_->is_ed25519()) return bad_spec("this document needs an Ed25519 key");
  std::string token = sign_jws(type, claims, key_->ed25519());
  if (token.size() > kMaxTokenBytes) return license_error(LicenseCode::kTOKEN_TOO_LARGE);
  return token;
}

Result<std::string> Issuer::read_request(std::string_view request) const {
  TSR_ASSIGN_OR_RETURN(const RequestClaims claims, authenticate_request(request, product_));
  Json factors = Json::array();
  for (const BoundFactor& factor : claims.hardware.factors) {
    Json tags = Json::array();
    for (const std::string& tag : factor.tags) tags.push_back(base64url_encode(as_bytes(tag)));
    factors.push_back({{"kind", factor.kind},
                       {"class", std::string(1, static_cast<char>(factor.cls))},
                       {"weight", factor.weight},
                       {"tags", std::move(tags)}});
  }
  static constexpr std::array kStrengths{"none", "weak", "medium", "strong"};
  return dump_json({{"nonce", claims.nonce},
                    {"install_key", ed25519_thumbprint(claims.install_key)},
                    {"strength", kStrengths[static_cast<size_t>(strength_of(claims.hardware.factors))]},
                    {"vm", claims.environment.vm},
                    {"container", claims.environment.container},
                    {"license_key", claims.license_key},
                    {"renews", claims.renews},
                    {"note", claims.note},
                    {"sdk", claims.sdk},
                    {"issued_at", claims.issued_at},
                    {"factors", std::move(factors)}});
}

Result<std::string> Issuer::read_deactivation(std::string_view proof) const {
  TSR_ASSIGN_OR_RETURN(const DeactivationClaims claims, authenticate_deactivation(proof, product_));
  return dump_json({{"license_id", claims.license_id},
                    {"install_key", ed25519_thumbprint(claims.install_key)},
                    {"issued_at", claims.issued_at}});
}

Result<std::string> Issuer::issue(std::string_view request, std::string_view spec_json) const {
  TSR_ASSIGN_OR_RETURN(const Json spec,
                       parse_spec(spec_json, {"sku", "subject", "edition", "kind", "seats", "days",
                                              "expires_at", "not_before", "entitlements", "maintenance_until",
                                              "version_min", "version_max", "grace", "sync", "environment",
                                              "epoch", "license_id", "allow_weak", "import_within_days"}));
  LicenseClaims claims;
  ClaimReader reader(spec);
  claims.issuer = issuer_;
  claims.product = product_;
  claims.issued_at = now_s();
  TSR_RETURN_IF_ERROR(read_spec_plan(reader, &claims));
  claims.id = reader.text("license_id", false, 128);
  if (claims.id.empty()) claims.id = new_id();
  claims.subject = reader.text("subject", false, 256);
  if (claims.subject.empty()) claims.subject = "customer";
  claims.kind = reader.text("kind", false, 16);
  if (claims.kind.empty()) claims.kind = "node";
  if (claims.kind == "trial") return bad_spec("a licence is of another kind than \"trial\"");
  claims.seats = reader.integer("seats", false, 0, 1'000'000'000);
  claims.not_before = reader.integer("not_before", false, 0, kMaxTime, claims.issued_at);
  const int64_t days = reader.integer("days", false, 1, 36600);
  claims.expires_at = reader.integer("expires_at", false, 1, kMaxTime);
  if (days != 0 && claims.expires_at != 0) return bad_spec("give days or expires_at, not both");
  if (days != 0) claims.expires_at = std::max(claims.not_before, claims.issued_at) + days * kDaySeconds;
  claims.maintenance_until = reader.integer("maintenance_until", false, 0, kMaxTime);
  claims.version_min = reader.text("version_min", false, 64);
  claims.version_max = reader.text("version_max", false, 64);
  claims.epoch = reader.integer("epoch", false, 0, kMaxTime);
  const int64_t import_days =
      reader.integer("import_within_days", false, 1, 3660, kDefaultImportWithin / kDaySeconds);
  if (const Json* grace = reader.object("grace")) {
    ClaimReader members(*grace);
    claims.grace_expiry = members.integer("expiry_s", false, 0, kMaxTime, claims.grace_expiry);
    claims.grace_sync = members.integer("sync_s", false, 0, kMaxTime, claims.grace_sync);
    claims.grace_hardware = members.integer("hardware_s", false, 0, kMaxTime, claims.grace_hardware);
    TSR_RETURN_IF_ERROR(spec_status(members));
    TSR_RETURN_IF_ERROR(only_members(*grace, {"expiry_s", "sync_s", "hardware_s"}));
  }
  if (const Json* sync = reader.object("sync")) {
    ClaimReader members(*sync);
    claims.sync_every = members.integer("every_s", true, 1, kMaxTime);
    claims.sync_max = members.integer("max_s", false, 0, kMaxTime);
    TSR_RETURN_IF_ERROR(spec_status(members));
    TSR_RETURN_IF_ERROR(only_members(*sync, {"every_s", "max_s"}));
  }
  if (const Json* environment = reader.object("environment")) {
    TSR_RETURN_IF_ERROR(only_members(*environment, {"vm", "container"}));
  }
  TSR_RETURN_IF_ERROR(spec_status(reader));

  if (!request.empty()) {
    TSR_ASSIGN_OR_RETURN(RequestClaims asked, authenticate_request(request, product_));
    if (strength_of(asked.hardware.factors) <= Strength::kWeak && !claims.allow_weak)
      return license_error(LicenseCode::kHW_TOO_WEAK);
    claims.hardware = std::move(asked.hardware);
    claims.install_key = ed25519_thumbprint(asked.install_key);
    claims.nonce = asked.nonce;
    claims.import_by = claims.issued_at + import_days * kDaySeconds;
  }
  Json document = write_claims(claims);
  if (const auto environment = spec.find("environment"); environment != spec.end())
    document["env"] = *environment;
  // What we issue, we can read: whatever a client would refuse is refused here.
  if (auto check = read_license_claims(document); !check) return bad_spec(check.error().text);
  return sign(DocumentType::kLicense, document);
}

Result<std::string> Issuer::trial(std::string_view spec_json) const {
  TSR_ASSIGN_OR_RETURN(const Json spec, parse_spec(spec_json, {"days", "sku", "edition", "entitlements",
                                                               "allow_weak", "license_id"}));
  LicenseClaims claims;
  ClaimReader reader(spec);
  claims.issuer = issuer_;
  claims.product = product_;
  claims.issued_at = now_s();
  claims.kind = "trial";
  TSR_RETURN_IF_ERROR(read_spec_plan(reader, &claims));
  claims.trial_days = reader.integer("days", true, 1, 3660);
  claims.id = reader.text("license_id", false, 128);
  if (claims.id.empty()) claims.id = new_id();
  TSR_RETURN_IF_ERROR(spec_status(reader));
  return sign(DocumentType::kTrial, write_trial_claims(claims));
}

Result<std::string> Issuer::lease(std::string_view request, std::string_view spec_json) const {
  TSR_ASSIGN_OR_RETURN(const Json spec, parse_spec(spec_json, {"license_id", "ttl_s"}));
  TSR_ASSIGN_OR_RETURN(const RequestClaims asked, authenticate_request(request, product_));
  LeaseClaims claims;
  ClaimReader reader(spec);
  claims.issuer = issuer_;
  claims.product = product_;
  claims.issued_at = now_s();
  claims.license_id = reader.text("license_id", true, 128);
  claims.expires_at = claims.issued_at + reader.integer("ttl_s", true, 1, 3660 * kDaySeconds);
  claims.install_key = ed25519_thumbprint(asked.install_key);
  claims.nonce = asked.nonce;
  TSR_RETURN_IF_ERROR(spec_status(reader));
  return sign(DocumentType::kLease, write_claims(claims));
}

Result<std::string> Issuer::keyset(std::string_view spec_json) const {
  TSR_ASSIGN_OR_RETURN(const Json spec,
                       parse_spec(spec_json, {"seq", "keys", "roots", "root_threshold", "issued_at"}));
  ClaimReader reader(spec);
  Json document{{"ver", 1},
                {"iss", issuer_},
                {"aud", product_},
                {"iat", reader.integer("issued_at", false, 0, kMaxTime, now_s())},
                {"seq", reader.integer("seq", true, 1, kMaxTime)}};
  const Json* keys = reader.array("keys", true);
  TSR_RETURN_IF_ERROR(spec_status(reader));
  Json& list = document["keys"] = Json::array();
  for (const Json& item : *keys) {
    if (!item.is_object()) return bad_spec("a key is not an object");
    TSR_RETURN_IF_ERROR(only_members(item, {"public", "use", "not_before", "expires_at"}));
    ClaimReader members(item);
    const std::string text = members.text("public", true, 64);
    const auto bytes = base64url_decode(text);
    if (!bytes || bytes->size() != 32) return bad_spec("a public key is not base64url of 32 bytes");
    Ed25519Public key;
    std::copy(bytes->begin(), bytes->end(), key.begin());
    const std::string use = members.text("use", false, 16);
    Json one{{"kid", ed25519_thumbprint(key)},
             {"crv", "Ed25519"},
             {"x", text},
             {"use", use.empty() ? "sign" : use}};
    if (const int64_t from = members.integer("not_before", false, 0, kMaxTime); from != 0) one["nbf"] = from;
    if (const int64_t until = members.integer("expires_at", false, 0, kMaxTime); until != 0)
      one["exp"] = until;
    TSR_RETURN_IF_ERROR(spec_status(members));
    if (key_->is_ed25519() && key == key_->ed25519().public_key())
      return bad_spec("the root key that signs a key set can't be one of its keys");
    list.push_back(std::move(one));
  }
  if (const auto roots = spec.find("roots"); roots != spec.end()) {
    document["roots"] = *roots;
    document["threshold"] = spec.value("root_threshold", Json(1));
  } else if (spec.contains("root_threshold")) {
    return bad_spec("\"root_threshold\" goes with \"roots\"");
  }
  if (auto check = read_keyset_claims(document); !check) return bad_spec(check.error().text);
  return sign(DocumentType::kKeySet, document);
}

Result<std::string> Issuer::crl(std::string_view spec_json) const {
  TSR_ASSIGN_OR_RETURN(const Json spec, parse_spec(spec_json, {"seq", "revoked", "suspended", "min_epoch",
                                                               "next_update", "days"}));
  ClaimReader reader(spec);
  const int64_t days = reader.integer("days", false, 1, 3660);
  const int64_t next =
      reader.integer("next_update", false, 0, kMaxTime, days == 0 ? 0 : now_s() + days * kDaySeconds);
  Json document{{"ver", 1},
                {"iss", issuer_},
                {"aud", product_},
                {"iat", now_s()},
                {"seq", reader.integer("seq", true, 1, kMaxTime)},
                {"min_epoch", reader.integer("min_epoch", false, 0, kMaxTime)},
                {"revoked", spec.value("revoked", Json::array())},
                {"suspended", spec.value("suspended", Json::array())}};
  if (next != 0) document["next"] = next;
  TSR_RETURN_IF_ERROR(spec_status(reader));
  if (auto check = read_crl_claims(document); !check) return bad_spec(check.error().text);
  return sign(DocumentType::kCrl, document);
}

Result<std::string> Issuer::time(std::string_view request) const {
  TSR_ASSIGN_OR_RETURN(const RequestClaims asked, authenticate_request(request, product_));
  TimeClaims claims;
  claims.issuer = issuer_;
  claims.product = product_;
  claims.issued_at = now_s();
  claims.nonce = asked.nonce;
  return sign(DocumentType::kTime, write_claims(claims));
}

Result<std::string> Issuer::rs256(std::string_view spec_json) const {
  if (key_->is_ed25519()) return bad_spec("an RS256 token needs an RSA key");
  TSR_ASSIGN_OR_RETURN(const Json spec, parse_spec(spec_json, {"sub", "hwid", "plan", "ttl_s", "audience"}));
  ClaimReader reader(spec);
  const int64_t now = now_s();
  Json claims{{"iss", issuer_},
              {"sub", reader.text("sub", true, 256)},
              {"hwid", reader.text("hwid", true, 128)},
              {"plan", reader.text("plan", true, 128)},
              {"iat", now},
              {"exp", now + reader.integer("ttl_s", false, 1, 3660 * kDaySeconds, kRs256LifeS)}};
  if (const std::string audience = reader.text("audience", false, 256); !audience.empty())
    claims["aud"] = audience;
  TSR_RETURN_IF_ERROR(spec_status(reader));
  const Json header{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", key_->id()}};
  std::string token = base64url_encode(as_bytes(dump_json(header)));
  token.append(".").append(base64url_encode(as_bytes(dump_json(claims))));
  TSR_ASSIGN_OR_RETURN(const Bytes signature, key_->rsa().sign_rs256(as_bytes(token)));
  return token.append(".").append(base64url_encode(signature));
}

}  // namespace tessera
