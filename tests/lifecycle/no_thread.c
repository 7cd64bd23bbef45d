/* A start that can't have its thread fails, frees its user data and calls nothing; the next one works. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <sys/resource.h>
#include <tessera/tessera.h>
#include <unistd.h>

enum { LITTLE = 512 * 1024 }; /* less than a stack, enough for an error */

static int told, freed;

static void tell(void* user, tsr_op* op) {
  (void)user, (void)op;
  ++told;
}

static void release(void* user) {
  (void)user;
  ++freed;
}

static int limit_memory(struct rlimit* before) {
  struct rlimit tight;
  unsigned long pages = 0;
  FILE* file = fopen("/proc/self/statm", "r");
  const int read = file != NULL && fscanf(file, "%lu", &pages) == 1;
  if (file != NULL) fclose(file);
  if (!read || getrlimit(RLIMIT_AS, before) != 0) return 0;
  tight = *before;
  tight.rlim_cur = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + LITTLE;
  return setrlimit(RLIMIT_AS, &tight) == 0;
}

static int fail(const char* what) {
  printf("%s\n", what);
  return 1;
}

int main(void) {
  struct rlimit before;
  tsr_op* op = (tsr_op*)1;
  tsr_error* err = NULL;
  tsr_hwid* hwid = NULL;
  tsr_status status;
  if (!limit_memory(&before)) return fail("could not limit the memory");
  status = tsr_hwid_probe_async(tsr_str_of(NULL), tell, NULL, release, &op, &err);
  setrlimit(RLIMIT_AS, &before);
  if (status != TSR_E_BUSY || !tsr_error_retryable(err)) return fail("wanted a retryable TSR_E_BUSY");
  if (op != NULL || told != 0 || freed != 1) return fail("the failed start left something behind");
  tsr_error_free(err);
  if (tsr_live_objects() != 0) return fail("the failed start leaked");

  if (tsr_hwid_probe_async(tsr_str_of(NULL), tell, NULL, release, &op, NULL) != TSR_OK ||
      tsr_op_wait(op, 20000, NULL) != TSR_OK || tsr_op_hwid(op, &hwid, NULL) != TSR_OK)
    return fail("a start with room for a thread failed");
  if (told != 1 || freed != 2) return fail("the operation did not tell its end");
  tsr_hwid_free(hwid);
  tsr_op_free(op);
  return 0;
}
