#include "license/crl.hpp"

#include <algorithm>

#include "license/claims_json.hpp"

namespace tessera {
namespace {

std::vector<std::string> read_ids(ClaimReader& reader, std::string_view name) {
  std::vector<std::string> ids;
  const Json* items = reader.array(name);
  if (items == nullptr) return ids;
  for (const Json& item : *items) {
    if (!item.is_string() || item.get_ref<const std::string&>().empty()) return reader.fail(name), ids;
    ids.push_back(item.get<std::string>());
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace

bool RevocationList::revokes(const LicenseClaims& license) const {
  return license.epoch < min_epoch || std::binary_search(revoked.begin(), revoked.end(), license.id);
}

bool RevocationList::suspends(const LicenseClaims& license) const {
  return std::binary_search(suspended.begin(), suspended.end(), license.id);
}

Result<RevocationList> read_crl_claims(const Json& claims) {
  RevocationList list;
  ClaimReader reader(claims);
  if (reader.integer("ver", true, 0, kMaxTime) != 1 && !reader.failed())
    return license_error(LicenseCode::kSCHEMA_UNSUPPORTED);
  list.issuer = reader.text("iss", true, 256);
  list.product = reader.text("aud", true, 64);
  list.issued_at = reader.integer("iat", true, 0, kMaxTime);
  list.seq = reader.integer("seq", true, 1, kMaxTime);
  list.next_update = reader.integer("next", false, 0, kMaxTime);
  list.min_epoch = reader.integer("min_epoch", false, 0, kMaxTime);
  list.revoked = read_ids(reader, "revoked");
  list.suspended = read_ids(reader, "suspended");
  TSR_RETURN_IF_ERROR(reader.take());
  return list;
}

Json write_claims(const RevocationList& list) {
  Json out{{"ver", 1},
           {"iss", list.issuer},
           {"aud", list.product},
           {"iat", list.issued_at},
           {"seq", list.seq},
           {"min_epoch", list.min_epoch},
           {"revoked", list.revoked},
           {"suspended", list.suspended}};
  if (list.next_update != 0) out["next"] = list.next_update;
  return out;
}

}  // namespace tessera
