// Documents must come back from their written form with every member.
#pragma once

#include <algorithm>
#include <tuple>

#include "license/crl.hpp"
#include "license_world.hpp"

namespace tessera::fuzz {

template <class T, class Same>
bool all_same(const T& a, const T& b, Same same) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

inline bool same(const BoundHardware& a, const BoundHardware& b) {
  const auto head = [](const BoundHardware& one) {
    return std::tie(one.scheme, one.salt, one.ok, one.drift, one.ufloor);
  };
  return head(a) == head(b) && all_same(a.factors, b.factors, [](const auto& x, const auto& y) {
           return std::tie(x.kind, x.cls, x.weight, x.tags) == std::tie(y.kind, y.cls, y.weight, y.tags);
         });
}

inline auto common(const DocumentClaims& one) { return std::tie(one.issuer, one.product, one.issued_at); }

inline bool same(const LicenseClaims& a, const LicenseClaims& b) {
  const auto head = [](const LicenseClaims& one) {
    return std::tuple_cat(
        common(one),
        std::tie(one.id, one.subject, one.not_before, one.expires_at, one.sku, one.edition, one.kind,
                 one.seats, one.maintenance_until, one.version_min, one.version_max, one.allow_weak,
                 one.install_key),
        std::tie(one.grace_expiry, one.grace_sync, one.grace_hardware, one.sync_every, one.sync_max, one.vm,
                 one.container, one.epoch, one.nonce, one.import_by, one.trial_days));
  };
  const bool hardware =
      a.hardware.has_value() == b.hardware.has_value() && (!a.hardware || same(*a.hardware, *b.hardware));
  return head(a) == head(b) && hardware &&
         all_same(a.entitlements, b.entitlements, [](const auto& x, const auto& y) {
           return std::tie(x.first, x.second.value, x.second.expires_at_ms, x.second.per) ==
                  std::tie(y.first, y.second.value, y.second.expires_at_ms, y.second.per);
         });
}

inline bool same(const LeaseClaims& a, const LeaseClaims& b) {
  return common(a) == common(b) && std::tie(a.license_id, a.install_key, a.nonce, a.expires_at) ==
                                       std::tie(b.license_id, b.install_key, b.nonce, b.expires_at);
}

inline bool same(const TimeClaims& a, const TimeClaims& b) {
  return common(a) == common(b) && a.nonce == b.nonce;
}

inline bool same(const RevocationList& a, const RevocationList& b) {
  return common(a) == common(b) && std::tie(a.seq, a.next_update, a.min_epoch, a.revoked, a.suspended) ==
                                       std::tie(b.seq, b.next_update, b.min_epoch, b.revoked, b.suspended);
}

inline bool same(const KeySet& a, const KeySet& b) {
  // A threshold means nothing without roots.
  const bool roots = a.next_roots.keys.empty() ? b.next_roots.keys.empty() : a.next_roots == b.next_roots;
  return common(a) == common(b) && a.seq == b.seq && roots &&
         all_same(a.keys, b.keys, [](const auto& x, const auto& y) {
           return std::tie(x.id, x.key, x.use, x.not_before, x.expires_at) ==
                  std::tie(y.id, y.key, y.use, y.not_before, y.expires_at);
         });
}

inline bool same(const RequestClaims& a, const RequestClaims& b) {
  const auto head = [](const RequestClaims& one) {
    return std::tuple_cat(common(one),
                          std::tie(one.nonce, one.license_key, one.note, one.renews, one.sdk, one.install_key,
                                   one.environment.vm, one.environment.container));
  };
  return head(a) == head(b) && same(a.hardware, b.hardware);
}

inline bool same(const DeactivationClaims& a, const DeactivationClaims& b) {
  return common(a) == common(b) &&
         std::tie(a.license_id, a.install_key) == std::tie(b.license_id, b.install_key);
}

/// Any accepted document, written by us, is read as the same one again.
template <class Claims>
void require_comes_back(const Claims& claims, Json (*write)(const Claims&),
                        Result<Claims> (*read)(const Json&)) {
  const Json written = require(parse_json(dump_json(write(claims))));
  require(same(require(read(written)), claims));
}

}  // namespace tessera::fuzz
