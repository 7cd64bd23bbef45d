// What the guard of the C ABI adds to a call that does no work.
#include <tessera/tessera.h>

#include "empty_call.h"
#include "harness.hpp"

int main() {
  using namespace tessera::bench;
  // Both through pointers that the compiler can't see through.
  tsr_status (*volatile ours)(uint32_t, uint32_t, tsr_error**) = tsr_abi_check;
  int32_t (*volatile theirs)(uint32_t, uint32_t, void*) = empty_call;
  compare(
      {"abi/noop_call", kNanoseconds}, [&] { return ours(TSR_ABI_MAJOR, TSR_ABI_MINOR, nullptr); },
      "empty function in a shared library", [&] { return theirs(TSR_ABI_MAJOR, TSR_ABI_MINOR, nullptr); });
  return 0;
}
