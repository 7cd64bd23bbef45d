/* usage: quickstart DATA_DIR ROOT_PUBLIC_KEY [LICENCE_FILE]
 * Says whether this application is licensed here, and what identifies this machine. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <tessera/tessera.h>

static tsr_error* err;
static void must(tsr_status status) {
  if (status == TSR_OK) return;
  fprintf(stderr, "%s\n", tsr_error_text(err));
  exit(1);
}

int main(int argc, char** argv) {
  static char config[8192], file[65536]; /* values in the JSON must not hold quotes or backslashes */
  tsr_license* license;
  tsr_verdict* verdict;
  tsr_hwid* hwid;
  tsr_buf why, machine;
  if (argc < 3) return fputs("usage: quickstart DATA_DIR ROOT_PUBLIC_KEY [LICENCE_FILE]\n", stderr), 1;
  const char* json =
      "{\"product\":\"player\",\"keystore\":\"file\",\"data_dir\":\"%s\",\"trusted_keys\":[\"%s\"]}";
  snprintf(config, sizeof config, json, argv[1], argv[2]);
  must(tsr_license_open(tsr_str_of(config), &license, &err));
  FILE* in = argc > 3 ? fopen(argv[3], "rb") : NULL;
  if (argc > 3 && in == NULL) return perror(argv[3]), 1;
  if (in != NULL) must(tsr_license_import(license, file, fread(file, 1, sizeof file, in), NULL, &err));
  must(tsr_license_check(license, &verdict, &err)); /* a memory read: ask as often as you like */
  must(tsr_verdict_explain(verdict, &why, &err));
  printf("%s\n", (char*)why.data);
  const int64_t copies = tsr_verdict_entitlement_int(verdict, TSR_LIT("copies.monthly"));
  if (tsr_verdict_usable(verdict)) printf("copies a month: %" PRId64 "\n", copies);
  must(tsr_hwid_probe(tsr_str_of(NULL), &hwid, &err));
  must(tsr_hwid_explain(hwid, &machine, &err));
  printf("%s\n", (char*)machine.data);
  must(tsr_license_close(license, 2000, &err)); /* at exit the rest may stay; each has its tsr_..._free() */
  return tsr_verdict_usable(verdict) ? 0 : 2;
}
