// How much of what a licence is bound to is still there. Integers only; all numbers are per mille.
//
// Weights are summed over the bound kinds: m of those that match, x of those that are readable and differ, u
// of those that can't be read; Um, Ux, Uu are the same over class U.
//   score = 2000 m / (2m + 2x + u)      an unreadable kind costs half of a different one
//   ur    = 1000 Um / (Um + Ux)         undefined while no U is comparable
// 1. m < 3, or fewer than two kinds match       -> MISMATCH
// 2. ur < ufloor                                -> MISMATCH
// 3. U bound but all of it unreadable           -> UNVERIFIABLE if score >= drift, else MISMATCH
// 4. score >= ok and (no U bound or ur >= 400)  -> OK, but DRIFT when the only U that matches is the MAC
// while
//    other U are hidden: a MAC is easily given to a clone
// 5. score >= drift                             -> DRIFT
// 6. otherwise                                  -> MISMATCH
#pragma once

#include <vector>

#include "base/device.hpp"

namespace tessera::hwid {

/// `bound` gives the thresholds. Any weights are safe: each counts as 0 to 1000000.
HardwareMatch score_match(const BoundHardware& bound, std::vector<FactorMatch> factors);

}  // namespace tessera::hwid
