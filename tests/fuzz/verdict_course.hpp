// What holds for every verdict, whatever it is about.
#pragma once

#include <algorithm>

#include "license_world.hpp"

namespace tessera::fuzz {

inline void require_sound(const Verdict& verdict) {
  const auto denial = std::find_if(verdict.reasons.begin(), verdict.reasons.end(),
                                   [](const Reason& reason) { return reason.denies; });
  const bool denied = denial != verdict.reasons.end();
  require(verdict.usable() != denied && !verdict.state.empty());
  if (denied) require(verdict.code == denial->code && verdict.usable_until_ms == 0);
  for (const auto& [name, entitlement] : verdict.entitlements) {
    if (!verdict.usable()) require(verdict.entitlement_code(name) == verdict.code);
  }
  require(Json::accept(verdict_json(verdict)));
  require(!explain_verdict(verdict).empty());
}

/// Equal to the application: only sentences that count the days may differ.
inline bool same_answer(const Verdict& a, const Verdict& b) {
  const auto same_reason = [](const Reason& x, const Reason& y) {
    return x.code == y.code && x.denies == y.denies;
  };
  return a.code == b.code && a.state == b.state && a.license_id == b.license_id &&
         std::equal(a.reasons.begin(), a.reasons.end(), b.reasons.begin(), b.reasons.end(), same_reason) &&
         std::all_of(a.entitlements.begin(), a.entitlements.end(), [&](const auto& item) {
           return a.entitlement_code(item.first) == b.entitlement_code(item.first);
         });
}

/// Lets time pass from `now_ms` on: the verdict changes by itself only when it said so, and ends when it said
/// so.
template <class VerdictAt>
void follow(VerdictAt verdict_at, int64_t now_ms) {
  constexpr int kSteps = 6;
  constexpr int64_t kEndOfTimeMs = kMaxTime * 1000;
  for (int step = 0; step < kSteps; ++step) {
    const Verdict verdict = verdict_at(now_ms);
    require_sound(verdict);
    if (verdict.usable_until_ms != 0) {
      require(verdict.usable_until_ms > now_ms && verdict.next_check_ms <= verdict.usable_until_ms);
      require(!verdict_at(verdict.usable_until_ms).usable());
    }
    const bool is_last = verdict.next_check_ms == 0;
    require(is_last || verdict.next_check_ms > now_ms);
    require(same_answer(verdict,
                        verdict_at(is_last ? std::max(now_ms, kEndOfTimeMs) : verdict.next_check_ms - 1)));
    if (is_last) return;
    now_ms = verdict.next_check_ms;
  }
}

}  // namespace tessera::fuzz
