#include "http/policy/jitter.hpp"

#include <algorithm>
#include <array>

#include "base/big_endian.hpp"

namespace tessera::http {

int64_t random_between(Random& random, int64_t least, int64_t most) {
  std::array<uint8_t, 8> bytes;
  random.fill(bytes);
  // 64 bits over a span of hours: what the remainder favours is too little to measure.
  return least + static_cast<int64_t>(big_endian(bytes) % (static_cast<uint64_t>(most - least) + 1));
}

int64_t half_random(Random& random, int64_t span_ms) {
  const int64_t half_ms = span_ms / 2;
  return span_ms - half_ms + random_between(random, 0, half_ms);
}

int64_t doubled(int64_t base_ms, int64_t doublings, int64_t most_ms) {
  int64_t span_ms = std::min(base_ms, most_ms);
  for (int64_t i = 0; i < doublings && span_ms < most_ms; ++i) {
    span_ms = span_ms > most_ms / 2 ? most_ms : span_ms * 2;
  }
  return span_ms;
}

}  // namespace tessera::http
