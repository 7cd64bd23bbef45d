#include "store/errors.hpp"

#include <sqlite3.h>

#include <cerrno>

#include "store/connection.hpp"
#include "store/connection_state.hpp"
#include "text/json.hpp"

namespace tessera::store {
namespace {

std::string_view kind_of_constraint(int extended) {
  switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_ROWID:
      return "unique";
    case SQLITE_CONSTRAINT_PRIMARYKEY:
      return "primary_key";
    case SQLITE_CONSTRAINT_NOTNULL:
      return "not_null";
    case SQLITE_CONSTRAINT_CHECK:
      return "check";
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return "foreign_key";
    case SQLITE_CONSTRAINT_DATATYPE:
      return "datatype";
    case SQLITE_CONSTRAINT_TRIGGER:
      return "trigger";
    default:
      return "other";
  }
}

Error constraint_error(int extended, std::string text) {
  const Json detail{{"reason", "CONSTRAINT"}, {"kind", kind_of_constraint(extended)}};
  return {ErrorCode::kSTATE, std::string(kArea), std::move(text), dump_json(detail)};
}

/// The system's own reason is better than SQLite's "unable to open database file".
Error open_error(sqlite3* database, std::string_view what, const std::string& text) {
  const int number = database == nullptr ? 0 : sqlite3_system_errno(database);
  if (number == 0 || number == EINTR || number == EAGAIN) return store_error(ErrorCode::kIO, {}, text);
  return error_from_errno(kArea, what, number);
}

Error interrupted(const ConnectionState* state, std::string_view what) {
  if (state != nullptr && state->stop == Stop::kDeadline)
    return store_error(ErrorCode::kTIMEOUT, {},
                       "could not " + std::string(what) +
                           " within its time limit; allow more time, add an index or ask for less");
  return store_error(ErrorCode::kCANCELLED, {}, "could not " + std::string(what) + ": it was interrupted");
}

}  // namespace

Error store_error(ErrorCode code, std::string_view reason, std::string text) {
  std::string detail;
  if (!reason.empty()) detail = dump_json(Json{{"reason", reason}});
  return {code, std::string(kArea), std::move(text), std::move(detail)};
}

std::string reason_of(const Error& error) {
  if (error.domain != kArea || error.detail_json.empty()) return {};
  const auto detail = parse_json(error.detail_json);
  if (!detail) return {};
  const auto reason = json_string(*detail, "reason");
  return reason && *reason ? **reason : std::string();
}

Error error_of(sqlite3* database, int code, std::string_view what) {
  const ConnectionState* state = ConnectionState::of(database);
  const int extended = database == nullptr ? code : sqlite3_extended_errcode(database);
  const bool is_last = database != nullptr && (extended & 0xff) == (code & 0xff);
  std::string text = "could not " + std::string(what) + ": ";
  text += is_last ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return constraint_error(is_last ? extended : code, std::move(text));
    case SQLITE_FULL:
      return store_error(ErrorCode::kDISK_FULL, {}, text + "; free some space and try again");
    case SQLITE_IOERR:
      if ((is_last ? extended : code) == SQLITE_IOERR_NOMEM)
        return store_error(ErrorCode::kNO_MEMORY, {}, std::move(text));
      return store_error(ErrorCode::kIO, {}, text + "; check the disk and try again");
    case SQLITE_CANTOPEN:
      return open_error(database, what, text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return store_error(ErrorCode::kCORRUPT, "DAMAGED",
                         text + "; restore a backup, or salvage what can be read");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_SCHEMA:
      return store_error(ErrorCode::kBUSY, {}, text + "; try again");
    case SQLITE_NOMEM:
      return store_error(ErrorCode::kNO_MEMORY, {}, std::move(text));
    case SQLITE_TOOBIG:
      return store_error(ErrorCode::kLIMIT, {}, std::move(text));
    case SQLITE_INTERRUPT:
      return interrupted(state, what);
    case SQLITE_AUTH:
      if (state != nullptr && state->refusal) return *state->refusal;
      return store_error(ErrorCode::kARG, "REFUSED", std::move(text));
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return store_error(ErrorCode::kPERMISSION, {},
                         text + "; check the owner and mode of the file and of its folder");
    case SQLITE_ABORT:
      return store_error(ErrorCode::kSTATE, {}, text + "; its transaction was rolled back");
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
      return store_error(ErrorCode::kARG, "SQL", std::move(text));
    default:
      return store_error(ErrorCode::kINTERNAL, {}, std::move(text));
  }
}

}  // namespace tessera::store
