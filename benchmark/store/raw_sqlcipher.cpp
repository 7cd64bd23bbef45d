#define SQLITE_HAS_CODEC 1
#include <sqlite3.h>

namespace {
void unlock(sqlite3* database) {
  constexpr char kKey[] =
      "x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f'";
  sqlite3_key_v2(database, "main", kKey, sizeof kKey - 1);
}
}  // namespace

#define OPEN open_sqlcipher
#include "raw_store.inc"
