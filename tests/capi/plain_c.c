/* The header's own examples as a C99 program: vendor and customer in one. */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tessera/tessera.h>
#include <unistd.h>

static int failures = 0;

static void expect(int holds, const char* what, int line) {
  if (holds) return;
  printf("line %d: %s does not hold\n", line, what);
  ++failures;
}
#define EXPECT(condition) expect((condition), #condition, __LINE__)

static tsr_str str_of_buf(const tsr_buf* buf) {
  tsr_str str;
  str.data = (const char*)buf->data;
  str.len = buf->len;
  return str;
}

static void issue_for(tsr_license* license, const tsr_key* key, tsr_buf* token) {
  tsr_issuer* issuer = NULL;
  tsr_buf request = {0};
  EXPECT(tsr_license_request(license, NULL, &request, NULL) == TSR_OK);
  EXPECT(tsr_issuer_open(TSR_LIT("{\"issuer\":\"acme\",\"product\":\"player\"}"), key, &issuer, NULL) ==
         TSR_OK);
  EXPECT(tsr_issuer_issue(issuer, str_of_buf(&request),
                          TSR_LIT("{\"sku\":\"pro\",\"days\":365,\"allow_weak\":true}"), token,
                          NULL) == TSR_OK);
  tsr_buf_free(&request);
  tsr_issuer_free(issuer);
}

static void import_key_set(tsr_license* license, const tsr_key* root, const tsr_key* key) {
  char spec[256];
  tsr_issuer* issuer = NULL;
  tsr_buf key_set = {0};
  snprintf(spec, sizeof(spec), "{\"seq\":1,\"keys\":[{\"public\":\"%s\"}]}", tsr_key_public(key));
  EXPECT(tsr_issuer_open(TSR_LIT("{\"issuer\":\"acme\",\"product\":\"player\"}"), root, &issuer, NULL) ==
         TSR_OK);
  EXPECT(tsr_issuer_keyset(issuer, tsr_str_of(spec), &key_set, NULL) == TSR_OK);
  EXPECT(tsr_license_import(license, key_set.data, key_set.len, NULL, NULL) == TSR_OK);
  tsr_buf_free(&key_set);
  tsr_issuer_free(issuer);
}

static void run(const char* folder) {
  char config[512];
  tsr_key *root = NULL, *key = NULL;
  tsr_license* license = NULL;
  tsr_verdict* verdict = NULL;
  tsr_error* err = NULL;
  tsr_buf token = {0}, text = {0};

  EXPECT(tsr_abi_check(TSR_ABI_MAJOR, TSR_ABI_MINOR, &err) == TSR_OK);
  EXPECT(tsr_key_generate(TSR_KEY_ED25519, &root, &err) == TSR_OK);
  EXPECT(tsr_key_generate(TSR_KEY_ED25519, &key, &err) == TSR_OK);
  snprintf(
      config, sizeof(config),
      "{\"product\":\"player\",\"data_dir\":\"%s/data\",\"memory_dir\":\"%s/memory\",\"keystore\":\"file\","
      "\"trusted_keys\":[\"%s\"]}",
      folder, folder, tsr_key_public(root));
  EXPECT(tsr_license_open(tsr_str_of(config), &license, &err) == TSR_OK);
  if (err != NULL) printf("%s\n", tsr_error_text(err));

  EXPECT(tsr_license_check(license, &verdict, &err) == TSR_OK);
  EXPECT(!tsr_verdict_usable(verdict));
  tsr_verdict_free(verdict);

  import_key_set(license, root, key);
  issue_for(license, key, &token);
  EXPECT(tsr_license_import(license, token.data, token.len, &verdict, &err) == TSR_OK);
  EXPECT(tsr_verdict_usable(verdict));
  EXPECT(strcmp(tsr_verdict_sku(verdict), "pro") == 0);
  EXPECT(tsr_verdict_explain(verdict, &text, &err) == TSR_OK);
  EXPECT(text.len == strlen((const char*)text.data));

  tsr_buf_free(&text);
  tsr_buf_free(&token);
  tsr_verdict_free(verdict);
  tsr_license_free(license);
  tsr_key_free(key);
  tsr_key_free(root);
  tsr_error_free(err);
}

/* What store.h and its neighbours show. */
static void run_store(const char* folder) {
  char config[512];
  tsr_store_secrets secrets;
  tsr_store* store = NULL;
  tsr_rows* rows = NULL;
  tsr_rowset* copied = NULL;
  tsr_tx* tx = NULL;
  tsr_outbox_item item;
  tsr_error* err = NULL;
  const tsr_value* row = NULL;
  tsr_value name = {0};
  if ((tsr_features() & TSR_FEATURE_STORE) == 0) return;

  tsr_store_secrets_init(&secrets, sizeof secrets);
  secrets.passphrase = "correct horse";
  secrets.passphrase_len = 13;
  snprintf(config, sizeof(config), "{\"path\":\"%s/app.tdb\",\"kdf\":\"low\"}", folder);
  EXPECT(tsr_store_open(tsr_str_of(config), &secrets, &store, &err) == TSR_OK);
  if (err != NULL) printf("%s\n", tsr_error_text(err));
  EXPECT(tsr_store_execute(store, TSR_LIT("create table people(name text)"), NULL, 0, NULL, NULL, NULL,
                           &err) == TSR_OK);
  name.type = TSR_VALUE_TEXT;
  name.data = "ana";
  name.len = 3;
  EXPECT(tsr_store_execute(store, TSR_LIT("insert into people(name) values (?)"), &name, 1, NULL, NULL, NULL,
                           &err) == TSR_OK);
  EXPECT(tsr_store_query(store, TSR_LIT("select name from people"), NULL, 0, NULL, &rows, &err) == TSR_OK);
  EXPECT(tsr_rows_next(rows, &row, &err) == TSR_OK && row != NULL && row[0].len == 3);
  EXPECT(tsr_rows_next(rows, &row, &err) == TSR_OK && row == NULL);
  tsr_rows_free(rows);

  EXPECT(tsr_tx_begin(store, NULL, &tx, &err) == TSR_OK);
  EXPECT(tsr_tx_put(tx, TSR_LIT("user"), &name, &err) == TSR_OK);
  tsr_outbox_item_init(&item, sizeof item);
  item.topic = TSR_LIT("sales");
  item.url = TSR_LIT("https://api.example.com/sales");
  EXPECT(tsr_tx_enqueue(tx, &item, NULL, &err) == TSR_OK);
  EXPECT(tsr_tx_commit(tx, &err) == TSR_OK);
  tsr_tx_free(tx);
  EXPECT(tsr_store_get(store, TSR_LIT("user"), &copied, &err) == TSR_OK);
  EXPECT(tsr_rowset_count(copied) == 1 && tsr_rowset_row(copied, 0)[0].type == TSR_VALUE_TEXT);
  tsr_rowset_free(copied);
  EXPECT(tsr_cache_put(store, TSR_LIT("products"), TSR_LIT("42"), "body", 4, 60 * 60 * 1000, 0, &err) ==
         TSR_OK);
  EXPECT(tsr_store_close(store, 1000, &err) == TSR_OK);
  tsr_store_free(store);
  tsr_error_free(err);
}

int main(void) {
  char folder[] = "tessera-c99-XXXXXX";
  char command[64];
  if (mkdtemp(folder) == NULL) return 2;
  run(folder);
  run_store(folder);
  EXPECT(tsr_live_objects() == 0);
  snprintf(command, sizeof(command), "rm -r %s", folder);
  if (system(command) != 0) return 2;
  return failures == 0 ? 0 : 1;
}
