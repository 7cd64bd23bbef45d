#include "store/tenant_guards.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <span>

#include "store/sql_scan.hpp"
#include "text/utf8.hpp"

namespace tessera::store {
namespace {

using Tokens = std::span<const SqlToken>;

/// One term of a unique key: a column, or an expression over columns.
struct Term {
  std::string column;      // empty: the expression
  std::string expression;  // its text
  std::string collation;
};
struct Key {
  std::string label;  // what SQLite's own message names
  std::vector<Term> terms;
  std::string condition;  // of a partial index
};
struct ForeignKey {
  std::string parent;
  std::vector<std::pair<std::string, std::string>> columns;  // child, parent
};

std::string foreign(std::string_view row, const std::string& column) {
  return "CAST(" + std::string(row) + quoted_name(column) + " AS TEXT) COLLATE BINARY IS NOT tsr_tenant()";
}

/// Reads all rows of a query with one text parameter.
template <class Visit>
Status each_row(Connection& connection, std::string_view sql, std::string_view argument, Visit visit) {
  TSR_ASSIGN_OR_RETURN(Statement statement, connection.statement(sql));
  TSR_RETURN_IF_ERROR(statement.bind(1, Value::of(argument)));
  for (;;) {
    TSR_ASSIGN_OR_RETURN(const bool found, statement.step());
    if (!found) return {};
    visit(statement);
  }
}

std::string text_at(const Statement& statement, int column) {
  return std::string(statement.column(column).text());
}

class Guards {
 public:
  Guards(Connection& connection, const std::string& table, const std::string& column)
      : connection_(connection), table_(table), column_(column) {}

  Status read() {
    TSR_RETURN_IF_ERROR(
        each_row(connection_, "select name from pragma_table_xinfo(?1)", table_,
                 [this](const Statement& row) { columns_.push_back(to_lower_ascii(row.column(0).text())); }));
    bool without_rowid = false;
    TSR_RETURN_IF_ERROR(each_row(connection_, "select wr from pragma_table_list(?1) where schema = 'main'",
                                 table_,
                                 [&](const Statement& row) { without_rowid = row.column(0).integer != 0; }));
    if (!without_rowid) name_rowid();
    TSR_RETURN_IF_ERROR(read_keys());
    return read_foreign_keys();
  }

  std::vector<std::string> make(const std::function<const TenantParent*(std::string_view)>& parent_of) const {
    const std::string on = " ON main." + quoted_name(table_);
    const std::string shown = "\"" + table_ + "\"";
    const std::string needs_scope =
        quoted_text("the table " + shown + " keeps rows of several tenants; use a tenant scope of the store");
    const std::string in_app = "tsr_tenant_mode() <> 0 AND ";
    const std::string abort_new =
        "SELECT CASE tsr_tenant_mode() WHEN 1 THEN RAISE(ABORT, " +
        quoted_text("a row of " + shown + " must carry the tenant of the scope in its column \"" + column_ +
                    "\"; set it") +
        ") ELSE RAISE(ABORT, " + needs_scope + ") END; ";
    const std::string skip_old =
        "SELECT CASE tsr_tenant_mode() WHEN 1 THEN RAISE(IGNORE) ELSE RAISE(ABORT, " + needs_scope +
        ") END; ";
    const auto refuse = [](const std::string& condition, const std::string& text) {
      return "SELECT RAISE(ABORT, " + quoted_text(text) + ") WHERE " + condition + "; ";
    };

    std::string inserted, updated;
    for (const Key& key : keys_) {
      const std::string text = "UNIQUE constraint failed: " + key.label;
      inserted += refuse(conflict(key), text);
      updated += refuse(conflict(key), text);
    }
    if (!rowid_.empty()) {
      const std::string taken = "EXISTS (SELECT 1 FROM main." + quoted_name(table_) + " WHERE " + rowid_ +
                                " = new." + rowid_ + " AND " + foreign("", column_) + ")";
      const std::string text = "UNIQUE constraint failed: " + table_ + "." + rowid_;
      // -1 stands for "not yet known"; see below.
      inserted += refuse("new." + rowid_ + " IS NOT -1 AND " + taken, text);
      updated += refuse("new." + rowid_ + " IS NOT old." + rowid_ + " AND " + taken, text);
    }
    for (const ForeignKey& key : foreign_keys_) {
      const TenantParent* const parent = parent_of(key.parent);
      if (parent == nullptr || key.columns.empty()) continue;
      const std::string check = refuse(has_foreign_parent(key, *parent), "FOREIGN KEY constraint failed");
      inserted += check;
      updated += check;
    }

    std::vector<std::string> guards;
    guards.push_back("BEFORE DELETE" + on + " WHEN " + in_app + foreign("old.", column_) + " BEGIN " +
                     skip_old + "END");
    guards.push_back("BEFORE INSERT" + on + " WHEN " + in_app + foreign("new.", column_) + " BEGIN " +
                     abort_new + "END");
    // In this order: an expression of the application's indexes sees own rows only.
    guards.push_back("BEFORE UPDATE" + on + " WHEN " + in_app + "(" + foreign("old.", column_) + " OR " +
                     foreign("new.", column_) + ") BEGIN SELECT CASE WHEN tsr_tenant_mode() = 1 AND " +
                     foreign("old.", column_) + " THEN RAISE(IGNORE) END; " + abort_new + "END");
    const std::string own_new = in_app + "NOT (" + foreign("new.", column_) + ")";
    if (!inserted.empty())
      guards.push_back("BEFORE INSERT" + on + " WHEN " + own_new + " BEGIN " + inserted + "END");
    if (!updated.empty())
      guards.push_back("BEFORE UPDATE" + on + " WHEN " + own_new + " AND NOT (" + foreign("old.", column_) +
                       ") BEGIN " + updated + "END");
    if (!rowid_.empty())
      // REPLACE could meet a row -1 of another tenant unseen, so no scope leaves one behind.
      guards.push_back("AFTER INSERT" + on + " WHEN " + in_app + "new." + rowid_ +
                       " = -1 BEGIN SELECT RAISE(ABORT, " +
                       quoted_text("the row id -1 can't be used in the tenant table " + shown) + "); END");
    return guards;
  }

