// What a schema means for tenant scopes, and the SQL that is run for a statement in one. No I/O but reading
// the schema.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/connection.hpp"
#include "store/sql_scan.hpp"

namespace tessera::store {

/// Names are in lower case, as SQLite compares them, unless said otherwise.
class TenantSchema {
 public:
  /// A table that declares a tenant column.
  struct Table {
    std::string name;    // as the schema spells it
    std::string column;  // so too
    bool is_virtual = false;
    std::vector<std::string> guards;  // bodies of TEMP triggers, "create temp trigger <name>" left out
  };
  enum class Other {
    kView,    // shadowed by its own text over the shadowed tables
    kClosed,  // shows rows of all tenants in a way that can't be filtered
    kInside   // a search table's own table: SQLite reads it, the application may not
  };

  /// Reads the declarations and what depends on them. Empty when nothing is declared.
  static Result<std::shared_ptr<const TenantSchema>> read(Connection& connection);

  bool empty() const { return tables_.empty(); }
  const std::map<std::string, Table>& tables() const { return tables_; }
  const Table* table(const std::string& name) const;
  const Other* other(const std::string& name) const;
  /// Triggers of the application whose statements may touch tenant tables: they name them as the targets of
  /// writes and through NEW and OLD only.
  bool is_safe_trigger(const std::string& name) const { return safe_triggers_.contains(name); }
  /// Views, and triggers that are not safe: what they read is not filtered.
  bool is_hidden_source(const std::string& name) const { return hidden_sources_.contains(name); }

  /// The text to run for `sql` in a scope: names of tables and views are shadowed by filtering common table
  /// expressions, updates and deletes filter first.
  Result<std::string> rewrite(std::string_view sql) const;

 private:
  struct Shadow {
    std::string sql;              // `"name" AS NOT MATERIALIZED (...`, to be closed
    std::set<std::string> needs;  // other shadows
    bool may_fail = false;        // a view that calls what may_fail() finds
  };
  friend class TenantSchemaReader;

  Status check_names(std::span<const SqlToken> tokens) const;
  Status rewrite_statement(std::string_view sql, std::span<const SqlToken> tokens, std::string* out) const;
  std::set<std::string> shadows_for(std::span<const SqlToken> tokens) const;
  std::string filter_of(const Table& table, std::string_view alias) const;

  std::map<std::string, Table> tables_;
  std::map<std::string, Other> others_;
  std::map<std::string, Shadow> shadows_;
  std::set<std::string> hidden_sources_;
  std::set<std::string> safe_triggers_;
};

/// Prefix of the triggers that guard a connection, in lower case.
inline constexpr std::string_view kTenantGuard = "tsr_tenant_guard_";
/// Prefix of the triggers that follow a declared table when it is renamed.
inline constexpr std::string_view kTenantMarker = "tsr_tenant_of_";

/// Whether the SQL calls functions that fail or last for some arguments, or reads JSON: where SQLite runs
/// them before a filter they tell of rows that it would hide.
bool may_fail(std::span<const SqlToken> tokens);

Error tenant_error(std::string text);
Error tenant_required(std::string_view table);

}  // namespace tessera::store
