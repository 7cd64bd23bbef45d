// What the application's SQL may do on a connection that it shares with the SDK.
#include <sqlite3.h>

#include <array>

#include "store/connection_state.hpp"
#include "store/errors.hpp"
#include "text/utf8.hpp"

namespace tessera::store {
namespace {

constexpr std::string_view kPrefix = "tsr_";
constexpr std::string_view kLicense = "tsr_license";  // may be read

bool same(const char* text, const char* name) { return text != nullptr && sqlite3_stricmp(text, name) == 0; }

bool is_reserved(const char* name) {
  return name != nullptr && sqlite3_strnicmp(name, kPrefix.data(), static_cast<int>(kPrefix.size())) == 0;
}

bool is_word(char letter) {
  return letter == '_' || (letter >= '0' && letter <= '9') ||
         ((letter | 0x20) >= 'a' && (letter | 0x20) <= 'z');
}

bool begins_with(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && to_lower_ascii(text.substr(0, prefix.size())) == prefix;
}

bool mentions_reserved(std::string_view sql, TextCheck check) {
  for (size_t from = 0; from + kPrefix.size() <= sql.size(); ++from) {
    const std::string_view rest = sql.substr(from);
    if (!begins_with(rest, kPrefix)) continue;
    const bool is_license =
        begins_with(rest, kLicense) && (rest.size() == kLicense.size() || !is_word(rest[kLicense.size()]));
    if (!is_license || check == TextCheck::kAll) return true;
  }
  return false;
}

Error refused(std::string what, std::string_view instead) {
  what += " in SQL of the application is refused; ";
  what += instead;
  return store_error(ErrorCode::kARG, "REFUSED", std::move(what));
}

Error reserved(const char* name) {
  return refused("the name \"" + std::string(name) + "\"",
                 "names that begin with \"tsr_\" belong to the SDK, choose another one");
}

Error temporary() {
  return refused("a temporary object",
                 "connections are shared, so it would come and go; use a table or a common table expression");
}

enum class Argument { kNone, kAllowed };
struct Pragma {
  const char* name;
  Argument argument;
};
// Others change a connection that many share, or the file's format.
constexpr std::array kPragmas = {
    Pragma{"application_id", Argument::kNone},
    Pragma{"cipher_version", Argument::kNone},
    Pragma{"collation_list", Argument::kNone},
    Pragma{"compile_options", Argument::kNone},
    Pragma{"data_version", Argument::kNone},
    Pragma{"database_list", Argument::kNone},
    Pragma{"defer_foreign_keys", Argument::kAllowed},
    Pragma{"encoding", Argument::kNone},
    Pragma{"foreign_key_check", Argument::kAllowed},
    Pragma{"foreign_key_list", Argument::kAllowed},
    Pragma{"foreign_keys", Argument::kNone},
    Pragma{"freelist_count", Argument::kNone},
    Pragma{"function_list", Argument::kNone},
    Pragma{"incremental_vacuum", Argument::kAllowed},
    Pragma{"index_info", Argument::kAllowed},
    Pragma{"index_list", Argument::kAllowed},
    Pragma{"index_xinfo", Argument::kAllowed},
    Pragma{"integrity_check", Argument::kAllowed},
    Pragma{"journal_mode", Argument::kNone},
    Pragma{"module_list", Argument::kNone},
    Pragma{"optimize", Argument::kAllowed},
    Pragma{"page_count", Argument::kNone},
    Pragma{"page_size", Argument::kNone},
    Pragma{"pragma_list", Argument::kNone},
    Pragma{"quick_check", Argument::kAllowed},
    Pragma{"schema_version", Argument::kNone},
    Pragma{"synchronous", Argument::kNone},
    Pragma{"table_info", Argument::kAllowed},
    Pragma{"table_list", Argument::kAllowed},
    Pragma{"table_xinfo", Argument::kAllowed},
    Pragma{"user_version", Argument::kAllowed},
};

Status check_pragma(const char* name, const char* argument) {
  for (const Pragma& pragma : kPragmas) {
    if (!same(name, pragma.name)) continue;
    if (argument == nullptr || pragma.argument == Argument::kAllowed) return {};
    return refused("PRAGMA " + std::string(name) + " with a value", "the store sets it itself");
  }
  return refused("PRAGMA " + std::string(name), "the store sets its connections up itself");
}

// sqlite_dbpage under another name would show the pages of the SDK's tables.
constexpr std::array kModules = {"fts5", "fts5vocab", "fts4",      "fts4aux",
                                 "fts3", "rtree",     "rtree_i32", "geopoly"};

Status check_module(const char* module) {
  for (const char* allowed : kModules)
    if (same(module, allowed)) return {};
  return refused("a virtual table of the module \"" + std::string(module) + "\"",
                 "use fts5 for full-text search or rtree for ranges");
}

Status check(ConnectionState* state, const AccessRequest& request) {
  const char* const first = request.first;
  const char* const second = request.second;
  switch (request.action) {
    case SQLITE_READ:
      if (same(first, "sqlite_dbpage"))
        return refused("the table sqlite_dbpage", "it would show pages of the SDK's tables");
      if (is_reserved(first) && to_lower_ascii(first) != kLicense) return reserved(first);
      return {};
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    case SQLITE_DROP_TABLE:
    case SQLITE_DROP_VIEW:
    case SQLITE_CREATE_VIEW:
      if (is_reserved(first)) return reserved(first);
      return {};
    case SQLITE_CREATE_TABLE:
      state->text_check = TextCheck::kAllButLicense;
      if (is_reserved(first)) return reserved(first);
      return {};
    case SQLITE_ALTER_TABLE:
      state->text_check = TextCheck::kAll;
      if (is_reserved(second)) return reserved(second);
      return {};
    case SQLITE_DROP_TRIGGER:
    case SQLITE_DROP_TEMP_TRIGGER:
      // A migration that drops a table drops the policy's triggers with it.
      if (state->policy == nullptr && is_reserved(first)) return {};
      if (request.action == SQLITE_DROP_TEMP_TRIGGER) return temporary();
      [[fallthrough]];
    case SQLITE_CREATE_INDEX:
    case SQLITE_CREATE_TRIGGER:
    case SQLITE_DROP_INDEX:
      if (is_reserved(first)) return reserved(first);
      if (is_reserved(second)) return reserved(second);
      return {};
    case SQLITE_CREATE_VTABLE:
      if (is_reserved(first)) return reserved(first);
      return check_module(second);
    case SQLITE_DROP_VTABLE:
      if (is_reserved(first)) return reserved(first);
      return {};
    case SQLITE_CREATE_TEMP_INDEX:
    case SQLITE_CREATE_TEMP_TABLE:
    case SQLITE_CREATE_TEMP_TRIGGER:
    case SQLITE_CREATE_TEMP_VIEW:
    case SQLITE_DROP_TEMP_INDEX:
    case SQLITE_DROP_TEMP_TABLE:
    case SQLITE_DROP_TEMP_VIEW:
      return temporary();
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
      return refused("BEGIN, COMMIT, ROLLBACK or SAVEPOINT", "open a transaction of the store");
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
      return refused("ATTACH, DETACH or VACUUM", "use the store's backup, export and compaction");
    case SQLITE_PRAGMA:
      return check_pragma(first, second);
    case SQLITE_FUNCTION:
      if (second != nullptr && sqlite3_strnicmp(second, "sqlcipher_", 10) == 0)
        return refused("the function " + std::string(second), "use the store's export");
      return {};
    default:
      return {};
  }
}

bool changes_schema(int action) {
  switch (action) {
    case SQLITE_ALTER_TABLE:
    case SQLITE_CREATE_INDEX:
    case SQLITE_CREATE_TABLE:
    case SQLITE_CREATE_TRIGGER:
    case SQLITE_CREATE_VIEW:
    case SQLITE_CREATE_VTABLE:
    case SQLITE_DROP_INDEX:
    case SQLITE_DROP_TABLE:
    case SQLITE_DROP_TEMP_TRIGGER:
    case SQLITE_DROP_TRIGGER:
    case SQLITE_DROP_VIEW:
    case SQLITE_DROP_VTABLE:
      return true;
    default:
      return false;
  }
}

}  // namespace

int authorize(void* state, int action, const char* first, const char* second, const char* database,
              const char* source) {
  auto& connection = *static_cast<ConnectionState*>(state);
  if (connection.origin == Origin::kSdk) return SQLITE_OK;
  const AccessRequest request{action, first, second, database, source};
  const Status status = without_exceptions([&]() -> Status {
    TSR_RETURN_IF_ERROR(check(&connection, request));
    if (connection.policy == nullptr) return {};
    return connection.policy->authorize(*connection.connection, request);
  });
  if (status) {
    if (changes_schema(action)) connection.changes_schema = true;
    return SQLITE_OK;
  }
  if (!connection.refusal) connection.refusal = status.error();
  return SQLITE_DENY;
}

Status check_text(std::string_view sql, TextCheck check) {
  if (check != TextCheck::kNone && mentions_reserved(sql, check)) return reserved("tsr_...");
  return {};
}

}  // namespace tessera::store
