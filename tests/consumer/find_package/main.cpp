// A C++ program that finds the installed package; Tessera::cpp brings C++20 and the library along.
#include <tessera/tessera.hpp>

#include <cstdio>

static_assert(__cplusplus >= 202002L, "Tessera::cpp asks for C++20");

int main() {
  if (tsr_abi_check(TSR_ABI_MAJOR, TSR_ABI_MINOR, nullptr) != TSR_OK) return 1;
  std::printf("%s\n", tsr_version());
  return 0;
}
