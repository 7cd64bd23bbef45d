/* A host with an SQLite of its own, another than the one inside Tessera: each must keep its files as it
 * writes them. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tessera/tessera.h>

static const char kCanary[] = "canary-5f1c27";

static void require(int holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "not so: %s\n", what);
  exit(1);
}

static void require_ok(tsr_status status, tsr_error* err) {
  if (status != TSR_OK) fprintf(stderr, "%s\n", tsr_error_text(err));
  require(status == TSR_OK, "the store works");
}

static int file_holds(const char* path, const char* text, int only_at_start) {
  FILE* file = fopen(path, "rb");
  require(file != NULL, path);
  static char bytes[1 << 20];
  const size_t size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  const size_t length = strlen(text);
  require(size > length, "the file has content");
  const size_t last = only_at_start ? 0 : size - length;
  for (size_t i = 0; i <= last; ++i) {
    if (memcmp(bytes + i, text, length) == 0) return 1;
  }
  return 0;
}

static int count_row(void* count, int columns, char** values, char** names) {
  (void)columns;
  (void)values;
  (void)names;
  ++*(int*)count;
  return 0;
}

static void write_with_tessera(const char* path) {
  char config[4096];
  snprintf(config, sizeof config, "{\"path\":\"%s\"}", path);
  static const unsigned char app_key[32] = {1, 2, 3};
  tsr_store_secrets secrets;
  tsr_store_secrets_init(&secrets, sizeof secrets);
  secrets.app_key = app_key;
  secrets.app_key_len = sizeof app_key;

  tsr_store* store = NULL;
  tsr_error* err = NULL;
  require_ok(tsr_store_open(tsr_str_of(config), &secrets, &store, &err), err);
  require_ok(
      tsr_store_execute_script(store, TSR_LIT("create table if not exists notes(note text)"), NULL, &err),
      err);
  const tsr_value note = {.type = TSR_VALUE_TEXT, .data = kCanary, .len = strlen(kCanary)};
  require_ok(
      tsr_store_execute(store, TSR_LIT("insert into notes values (?)"), &note, 1, NULL, NULL, NULL, &err),
      err);
  tsr_store_free(store);
}

static sqlite3* open_with_sqlite(const char* path) {
  sqlite3* database = NULL;
  require(sqlite3_open(path, &database) == SQLITE_OK, "the host's SQLite opens a file");
  return database;
}

int main(int argc, char** argv) {
  require(argc == 2, "usage: app FOLDER");
  char host_path[2048];
  char store_path[2048];
  snprintf(host_path, sizeof host_path, "%s/host.db", argv[1]);
  snprintf(store_path, sizeof store_path, "%s/app.tdb", argv[1]);

  require(strcmp(sqlite3_libversion(), SQLITE_VERSION) == 0,
          "the host has the SQLite that it was built with");

  /* Both at once: the host's database stays open around the store's life. */
  sqlite3* database = open_with_sqlite(host_path);
  require(sqlite3_exec(database, "create table notes(note text)", NULL, NULL, NULL) == SQLITE_OK,
          "the host creates");
  write_with_tessera(store_path);
  char insert[128];
  snprintf(insert, sizeof insert, "insert into notes values ('%s')", kCanary);
  require(sqlite3_exec(database, insert, NULL, NULL, NULL) == SQLITE_OK, "the host writes");
  write_with_tessera(store_path);
  int rows = 0;
  require(sqlite3_exec(database, "select * from notes", count_row, &rows, NULL) == SQLITE_OK && rows == 1,
          "the host reads what it wrote");
  require(sqlite3_close(database) == SQLITE_OK, "the host closes");

  require(file_holds(host_path, "SQLite format 3", 1), "the host's file is a plain database");
  require(file_holds(host_path, kCanary, 0), "the host's file shows its content");
  require(!file_holds(store_path, "SQLite format 3", 1), "the store's file is not a plain database");
  require(!file_holds(store_path, kCanary, 0), "the store's file does not show its content");

  database = open_with_sqlite(store_path);
  require(sqlite3_exec(database, "select * from sqlite_master", NULL, NULL, NULL) == SQLITE_NOTADB,
          "the host's SQLite cannot read the store");
  sqlite3_close(database);
  puts("both kept their files");
  return 0;
}
