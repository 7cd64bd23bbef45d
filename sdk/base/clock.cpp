#include "base/clock.hpp"

#include <ctime>

#include "base/testing.hpp"

namespace tessera {
namespace {

int64_t read_ms(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

class MachineClock final : public Clock {
 public:
  int64_t wall_ms() const override {
#ifdef TESSERA_TESTING
    if (const auto fixed = testing::fixed_clock()) return fixed->wall_ms;
#endif
    return read_ms(CLOCK_REALTIME);
  }
  int64_t boot_ms() const override {
#ifdef TESSERA_TESTING
    if (const auto fixed = testing::fixed_clock()) return fixed->boot_ms;
#endif
    return read_ms(CLOCK_BOOTTIME);
  }
  int64_t tick() const override {
#ifdef TESSERA_TESTING
    if (testing::fixed_clock()) return 0;
#endif
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  }
};

}  // namespace

Clock& system_clock() {
  static Clock* const clock = new MachineClock;  // never destroyed: threads may read it during exit
  return *clock;
}

}  // namespace tessera
