// What a circuit breaker kept over a restart.
#include "base/bytes.hpp"
#include "http/policy/breaker_record.hpp"

namespace {

using namespace tessera;

void check(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr int64_t kNowMs = 5'000'000, kWallMs = 1'780'000'000'000, kHourMs = 3'600'000;
  const auto record = http::read_record(as_text({data, size}));
  if (!record) return 0;
  check(record->is_open);
  const auto again = http::read_record(http::write_record(*record));
  check(again && again->opened_wall_ms == record->opened_wall_ms &&
        again->cooldown_ms == record->cooldown_ms && again->trips == record->trips);
  http::Breaker breaker(http::BreakerConfig::client());
  breaker.restore(*record, kNowMs, kWallMs);
  check(breaker.left_ms(kNowMs) >= 0 && breaker.left_ms(kNowMs) <= kHourMs);
  check(breaker.admit(kNowMs + kHourMs).is_allowed);
  return 0;
}
