/* Preloaded before the tool: gives its library, a testing build, the hardware below TESSERA_FAKE_ROOT. */
#include <stdlib.h>

#include "tessera_testing.h"

__attribute__((constructor)) static void use_fake_machine(void) {
  const char* const root = getenv("TESSERA_FAKE_ROOT");
  if (root != NULL) tsr_testing_set_hardware_root(tsr_str_of(root));
}
