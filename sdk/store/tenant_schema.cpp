#include "store/tenant_schema.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <utility>

#include "store/tenant_guards.hpp"
#include "text/utf8.hpp"

namespace tessera::store {
namespace {

using Tokens = std::span<const SqlToken>;

struct Object {
  std::string name;   // as spelled
  std::string table;  // of a trigger, in lower case
  std::string sql;
  SqlScan scan;
};

bool is_word_of(const SqlToken& token, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return token.is(word); });
}

/// Index of the first token at depth 0 that is the word.
std::optional<size_t> find_word(Tokens tokens, std::string_view word) {
  for (size_t i = 0; i < tokens.size(); ++i)
    if (tokens[i].depth == 0 && tokens[i].is(word)) return i;
  return std::nullopt;
}

/// Whether a string stands where no name can stand. In doubt it is a name.
bool is_literal(Tokens tokens, size_t place) {
  if (tokens[place].kind != SqlToken::Kind::kString || place == 0) return false;
  const SqlToken& last = tokens[place - 1];
  if (last.kind != SqlToken::Kind::kOther)
    return !is_word_of(
        last, {"from", "join", "into", "update", "in", "ignore", "replace", "fail", "abort", "rollback"});
  if (!last.is_sign(",") && !last.is_sign("(")) return !last.is_sign(".");
  // Arguments of a function, values of VALUES.
  for (size_t i = place; i-- > 0;) {
    if (tokens[i].depth >= tokens[place].depth) continue;
    return i > 0 && tokens[i - 1].kind == SqlToken::Kind::kWord &&
           !is_word_of(tokens[i - 1], {"from", "join", "in", "as", "on", "where", "and", "or", "not",
                                       "select", "exists", "when", "then", "else", "case", "using"});
  }
  return false;
}

/// Whether the name is the target of a write, or qualifies a column.
bool is_target(Tokens tokens, size_t place) {
  const auto before = [&](size_t count) { return place >= count ? &tokens[place - count] : nullptr; };
  const SqlToken* const last = before(1);
  if (last == nullptr) return false;
  if (last->is("into") || last->is("update")) return true;
  if (last->is("from") && before(2) != nullptr && before(2)->is("delete")) return true;
  if (before(3) != nullptr && before(2)->is("or") && before(3)->is("update")) return true;
  return place + 1 < tokens.size() && tokens[place + 1].is_sign(".") && !last->is_sign(".");
}

}  // namespace

/// Reads a TenantSchema step by step.
class TenantSchemaReader {
 public:
  explicit TenantSchemaReader(Connection& connection) : connection_(connection) {}

  Result<std::shared_ptr<const TenantSchema>> read() {
    TSR_RETURN_IF_ERROR(read_declarations());
    if (declared_.empty()) return std::make_shared<const TenantSchema>();
    TSR_RETURN_IF_ERROR(read_objects());
    TSR_RETURN_IF_ERROR(add_tables());
    close_samples();
    add_virtual_tables();
    add_views();
    add_triggers();
    return std::make_shared<const TenantSchema>(std::move(schema_));
  }

 private:
  template <class Visit>
  Status each(std::string_view sql, Visit visit) {
    TSR_ASSIGN_OR_RETURN(Statement statement, connection_.statement(sql));
    for (;;) {
      TSR_ASSIGN_OR_RETURN(const bool found, statement.step());
      if (!found) return {};
      visit(statement);
    }
  }
  static std::string text_at(const Statement& row, int column) {
    return std::string(row.column(column).text());
  }

  Status read_declarations() {
    TSR_ASSIGN_OR_RETURN(
        const int64_t known,
        connection_.integer("select count(*) from main.sqlite_schema where type = 'table' and "
                            "name = 'tsr_tenant_tables'"));
    if (known == 0) return {};
    TSR_RETURN_IF_ERROR(each(
        "select table_name, column_name from main.tsr_tenant_tables",
        [this](const Statement& row) { declared_[to_lower_ascii(row.column(0).text())] = text_at(row, 1); }));
    // A declared table that was renamed since, with its column, shows in its marker.
    return each(
        "select tbl_name, sql from main.sqlite_schema where type = 'trigger' and name like "
        "'tsr\\_tenant\\_of\\_%' "
        "escape '\\'",
        [this](const Statement& row) {
          const std::string sql = text_at(row, 1);
          const SqlScan scan = scan_sql(sql);
          const auto of = find_word(scan.tokens, "of");
          if (!of || *of + 1 >= scan.tokens.size()) return;
          declared_[to_lower_ascii(row.column(0).text())] = scan.tokens[*of + 1].name;
        });
  }

