// One whole probe of this machine, against the 3 ms that a start-up may spend on it.
#include <tessera/tessera.h>

#include "harness.hpp"

int main() {
  using namespace tessera::bench;
  constexpr double kLimitMilliseconds = 3.0;
  compare_with_limit(
      {"hwid/probe", kMilliseconds},
      [] {
        tsr_hwid* hwid = nullptr;
        const tsr_status status = tsr_hwid_probe(tsr_str_of(nullptr), &hwid, nullptr);
        tsr_hwid_free(hwid);
        return status;
      },
      kLimitMilliseconds);
  return 0;
}
