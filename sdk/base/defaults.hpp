// Numbers that the products name, each with its requirement. Configuration may change them per application.
#pragma once

#include <cstdint>

namespace tessera {

inline constexpr int64_t kLicenseRefreshAfterS =
    int64_t{12} * 3600;                                     // TT-26: ask the server again after 12 h
inline constexpr int64_t kRs256LifeS = int64_t{12} * 3600;  // TT-29: RS256 tokens live 12 h
/// TT gap 5: the seed names no offline grace; three days outlast a weekend.
inline constexpr int64_t kRs256GraceS = int64_t{72} * 3600;
inline constexpr int64_t kExpiresSoonDays = 7;

inline constexpr int kSafetySwitchFailures = 5;           // TT-49: in a row
inline constexpr int kSafetySwitchRatePercent = 20;       // TT-50: trips above, not at
inline constexpr int64_t kSafetySwitchCooldownS = 3600;   // TT-51
inline constexpr int64_t kRequestSpacingLeastMs = 2'000;  // TT-52
inline constexpr int64_t kRequestSpacingMostMs = 5'000;   // TT-52
inline constexpr int kRouteRetries = 3;                   // TT-53: on another route

}  // namespace tessera
