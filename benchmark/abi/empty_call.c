#include "empty_call.h"

int32_t empty_call(uint32_t major, uint32_t minor, void* err) {
  (void)major;
  (void)minor;
  (void)err;
  return 0;
}
