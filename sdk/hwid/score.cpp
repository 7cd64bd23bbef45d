#include "hwid/score.hpp"

#include <algorithm>

#include "hwid/scheme.hpp"

namespace tessera::hwid {

namespace {

constexpr int64_t kMaxWeight = 1'000'000;
constexpr int kUniqueRatioForOk = 400;

struct Sums {
  int64_t match = 0;
  int64_t mismatch = 0;
  int64_t unknown = 0;

  void add(FactorState state, int64_t weight) {
    (state == FactorState::kMatch ? match : state == FactorState::kMismatch ? mismatch : unknown) += weight;
  }
  int64_t comparable() const { return match + mismatch; }
  int64_t bound() const { return match + mismatch + unknown; }
};

struct Tally {
  Sums all;
  Sums unique;
  int64_t unique_by_mac = 0;
  int matched_kinds = 0;
  int bound_kinds = 0;
};

Tally tally(const std::vector<FactorMatch>& factors) {
  Tally result;
  for (const FactorMatch& factor : factors) {
    const int64_t weight = std::clamp<int64_t>(factor.weight, 0, kMaxWeight);
    const bool matches = factor.state == FactorState::kMatch;
    result.all.add(factor.state, weight);
    if (weight > 0) ++result.bound_kinds;
    if (matches && weight > 0) ++result.matched_kinds;
    if (factor.cls != FactorClass::kUnique) continue;
    result.unique.add(factor.state, weight);
    if (matches && factor.kind == kind::kMac) result.unique_by_mac += weight;
  }
  return result;
}

int ratio(int64_t numerator, int64_t denominator) {
  return denominator == 0 ? 0 : static_cast<int>(numerator / denominator);
}

MatchOutcome judge(const BoundHardware& bound, const Tally& sums, int score, int unique_ratio) {
  const Sums& unique = sums.unique;
  // A container may show less than that in all; where an issuer accepts it, all of it has to match.
  const int64_t least_match = std::clamp<int64_t>(sums.all.bound(), 1, kLeastMatchedWeight);
  const int least_kinds = std::clamp(sums.bound_kinds, 1, kLeastMatchedKinds);
  if (sums.all.match < least_match || sums.matched_kinds < least_kinds) return MatchOutcome::kMismatch;
  if (unique.comparable() > 0 && unique_ratio < bound.ufloor) return MatchOutcome::kMismatch;
  if (unique.bound() > 0 && unique.comparable() == 0)
    return score >= bound.drift ? MatchOutcome::kUnverifiable : MatchOutcome::kMismatch;
  const bool mac_alone = unique.match > 0 && unique.match == sums.unique_by_mac && unique.unknown > 0;
  const bool unique_fits = unique.bound() == 0 || unique_ratio >= kUniqueRatioForOk;
  if (score >= bound.ok && unique_fits && !mac_alone) return MatchOutcome::kOk;
  return score >= bound.drift ? MatchOutcome::kDrift : MatchOutcome::kMismatch;
}

}  // namespace

HardwareMatch score_match(const BoundHardware& bound, std::vector<FactorMatch> factors) {
  const Tally sums = tally(factors);
  HardwareMatch result;
  result.score = ratio(2000 * sums.all.match, 2 * sums.all.comparable() + sums.all.unknown);
  if (sums.unique.comparable() > 0)
    result.unique_ratio = ratio(1000 * sums.unique.match, sums.unique.comparable());
  result.outcome = judge(bound, sums, result.score, result.unique_ratio);
  result.factors = std::move(factors);
  return result;
}

}  // namespace tessera::hwid
