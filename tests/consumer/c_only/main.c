/* A C99 program in a project without C++. */
#include <stdio.h>
#include <string.h>
#include <tessera/tessera.h>

int main(void) {
  tsr_error* err = NULL;
  if (tsr_abi_check(TSR_ABI_MAJOR, TSR_ABI_MINOR, &err) != TSR_OK) {
    fprintf(stderr, "%s\n", tsr_error_text(err));
    tsr_error_free(err);
    return 1;
  }
  if (tsr_abi_check(TSR_ABI_MAJOR + 1, 0, &err) != TSR_E_ABI || tsr_error_code(err) != TSR_E_ABI) return 1;
  tsr_error_free(err);
  if (strcmp(tsr_status_name(TSR_E_ABI), "abi") != 0) return 1;
  printf("%s\n", tsr_version());
  return 0;
}
