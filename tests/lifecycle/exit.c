/* Leaves with live handles, a registered log, a thread inside the library and operations that run and wait,
 * in the way its argument names. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tessera/tessera.h>
#include <unistd.h>

static tsr_key* key;
static tsr_license* license;
static tsr_sub* subscription;
static tsr_verdict* verdict;
enum { OPERATIONS = 10 };
static tsr_op* operations[OPERATIONS];

static void ignore(void* user, int32_t level, tsr_str area, tsr_str event, tsr_str message, tsr_str fields) {
  (void)user, (void)level, (void)area, (void)event, (void)message, (void)fields;
}

static void hold_for_ever(void* user, tsr_op* op) {
  (void)user, (void)op;
  for (;;) pause();
}

/* A slow computation, a done function that never returns, and what waits behind both. */
static int start_operations(void) {
  int i;
  if (tsr_key_generate_async(TSR_KEY_RS256, NULL, NULL, NULL, &operations[0], NULL) != TSR_OK ||
      tsr_license_refresh_async(license, hold_for_ever, NULL, NULL, &operations[1], NULL) != TSR_OK)
    return 0;
  for (i = 2; i < OPERATIONS; ++i) {
    if (tsr_license_refresh_async(license, hold_for_ever, NULL, NULL, &operations[i], NULL) != TSR_OK)
      return 0;
  }
  return 1;
}

static int open_everything(const char* folder) {
  char config[1024];
  tsr_error* err = NULL;
  if (tsr_key_generate(TSR_KEY_ED25519, &key, &err) != TSR_OK) return 0;
  snprintf(
      config, sizeof(config),
      "{\"product\":\"player\",\"data_dir\":\"%s/data\",\"memory_dir\":\"%s/memory\",\"keystore\":\"file\","
      "\"trusted_keys\":[\"%s\"]}",
      folder, folder, tsr_key_public(key));
  if (tsr_license_open(tsr_str_of(config), &license, &err) != TSR_OK ||
      tsr_license_check(license, &verdict, &err) != TSR_OK ||
      tsr_license_on_log(license, TSR_LOG_TRACE, ignore, NULL, NULL, &subscription, &err) != TSR_OK) {
    printf("%s\n", tsr_error_text(err));
    return 0;
  }
  return 1;
}

static void* refresh_for_ever(void* argument) {
  for (;;) {
    if (tsr_license_refresh(license, NULL, NULL) != TSR_OK) return argument;
  }
}

static void* leave(void* argument) {
  (void)argument;
  exit(0);
}

/* Runs after every exit handler that the library and OpenSSL could have registered since. */
static void make_key_late(void) {
  tsr_key* late = NULL;
  if (tsr_key_generate(TSR_KEY_RS256, &late, NULL) != TSR_OK) _Exit(1);
  tsr_key_free(late);
}

static int make_key_early_and_late(void) {
  tsr_key* early = NULL;
  if (atexit(make_key_late) != 0 || tsr_key_generate(TSR_KEY_RS256, &early, NULL) != TSR_OK) return 1;
  tsr_key_free(early);
  return 0;
}

int main(int argc, char** argv) {
  pthread_t worker, leaver;
  if (argc == 3 && strcmp(argv[1], "exit_handler") == 0) return make_key_early_and_late();
  if (argc != 3 || !open_everything(argv[2]) || !start_operations()) return 1;
  if (pthread_create(&worker, NULL, refresh_for_ever, NULL) != 0) return 1;
  if (strcmp(argv[1], "exit") == 0) exit(0);
  if (strcmp(argv[1], "quick_exit") == 0) quick_exit(0);
  if (strcmp(argv[1], "exit_in_thread") == 0) {
    if (pthread_create(&leaver, NULL, leave, NULL) != 0) return 1;
    pthread_join(leaver, NULL);
  }
  return 0;
}
