/* A program built by plain make with the flags of pkg-config. */
#include <stdio.h>
#include <tessera/tessera.h>

int main(void) {
  if (tsr_abi_check(TSR_ABI_MAJOR, TSR_ABI_MINOR, NULL) != TSR_OK) return 1;
  printf("%s\n", tsr_version());
  return 0;
}
