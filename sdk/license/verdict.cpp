#include "license/verdict.hpp"

namespace tessera {

LicenseCode Verdict::entitlement_code(std::string_view name) const {
  if (!usable()) return code;
  const auto found = entitlements.find(name);
  if (found == entitlements.end() || found->second.value == decltype(Entitlement::value)(false))
    return LicenseCode::kFEATURE_MISSING;
  const int64_t end_ms = found->second.expires_at_ms;
  return end_ms != 0 && effective_time_ms >= end_ms ? LicenseCode::kFEATURE_EXPIRED : LicenseCode::kOK;
}

const Entitlement* Verdict::usable_entitlement(std::string_view name) const {
  return entitlement_code(name) == LicenseCode::kOK ? &entitlements.find(name)->second : nullptr;
}

}  // namespace tessera
