#include "license/keyset.hpp"

#include <algorithm>

#include "license/claims_json.hpp"
#include "text/base64url.hpp"

namespace tessera {
namespace {

constexpr size_t kMaxKeys = 64;
constexpr size_t kMaxRoots = 8;

std::string_view use_name(KeyUse use) {
  switch (use) {
    case KeyUse::kSign:
      return "sign";
    case KeyUse::kVerifyOnly:
      return "verify-only";
    case KeyUse::kRevoked:
      break;
  }
  return "revoked";
}

Error invalid(std::string_view what) { return license_error(LicenseCode::kKEYSET_INVALID, what); }

std::optional<Ed25519Public> decode_key(std::string_view text) {
  const auto bytes = base64url_decode(text);
  Ed25519Public key;
  if (!bytes || bytes->size() != key.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return key;
}

Result<TrustedKey> read_key(const Json& item) {
  if (!item.is_object()) return invalid("a key is not an object");
  ClaimReader members(item);
  TrustedKey key;
  key.id = members.text("kid", true, 64);
  const auto bytes = decode_key(members.text("x", true, 64));
  const std::string curve = members.text("crv", false, 16);
  const std::string use = members.text("use", true, 16);
  key.not_before = members.integer("nbf", false, 0, kMaxTime);
  key.expires_at = members.integer("exp", false, 0, kMaxTime);
  if (members.failed()) return invalid("a key has a malformed member");
  if (!curve.empty() && curve != "Ed25519") return invalid("a key is on another curve");
  if (!bytes) return invalid("a key has the wrong length");
  key.key = *bytes;
  if (key.id != ed25519_thumbprint(key.key)) return invalid("a key id is not its key's thumbprint");
  if (use == "sign") {
    key.use = KeyUse::kSign;
  } else if (use == "verify-only") {
    key.use = KeyUse::kVerifyOnly;
  } else if (use == "revoked") {
    key.use = KeyUse::kRevoked;
  } else {
    return invalid("a key has an unknown use");
  }
  return key;
}

/// How many distinct keys of `roots` signed the documents.
int count_signers(const std::vector<Jws>& documents, const Roots& roots, bool* kid_known) {
  int signers = 0;
  for (const Ed25519Public& root : roots.keys) {
    const std::string id = ed25519_thumbprint(root);
    const bool signed_it = std::any_of(documents.begin(), documents.end(), [&](const Jws& jws) {
      if (jws.kid != id) return false;
      *kid_known = true;
      return verify_jws(jws, root).ok();
    });
    if (signed_it) ++signers;
  }
  return signers;
}

}  // namespace

const TrustedKey* KeySet::find(std::string_view id) const {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [id](const TrustedKey& key) { return key.id == id; });
  return found == keys.end() ? nullptr : &*found;
}

Status KeySet::verify(const Jws& jws) const {
  const TrustedKey* key = find(jws.kid);
  if (key == nullptr) return license_error(LicenseCode::kKEY_UNKNOWN);
  if (key->use == KeyUse::kRevoked) return license_error(LicenseCode::kKEY_REVOKED);
  return verify_jws(jws, key->key);
}

Status KeySet::check_signing_time(const Jws& jws, int64_t signed_at) const {
  const TrustedKey* key = find(jws.kid);
  // A retired key stays good for what it signed before the set that retired it.
  const bool retired = key->use == KeyUse::kVerifyOnly && signed_at > issued_at;
  const bool outside = signed_at < key->not_before || (key->expires_at != 0 && signed_at > key->expires_at);
  if (retired || outside) return license_error(LicenseCode::kKEY_EXPIRED);
  return {};
}

Result<KeySet> read_keyset_claims(const Json& claims) {
  KeySet set;
  ClaimReader reader(claims);
  if (reader.integer("ver", true, 0, kMaxTime) != 1 && !reader.failed())
    return license_error(LicenseCode::kSCHEMA_UNSUPPORTED);
  set.issuer = reader.text("iss", true, 256);
  set.product = reader.text("aud", false, 64);
  set.issued_at = reader.integer("iat", true, 0, kMaxTime);
  set.seq = reader.integer("seq", true, 1, kMaxTime);
  const Json* keys = reader.array("keys", true);
  const Json* roots = reader.array("roots");
  set.next_roots.threshold = static_cast<int>(reader.integer("threshold", false, 1, kMaxRoots, 1));
  TSR_RETURN_IF_ERROR(reader.take());
  if (keys->empty() || keys->size() > kMaxKeys) return invalid("the number of keys is out of range");
  for (const Json& item : *keys) {
    TSR_ASSIGN_OR_RETURN(TrustedKey key, read_key(item));
    if (set.find(key.id) != nullptr) return invalid("a key id occurs twice");
    set.keys.push_back(std::move(key));
  }
  if (roots != nullptr) {
    if (roots->empty() || roots->size() > kMaxRoots) return invalid("the number of roots is out of range");
    for (const Json& item : *roots) {
      const auto key = item.is_string() ? decode_key(item.get_ref<const std::string&>()) : std::nullopt;
      if (!key) return invalid("a root key is malformed");
      auto& known = set.next_roots.keys;
      if (std::find(known.begin(), known.end(), *key) != known.end())
        return invalid("a root key occurs twice");
      known.push_back(*key);
    }
    if (set.next_roots.threshold > static_cast<int>(set.next_roots.keys.size()))
      return invalid("the root threshold is out of range");
  }
  return set;
}

Json write_claims(const KeySet& set) {
  Json keys = Json::array();
  for (const TrustedKey& key : set.keys) {
    Json item{
        {"kid", key.id}, {"crv", "Ed25519"}, {"x", base64url_encode(key.key)}, {"use", use_name(key.use)}};
    if (key.not_before != 0) item["nbf"] = key.not_before;
    if (key.expires_at != 0) item["exp"] = key.expires_at;
    keys.push_back(std::move(item));
  }
  Json out{
      {"ver", 1}, {"iss", set.issuer}, {"iat", set.issued_at}, {"seq", set.seq}, {"keys", std::move(keys)}};
  if (!set.product.empty()) out["aud"] = set.product;
  if (!set.next_roots.keys.empty()) {
    Json& roots = out["roots"] = Json::array();
    for (const Ed25519Public& key : set.next_roots.keys) roots.push_back(base64url_encode(key));
    out["threshold"] = set.next_roots.threshold;
  }
  return out;
}

Result<KeySet> verify_keyset(const std::vector<Jws>& documents, const Roots& roots) {
  const bool one_content = std::all_of(documents.begin(), documents.end(), [&](const Jws& jws) {
    return jws.payload == documents.front().payload;
  });
  if (!one_content) return invalid("its documents have different contents");
  bool kid_known = false;
  const int signers = count_signers(documents, roots, &kid_known);
  if (!kid_known) return license_error(LicenseCode::kKEY_UNKNOWN, "no trusted root key signed the key set");
  if (signers == 0) return license_error(LicenseCode::kSIGNATURE_INVALID, "the key set");
  if (signers < roots.threshold) return invalid("too few root keys signed it");
  const bool one_type = std::all_of(documents.begin(), documents.end(),
                                    [](const Jws& jws) { return jws.has_type(DocumentType::kKeySet); });
  if (!one_type) return license_error(LicenseCode::kTOKEN_TYPE);
  TSR_ASSIGN_OR_RETURN(const Json claims, decode_claims(documents.front()));
  TSR_ASSIGN_OR_RETURN(KeySet set, read_keyset_claims(claims));

  const Roots& new_roots = set.next_roots.keys.empty() ? roots : set.next_roots;
  if (count_signers(documents, new_roots, &kid_known) < new_roots.threshold)
    return invalid("too few of the new root keys signed it");
  for (const TrustedKey& key : set.keys) {
    for (const Roots* group : {&roots, &new_roots}) {
      if (std::find(group->keys.begin(), group->keys.end(), key.key) != group->keys.end())
        return invalid("a root key is listed as a signing key");
    }
  }
  return set;
}

}  // namespace tessera
