#include <algorithm>
#include <array>
#include <optional>

#include "store/errors.hpp"
#include "store/tenant_schema.hpp"

namespace tessera::store {
namespace {

using Tokens = std::span<const SqlToken>;

// Sets the text apart from the same text outside a scope, which shares the cache of statements.
constexpr std::string_view kScoped = "/*tenant*/ ";
constexpr size_t kNone = static_cast<size_t>(-1);

// What gives a value for any argument, soon: sorted.
constexpr std::array<std::string_view, 60> kHarmless = {"avg",
                                                        "bm25",
                                                        "changes",
                                                        "char",
                                                        "coalesce",
                                                        "concat",
                                                        "concat_ws",
                                                        "count",
                                                        "cume_dist",
                                                        "current_date",
                                                        "current_time",
                                                        "current_timestamp",
                                                        "date",
                                                        "datetime",
                                                        "dense_rank",
                                                        "first_value",
                                                        "group_concat",
                                                        "hex",
                                                        "highlight",
                                                        "ifnull",
                                                        "iif",
                                                        "instr",
                                                        "julianday",
                                                        "lag",
                                                        "last_insert_rowid",
                                                        "last_value",
                                                        "lead",
                                                        "length",
                                                        "likelihood",
                                                        "likely",
                                                        "lower",
                                                        "ltrim",
                                                        "max",
                                                        "min",
                                                        "nth_value",
                                                        "ntile",
                                                        "nullif",
                                                        "octet_length",
                                                        "percent_rank",
                                                        "quote",
                                                        "random",
                                                        "rank",
                                                        "round",
                                                        "row_number",
                                                        "rtrim",
                                                        "sign",
                                                        "snippet",
                                                        "strftime",
                                                        "string_agg",
                                                        "substr",
                                                        "substring",
                                                        "sum",
                                                        "time",
                                                        "timediff",
                                                        "total",
                                                        "trim",
                                                        "tsr_tenant",
                                                        "typeof",
                                                        "unicode",
                                                        "upper"};
// What may stand before a parenthesis without being a function.
constexpr std::array<std::string_view, 37> kKeywords = {
    "all",       "and",    "as",     "between", "by",        "case",   "conflict",     "distinct",
    "else",      "except", "exists", "filter",  "from",      "glob",   "having",       "in",
    "intersect", "is",     "join",   "like",    "limit",     "match",  "materialized", "not",
    "offset",    "on",     "or",     "over",    "returning", "select", "set",          "then",
    "union",     "using",  "values", "when",    "where"};

Error malformed() {
  return store_error(ErrorCode::kARG, "SQL", "the SQL has an open quote or parentheses that do not pair up");
}

bool is_schema(const SqlToken& token) {
  return token.may_name() && (token.name == "main" || token.name == "temp");
}

/// Index of the token that begins the statement proper, past EXPLAIN [QUERY PLAN].
size_t begin_of(Tokens tokens) {
  size_t begin = 0;
  if (begin < tokens.size() && tokens[begin].is("explain")) ++begin;
  if (begin != 0 && begin + 1 < tokens.size() && tokens[begin].is("query") && tokens[begin + 1].is("plan"))
    begin += 2;
  return begin;
}

/// Index of SELECT, VALUES, INSERT, REPLACE, UPDATE or DELETE; kNone where the statement is of another kind.
size_t verb_of(Tokens tokens, size_t begin) {
  const bool has_with = begin < tokens.size() && tokens[begin].is("with");
  for (size_t i = begin; i < tokens.size(); ++i) {
    const SqlToken& token = tokens[i];
    if (token.depth != 0) continue;
    for (const std::string_view verb : {"select", "values", "insert", "update", "delete"})
      if (token.is(verb)) return i;
    // REPLACE may also name a common table expression.
    if (token.is("replace") && i + 1 < tokens.size() && tokens[i + 1].is("into")) return i;
    if (!has_with) return kNone;
  }
  return kNone;
}

/// The table that an UPDATE or DELETE changes.
struct Target {
  size_t name = kNone;
  size_t alias = kNone;  // the same without one
};
Target target_of(Tokens tokens, size_t verb) {
  size_t place = verb + 1;
  if (tokens[verb].is("delete")) {
    ++place;  // FROM
  } else if (place < tokens.size() && tokens[place].is("or")) {
    place += 2;  // OR IGNORE
  }
  if (place >= tokens.size() || !tokens[place].may_name()) return {};
  Target target{place, place};
  if (place + 2 < tokens.size() && tokens[place + 1].is("as") && tokens[place + 2].may_name())
    target.alias = place + 2;
  return target;
}

size_t find_word(Tokens tokens, size_t from, std::string_view word) {
  for (size_t i = from; i < tokens.size(); ++i)
    if (tokens[i].depth == 0 && tokens[i].is(word)) return i;
  return kNone;
}

std::string_view text_of(std::string_view sql, const SqlToken& token) {
  return sql.substr(token.begin, token.end - token.begin);
}

}  // namespace

bool may_fail(Tokens tokens) {
  const auto is_in = [](const auto& words, std::string_view word) {
    return std::binary_search(words.begin(), words.end(), word);
  };
  for (size_t i = 1; i < tokens.size(); ++i) {
    const SqlToken& last = tokens[i - 1];
    if (tokens[i].is_sign(">") && last.is_sign("-")) return true;  // -> and ->>
    if (!tokens[i].is_sign("(") || !last.may_name()) continue;
    if (i >= 2 && tokens[i - 2].is("into")) continue;
    const bool is_keyword = last.kind == SqlToken::Kind::kWord && is_in(kKeywords, last.name);
    if (!is_keyword && !is_in(kHarmless, last.name)) return true;
  }
  return false;
}

Error tenant_error(std::string text) {
  return store_error(ErrorCode::kSTATE, "TENANT_SCOPE", std::move(text));
}

Error tenant_required(std::string_view table) {
  return store_error(
      ErrorCode::kSTATE, "TENANT_REQUIRED",
      "the table \"" + std::string(table) +
          "\" keeps rows of several tenants and can't be used without one; use a tenant scope of "
          "the store");
}

Result<std::string> TenantSchema::rewrite(std::string_view sql) const {
  const SqlScan scan = scan_sql(sql);
  if (!scan.is_balanced) return malformed();
  std::string out(kScoped);
  const Tokens all(scan.tokens);
  size_t copied = 0;
  for (size_t first = 0; first < all.size();) {
    size_t last = first;
    while (last < all.size() && !all[last].is_sign(";")) ++last;
    const Tokens statement = all.subspan(first, last - first);
    if (!statement.empty()) {
      out += sql.substr(copied, statement.front().begin - copied);
      TSR_RETURN_IF_ERROR(check_names(statement));
      TSR_RETURN_IF_ERROR(rewrite_statement(sql, statement, &out));
      copied = statement.back().end;
    }
    first = last + 1;
  }
  out += sql.substr(copied);
  return out;
}

Status TenantSchema::check_names(Tokens tokens) const {
  for (size_t i = 0; i < tokens.size(); ++i) {
    const SqlToken& token = tokens[i];
    if (!token.may_name()) continue;
    const Other* const other_kind = other(token.name);
    if (other_kind != nullptr && *other_kind != Other::kView)
      return tenant_error(
          "\"" + token.name +
          "\" shows rows of all tenants and can't be used in a tenant scope; declare its tenant "
          "column, or use the tables that do");
    const bool is_protected = other_kind != nullptr || table(token.name) != nullptr;
    if (is_protected && i >= 2 && tokens[i - 1].is_sign(".") && is_schema(tokens[i - 2]))
      return tenant_error("\"" + token.name +
                          "\" can't be named with its schema in a tenant scope; leave \"" +
                          tokens[i - 2].name + ".\" out");
  }
  return {};
}

std::set<std::string> TenantSchema::shadows_for(Tokens tokens) const {
  std::set<std::string> wanted;
  std::vector<std::string> open;
  for (const SqlToken& token : tokens)
    if (token.may_name() && shadows_.contains(token.name)) open.push_back(token.name);
  while (!open.empty()) {
    const std::string name = std::move(open.back());
    open.pop_back();
    if (!wanted.insert(name).second) continue;
    const auto& needs = shadows_.at(name).needs;
    open.insert(open.end(), needs.begin(), needs.end());
  }
  return wanted;
}

std::string TenantSchema::filter_of(const Table& table, std::string_view alias) const {
  return std::string(alias) + "." + quoted_name(table.column) + " = tsr_tenant() COLLATE BINARY";
}

Status TenantSchema::rewrite_statement(std::string_view sql, Tokens tokens, std::string* out) const {
  size_t copied = tokens.front().begin;
  const auto copy_to = [&](size_t end) {
    *out += sql.substr(copied, end - copied);
    copied = end;
  };
  const size_t begin = begin_of(tokens);
  const size_t verb = verb_of(tokens, begin);
  const std::set<std::string> wanted = verb == kNone ? std::set<std::string>() : shadows_for(tokens);
  bool is_strict = may_fail(tokens);
  for (const std::string& name : wanted) is_strict = is_strict || shadows_.at(name).may_fail;
  std::string shadows;
  for (const std::string& name : wanted) {
    const Table* const of = table(name);
    shadows += (shadows.empty() ? "" : ", ") + shadows_.at(name).sql;
    // A limit keeps the conditions of the statement out of the filter; a search needs them in it.
    if (is_strict && of != nullptr && !of->is_virtual) shadows += " LIMIT -1";
    shadows += ')';
    if (is_strict && of != nullptr && of->is_virtual)
      return tenant_error("a statement that searches in \"" + of->name +
                          "\" can't call functions that may fail, such as abs, printf or those of JSON; put "
                          "what it found through another statement");
  }
  if (!shadows.empty()) {
    if (tokens[begin].is("with")) {
      const size_t opening = tokens[begin + 1].is("recursive") ? begin + 1 : begin;
      copy_to(tokens[opening].end);
      *out += " " + shadows + ",";
    } else {
      copy_to(tokens[verb].begin);
      *out += "WITH " + shadows + " ";
    }
  }
  if (verb != kNone && (tokens[verb].is("update") || tokens[verb].is("delete"))) {
    const Target target = target_of(tokens, verb);
    const Table* const changed = target.name == kNone ? nullptr : table(tokens[target.name].name);
    if (changed != nullptr) {
      // Before the statement's own terms, which could tell of other tenants' rows by failing on them.
      const std::string filter = filter_of(*changed, text_of(sql, tokens[target.alias]));
      size_t end = tokens.size();
      for (const std::string_view clause : {"returning", "order", "limit"})
        end = std::min(end, find_word(tokens, target.name + 1, clause));
      const size_t condition = find_word(tokens, target.name + 1, "where");
      if (condition < end) {
        copy_to(tokens[condition].end);
        // CASE lets the condition see no other row; without it an index can serve it.
        *out += " " + filter + (is_strict ? " AND CASE WHEN " + filter + " THEN (" : " AND (");
        copy_to(tokens[end - 1].end);
        *out += is_strict ? ") END" : ")";
      } else {
        copy_to(tokens[end - 1].end);
        *out += " WHERE " + filter;
      }
    }
  }
  copy_to(tokens.back().end);
  return {};
}

const TenantSchema::Table* TenantSchema::table(const std::string& name) const {
  const auto found = tables_.find(name);
  return found == tables_.end() ? nullptr : &found->second;
}

const TenantSchema::Other* TenantSchema::other(const std::string& name) const {
  const auto found = others_.find(name);
  return found == others_.end() ? nullptr : &found->second;
}

}  // namespace tessera::store
