// A program that builds Tessera as a part of itself.
#include <tessera/tessera.hpp>

#include <cstdio>

int main() {
  if (tsr_abi_check(TSR_ABI_MAJOR, TSR_ABI_MINOR, nullptr) != TSR_OK) return 1;
  std::printf("%s\n", tsr_version());
  return 0;
}
