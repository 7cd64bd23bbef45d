/* Loads, uses and unloads the library over and over, also below a thread that outlives the unload. */
#define _POSIX_C_SOURCE 200809L /* pthread_barrier_t */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <tessera/tessera.h>

enum { ROUNDS = 50 };

static void* resolve(void* library, const char* name) {
  void* address = dlsym(library, name);
  if (address == NULL) printf("%s is missing\n", name);
  return address;
}

/* ISO C has no cast from an object to a function pointer; POSIX promises that this copy works. */
#define LOAD(library, function)          \
  __typeof__(&function) load_##function; \
  *(void**)(&load_##function) = resolve(library, #function)

static int use(void* library) {
  LOAD(library, tsr_key_generate);
  LOAD(library, tsr_key_free);
  LOAD(library, tsr_hwid_probe);
  LOAD(library, tsr_hwid_free);
  LOAD(library, tsr_key_generate_async);
  LOAD(library, tsr_op_wait);
  LOAD(library, tsr_op_free);
  LOAD(library, tsr_live_objects);
  tsr_key* key = NULL;
  tsr_hwid* hwid = NULL;
  tsr_op* op = NULL;
  if (load_tsr_key_generate(TSR_KEY_ED25519, &key, NULL) != TSR_OK) return 0;
  if (load_tsr_hwid_probe(tsr_str_of(NULL), &hwid, NULL) != TSR_OK) return 0;
  /* Its worker idles on while the library is unloaded. */
  if (load_tsr_key_generate_async(TSR_KEY_ED25519, NULL, NULL, NULL, &op, NULL) != TSR_OK) return 0;
  if (load_tsr_op_wait(op, 10000, NULL) != TSR_OK) return 0;
  load_tsr_op_free(op);
  load_tsr_key_free(key);
  load_tsr_hwid_free(hwid);
  return load_tsr_live_objects() == 0;
}

struct worker {
  const char* path;
  pthread_barrier_t used, unloaded;
  int fine;
};

static void* work(void* argument) {
  struct worker* self = argument;
  void* library = dlopen(self->path, RTLD_NOW | RTLD_LOCAL);
  self->fine = library != NULL && use(library);
  if (library != NULL) dlclose(library);
  pthread_barrier_wait(&self->used);
  pthread_barrier_wait(&self->unloaded);
  return NULL;
}

int main(int argc, char** argv) {
  struct worker worker;
  pthread_t thread;
  int round;
  if (argc != 2) return 2;
  worker.path = argv[1];
  worker.fine = 0;
  pthread_barrier_init(&worker.used, NULL, 2);
  pthread_barrier_init(&worker.unloaded, NULL, 2);
  if (pthread_create(&thread, NULL, work, &worker) != 0) return 2;
  pthread_barrier_wait(&worker.used);

  for (round = 0; round < ROUNDS; ++round) {
    void* library = dlopen(worker.path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
      printf("%s\n", dlerror());
      return 1;
    }
    if (!use(library)) return 1;
    dlclose(library);
  }
  pthread_barrier_wait(&worker.unloaded);
  pthread_join(thread, NULL);
  return worker.fine ? 0 : 1;
}
