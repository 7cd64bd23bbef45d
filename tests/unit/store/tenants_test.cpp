// Tenant scopes: two tenants in one set of tables, and SQL that tries to reach across.
#include "store/tenants.hpp"

#include <array>

#include "feature_fixture.hpp"
#include "store/sql_scan.hpp"
#include "store/tenant_schema.hpp"
#include "tenant_tables.hpp"

namespace tessera::store {
namespace {

using namespace feature_test;

struct TenantWorld : World {
  TenantWorld() : TenantWorld(Tenants::make()) {}
  explicit TenantWorld(std::unique_ptr<Tenants> made) : World(made.get()), tenants(std::move(made)) {
    migrate(test::kTenantSchema);
    for (const char* const table : test::kTenantTables) require(tenants->declare(*database, table, "tenant"));
    fill();
  }
  ~TenantWorld() { database.reset(); }
  TenantWorld(const TenantWorld&) = delete;

  /// As the application's migrations do: no scope, everything allowed.
  void migrate(std::string sql) {
    sqls.push_back(std::move(sql));
    std::vector<Migration> steps;
    for (const std::string& text : sqls) steps.push_back({"step", text});
    require(database->migrate(steps, false));
  }
  void fill() {
    for (const std::string* const tenant : {&a, &b})
      for (const std::string& sql : test::tenant_rows(*tenant)) BOOST_REQUIRE_EQUAL(run(*tenant, sql), "ok");
    everything_of_b = all_of_b();
  }

  /// "ok", the rows, or "error: ..." of any statement in a scope.
  std::string run(const std::string& tenant, std::string_view sql) {
    const CallOptions options{.tenant = &tenant};
    const auto rows = rows_of(database->query(sql, {}, options));
    if (!rows) return "error: " + rows.error().text;
    return rows->empty() ? "ok" : *rows;
  }
  std::string all_of_b() {
    std::string all;
    for (const char* const sql : test::kTenantReads) all += run(b, sql);
    return all;
  }

