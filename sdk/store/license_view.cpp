#include "store/license_view.hpp"

#include <sqlite3.h>

#include <new>
#include <string>

#include "store/core.hpp"
#include "store/database.hpp"

namespace tessera::store {
namespace {

struct View : sqlite3_vtab {
  explicit View(Core& of) : sqlite3_vtab(), core(&of) {}
  Core* core;
};

struct Cursor : sqlite3_vtab_cursor {
  explicit Cursor(Core& of) : sqlite3_vtab_cursor(), core(&of) {}
  Core* core;
  RowSet rows;
  size_t next = 0;
};

/// Nothing is thrown through SQLite.
template <class Work>
int guarded(Work work) noexcept {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return SQLITE_NOMEM;
  } catch (...) {
    return SQLITE_ERROR;
  }
}

Cursor& of(sqlite3_vtab_cursor* cursor) { return *static_cast<Cursor*>(cursor); }

int connect(sqlite3* database, void* core, int /*count*/, const char* const* /*words*/, sqlite3_vtab** out,
            char** /*error*/) {
  return guarded([&] {
    std::string sql = "create table tsr_license(";
    for (const std::string_view column : kLicenseColumns) sql.append(column).append(",");
    sql.back() = ')';
    if (const int code = sqlite3_declare_vtab(database, sql.c_str()); code != SQLITE_OK) return code;
    sqlite3_vtab_config(database, SQLITE_VTAB_INNOCUOUS);  // so that views of the application may use it
    *out = new View(*static_cast<Core*>(core));
    return SQLITE_OK;
  });
}

int disconnect(sqlite3_vtab* view) {
  delete static_cast<View*>(view);
  return SQLITE_OK;
}

int best_index(sqlite3_vtab* /*view*/, sqlite3_index_info* plan) {
  plan->estimatedCost = 1;
  plan->estimatedRows = 1;
  return SQLITE_OK;
}

int open(sqlite3_vtab* view, sqlite3_vtab_cursor** out) {
  return guarded([&] {
    *out = new Cursor(*static_cast<View*>(view)->core);
    return SQLITE_OK;
  });
}

int close(sqlite3_vtab_cursor* cursor) {
  delete &of(cursor);
  return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* cursor, int /*number*/, const char* /*text*/, int /*count*/,
           sqlite3_value** /*values*/) {
  return guarded([&] {
    of(cursor).rows = of(cursor).core->license_row();
    of(cursor).next = 0;
    return SQLITE_OK;
  });
}

int next(sqlite3_vtab_cursor* cursor) {
  ++of(cursor).next;
  return SQLITE_OK;
}

int eof(sqlite3_vtab_cursor* cursor) { return of(cursor).next >= of(cursor).rows.size() ? 1 : 0; }

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* result, int index) {
  const auto place = static_cast<size_t>(index);
  if (place >= of(cursor).rows.columns().size()) return SQLITE_OK;
  const Value& cell = of(cursor).rows.row(of(cursor).next)[place];
  switch (cell.type) {
    case ValueType::kNull:
      break;
    case ValueType::kInteger:
    case ValueType::kBool:
      sqlite3_result_int64(result, cell.integer);
      break;
    case ValueType::kReal:
      sqlite3_result_double(result, cell.real);
      break;
    case ValueType::kText:
    case ValueType::kJson:
      sqlite3_result_text64(result, static_cast<const char*>(cell.data), cell.size, SQLITE_TRANSIENT,
                            SQLITE_UTF8);
      break;
    case ValueType::kBlob:
      sqlite3_result_blob64(result, cell.data, cell.size, SQLITE_TRANSIENT);
      break;
  }
  return SQLITE_OK;
}

int row_id(sqlite3_vtab_cursor* cursor, sqlite3_int64* id) {
  *id = static_cast<sqlite3_int64>(of(cursor).next) + 1;
  return SQLITE_OK;
}

// Without xCreate it is there on its own and can't be made under another name.
constexpr sqlite3_module make_module() {
  sqlite3_module module{};
  module.xConnect = connect;
  module.xBestIndex = best_index;
  module.xDisconnect = disconnect;
  module.xOpen = open;
  module.xClose = close;
  module.xFilter = filter;
  module.xNext = next;
  module.xEof = eof;
  module.xColumn = column;
  module.xRowid = row_id;
  return module;
}
constexpr sqlite3_module kModule = make_module();

}  // namespace

Status add_license_view(Connection& connection, Core& core) {
  const int code = sqlite3_create_module_v2(connection.get(), "tsr_license", &kModule, &core, nullptr);
  if (code == SQLITE_OK) return {};
  return error_of(connection.get(), code, "set the connection up");
}

}  // namespace tessera::store
