// Errors of the key hierarchy. The reason in the detail tells outcomes apart that share one code.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tessera::keys {

namespace reason {
inline constexpr std::string_view kWrongKey = "WRONG_KEY";
inline constexpr std::string_view kDamaged = "DAMAGED";
inline constexpr std::string_view kNewerFormat = "NEWER_FORMAT";
inline constexpr std::string_view kSlotsMissing = "SLOTS_MISSING";
inline constexpr std::string_view kSlotsOld = "SLOTS_OLD";
inline constexpr std::string_view kHardwareChanged = "HARDWARE_CHANGED";
inline constexpr std::string_view kKeystoreLocked = "KEYSTORE_LOCKED";
}  // namespace reason

/// `reason` (a plain word) becomes {"reason":"..."}.
inline Error failure(ErrorCode code, std::string text, std::string_view reason = {}) {
  std::string detail;
  if (!reason.empty()) detail.append(R"({"reason":")").append(reason).append(R"("})");
  return {code, "keys", std::move(text), std::move(detail)};
}

}  // namespace tessera::keys