 private:
  void name_rowid() {
    for (const std::string_view name : {"rowid", "_rowid_", "oid"})
      if (std::find(columns_.begin(), columns_.end(), name) == columns_.end()) {
        rowid_ = name;
        return;
      }
  }

  Status read_keys() {
    struct Index {
      std::string name, sql;
      bool partial;
    };
    std::vector<Index> indexes;
    TSR_RETURN_IF_ERROR(each_row(
        connection_,
        "select list.name, list.partial, coalesce(schema.sql, '') from pragma_index_list(?1) as list "
        "left join main.sqlite_schema as schema on schema.type = 'index' and schema.name = list.name "
        "where list.\"unique\" = 1",
        table_, [&](const Statement& row) {
          indexes.push_back({text_at(row, 0), text_at(row, 2), row.column(1).integer != 0});
        }));
    for (const Index& index : indexes) {
      Key key;
      int place = 0;
      const std::vector<std::string> texts = expressions_of(index.sql);
      TSR_RETURN_IF_ERROR(each_row(
          connection_, "select cid, name, coll from pragma_index_xinfo(?1) where key = 1 order by seqno",
          index.name, [&](const Statement& row) {
            Term term;
            if (row.column(0).integer >= 0) {
              term.column = text_at(row, 1);
              key.label += (key.label.empty() ? "" : ", ") + table_ + "." + term.column;
            } else if (static_cast<size_t>(place) < texts.size()) {
              term.expression = texts[static_cast<size_t>(place)];
            }
            term.collation = text_at(row, 2);
            key.terms.push_back(std::move(term));
            ++place;
          }));
      if (key.label.empty()) key.label = "index '" + index.name + "'";
      if (index.partial) key.condition = condition_of(index.sql);
      keys_.push_back(std::move(key));
    }
    return {};
  }

  Status read_foreign_keys() {
    std::map<int64_t, ForeignKey> keys;
    TSR_RETURN_IF_ERROR(each_row(
        connection_,
        "select key.id, key.\"table\", key.\"from\", coalesce(key.\"to\", (select name from "
        "pragma_table_info(key.\"table\") where pk = key.seq + 1)) from pragma_foreign_key_list(?1) as key",
        table_, [&](const Statement& row) {
          ForeignKey& key = keys[row.column(0).integer];
          key.parent = text_at(row, 1);
          if (!row.column(3).is_null()) key.columns.emplace_back(text_at(row, 2), text_at(row, 3));
        }));
    for (auto& [id, key] : keys) foreign_keys_.push_back(std::move(key));
    return {};
  }

