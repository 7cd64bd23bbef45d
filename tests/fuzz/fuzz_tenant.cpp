// SQL of one tenant beside rows of another: whatever it is, it neither shows nor changes them. The first
// letter: T words from a list, one for each byte; any other the SQL itself.
#include <array>
#include <memory>
#include <string>

#include "fakes.hpp"
#include "store/database.hpp"
#include "store/tenants.hpp"
#include "tenant_tables.hpp"

namespace {

using namespace tessera;
using namespace tessera::store;

void require(bool holds) {
  if (!holds) __builtin_trap();
}

constexpr std::array kWords{"select",
                            "*",
                            "from",
                            "notes",
                            "main",
                            ".",
                            "(",
                            ")",
                            ",",
                            "with",
                            "as",
                            "update",
                            "set",
                            "delete",
                            "insert",
                            "into",
                            "replace",
                            "values",
                            "where",
                            "or",
                            "and",
                            "1",
                            "11",
                            "'a'",
                            "'b'",
                            "tenant",
                            "body",
                            "id",
                            "=",
                            "returning",
                            "union",
                            "all",
                            "lists",
                            "search",
                            "match",
                            "'bravo'",
                            "on",
                            "conflict",
                            "do",
                            "nothing",
                            "excluded",
                            "join",
                            "left",
                            "in",
                            "exists",
                            "not",
                            "\"notes\"",
                            "[notes]",
                            "'notes'",
                            "`notes`",
                            "'main'",
                            "--\n",
                            "/**/",
                            ";",
                            "recursive",
                            "materialized",
                            "note_titles",
                            "note_raw",
                            "outside",
                            "search_words",
                            "search_content",
                            "kinds",
                            "owners",
                            "log",
                            "count(*)",
                            "group_concat(body)",
                            "rowid",
                            "code",
                            "tsr_tenant()",
                            "null",
                            "x",
                            "n",
                            "json",
                            "abs",
                            "case",
                            "when",
                            "then",
                            "end",
                            "else",
                            "temp",
                            "indexed",
                            "by",
                            "group",
                            "order",
                            "limit",
                            "having",
                            "over",
                            "window",
                            "explain",
                            "pragma",
                            "ignore",
                            "rollback",
                            "abort",
                            "fail",
                            "default",
                            "is",
                            "slots",
                            "tags",
                            "pets",
                            "list_id",
                            "held",
                            "name",
                            "?1",
                            "$a('",
                            "')",
                            "x'00'",
                            "\xEF\xBB\xBF",
                            "main.notes",
                            "table_info",
                            "sqlite_master",
                            "sql",
                            "tbl_name"};

struct World {
  World() {
    DatabaseConfig config;  // in memory
    config.query_timeout_ms = 500;
    config.commit = Durability::kRelaxed;
    const Bytes key(32), salt(16);
    database = take(Database::open(config, {key, salt}, {&clock, &random, &logger}, tenants.get()));
    const Migration schema{"schema", test::kTenantSchema};
    require(database->migrate({&schema, 1}, false).ok());
    for (const char* const table : test::kTenantTables)
      require(tenants->declare(*database, table, "tenant").ok());
    for (const std::string* const tenant : {&a, &b})
      for (const std::string& sql : test::tenant_rows(*tenant))
        require(database->execute(sql, {}, {.tenant = tenant}).ok());
    rows_of_b = read_b();
    require(rows_of_b.find(test::kTenantSecret) != std::string::npos);
  }

  template <class T>
  static T take(Result<T> result) {
    require(result.ok());
    return std::move(result).value();
  }
  static std::string text_of(Rows& rows) {
    std::string text;
    for (int count = 0; count < 1000; ++count) {
      const auto row = rows.next();
      if (!row) return text + row.error().text;
      if (*row == nullptr) return text;
      for (size_t i = 0; i < rows.columns().size(); ++i) {
        const Value& cell = (*row)[i];
        if (cell.type == ValueType::kInteger) text += std::to_string(cell.integer);
        if (cell.data != nullptr) text += cell.text();
        text += '|';
      }
    }
    return text;
  }
  std::string read_b() {
    std::string all;
    for (const char* const sql : test::kTenantReads)
      all += text_of(*take(database->query(sql, {}, {.tenant = &b})));
    return all;
  }

  test::FakeClock clock;
  test::FakeRandom random;
  Logger logger;
  std::unique_ptr<Tenants> tenants = Tenants::make();
  const std::string a = "a", b = "b";
  std::unique_ptr<Database> database;
  std::string rows_of_b;
};

World& world() {
  static World& it = *new World();
  return it;
}

std::string sql_of(const uint8_t* data, size_t size) {
  if (data[0] != 'T') return {reinterpret_cast<const char*>(data), size};
  std::string sql;
  for (size_t i = 1; i < size; ++i) (sql += kWords[data[i] % kWords.size()]) += ' ';
  return sql;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  world();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > 2000) return 0;
  const std::string sql = sql_of(data, size);
  World& two = world();
  {
    auto transaction = World::take(two.database->begin({.tenant = &two.a}));
    auto rows = transaction->query(sql, {});
    const std::string seen = rows ? World::text_of(**rows) : std::string();
    if (rows) rows->reset();
    // Words of the statement itself, or of its schema, are no leak; B's rows hold more than the word.
    for (const char* const secret :
         {"bravo one", "bravo two", "bravo ranked", "bravo list", "bravo tag", "bravo pet"})
      require(sql.find("bravo ") != std::string::npos || seen.find(secret) == std::string::npos);
    if (auto log = transaction->query("select what from log", {}))
      require(sql.find("bravo") != std::string::npos ||
              World::text_of(**log).find(test::kTenantSecret) == std::string::npos);
    // What it changed is seen by B before A's changes are undone.
    static_cast<void>(transaction->within([&](WriteScope& scope) -> Status {
      TSR_ASSIGN_OR_RETURN(
          const int64_t left,
          scope.connection().integer("select count(*) from notes where tenant = 'b' and body like "
                                     "'bravo%' and id > 10"));
      require(left == 3);
      TSR_ASSIGN_OR_RETURN(const int64_t all,
                           scope.connection().integer("select count(*) from notes where tenant = 'b'"));
      require(all == 3);
      return {};
    }));
  }
  require(two.read_b() == two.rows_of_b);
  return 0;
}
