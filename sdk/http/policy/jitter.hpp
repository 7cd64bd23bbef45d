// Random spans of time, so that many clients don't come at the same moment.
#pragma once

#include <cstdint>

#include "base/random.hpp"

namespace tessera::http {

/// In [least, most], all equally likely. `least` is at most `most`, and neither is below zero.
int64_t random_between(Random& random, int64_t least, int64_t most);
/// Half of `span_ms`, and a random part of the other half: never near zero.
int64_t half_random(Random& random, int64_t span_ms);
/// min(most_ms, base_ms * 2^doublings), without overflow. Both above zero.
int64_t doubled(int64_t base_ms, int64_t doublings, int64_t most_ms);

}  // namespace tessera::http