  /// Texts of the terms of CREATE INDEX ... ON table (term, ...), without ASC and DESC.
  static std::vector<std::string> expressions_of(const std::string& sql) {
    const SqlScan scan = scan_sql(sql);
    const Tokens tokens(scan.tokens);
    size_t open = 0;
    while (open < tokens.size() && !(tokens[open].depth == 0 && tokens[open].is_sign("("))) ++open;
    std::vector<std::string> texts;
    size_t first = open + 1;
    for (size_t i = first; i < tokens.size(); ++i) {
      const bool is_end = tokens[i].depth == 0 && tokens[i].is_sign(")");
      const bool is_comma = tokens[i].depth == 1 && tokens[i].is_sign(",");
      if (!is_end && !is_comma) continue;
      size_t last = i - 1;
      if (tokens[last].is("asc") || tokens[last].is("desc")) --last;
      if (first <= last)
        texts.push_back(sql.substr(tokens[first].begin, tokens[last].end - tokens[first].begin));
      first = i + 1;
      if (is_end) break;
    }
    return texts;
  }

  static std::string condition_of(const std::string& sql) {
    const SqlScan scan = scan_sql(sql);
    for (const SqlToken& token : scan.tokens)
      if (token.depth == 0 && token.is("where")) return sql.substr(token.end);
    return {};
  }

  /// The value of `expression` for the new row.
  std::string of_new_row(const std::string& expression) const {
    std::string columns;
    for (const SqlToken& token : scan_sql(expression).tokens) {
      if (!token.may_name() || std::find(columns_.begin(), columns_.end(), token.name) == columns_.end())
        continue;
      columns += (columns.empty() ? "" : ", ") + ("new." + quoted_name(token.name)) + " AS " +
                 quoted_name(token.name);
    }
    return "(SELECT " + expression + "\n FROM (SELECT " + (columns.empty() ? "1" : columns) + "))";
  }

  std::string conflict(const Key& key) const {
    std::string sql = "EXISTS (SELECT 1 FROM main." + quoted_name(table_) + " WHERE " + foreign("", column_);
    for (const Term& term : key.terms) {
      sql += " AND ";
      if (!term.column.empty())
        sql += quoted_name(term.column) + " = new." + quoted_name(term.column);
      else
        sql += "(" + term.expression + "\n) = " + of_new_row(term.expression);
      if (!term.collation.empty()) sql += " COLLATE " + quoted_name(term.collation);
    }
    if (!key.condition.empty()) sql += " AND (" + key.condition + "\n) AND " + of_new_row(key.condition);
    return sql + ")";
  }

  static std::string has_foreign_parent(const ForeignKey& key, const TenantParent& parent) {
    std::string sql =
        "EXISTS (SELECT 1 FROM main." + quoted_name(parent.name) + " WHERE " + foreign("", parent.column);
    for (const auto& [child, column] : key.columns)
      sql += " AND " + quoted_name(column) + " = new." + quoted_name(child);
    return sql + ")";
  }

  Connection& connection_;
  const std::string table_;
  const std::string column_;
  std::vector<std::string> columns_;  // in lower case
  std::string rowid_;                 // a name of the row id; empty: none, or all names are columns
  std::vector<Key> keys_;
  std::vector<ForeignKey> foreign_keys_;
};

}  // namespace

Result<std::vector<std::string>> make_tenant_guards(
    Connection& connection, const std::string& table, const std::string& column,
    const std::function<const TenantParent*(std::string_view)>& parent_of) {
  Guards guards(connection, table, column);
  TSR_RETURN_IF_ERROR(guards.read());
  return guards.make(parent_of);
}

std::vector<std::string> make_closed_guards(const std::string& table) {
  const std::string body = " ON main." + quoted_name(table) +
                           " WHEN tsr_tenant_mode() <> 0 BEGIN SELECT RAISE(ABORT, " +
                           quoted_text("the tenant column of \"" + table +
                                       "\" is missing; declare the table's tenant column anew") +
                           "); END";
  return {"BEFORE INSERT" + body, "BEFORE UPDATE" + body, "BEFORE DELETE" + body};
}

}  // namespace tessera::store
