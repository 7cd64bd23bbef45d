#include <sqlite3.h>

#include <climits>
#include <utility>

#include "store/binding.hpp"
#include "store/connection.hpp"
#include "store/connection_state.hpp"
#include "store/errors.hpp"

namespace tessera::store {
namespace {

constexpr std::string_view kSpaceOrEnd = " \t\r\n\f;";

/// Says whose SQL it is while SQLite asks the authorizer.
class Preparation {
 public:
  Preparation(ConnectionState& state, Origin origin) : state_(state) {
    state_.origin = origin;
    state_.text_check = TextCheck::kNone;
    state_.refusal.reset();
  }
  Preparation(const Preparation&) = delete;
  Preparation& operator=(const Preparation&) = delete;
  ~Preparation() { state_.origin = Origin::kSdk; }

 private:
  ConnectionState& state_;
};

/// Whether nothing but space and comments follows a statement.
bool is_blank(sqlite3* database, std::string_view rest) {
  while (rest.find_first_not_of(kSpaceOrEnd) != std::string_view::npos) {
    sqlite3_stmt* next = nullptr;
    const char* tail = nullptr;
    const int code = sqlite3_prepare_v2(database, rest.data(), static_cast<int>(rest.size()), &next, &tail);
    sqlite3_finalize(next);
    if (code != SQLITE_OK || next != nullptr) return false;
    rest.remove_prefix(static_cast<size_t>(tail - rest.data()));
  }
  return true;
}

Error not_one_statement(std::string_view why) {
  return store_error(ErrorCode::kARG, "SQL", "could not prepare the SQL: " + std::string(why));
}

}  // namespace

StatementSlot* StatementCache::find(std::string_view sql, Origin origin) {
  if (!used_.empty()) {
    StatementSlot& last = used_.front();
    if (!last.in_use && last.origin == origin && last.sql == sql) return &last;
  }
  const auto known = by_text_.find({sql, origin});
  if (known == by_text_.end() || known->second->in_use) return nullptr;
  used_.splice(used_.begin(), used_, known->second);
  return &*known->second;
}

StatementSlot& StatementCache::add(std::string_view sql, Origin origin, sqlite3_stmt* statement) {
  const bool is_new = !by_text_.contains({sql, origin});
  Slots& home = is_new ? used_ : uncached_;
  StatementSlot& slot = home.emplace_front();
  slot.sql = sql;
  slot.origin = origin;
  slot.statement = statement;
  slot.parameters = sqlite3_bind_parameter_count(statement);
  slot.cached = is_new;
  if (is_new) {
    by_text_.emplace(Key{slot.sql, origin}, home.begin());
    shrink();
  }
  return slot;
}

void StatementCache::shrink() {
  // The newest one is about to be used and stays.
  for (auto oldest = std::prev(used_.end());
       by_text_.size() > kCachedStatements && oldest != used_.begin();) {
    const auto slot = oldest--;
    if (slot->in_use) continue;
    by_text_.erase({slot->sql, slot->origin});
    sqlite3_finalize(slot->statement);
    used_.erase(slot);
  }
}

void StatementCache::give_back(StatementSlot& slot) {
  sqlite3_reset(slot.statement);
  // A borrowed text must not be met again by a caller who forgets to bind.
  if (slot.parameters != 0) sqlite3_clear_bindings(slot.statement);
  slot.in_use = false;
  if (slot.cached) return;
  sqlite3_finalize(slot.statement);
  uncached_.remove_if([&](const StatementSlot& other) { return &other == &slot; });
}

void StatementCache::clear() {
  by_text_.clear();
  for (auto slot = used_.begin(); slot != used_.end();) {
    const auto current = slot++;
    if (current->in_use) {
      current->cached = false;
      uncached_.splice(uncached_.begin(), used_, current);
      continue;
    }
    sqlite3_finalize(current->statement);
    used_.erase(current);
  }
}

Statement::Statement(Connection& owner, StatementSlot& slot)
    : owner_(&owner), slot_(&slot), statement_(slot.statement) {
  slot.in_use = true;
}

Statement::Statement(Statement&& other) noexcept
    : owner_(other.owner_), slot_(std::exchange(other.slot_, nullptr)), statement_(other.statement_) {}

Statement::~Statement() {
  if (slot_ != nullptr) owner_->state_->statements.give_back(*slot_);
}

Status Statement::bind(int index, const Value& value) {
  const int code = bind_value(statement_, index, value, Lifetime::kBorrowed);
  if (code == SQLITE_OK) return {};
  return error_of(owner_->get(), code, "bind a parameter");
}

Status Statement::bind(const Parameters& parameters) {
  return bind_parameters(*this, parameters, Lifetime::kBorrowed);
}

Result<bool> Statement::step() {
  owner_->state_->refusal.reset();
  owner_->state_->origin = slot_->origin;  // a changed schema lets SQLite prepare it anew
  const int code = sqlite3_step(statement_);
  owner_->state_->origin = Origin::kSdk;
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return error_of(owner_->get(), code, "run the SQL");
}

Status Statement::run() {
  for (;;) {
    TSR_ASSIGN_OR_RETURN(const bool has_row, step());
    if (!has_row) return {};
  }
}

Value Statement::column(int index) const {
  Value cell;
  read_column(statement_, index, &cell);
  return cell;
}

int Statement::columns() const { return sqlite3_column_count(statement_); }

int Statement::parameters() const { return slot_->parameters; }

std::shared_ptr<const std::vector<std::string>> Statement::names() const {
  const int prepared = sqlite3_stmt_status(statement_, SQLITE_STMTSTATUS_REPREPARE, 0);
  if (slot_->names == nullptr || slot_->named_at != prepared) {
    std::vector<std::string> names(static_cast<size_t>(columns()));
    for (int index = 0; index < columns(); ++index) {
      const char* const name = sqlite3_column_name(statement_, index);
      if (name != nullptr) names[static_cast<size_t>(index)] = name;
    }
    slot_->names = std::make_shared<const std::vector<std::string>>(std::move(names));
    slot_->named_at = prepared;
  }
  return slot_->names;
}

Status bind_parameters(Statement& statement, const Parameters& parameters, Lifetime lifetime) {
  const auto wanted = static_cast<size_t>(statement.parameters());
  const auto bind_one = [&](int index, const Value& value) -> Status {
    const int code = bind_value(statement.get(), index, value, lifetime);
    if (code == SQLITE_OK) return {};
    return error_of(sqlite3_db_handle(statement.get()), code, "bind a parameter");
  };
  if (parameters.names.empty()) {
    if (parameters.values.size() != wanted)
      return store_error(ErrorCode::kARG, "SQL",
                         "the SQL has " + std::to_string(wanted) + " parameters, but " +
                             std::to_string(parameters.values.size()) + " values were given");
    int index = 0;
    for (const Value& value : parameters.values) TSR_RETURN_IF_ERROR(bind_one(++index, value));
    return {};
  }
  if (parameters.names.size() != parameters.values.size())
    return store_error(ErrorCode::kARG, "SQL", "names and values of the parameters differ in number");
  for (int index = 1; index <= statement.parameters(); ++index) {
    const char* const full_name = sqlite3_bind_parameter_name(statement.get(), index);
    if (full_name == nullptr)
      return store_error(ErrorCode::kARG, "SQL",
                         "the SQL has a parameter without a name, but values with names were given");
    const std::string_view name = full_name + 1;
    const auto is_meant = [&](std::string_view given) {
      if (given == name) return true;
      return given.size() == name.size() + 1 && (given[0] == ':' || given[0] == '@' || given[0] == '$') &&
             given.substr(1) == name;
    };
    bool is_found = false;
    for (size_t place = 0; place < parameters.names.size() && !is_found; ++place) {
      if (!is_meant(parameters.names[place])) continue;
      TSR_RETURN_IF_ERROR(bind_one(index, parameters.values[place]));
      is_found = true;
    }
    if (!is_found)
      return store_error(ErrorCode::kARG, "SQL",
                         "no value was given for the parameter \"" + std::string(full_name) + "\"");
  }
  return {};
}

Result<Statement> Connection::statement(std::string_view sql, Origin origin) {
  if (StatementSlot* known = state_->statements.find(sql, origin)) return Statement(*this, *known);
  if (sql.size() > INT_MAX) return error_of(nullptr, SQLITE_TOOBIG, "prepare the SQL");
  if (sql.find('\0') != std::string_view::npos) return not_one_statement("it holds a NUL character");
  const Preparation preparation(*state_, origin);
  sqlite3_stmt* prepared = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v2(database_, sql.data(), static_cast<int>(sql.size()), &prepared, &tail);
  if (code != SQLITE_OK) return error_of(database_, code, "prepare the SQL");
  if (prepared == nullptr) return not_one_statement("it holds no statement");
  if (Status status = check_text(sql, state_->text_check); !status) {
    sqlite3_finalize(prepared);
    return std::move(status).error();
  }
  if (!is_blank(database_, {tail, static_cast<size_t>(sql.data() + sql.size() - tail)})) {
    sqlite3_finalize(prepared);
    return not_one_statement("it holds more than one statement; run it as a script");
  }
  return Statement(*this, state_->statements.add(sql, origin, prepared));
}

Status Connection::run(std::string_view sql, Origin origin) {
  if (sql.find('\0') != std::string_view::npos) return not_one_statement("it holds a NUL character");
  const std::string script(sql);  // with the NUL that lets SQLite read it in place
  for (const char* rest = script.c_str(); *rest != '\0';) {
    const Preparation preparation(*state_, origin);
    const char* const begin = rest;
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v2(database_, rest, -1, &statement, &rest);
    if (code != SQLITE_OK) return error_of(database_, code, "prepare the SQL");
    if (statement == nullptr) continue;  // a comment
    if (Status status = check_text({begin, rest}, state_->text_check); !status) {
      sqlite3_finalize(statement);
      return status;
    }
    do code = sqlite3_step(statement);
    while (code == SQLITE_ROW);
    if (code == SQLITE_DONE) {
      sqlite3_finalize(statement);
      continue;
    }
    Error error = error_of(database_, code, "run the SQL");
    sqlite3_finalize(statement);
    return error;
  }
  return {};
}

Result<int64_t> Connection::integer(std::string_view sql) {
  TSR_ASSIGN_OR_RETURN(Statement found, statement(sql));
  TSR_ASSIGN_OR_RETURN(const bool has_row, found.step());
  if (!has_row) return store_error(ErrorCode::kNOT_FOUND, {}, "the SQL found no row");
  return int64_t{sqlite3_column_int64(found.get(), 0)};
}

Result<std::string> Connection::text(std::string_view sql) {
  TSR_ASSIGN_OR_RETURN(Statement found, statement(sql));
  TSR_ASSIGN_OR_RETURN(const bool has_row, found.step());
  if (!has_row) return store_error(ErrorCode::kNOT_FOUND, {}, "the SQL found no row");
  const unsigned char* const text = sqlite3_column_text(found.get(), 0);
  if (text == nullptr) return std::string();
  return std::string(reinterpret_cast<const char*>(text),
                     static_cast<size_t>(sqlite3_column_bytes(found.get(), 0)));
}

int64_t Connection::changes() const { return sqlite3_changes64(database_); }
int64_t Connection::last_row_id() const { return sqlite3_last_insert_rowid(database_); }
void Connection::forget_statements() { state_->statements.clear(); }

}  // namespace tessera::store
