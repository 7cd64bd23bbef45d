#include "base/device.hpp"

#include <algorithm>

namespace tessera {

namespace {
constexpr int64_t kStrongUnique = 5;
constexpr int64_t kMediumUnique = 2;
}  // namespace

Strength strength_of(const std::vector<BoundFactor>& factors) {
  if (factors.empty()) return Strength::kNone;
  int64_t unique = 0;
  bool beyond_mac = false;  // a MAC address alone is easily given to a clone
  for (const BoundFactor& factor : factors) {
    if (factor.cls != FactorClass::kUnique) continue;
    unique += std::max(factor.weight, 0);
    beyond_mac = beyond_mac || factor.kind != "mac";
  }
  if (unique >= kStrongUnique && beyond_mac) return Strength::kStrong;
  return unique >= kMediumUnique ? Strength::kMedium : Strength::kWeak;
}

}  // namespace tessera