  Status read_objects() {
    TSR_RETURN_IF_ERROR(
        each("select type, name, tbl_name, coalesce(sql, '') from main.sqlite_schema",
             [this](const Statement& row) {
               const std::string type = text_at(row, 0);
               Object object{text_at(row, 1), to_lower_ascii(row.column(2).text()), text_at(row, 3), {}};
               const std::string name = to_lower_ascii(object.name);
               if (type == "table") {
                 if (to_lower_ascii(object.sql.substr(0, 20)).starts_with("create virtual table"))
                   virtual_.push_back(scanned(std::move(object)));
                 else
                   plain_[name] = object.name;
               } else if (type == "view") {
                 schema_.hidden_sources_.insert(name);
                 views_.push_back(scanned(std::move(object)));
               } else if (type == "trigger" && !name.starts_with(kTenantMarker)) {
                 triggers_.push_back(scanned(std::move(object)));
               }
             }));
    return each("select name from pragma_table_list where schema = 'main' and type = 'shadow'",
                [this](const Statement& row) { inside_.push_back(to_lower_ascii(row.column(0).text())); });
  }

  static Object scanned(Object object) {
    object.scan = scan_sql(object.sql);
    return object;
  }

  Status add_tables() {
    std::map<std::string, TenantParent> parents;
    for (const auto& [name, column] : declared_)
      if (const auto plain = plain_.find(name); plain != plain_.end())
        parents[name] = {plain->second, column};
    for (const auto& [name, parent] : parents) {
      TenantSchema::Table table{parent.name, parent.column, false, {}};
      TSR_ASSIGN_OR_RETURN(const bool has_column, has(parent.name, parent.column));
      if (has_column) {
        TSR_ASSIGN_OR_RETURN(table.guards,
                             make_tenant_guards(connection_, parent.name, parent.column,
                                                [&](std::string_view other) -> const TenantParent* {
                                                  const auto found = parents.find(to_lower_ascii(other));
                                                  return found == parents.end() ? nullptr : &found->second;
                                                }));
      } else {
        table.guards = make_closed_guards(parent.name);
      }
      add_table(name, std::move(table), "*");
    }
    return {};
  }

  Result<bool> has(std::string_view table, std::string_view column) {
    TSR_ASSIGN_OR_RETURN(
        Statement statement,
        connection_.statement("select 1 from pragma_table_xinfo(?1) where name = ?2 collate nocase"));
    TSR_RETURN_IF_ERROR(statement.bind_all(table, column));
    return statement.step();
  }

  void add_table(const std::string& name, TenantSchema::Table table, const std::string& columns) {
    schema_.shadows_[name] = {quoted_name(table.name) + " AS NOT MATERIALIZED (SELECT " + columns +
                                  " FROM main." + quoted_name(table.name) + " WHERE " +
                                  quoted_name(table.column) + " = tsr_tenant() COLLATE BINARY",
                              {},
                              false};
    schema_.tables_.emplace(name, std::move(table));
  }

  /// ANALYZE keeps samples of indexed values, and sqlite_dbpage shows everything.
  void close_samples() {
    for (const std::string_view name : {"sqlite_stat3", "sqlite_stat4", "sqlite_dbpage"})
      schema_.others_.emplace(name, TenantSchema::Other::kClosed);
  }

  void add_virtual_tables() {
    for (const Object& object : virtual_) {
      const std::string name = to_lower_ascii(object.name);
      const auto declared = declared_.find(name);
      if (declared == declared_.end()) continue;
      // Full-text queries go through the hidden columns.
      const bool is_fts5 = module_of(object) == "fts5";
      add_table(name, {object.name, declared->second, true, {}},
                is_fts5 ? "*, " + quoted_name(object.name) + ", rank, rowid" : "*");
      close_inside(name);
    }
    // What reads a tenant table or its index without being declared itself shows every tenant's rows.
    for (bool has_changed = true; std::exchange(has_changed, false);)
      for (const Object& object : virtual_) {
        const std::string name = to_lower_ascii(object.name);
        if (is_protected(name) || !mentions_protected(after_using(object))) continue;
        schema_.others_.emplace(name, TenantSchema::Other::kClosed);
        close_inside(name);
        has_changed = true;
      }
  }

  void close_inside(const std::string& name) {
    for (const std::string& table : inside_)
      if (table.starts_with(name + "_")) schema_.others_.emplace(table, TenantSchema::Other::kInside);
  }