  std::unique_ptr<Tenants> tenants;
  std::vector<std::string> sqls;
  const std::string a = "a", b = "b";
  std::string everything_of_b;
};

bool begins(std::string_view text, std::string_view with) { return text.starts_with(with); }

}  // namespace

BOOST_AUTO_TEST_SUITE(tenants)

BOOST_AUTO_TEST_CASE(a_scope_sees_and_changes_its_own_rows_like_any_table) {
  TenantWorld world;
  const auto a = [&](std::string_view sql) { return world.run(world.a, sql); };
  BOOST_TEST(a("select id, body from notes order by id") == "1|alpha one 2|alpha two 3|alpha ranked");
  BOOST_TEST(a("SELECT count(*) FROM Notes") == "3");
  BOOST_TEST(a("select n.body, l.title from notes as n join lists l on l.id = n.list_id order by n.id") ==
             "alpha one|alpha list alpha two|alpha list");
  BOOST_TEST(a("with x as (select id from notes) select count(*) from x") == "3");
  BOOST_TEST(
      a("with recursive up(n) as (select 1 union all select n + 1 from up where n < 3) select n, (select "
        "count(*) from notes where id = n) from up") == "1|1 2|1 3|1");
  BOOST_TEST(
      a("select id in notes_ids from (select 1 as id), (select 1) where 1 in (select id from notes)") !=
      "1");  // no such table
  BOOST_TEST(a("insert into notes (id, tenant, body) values (4, 'a', 'four') returning id, body") ==
             "4|four");
  BOOST_TEST(a("update notes set body = body || '!' where id = 4 returning body") == "four!");
  BOOST_TEST(a("update notes set body = l.title from lists as l where l.id = notes.list_id and notes.id = 1 "
               "returning body") == "alpha list");
  BOOST_TEST(
      a("insert into notes (id, tenant, body) values (4, 'a', 'x') on conflict (id) do update set body = "
        "'again' returning body") == "again");
  BOOST_TEST(a("insert or replace into notes (id, tenant, body) values (4, 'a', 'replaced')") == "ok");
  BOOST_TEST(a("delete from notes where id = 4 returning body") == "replaced");
  BOOST_TEST(a("update notes set rank = 1 where id = 3 returning id") == "3");
  BOOST_TEST(a("select code from notes where id = 3") == "marked-3");
  BOOST_TEST(a("select title from note_titles order by id") == "ALPHA LIST ALPHA TWO ALPHA RANKED");
  BOOST_TEST(a("select * from note_stats") == "a|3");
  BOOST_TEST(a("insert into note_titles (id, tenant, title) values (1, 'a', 'by view')") == "ok");
  BOOST_TEST(a("select body from notes where id = 1") == "by view");
  BOOST_TEST(a("select rowid, highlight(search, 0, '<', '>') from search where search match 'alpha' order by "
               "rank, rowid") == "2|<alpha> two 3|<alpha> ranked");
  BOOST_TEST(a("select n.id from search join notes n on n.id = search.rowid where search match 'view'") ==
             "1");
  BOOST_TEST(a("select id from notes where abs(id) > 1 or abs(rank) > 9 order by id") == "2 3");
  BOOST_TEST(a("update notes set rank = 0 where abs(id) = 2 or id = 9 returning id") == "2");
  BOOST_TEST(a("delete from lists where id = 1") == "ok");  // cascades
  BOOST_TEST(a("select id from notes") == "3");
  BOOST_TEST(a("select name from kind_names order by name") == "plain rare");
  BOOST_TEST(a("explain query plan select * from notes where id = 1").find("error") == std::string::npos);
  BOOST_TEST(a("pragma table_info(notes)").find("tenant") != std::string::npos);
  BOOST_TEST(a("delete from notes") == "ok");
  BOOST_TEST(world.all_of_b() == world.everything_of_b);
}

// The statement runs as tenant A. Whatever it gives, no row of B may show in it or be another one afterwards.
constexpr std::array kAttacks = {
    // Reading by other names of the table.
    "select * from notes where tenant = 'b'",
    "select * from notes where tenant <> 'a' or 1",
    "select * from main.notes",
    "select * from \"main\".\"notes\"",
    "select * from 'main'.'notes'",
    "select * from [main].[notes]",
    "select * from `main`.`notes`",
    "select * from MAIN . NoTeS",
    "select * from main/* */./* */notes",
    "select * from main.--x\nnotes",
    "select * from main.\xEF\xBB\xBFnotes",
    "select * from \"NOTES\"",
    "select * from 'notes'",
    "select * from [Notes]",
    "select * from `notes`",
    "select * from temp.notes",
    "select body from notes as main, notes",
    "select notes.body from notes",
    "select main.notes.body from notes",
    "select (select group_concat(body) from notes)",
    "select 'bravo one' in (select body from notes)",
    "select 11 in (select id from main.notes)",
    "select exists (select 1 from notes where id = 11)",
    "select group_concat(body) over () from notes",
    "select body from notes union all select body from main.notes",
    "select body from (select body from notes) union select title from lists",
    "select n.body from kinds left join notes n on 1",
    "select n.body from kinds, notes n",
    "select * from notes natural join lists",
    "select * from notes indexed by sqlite_autoindex_notes_1",
    "select * from notes not indexed",
    "values ((select group_concat(body) from notes))",
    // Redefining what the name or the scope means.
    "with notes as (select * from main.notes) select * from notes",
    "with notes as (select * from notes) select * from notes",
    "with x as (select * from main.notes) select * from x",
    "with x as (with notes as (select * from main.notes) select * from notes) select * from x",
    "select * from (with notes as (select * from notes) select * from notes)",
    "with recursive notes(body) as (select body from main.notes) select * from notes",
    "with recursive r(b) as (select body from notes union select body from main.notes, r) select * from r",
    "with tsr_tenant as (select 'b') select * from notes",
    "with \"tsr_tenant()\"(x) as (select 'b') select * from notes where tenant = tsr_tenant()",
    "select tsr_tenant() || (select group_concat(body) from notes)",
    "with replace as (select 1) delete from notes where json(iif(tenant = 'b', body, 1)) < 0",
    "with sqlite_master as (select 1) select * from note_raw",
    "select * from notes where tenant = 'b' collate nocase",
    "select $a(') from main.notes where 1=0 or (select $b(')",
    "select 1 as \"/*\", body from main.notes /* */",
    "select 1; select * from main.notes",
    "select * from notes; delete from notes",
    "explain select * from main.notes",
    // Views, search tables and what SQLite keeps about tables.
    "select * from note_raw",
    "select * from note_titles where tenant = 'b'",
    "select * from main.note_titles",
    "select * from main.note_stats",
    "with note_titles as (select * from main.note_titles) select * from note_titles",
    "select count(*) from main.note_titles",
    "select * from search where search match 'bravo'",
    "select * from search where tenant = 'b'",
    "select * from search('bravo')",
    "select * from main.search where search match 'bravo'",
    "select snippet(search, 0, '', '', '', 9) from search where body match 'bravo'",
    "select * from search where search match 'alpha or bravo' order by rank",
    "select c0 from search_content",
    "select hex(block) from search_data",
    "select * from 'search_content'",
    "select term from search_words",
    "select * from outside where outside match 'bravo'",
    "select body from outside",
    "select * from sqlite_dbpage",
    "select * from sqlite_stat1, sqlite_stat4",
    "select * from pragma_integrity_check",
    "select * from pragma_foreign_key_check('notes')",
    "pragma foreign_key_check(notes)",
    "pragma recursive_triggers = off",
    "pragma writable_schema = on",
    "pragma user_version = 7",
    "create virtual table temp.words using fts5vocab (main, search, row)",
    "create virtual table words using fts5vocab (search, row)",
    // Changing rows of others.
    "update notes set body = 'x' where tenant = 'b'",
    "update notes set body = 'x' where id = 11",
    "update notes set body = 'x' where 1) or (1",
    "update notes set body = 'x'",
    "update notes set body = 'x' returning *",
    "update main.notes set body = 'x' where id = 11",
    "update notes as n set body = 'x' where n.id >= 11",
    "update 'notes' as 'n' set body = 'x' where 1",
    "update notes set tenant = 'b' where id = 1",
    "update notes set tenant = 'b'",
    "update notes set tenant = null where id = 1",
    "update notes set id = 11 where id = 1",
    "update or replace notes set id = 11 where id = 1",
    "update or replace notes set rowid = 11 where id = 1",
    "update or replace notes set code = 'bravo-1' where id = 1",
    "update or replace notes set body = 'BRAVO RANKED', rank = 200 where id = 1",
    "update or replace slots set name = 'bravo slot'",
    "update or ignore notes set id = 11 where id = 1",
    "update notes set body = (select group_concat(body) from main.notes) where id = 1",
    "update notes set body = n.body from notes as n where n.id = 11 returning body",
    "update notes set body = n.body from main.notes as n where n.id = 11 returning body",
    "update notes set list_id = 11 where id = 1",
    "update lists set id = 11 where id = 1",
    "update or replace lists set id = 11 where id = 1",
    "update note_titles set title = 'x'",
    "update note_titles set title = 'x' where id = 11",
    "delete from notes where tenant = 'b'",
    "delete from notes where id = 11 returning *",
    "delete from main.notes",
    "delete from notes where 1) or (1",
    "delete from notes where 1 -- )",
    "delete from notes /* where 0 */",
    "delete from \"lists\"",
    "delete from lists where id = 11",
    "delete from owners",
    "delete from owners where id = 1",
    "update owners set id = 5",
    "insert or replace into owners values (1, 'x')",
    "insert into notes (id, tenant, body) values (21, 'b', 'given')",
    "insert into notes (id, body) values (21, 'nobody''s')",
    "insert into notes default values",
    "insert into main.notes (id, tenant, body) values (21, 'b', 'given')",
    "insert into notes select id + 100, 'b', list_id, body, null, 0 from notes",
    "insert or replace into notes (id, tenant, body) values (11, 'a', 'taken')",
    "insert or replace into notes (rowid, tenant, body) values (11, 'a', 'taken')",
    "insert or replace into notes (_rowid_, tenant, body) values (11, 'a', 'taken')",
    "replace into notes (id, tenant, code) values (31, 'a', 'bravo-1')",
    "replace into notes (id, tenant, body, rank) values (31, 'a', 'Bravo Ranked', 500)",
    "replace into slots values ('bravo slot', 'a', 'taken')",
    "replace into tags values ('b', 'bravo tag', 9)",
    "insert or ignore into notes (id, tenant, body) values (11, 'a', 'x') returning *",
    "insert into notes (id, tenant, body) values (11, 'a', 'x') on conflict do nothing returning *",
    "insert into notes (id, tenant, body) values (11, 'a', 'x') on conflict (id) do update set body = 'x'",
    "insert into notes (id, tenant, body) values (11, 'a', 'x') on conflict (id) do update set tenant = 'a' "
    "returning *",
    "insert into notes (id, tenant, code) values (32, 'a', 'bravo-2') on conflict (code) do update set "
    "tenant = "
    "excluded.tenant",
    "insert into slots values ('bravo slot', 'a', 'x') on conflict (name) do update set tenant = 'a' "
    "returning "
    "held",
    "insert into notes (id, tenant, body) values (33, 'a', 'x') returning (select group_concat(body) from "
    "notes)",
    "insert into notes (id, tenant, body) values (34, 'a', 'x') returning (select body from main.notes where "
    "id "
    "= 11)",
    "insert into notes (id, tenant, list_id) values (35, 'a', 11)",
    "insert into notes (id, tenant, body) values (-1, 'a', 'x')",
    "insert into log (what) select body from notes where tenant = 'b' returning what",
    "insert into log (what) select body from main.notes returning what",
    "insert into search (rowid, body, tenant) values (11, 'x', 'a')",
    "insert into search (search) values ('delete-all')",
    "insert into search (search) values ('rebuild')",
    "update search set body = 'x' where rowid = 11",
    "delete from search",
    "delete from search_content",
    "insert into outside (outside) values ('delete-all')",
    // Triggers of the application that look at tenant tables.
    "insert into kinds values (3, 'x')",
    "delete from kinds where id = 1",
    // Failing on other tenants' rows tells about them.
    "update notes set rank = 1 where json(iif(tenant = 'b', body, 1)) > 0",
    "update notes set rank = 1 where abs(iif(body like 'bravo%', -9223372036854775808, 1)) > 0",
    "delete from notes where abs(iif(tenant = 'b', -9223372036854775807 - 1, 1)) < 0",
    "select json_extract(body, '$') from notes where tenant = 'b'",
    "select 1 from notes where id = 11 and abs(iif(tenant = 'b', -9223372036854775807 - 1, 1)) > 0",
    "select 1 from notes where (id = 11 and abs(iif(tenant = 'b', -9223372036854775807 - 1, 1)) > 0) or code "
    "= 'x'",
    "select 1 from notes where code > 'a' and abs(iif(code like 'bravo%', -9223372036854775807 - 1, 1)) > 0",
    "select 1 from kinds left join notes n on abs(iif(n.tenant = 'b', -9223372036854775807 - 1, 1)) > 0",
    "select 1 from kinds k, notes n where n.code > 'a' and abs(iif(n.code like 'bravo%', "
    "-9223372036854775807 - 1, k.id)) "
    "> 0",
    "select \"abs\"(iif(code like 'bravo%', -9223372036854775807 - 1, 1)) from notes where code > 'a' order "
    "by 1",
    "select 1 from note_titles where id > 10 and abs(iif(tenant = 'b', -9223372036854775807 - 1, 1)) > 0",
    "select 1 from search where (rowid = 11 and abs(iif(tenant = 'b', -9223372036854775807 - 1, 1)) > 0) or "
    "rowid = 12",
    "select 1 from kinds left join search s on abs(iif(s.tenant = 'b', -9223372036854775807 - 1, 1)) > 0",
    "select 1 from notes where code > 'a' and iif(code like 'bravo%', 'x', '1') ->> '$' = 1",
    "select 1 from notes where code > 'a' and exists (select 1 from json_each(iif(code like 'bravo%', 'x', "
    "'[]')))",
    "delete from notes where (id = 11 and abs(iif(tenant = 'b', -9223372036854775807 - 1, 1)) > 0) or code = "
    "'x'",
    "update notes set rank = 1 where code > 'a' and abs(iif(code like 'bravo%', -9223372036854775807 - 1, "
    "1)) > 0",
    "update notes set rank = 1 from lists l where l.id = 11 and abs(iif(l.tenant = 'b', -9223372036854775807 "
    "- 1, 1)) > 0",
    // The schema.
    "create table copy as select * from notes",
    "create table copy as select * from main.notes",
    "create temp table notes as select * from main.notes",
    "create view notes2 as select * from main.notes",
    "create temp view notes as select * from main.notes",
    "create trigger t after insert on kinds begin update notes set body = 'x'; end",
    "create temp trigger t before insert on notes begin select raise(ignore); end",
    "create index i on notes (body)",
    "create unique index i on notes (rank)",
    "alter table notes rename to notes2",
    "alter table notes rename column tenant to tenant2",
    "alter table notes drop column tenant",
    "alter table notes add column x default (1)",
    "drop table notes",
    "drop view note_titles",
    "drop trigger notes_add",
    "drop trigger \"tsr_tenant_of_notes\"",
    "drop trigger temp.tsr_tenant_guard_1",
    "drop trigger tsr_tenant_guard_2",
    "delete from sqlite_master",
    "update sqlite_sequence set seq = 0",
    "attach ':memory:' as other",
    "vacuum into '/tmp/stolen.db'",
    "analyze",
    "reindex",
    "delete from tsr_tenant_tables",
    "update tsr_tenant_tables set column_name = 'title'",
    "begin; select * from main.notes; commit",
};

BOOST_AUTO_TEST_CASE(no_statement_of_one_tenant_reaches_rows_of_another) {
  static_assert(kAttacks.size() >= 60);
  TenantWorld world;
  int ran = 0;
  for (const char* const sql : kAttacks) {
    // A's rows come back for the next one.
    auto transaction = require(world.database->begin({.tenant = &world.a}));
    std::string seen;
    const auto rows = rows_of(transaction->query(sql, {}));
    seen = rows ? *rows : rows.error().text;
    ran += rows ? 1 : 0;
    BOOST_TEST_MESSAGE(sql << "\n    " << seen);
    const auto log = rows_of(transaction->query("select group_concat(what) from log", {}));
    if (log) seen += *log;
    const auto own = rows_of(transaction->query("select group_concat(body) from notes", {}));
    if (own) seen += *own;
    // The statement's own words are no leak.
    const std::string text(sql);
    if (text.find(test::kTenantSecret) == std::string::npos || rows)
      BOOST_CHECK_MESSAGE(seen.find(test::kTenantSecret) == std::string::npos || text.find("select '") == 0,
                          sql << "\n  shows " << seen);
    BOOST_CHECK_MESSAGE(
        seen.find("overflow") == std::string::npos && seen.find("malformed JSON") == std::string::npos,
        sql << "\n  tells by its failure: " << seen);
    static_cast<void>(transaction->commit());
    transaction.reset();
    const std::string now = world.all_of_b();
    BOOST_CHECK_MESSAGE(now == world.everything_of_b,
                        sql << "\n  changed rows of the other tenant to\n  " << now);
    // What is left of A's is put aside, so that the next statement meets the same rows.
    for (const char* const table : {"notes", "lists", "pets", "tags", "slots"})
      BOOST_REQUIRE_EQUAL(world.run(world.a, std::string("delete from ") + table), "ok");
    require(world.database->write({}, [](WriteScope& scope) {
      return scope.connection().run(
          "insert or ignore into owners values (1, 'both'); insert or ignore into kinds values (1, 'plain'); "
          "delete from log");
    }));
    for (const std::string& again : test::tenant_rows(world.a))
      BOOST_REQUIRE_EQUAL(world.run(world.a, again), "ok");
  }
  BOOST_TEST(ran > 30);  // many are harmless and must work
}

BOOST_AUTO_TEST_CASE(without_a_scope_the_tables_can_not_be_used) {
  TenantWorld world;
  for (const char* const sql : {"select * from notes",
                                "select * from main.notes",
                                "select count(*) from notes",
                                "select 1 from 'notes'",
                                "select * from note_titles",
                                "select * from note_raw",
                                "select * from search",
                                "select * from search where search match 'bravo'",
                                "select * from search_content",
                                "select * from search_words",
                                "select * from outside",
                                "insert into notes (tenant) values ('a')",
                                "update notes set body = 'x'",
                                "delete from notes",
                                "delete from notes where 0",
                                "create table copy as select * from notes",
                                "drop table notes",
                                "alter table notes rename to x",
                                "create index i on notes (body)",
                                "create trigger t after insert on notes begin select 1; end",
                                "insert into kinds values (9, 'x')",
                                "with x as (select * from notes) select 1 from x",
                                "select 1 in notes",
                                "explain select * from notes"}) {
    const auto rows = rows_of(world.database->query(sql, {}, {}));
    BOOST_CHECK_MESSAGE(error_of(rows) == ErrorCode::kSTATE, sql << ": " << message_of(rows));
    if (rows) continue;
    BOOST_CHECK_MESSAGE(rows.error().detail_json.find("TENANT_REQUIRED") != std::string::npos,
                        sql << ": " << rows.error().detail_json);
    BOOST_CHECK_MESSAGE(rows.error().text.find("tenant scope") != std::string::npos, rows.error().text);
  }
  const auto named = rows_of(world.database->query("select * from NOTES", {}, {}));
  BOOST_TEST(named.error().text.find("\"notes\"") != std::string::npos);
  // A cascade reaches a tenant table that the text doesn't name, also from the cache of statements.
  const std::string cascade = "delete from owners where id = 1";
  BOOST_TEST(!begins(world.run(world.a, "update owners set name = 'x' where id = 1"), "error"));
  const auto cascaded = world.database->execute(cascade, {}, {});
  BOOST_TEST(error_of(cascaded) == ErrorCode::kSTATE);
  BOOST_TEST(world.all_of_b() == world.everything_of_b);
  BOOST_TEST(*rows_of(world.database->query("select count(*) from kinds", {}, {})) == "2");
}

BOOST_AUTO_TEST_CASE(the_same_text_gives_each_tenant_its_own_rows) {
  TenantWorld world;
  for (int round = 0; round < 3; ++round) {
    BOOST_TEST(world.run(world.a, "select min(body) from notes") == "alpha one");
    BOOST_TEST(world.run(world.b, "select min(body) from notes") == "bravo one");
    BOOST_TEST(error_of(rows_of(world.database->query("select min(body) from notes", {}, {}))) ==
               ErrorCode::kSTATE);
    const std::string nobody, quoted = "a' or '1'='1";
    BOOST_TEST(world.run(nobody, "select count(*) from notes") == "0");
    BOOST_TEST(world.run(quoted, "select count(*) from notes") == "0");
  }
}

BOOST_AUTO_TEST_CASE(rows_given_to_another_tenant_are_refused_with_a_clear_text) {
  TenantWorld world;
  for (const char* const sql : {"insert into notes (id, body) values (40, 'x')",
                                "insert into notes (id, tenant, body) values (40, 'b', 'x')",
                                "update notes set tenant = 'b' where id = 1"}) {
    const std::string told = world.run(world.a, sql);
    BOOST_CHECK_MESSAGE(told.find("tenant of the scope") != std::string::npos, sql << ": " << told);
  }
  BOOST_TEST(
      world.run(world.a, "insert into notes (id, tenant) values (11, 'a')").find("UNIQUE constraint") !=
      std::string::npos);
  BOOST_TEST(world.run(world.a, "insert into notes (tenant, list_id) values ('a', 11)")
                 .find("FOREIGN KEY constraint") != std::string::npos);
  BOOST_TEST(world.run(world.a, "create table x (y)").find("migration") != std::string::npos);
  BOOST_TEST(world.run(world.a, "select * from main.notes").find("leave \"main.\" out") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(scripts_and_many_rows_stay_in_the_scope) {
  TenantWorld world;
  const CallOptions in_a{.tenant = &world.a};
  require(
      world.database->execute_script("insert into notes (id, tenant) values (50, 'a'); update notes set rank "
                                     "= 5; -- all\ndelete from notes where "
                                     "id = 50;",
                                     in_a));
  BOOST_TEST(world.run(world.a, "select sum(rank) from notes") == "15");
  BOOST_TEST(!world.database->execute_script("select 1; delete from main.notes", in_a).ok());
  const std::array<Value, 4> rows{Value::of(int64_t{60}), Value::of(std::string_view("a")),
                                  Value::of(int64_t{61}), Value::of(std::string_view("b"))};
  BOOST_TEST(error_of(world.database->execute_many("insert into notes (id, tenant) values (?, ?)", rows, 2,
                                                   in_a)) == ErrorCode::kSTATE);
  BOOST_TEST(world.run(world.a, "select count(*) from notes where id >= 60") == "0");
  BOOST_TEST(world.all_of_b() == world.everything_of_b);
}

BOOST_AUTO_TEST_CASE(declarations_last_and_follow_migrations) {
  TenantWorld world;
  world.reopen();
  BOOST_TEST(world.run(world.a, "select count(*) from notes") == "3");
  BOOST_TEST(error_of(rows_of(world.database->query("select * from notes", {}, {}))) == ErrorCode::kSTATE);

  world.migrate("alter table lists rename to folders; alter table folders rename column tenant to owner;");
  BOOST_TEST(error_of(rows_of(world.database->query("select * from folders", {}, {}))) == ErrorCode::kSTATE);
  BOOST_TEST(world.run(world.a, "select title from folders") == "alpha list");
  BOOST_TEST(begins(world.run(world.a, "insert into folders (owner, title) values ('b', 'x')"), "error"));

  // Rebuilt, as SQLite's manual says for other changes.
  world.migrate(
      "create table tags_new (tenant text not null, name text not null, weight real, primary key (tenant, "
      "name)); "
      "insert into tags_new select * from tags; drop table tags; alter table tags_new rename to tags;");
  BOOST_TEST(error_of(rows_of(world.database->query("select * from tags", {}, {}))) == ErrorCode::kSTATE);
  BOOST_TEST(world.run(world.a, "select name from tags") == "alpha tag");
  BOOST_TEST(begins(world.run(world.a, "insert into tags values ('b', 'x', 1)"), "error"));

  world.migrate("create view late as select body from notes; create view later as select * from late;");
  BOOST_TEST(world.run(world.a, "select min(body) from later") == "alpha one");
  world.migrate("alter table tags drop column weight;");
}

BOOST_AUTO_TEST_CASE(declaring_needs_a_table_and_its_column) {
  TenantWorld world;
  const auto declared = [&](std::string_view table, std::string_view column) {
    return error_of(world.tenants->declare(*world.database, table, column));
  };
  BOOST_TEST(declared("nothing", "tenant") == ErrorCode::kNOT_FOUND);
  BOOST_TEST(declared("kinds", "tenant") == ErrorCode::kNOT_FOUND);
  BOOST_TEST(declared("tsr_tenant_tables", "column_name") == ErrorCode::kNOT_FOUND);
  BOOST_TEST(declared("sqlite_master", "name") == ErrorCode::kNOT_FOUND);
  BOOST_TEST(declared("note_titles", "tenant") == ErrorCode::kARG);
  BOOST_TEST(declared("NOTES", "TENANT") == ErrorCode::kOk);  // again
  BOOST_TEST(world.run(world.a, "select count(*) from notes") == "3");
}

BOOST_AUTO_TEST_CASE(numbers_can_name_tenants_and_collations_do_not_mix_them) {
  TenantWorld world;
  world.migrate(
      "create table accounts (id integer primary key, tenant integer not null, name text); "
      "create table loose (id integer primary key, tenant text collate nocase not null);");
  require(world.tenants->declare(*world.database, "accounts", "tenant"));
  require(world.tenants->declare(*world.database, "loose", "tenant"));
  const std::string one = "1", two = "2", upper = "A";
  BOOST_TEST(world.run(one, "insert into accounts (tenant, name) values (1, 'x')") == "ok");
  BOOST_TEST(world.run(two, "insert into accounts (tenant, name) values ('2', 'y')") == "ok");
  BOOST_TEST(world.run(one, "select tenant, name from accounts") == "1|x");
  BOOST_TEST(world.run(two, "select tenant, name from accounts") == "2|y");
  BOOST_TEST(world.run(world.a, "insert into loose (id, tenant) values (1, 'a')") == "ok");
  BOOST_TEST(world.run(upper, "select count(*) from loose") == "0");
  BOOST_TEST(begins(world.run(upper, "insert into loose (id, tenant) values (2, 'a')"), "error"));
}

BOOST_AUTO_TEST_CASE(sdk_work_and_migrations_are_exempt) {
  TenantWorld world;
  require(world.database->write({}, [](WriteScope& scope) {
    return scope.connection().run(
        "update notes set rank = 7; insert into notes (id, tenant) values (70, 'c')");
  }));
  int64_t seen = 0;
  require(world.database->read({}, [&](Connection& connection) -> Status {
    TSR_ASSIGN_OR_RETURN(seen, connection.integer("select count(*) from notes where rank = 7"));
    return {};
  }));
  BOOST_TEST(seen == 6);
  world.migrate("delete from notes where tenant = 'c'");
  BOOST_TEST(world.run(world.a, "select count(*) from notes") == "3");
}

BOOST_AUTO_TEST_CASE(sql_is_read_as_sqlite_reads_it) {
  const auto names = [](std::string_view sql) {
    std::string text;
    for (const SqlToken& token : scan_sql(sql).tokens) text += (text.empty() ? "" : " ") + token.name;
    return text;
  };
  BOOST_TEST(names("SELECT a.\"B\"\"c\", [d e], `f`, 'g''h' -- x\n, x'00' /* ( */ FROM t") ==
             "select a . b\"c , d e , f , g'h , x'00' from t");
  BOOST_TEST(names("?1main.notes $a::b(') :c @d 1.5e3 .5 a->>'b'") ==
             "?1 main . notes $a::b(') :c @d 1.5e3 .5 a - > > b");
  BOOST_TEST(names("\xEF\xBB\xBFselect\xEF\xBB\xBF"
                   "1") ==
             "select\xEF\xBB\xBF"
             "1");
  BOOST_TEST(scan_sql("select (1)").is_balanced);
  for (const std::string_view sql :
       {"select (1", "select 1)", "select 'a", "select \"a", "select [a", ") (", "select (1; select 1)"})
    BOOST_CHECK_MESSAGE(!scan_sql(sql).is_balanced, sql);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::store
