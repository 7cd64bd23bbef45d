#include <sqlite3.h>

namespace {
void unlock(sqlite3*) {}
}  // namespace

#define OPEN open_sqlite
#include "raw_store.inc"