  static Tokens after_using(const Object& object) {
    const Tokens tokens(object.scan.tokens);
    const auto place = find_word(tokens, "using");
    return place ? tokens.subspan(*place + 1) : Tokens();
  }
  static std::string module_of(const Object& object) {
    const Tokens tokens = after_using(object);
    return tokens.empty() ? std::string() : tokens.front().name;
  }

  bool is_protected(const std::string& name) const {
    return schema_.tables_.contains(name) || schema_.others_.contains(name);
  }
  bool mentions_protected(Tokens tokens) const {
    return std::any_of(tokens.begin(), tokens.end(), [this](const SqlToken& token) {
      return token.may_name() && is_protected(token.name);
    });
  }

  void add_views() {
    for (bool has_changed = true; std::exchange(has_changed, false);)
      for (const Object& object : views_) {
        const std::string name = to_lower_ascii(object.name);
        if (is_protected(name) || !mentions_protected(body_of(object))) continue;
        schema_.others_.emplace(name, TenantSchema::Other::kView);
        has_changed = true;
      }
    // One that names a schema or stands on something closed is closed.
    for (bool has_changed = true; std::exchange(has_changed, false);)
      for (const Object& object : views_) {
        const auto view = schema_.others_.find(to_lower_ascii(object.name));
        if (view == schema_.others_.end() || view->second == TenantSchema::Other::kClosed) continue;
        if (object.scan.is_balanced && schema_.check_names(body_of(object)).ok()) continue;
        view->second = TenantSchema::Other::kClosed;
        has_changed = true;
      }
    for (const Object& object : views_) {
      const auto view = schema_.others_.find(to_lower_ascii(object.name));
      if (view != schema_.others_.end() && view->second == TenantSchema::Other::kView)
        add_shadow(view->first, object);
    }
  }

  /// What follows AS.
  static Tokens body_of(const Object& view) {
    const Tokens tokens(view.scan.tokens);
    const auto as = find_word(tokens, "as");
    return as ? tokens.subspan(*as + 1) : Tokens();
  }

  void add_shadow(const std::string& name, const Object& view) {
    std::set<std::string> needs;
    for (const SqlToken& token : body_of(view))
      if (token.may_name() && token.name != name && is_protected(token.name)) needs.insert(token.name);
    // CREATE VIEW name [(columns)] AS select
    const SqlToken& first = view.scan.tokens[2];
    const SqlToken& as = view.scan.tokens[*find_word(view.scan.tokens, "as")];
    schema_.shadows_[name] = {view.sql.substr(first.begin, as.begin - first.begin) + "AS NOT MATERIALIZED (" +
                                  view.sql.substr(as.end) + "\n",
                              std::move(needs), may_fail(body_of(view))};
  }

  void add_triggers() {
    for (const Object& object : triggers_) {
      const std::string name = to_lower_ascii(object.name);
      if (!schema_.hidden_sources_.contains(name) && is_safe(object))
        schema_.safe_triggers_.insert(name);
      else
        schema_.hidden_sources_.insert(name);
    }
  }

  bool is_safe(const Object& trigger) const {
    const Tokens all(trigger.scan.tokens);
    const auto on = find_word(all, "on");
    if (!on || !trigger.scan.is_balanced || *on + 2 > all.size()) return false;
    const Tokens tokens = all.subspan(*on + 2);
    for (size_t i = 0; i < tokens.size(); ++i) {
      if (!tokens[i].may_name() || !is_protected(tokens[i].name)) continue;
      const auto other = schema_.others_.find(tokens[i].name);
      if (other != schema_.others_.end() && other->second == TenantSchema::Other::kInside) return false;
      if (is_literal(tokens, i)) continue;
      if (!is_target(tokens, i)) return false;
      // INSERT INTO search (search, rowid, ...): the hidden column has the table's name.
      if (i + 1 < tokens.size() && tokens[i + 1].is_sign("(") && tokens[i - 1].is("into"))
        while (i + 1 < tokens.size() && !tokens[i].is_sign(")")) ++i;
    }
    return true;
  }

  Connection& connection_;
  TenantSchema schema_;
  std::map<std::string, std::string> declared_;  // table in lower case to column
  std::map<std::string, std::string> plain_;     // tables in lower case to their spelling
  std::vector<std::string> inside_;              // tables of virtual tables
  std::vector<Object> virtual_, views_, triggers_;
};

Result<std::shared_ptr<const TenantSchema>> TenantSchema::read(Connection& connection) {
  return TenantSchemaReader(connection).read();
}

}  // namespace tessera::store
