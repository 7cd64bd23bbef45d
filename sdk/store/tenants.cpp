#include "store/tenants.hpp"

#include <sqlite3.h>

#include <atomic>
#include <mutex>
#include <new>
#include <set>
#include <utility>
#include <vector>

#include "store/errors.hpp"
#include "store/tenant_schema.hpp"
#include "text/utf8.hpp"

namespace tessera::store {
namespace {

constexpr const char* kStateName = "tessera_tenant";

/// Whose statements run, as tsr_tenant_mode() gives it.
enum class Mode : int { kSdk = 0, kScope = 1, kNoScope = 2 };

class States;

/// Of one connection, which ends it.
struct State {
  States* owner = nullptr;
  Mode mode = Mode::kSdk;
  std::string tenant;
  bool is_writer = false;
  std::set<std::string> guarded;  // tables whose guards are in place; the writer's only
};

/// Those of all connections. SQLite's memory is none that leak checkers search, so they are kept here.
class States {
 public:
  State* add() {
    auto state = std::make_unique<State>();
    state->owner = this;
    const std::lock_guard lock(mutex_);
    return states_.emplace_back(std::move(state)).get();
  }
  static void remove(void* state) {
    States& owner = *static_cast<State*>(state)->owner;
    const std::lock_guard lock(owner.mutex_);
    std::erase_if(owner.states_, [state](const auto& one) { return one.get() == state; });
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<State>> states_;
};

State* state_of(Connection& connection) {
  return static_cast<State*>(sqlite3_get_clientdata(connection.get(), kStateName));
}

void give_tenant(sqlite3_context* context, int /*count*/, sqlite3_value** /*values*/) {
  const auto& state = *static_cast<const State*>(sqlite3_user_data(context));
  if (state.mode != Mode::kScope) return sqlite3_result_null(context);
  sqlite3_result_text64(context, state.tenant.data(), state.tenant.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void give_mode(sqlite3_context* context, int /*count*/, sqlite3_value** /*values*/) {
  sqlite3_result_int(context, static_cast<int>(static_cast<const State*>(sqlite3_user_data(context))->mode));
}

/// Makes the connection's state and its functions. They are not deterministic to SQLite, so that no index can
/// hold what they gave.
Result<State*> make_state(States& states, Connection& connection) {
  State* const state = states.add();
  if (sqlite3_set_clientdata(connection.get(), kStateName, state, States::remove) != SQLITE_OK)
    throw std::bad_alloc();
  struct Function {
    const char* name;
    void (*body)(sqlite3_context*, int, sqlite3_value**);
  };
  for (const Function& function :
       {Function{"tsr_tenant", give_tenant}, Function{"tsr_tenant_mode", give_mode}})
    if (const int code =
            sqlite3_create_function_v2(connection.get(), function.name, 0, SQLITE_UTF8 | SQLITE_INNOCUOUS,
                                       state, function.body, nullptr, nullptr, nullptr);
        code != SQLITE_OK)
      return error_of(connection.get(), code, "set the connection up for tenants");
  return state;
}

std::string lower(const char* name) { return name == nullptr ? std::string() : to_lower_ascii(name); }

Error unfiltered(const std::string& table, const char* source) {
  return tenant_error(
      "\"" + std::string(source == nullptr ? "the statement" : source) + "\" reads the tenant table \"" +
      table +
      "\" in a way that can't be filtered; let a view select from it without a schema name, and a "
      "trigger use NEW and OLD only");
}

Error schema_is_shared() {
  return tenant_error(
      "the schema belongs to all tenants and can't be changed in a tenant scope; use a migration");
}

/// The rules of one question, with what is declared and the scope of the connection.
class Judge {
 public:
  Judge(const TenantSchema& schema, const State& state, const AccessRequest& request)
      : schema_(schema), state_(state), request_(request), source_(lower(request.source)) {}

  Status judge() const {
    switch (request_.action) {
      case SQLITE_READ:
        return judge_read(lower(request_.first));
      case SQLITE_INSERT:
      case SQLITE_UPDATE:
      case SQLITE_DELETE:
        return judge_write(lower(request_.first));
      case SQLITE_PRAGMA:
        return is_scoped() ? judge_pragma() : Status();
      case SQLITE_ALTER_TABLE:
      case SQLITE_CREATE_INDEX:
      case SQLITE_CREATE_TRIGGER:
      case SQLITE_DROP_INDEX:
      case SQLITE_DROP_TRIGGER:
        return judge_change(lower(request_.second));
      case SQLITE_CREATE_TABLE:
      case SQLITE_CREATE_VIEW:
      case SQLITE_CREATE_VTABLE:
      case SQLITE_DROP_TABLE:
      case SQLITE_DROP_VIEW:
      case SQLITE_DROP_VTABLE:
      case SQLITE_REINDEX:
      case SQLITE_ANALYZE:
        return judge_change(lower(request_.first));
      default:
        return {};
    }
  }

 private:
  using Other = TenantSchema::Other;
  bool is_scoped() const { return state_.mode == Mode::kScope; }
  bool is_by_trigger() const { return schema_.is_safe_trigger(source_); }

  Status judge_read(const std::string& name) const {
    if (const TenantSchema::Table* const table = schema_.table(name)) {
      if (!is_scoped()) return tenant_required(table->name);
      // The target of a write and SQLite's own statements have no source; the filter has the table's name.
      if (source_.empty() || source_ == name || source_.starts_with(kTenantGuard) || is_by_trigger())
        return {};
      // To count a filtered table reads no column of it.
      const bool reads_no_column = request_.second == nullptr || *request_.second == '\0';
      if (reads_no_column && !schema_.is_hidden_source(source_)) return {};
      return unfiltered(table->name, request_.source);
    }
    return judge_other(name);
  }

  Status judge_write(const std::string& name) const {
    if (const TenantSchema::Table* const table = schema_.table(name)) {
      if (!is_scoped()) return tenant_required(table->name);
      // A reader prepares a write to see that it is one, and can't run it.
      if (table->is_virtual ? is_by_trigger() : !state_.is_writer || state_.guarded.contains(name)) return {};
      if (!table->is_virtual)
        return store_error(ErrorCode::kBUSY, {},
                           "the table \"" + table->name + "\" was declared a moment ago; try again");
      return tenant_error("the search table \"" + table->name +
                          "\" is written by triggers of its table only; write to the table");
    }
    if (is_scoped() && (name == "sqlite_master" || name == "sqlite_temp_master")) return schema_is_shared();
    if (is_scoped() && name.starts_with("sqlite_"))
      return tenant_error("\"" + name + "\" belongs to all tenants and can't be changed in a tenant scope");
    return judge_other(name);
  }

  Status judge_other(const std::string& name) const {
    const Other* const other = schema_.other(name);
    if (other == nullptr || *other == Other::kView) return {};
    if (!is_scoped()) return tenant_required(name);
    if (*other == Other::kInside ? source_.empty() : is_by_trigger()) return {};
    return unfiltered(name, request_.source);
  }

  Status judge_change(const std::string& name) const {
    if (is_scoped()) return schema_is_shared();
    const TenantSchema::Table* const table = schema_.table(name);
    if (table != nullptr) return tenant_required(table->name);
    return {};
  }

  Status judge_pragma() const {
    const std::string name = lower(request_.first);
    const bool is_over_all = name == "integrity_check" || name == "quick_check" ||
                             name == "foreign_key_check" || name == "optimize" ||
                             name == "incremental_vacuum";
    const bool is_set = name == "user_version" && request_.second != nullptr;
    if (!is_over_all && !is_set) return {};
    return tenant_error("PRAGMA " + name + " concerns all tenants and can't be used in a tenant scope");
  }

  const TenantSchema& schema_;
  const State& state_;
  const AccessRequest& request_;
  const std::string source_;
};

class TenantsImpl final : public Tenants {
 public:
  Status declare(Database& database, std::string_view table, std::string_view column) override {
    const Status written = database.write({.durability = Durability::kStrict}, [&](WriteScope& scope) {
      return declare_in(scope.connection(), table, column);
    });
    TSR_RETURN_IF_ERROR(written);
    return database.refresh_policy();
  }

  Status install(Connection& connection) override {
    State* state = state_of(connection);
    if (state == nullptr) {
      TSR_ASSIGN_OR_RETURN(state, make_state(states_, connection));
    }
    TSR_ASSIGN_OR_RETURN(const int64_t version, connection.integer("pragma schema_version"));
    TSR_ASSIGN_OR_RETURN(std::shared_ptr<const TenantSchema> schema, TenantSchema::read(connection));
    state->is_writer = sqlite3_db_readonly(connection.get(), "main") == 0;
    if (state->is_writer) TSR_RETURN_IF_ERROR(guard(connection, *schema, *state));
    const std::lock_guard lock(mutex_);
    // A reader may be behind; the writer knows, also of other content with a lower version (an import).
    if (!state->is_writer && schema_ != nullptr && version < version_) return {};
    version_ = version;
    is_empty_.store(schema->empty(), std::memory_order_release);
    schema_ = std::move(schema);
    return {};
  }

  Result<std::string_view> rewrite(std::string_view sql, const std::string* tenant,
                                   std::string* buffer) override {
    if (tenant == nullptr || is_empty_.load(std::memory_order_acquire)) return sql;
    TSR_ASSIGN_OR_RETURN(*buffer, current()->rewrite(sql));
    return std::string_view(*buffer);
  }

  void enter(Connection& connection, const std::string* tenant) override {
    State* const state = state_of(connection);
    if (state == nullptr) return;
    state->mode = tenant == nullptr ? Mode::kNoScope : Mode::kScope;
    if (tenant != nullptr) state->tenant = *tenant;
  }

  void leave(Connection& connection) override {
    if (State* const state = state_of(connection)) state->mode = Mode::kSdk;
  }

  Status authorize(Connection& connection, const AccessRequest& request) override {
    if (is_empty_.load(std::memory_order_acquire)) return {};
    const State* const state = state_of(connection);
    if (state == nullptr) return {};
    return Judge(*current(), *state, request).judge();
  }

 private:
  std::shared_ptr<const TenantSchema> current() {
    const std::lock_guard lock(mutex_);
    return schema_;
  }

  static Status guard(Connection& connection, const TenantSchema& schema, State& state) {
    std::string sql;
    {
      TSR_ASSIGN_OR_RETURN(
          Statement old,
          connection.statement("select name from temp.sqlite_schema where type = 'trigger' and name like "
                               "'tsr\\_tenant\\_guard\\_%' escape '\\'"));
      for (;;) {
        TSR_ASSIGN_OR_RETURN(const bool found, old.step());
        if (!found) break;
        sql += "DROP TRIGGER temp." + quoted_name(old.column(0).text()) + ";\n";
      }
    }
    state.guarded.clear();
    std::set<std::string> guarded;
    int number = 0;
    for (const auto& [name, table] : schema.tables()) {
      for (const std::string& guard : table.guards)
        sql += "CREATE TEMP TRIGGER " + std::string(kTenantGuard) + std::to_string(++number) + " " + guard +
               ";\n";
      guarded.insert(name);
    }
    TSR_RETURN_IF_ERROR(connection.run(sql));
    state.guarded = std::move(guarded);
    return {};
  }

  static Status declare_in(Connection& connection, std::string_view table, std::string_view column) {
    TSR_ASSIGN_OR_RETURN(
        Statement search,
        connection.statement("select schema.name, list.type, info.name, info.hidden "
                             "from main.sqlite_schema as schema "
                             "join pragma_table_list(schema.name) as list on list.schema = 'main' "
                             "left join pragma_table_xinfo(schema.name) as info "
                             "on info.name = ?2 collate nocase "
                             "where schema.type in ('table', 'view') and schema.name = ?1 "
                             "collate nocase"));
    TSR_RETURN_IF_ERROR(search.bind_all(table, column));
    TSR_ASSIGN_OR_RETURN(const bool found, search.step());
    const std::string given(table);
    if (!found || to_lower_ascii(table).starts_with("tsr_") || to_lower_ascii(table).starts_with("sqlite_"))
      return store_error(ErrorCode::kNOT_FOUND, {},
                         "the database has no table \"" + given + "\" that could declare a tenant column");
    const std::string name(search.column(0).text());
    const std::string type(search.column(1).text());
    if (type != "table" && type != "virtual")
      return store_error(
          ErrorCode::kARG, {},
          "\"" + given + "\" is a " + type + "; declare the tenant column of the tables it reads");
    if (search.column(2).is_null())
      return store_error(ErrorCode::kNOT_FOUND, {},
                         "the table \"" + given + "\" has no column \"" + std::string(column) + "\"");
    if (search.column(3).integer != 0)
      return store_error(ErrorCode::kARG, {},
                         "the column \"" + std::string(column) + "\" of \"" + given +
                             "\" is computed or hidden; a tenant column must hold what was written");
    const std::string spelled(search.column(2).text());
    TSR_RETURN_IF_ERROR(search.run());
    return remember(connection, name, spelled, type == "table");
  }

  static Status remember(Connection& connection, const std::string& table, const std::string& column,
                         bool may_have_trigger) {
    TSR_RETURN_IF_ERROR(
        connection.run("create table if not exists tsr_tenant_tables (table_name text primary key not null "
                       "collate nocase, column_name text not null) strict"));
    TSR_ASSIGN_OR_RETURN(
        Statement statement,
        connection.statement("insert into tsr_tenant_tables (table_name, column_name) values (?1, ?2) "
                             "on conflict (table_name) do update set column_name = excluded.column_name"));
    TSR_RETURN_IF_ERROR(statement.bind_all(std::string_view(table), std::string_view(column)));
    TSR_RETURN_IF_ERROR(statement.run());
    if (!may_have_trigger) return {};
    // It does nothing, but SQLite renames table and column in it, so that a renamed table stays declared.
    const std::string marker = quoted_name(std::string(kTenantMarker) + table);
    return connection.run("DROP TRIGGER IF EXISTS main." + marker + ";\nCREATE TRIGGER main." + marker +
                          " BEFORE UPDATE OF " + quoted_name(column) + " ON " + quoted_name(table) +
                          " WHEN 0 BEGIN SELECT 1; END");
  }

  States states_;
  std::mutex mutex_;
  std::shared_ptr<const TenantSchema> schema_;
  int64_t version_ = 0;
  std::atomic<bool> is_empty_{true};
};

}  // namespace

std::unique_ptr<Tenants> Tenants::make() { return std::make_unique<TenantsImpl>(); }

}  // namespace tessera::store
