// SQL: values in and out, parameters, rows, limits.
#include <sys/mman.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include "store_fixture.hpp"

namespace tessera::test {
namespace {

struct Opened : StoreFixture {
  Opened() { run(store, "create table t(id integer primary key, value any)"); }

  tsr_status try_run(std::string_view sql, std::span<const tsr_value> params = {},
                     const tsr_sql_opts* opts = nullptr) {
    return tsr_store_execute(store.get(), str(sql), params.data(), params.size(), opts, nullptr, nullptr,
                             failure.out());
  }
  tsr_status try_query(std::string_view sql, std::span<const tsr_value> params = {},
                       const tsr_sql_opts* opts = nullptr) {
    Rowset rows;
    return tsr_store_query_all(store.get(), str(sql), params.data(), params.size(), opts, rows.out(),
                               failure.out());
  }

  Store store = open_store();
  Failure failure;
};

tsr_sql_opts options() {
  tsr_sql_opts opts;
  tsr_sql_opts_init(&opts, sizeof(opts));
  return opts;
}

constexpr std::string_view kEndless =
    "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(store_sql, Opened)

BOOST_AUTO_TEST_CASE(every_type_comes_back_as_it_went_in) {
  const std::string with_nul("a\0b", 3);
  const std::vector<tsr_value> values = {
      null_value(), integer(INT64_MIN), integer(INT64_MAX), real(-0.5),     real(INFINITY),  text("żółw"),
      text(""),     text(with_nul),     blob(""),           blob(with_nul), blob("\xFF\xFE")};
  for (const tsr_value& value : values) {
    BOOST_TEST_CONTEXT("type " << value.type << " length " << value.len) {
      const Rowset rows = all(store, "select ? as v", {{value}});
      const tsr_value& back = cell(rows.get(), 0, "v");
      BOOST_TEST(back.type == value.type);
      BOOST_TEST(back.reserved == 0U);
      if (value.type == TSR_VALUE_INTEGER) BOOST_TEST(back.integer == value.integer);
      if (value.type == TSR_VALUE_REAL) BOOST_TEST(back.real == value.real);
      BOOST_TEST(content_of(back) == content_of(value));
    }
  }
  tsr_value truth = integer(1);
  truth.type = TSR_VALUE_BOOL;
  BOOST_TEST(cell(all(store, "select ?", {{truth}}).get(), 0, size_t{0}).type == TSR_VALUE_INTEGER);
  BOOST_TEST(cell(all(store, "select ?", {{bytes_value(TSR_VALUE_JSON, "{}")}}).get(), 0, size_t{0}).type ==
             TSR_VALUE_TEXT);
}

BOOST_AUTO_TEST_CASE(tells_what_changed) {
  int64_t changes = -1, row_id = -1;
  BOOST_TEST(tsr_store_execute(store.get(), TSR_LIT("insert into t values (41, 'a'), (42, 'b')"), nullptr, 0,
                               nullptr, &changes, &row_id, nullptr) == TSR_OK);
  BOOST_TEST(changes == 2);
  BOOST_TEST(row_id == 42);
  BOOST_TEST(tsr_store_execute(store.get(), TSR_LIT("delete from t where id = 7"), nullptr, 0, nullptr,
                               &changes, &row_id, nullptr) == TSR_OK);
  BOOST_TEST(changes == 0);
}

BOOST_AUTO_TEST_CASE(parameters_go_by_name_too) {
  const tsr_str names[] = {TSR_LIT("two"), TSR_LIT(":one")};
  const tsr_value values[] = {integer(2), integer(1)};
  tsr_sql_opts opts = options();
  opts.names = names;
  Rowset rows;
  require_ok(tsr_store_query_all(store.get(), TSR_LIT("select :one as one, @two as two"), values, 2, &opts,
                                 rows.out(), failure.out()),
             failure);
  BOOST_TEST(cell(rows.get(), 0, "one").integer == 1);
  BOOST_TEST(cell(rows.get(), 0, "two").integer == 2);
  const tsr_str unknown[] = {TSR_LIT("two"), TSR_LIT("three")};
  opts.names = unknown;
  BOOST_TEST(try_query("select :one, @two", values, &opts) == TSR_E_ARG);
  const tsr_str empty[] = {TSR_LIT(""), TSR_LIT("one")};
  opts.names = empty;
  BOOST_TEST(try_query("select :one, @two", values, &opts) == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(impossible_values_are_refused) {
  std::vector<tsr_value> bad(7, text("x"));
  bad[0].type = -1;
  bad[1].type = 7;
  bad[2].reserved = 1;
  bad[3].data = nullptr;
  bad[4].len = SIZE_MAX;
  bad[5] = integer(2);
  bad[5].type = TSR_VALUE_BOOL;
  bad[6] = blob("x");
  bad[6].data = nullptr;
  for (const tsr_value& value : bad) {
    BOOST_TEST_CONTEXT("type " << value.type) {
      BOOST_TEST(try_run("insert into t(value) values (?)", {{value}}) == TSR_E_ARG);
      BOOST_TEST(tsr_store_put(store.get(), TSR_LIT("k"), &value, nullptr, nullptr) == TSR_E_ARG);
      BOOST_TEST(tsr_store_execute_many(store.get(), TSR_LIT("insert into t(value) values (?)"), &value, 1, 1,
                                        nullptr, nullptr, nullptr) == TSR_E_ARG);
    }
  }
  BOOST_TEST(tsr_store_execute(store.get(), TSR_LIT("select 1"), nullptr, 1, nullptr, nullptr, nullptr,
                               nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_store_put(store.get(), TSR_LIT("k"), nullptr, nullptr, nullptr) == TSR_E_ARG);
  BOOST_TEST(number(store, "select count(*) from t") == 0);
}

BOOST_AUTO_TEST_CASE(the_number_of_parameters_must_fit) {
  const tsr_value values[] = {integer(1), integer(2)};
  BOOST_TEST(try_query("select ?", values) == TSR_E_ARG);
  BOOST_TEST(try_query("select ?, ?, ?", values) == TSR_E_ARG);
  const std::vector<tsr_value> many(32'767, integer(1));
  BOOST_TEST(try_query("select ?", many) == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(options_of_another_age_and_impossible_ones) {
  tsr_sql_opts opts = options();
  opts.struct_size = 8;
  BOOST_TEST(try_query("select 1", {}, &opts) == TSR_E_ARG);
  opts = options();
  opts.flags = 1;
  BOOST_TEST(try_query("select 1", {}, &opts) == TSR_E_ARG);
  opts = options();
  opts.commit = 3;
  BOOST_TEST(try_query("select 1", {}, &opts) == TSR_E_ARG);
  opts = options();
  opts.timeout_ms = -1;
  BOOST_TEST(try_query("select 1", {}, &opts) == TSR_E_ARG);
  opts = options();
  opts.reserved = 1;
  BOOST_TEST(try_query("select 1", {}, &opts) == TSR_E_ARG);
  struct Later {
    tsr_sql_opts known;
    int64_t added;
  } later{};
  tsr_sql_opts_init(&later.known, sizeof(later));
  later.added = 42;
  BOOST_TEST(try_query("select 1", {}, &later.known) == TSR_OK);
}

BOOST_AUTO_TEST_CASE(mistakes_in_sql_are_told_without_parameters) {
  BOOST_TEST(try_run("insert into nowhere values (?)", {{text("confidential")}}) == TSR_E_ARG);
  const std::string told = tsr_error_text(failure.get());
  BOOST_TEST(told.find("nowhere") != std::string::npos);
  BOOST_TEST(told.find("confidential") == std::string::npos);
  for (const std::string_view sql :
       {"", "  -- nothing", "select 1; select 2", "commit", "begin", "attach 'x' as y"}) {
    BOOST_TEST_CONTEXT(sql) BOOST_TEST(try_run(sql) == TSR_E_ARG);
  }
  BOOST_TEST(try_run("select '\xC3('") == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(names_are_not_sql) {
  const std::string hostile = "x'); drop table t; --";
  run(store, "insert into t(value) values (?)", {{text(hostile)}});
  put(store, hostile, text(hostile));
  BOOST_TEST(content_of(cell(all(store, "select value from t").get(), 0, size_t{0})) == hostile);
  BOOST_TEST(tsr_store_declare_tenant(store.get(), str(hostile), TSR_LIT("id"), nullptr) == TSR_E_NOT_FOUND);
  BOOST_TEST(tsr_store_declare_tenant(store.get(), TSR_LIT("t"), str(hostile), nullptr) == TSR_E_NOT_FOUND);
  BOOST_TEST(number(store, "select count(*) from t") == 1);
}

BOOST_AUTO_TEST_CASE(a_constraint_is_a_state) {
  run(store, "insert into t values (1, 'a')");
  BOOST_TEST(try_run("insert into t values (1, 'b')") == TSR_E_STATE);
  BOOST_TEST(reason(failure) == "CONSTRAINT");
  BOOST_TEST(number(store, "select count(*) from t") == 1);
}

BOOST_AUTO_TEST_CASE(the_tables_of_the_sdk_are_out_of_reach) {
  put(store, "k", integer(1));
  for (const std::string_view sql : {"delete from tsr_settings", "select * from tsr_settings",
                                     "drop table tsr_meta", "create table tsr_mine(x)"}) {
    BOOST_TEST_CONTEXT(sql) BOOST_TEST(try_run(sql) != TSR_OK);
  }
  BOOST_TEST(cell(get(store, "k").get(), 0, size_t{0}).integer == 1);
}

BOOST_AUTO_TEST_CASE(many_rows_in_one_call) {
  std::vector<tsr_value> values;
  for (int64_t i = 0; i < 500; ++i) {
    values.push_back(integer(i));
    values.push_back(text("row"));
  }
  int64_t changes = 0;
  BOOST_TEST(tsr_store_execute_many(store.get(), TSR_LIT("insert into t values (?, ?)"), values.data(), 2,
                                    500, nullptr, &changes, nullptr) == TSR_OK);
  BOOST_TEST(changes == 500);
  values[998] = integer(0);  // taken: the whole call is undone
  for (size_t i = 0; i < 998; i += 2) values[i].integer += 1000;
  BOOST_TEST(tsr_store_execute_many(store.get(), TSR_LIT("insert into t values (?, ?)"), values.data(), 2,
                                    500, nullptr, nullptr, nullptr) == TSR_E_STATE);
  BOOST_TEST(number(store, "select count(*) from t") == 500);
  BOOST_TEST(tsr_store_execute_many(store.get(), TSR_LIT("insert into t values (?, ?)"), values.data(), 2,
                                    SIZE_MAX, nullptr, nullptr, nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_store_execute_many(store.get(), TSR_LIT("insert into t values (?, ?)"), values.data(), 0, 1,
                                    nullptr, nullptr, nullptr) == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(a_script_runs_whole_or_not_at_all) {
  BOOST_TEST(tsr_store_execute_script(store.get(),
                                      TSR_LIT("create table a(x); insert into a values (1); select 1;"),
                                      nullptr, nullptr) == TSR_OK);
  BOOST_TEST(tsr_store_execute_script(store.get(),
                                      TSR_LIT("create table b(x); insert into nowhere values (1)"), nullptr,
                                      nullptr) == TSR_E_ARG);
  BOOST_TEST(number(store, "select count(*) from sqlite_schema where name in ('a', 'b')") == 1);
}

BOOST_AUTO_TEST_CASE(rows_stream_and_end) {
  for (int64_t i = 1; i <= 5; ++i) run(store, "insert into t values (?, null)", {{integer(i)}});
  Rows rows;
  require_ok(tsr_store_query(store.get(), TSR_LIT("select id, value as v from t order by id"), nullptr, 0,
                             nullptr, rows.out(), failure.out()),
             failure);
  BOOST_TEST(tsr_rows_column_count(rows.get()) == 2U);
  BOOST_TEST(std::string(tsr_rows_column(rows.get(), 1).data, 1) == "v");
  BOOST_TEST(tsr_rows_column(rows.get(), 2).data == nullptr);
  const tsr_value* row = nullptr;
  BOOST_TEST(tsr_rows_next(rows.get(), &row, nullptr) == TSR_OK);
  BOOST_REQUIRE(row != nullptr);
  BOOST_TEST(row[0].integer == 1);
  Rowset some;
  BOOST_TEST(tsr_rows_fetch(rows.get(), 2, some.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_rowset_count(some.get()) == 2U);
  BOOST_TEST(tsr_rowset_more(some.get()) == 1);
  BOOST_TEST(tsr_rows_next(rows.get(), &row, nullptr) == TSR_OK);
  BOOST_REQUIRE(row != nullptr);
  BOOST_TEST(row[0].integer == 4);
  BOOST_TEST(tsr_rows_fetch(rows.get(), 1, some.out(), nullptr) == TSR_OK);
  BOOST_TEST(cell(some.get(), 0, size_t{0}).integer == 5);
  BOOST_TEST(tsr_rowset_more(some.get()) == 0);
  for (int i = 0; i < 2; ++i) {
    BOOST_TEST(tsr_rows_next(rows.get(), &row, nullptr) == TSR_OK);
    BOOST_TEST(row == nullptr);
  }
  BOOST_TEST(tsr_rows_fetch(rows.get(), 9, some.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_rowset_count(some.get()) == 0U);
  BOOST_TEST(tsr_rows_fetch(rows.get(), 0, some.out(), nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_rows_next(rows.get(), nullptr, nullptr) == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(rows_see_one_state_and_every_write_before) {
  run(store, "insert into t values (1, null)");
  Rows rows;
  BOOST_REQUIRE(tsr_store_query(store.get(), TSR_LIT("select id from t"), nullptr, 0, nullptr, rows.out(),
                                nullptr) == TSR_OK);
  const tsr_value* row = nullptr;
  BOOST_REQUIRE(tsr_rows_next(rows.get(), &row, nullptr) == TSR_OK);
  BOOST_TEST(row[0].integer == 1);
  run(store, "insert into t values (2, null)");
  BOOST_TEST(number(store, "select count(*) from t") == 2);
  BOOST_REQUIRE(tsr_rows_next(rows.get(), &row, nullptr) == TSR_OK);
  BOOST_TEST(row == nullptr);
}

BOOST_AUTO_TEST_CASE(returning_is_committed) {
  const Rowset rows = all(store, "insert into t(value) values ('a') returning id");
  BOOST_TEST(cell(rows.get(), 0, "id").integer == 1);
  BOOST_TEST(number(store, "select count(*) from t") == 1);
}

BOOST_AUTO_TEST_CASE(a_time_limit_ends_a_query_and_a_statement) {
  tsr_sql_opts opts = options();
  opts.timeout_ms = 30;
  BOOST_TEST(try_query(kEndless, {}, &opts) == TSR_E_TIMEOUT);
  BOOST_TEST(try_run(std::string("insert into t(value) ") + std::string(kEndless), {}, &opts) ==
             TSR_E_TIMEOUT);
  BOOST_TEST(number(store, "select count(*) from t") == 0);
}

BOOST_AUTO_TEST_CASE(an_interrupt_ends_a_query) {
  Rows rows;
  // The second row never comes.
  require_ok(
      tsr_store_query(store.get(),
                      TSR_LIT("with recursive n(i) as (select 1 union all select i + 1 from n) select i "
                              "from n where i = 1 or i < 0"),
                      nullptr, 0, nullptr, rows.out(), failure.out()),
      failure);
  const tsr_value* row = nullptr;
  require_ok(tsr_rows_next(rows.get(), &row, failure.out()), failure);
  std::thread other([&] { tsr_rows_interrupt(rows.get()); });
  BOOST_TEST(tsr_rows_next(rows.get(), &row, failure.out()) == TSR_E_CANCELLED);
  BOOST_TEST(row == nullptr);
  BOOST_TEST(tsr_rows_next(rows.get(), &row, nullptr) == TSR_E_CANCELLED);
  other.join();
}

BOOST_AUTO_TEST_CASE(an_interrupt_between_two_rows_ends_the_next) {
  Rows rows;
  require_ok(tsr_store_query(store.get(), TSR_LIT("select 1 union all select 2"), nullptr, 0, nullptr,
                             rows.out(), failure.out()),
             failure);
  const tsr_value* row = nullptr;
  BOOST_TEST(tsr_rows_next(rows.get(), &row, nullptr) == TSR_OK);
  tsr_rows_interrupt(rows.get());
  Rowset fetched;
  BOOST_TEST(tsr_rows_fetch(rows.get(), 5, fetched.out(), nullptr) == TSR_E_CANCELLED);
  BOOST_TEST(tsr_rows_next(rows.get(), &row, nullptr) == TSR_E_CANCELLED);
}

BOOST_AUTO_TEST_CASE(full_text_is_searched) {
  run(store, "create virtual table notes using fts5(body)");
  run(store, "insert into notes values ('the quick brown fox'), ('lazy dog')");
  BOOST_TEST(number(store, "select count(*) from notes where notes match 'quick'") == 1);
}

BOOST_AUTO_TEST_CASE(two_gibibytes_are_too_much) {
  constexpr size_t kSize = (size_t{1} << 31) + 1;
  void* const memory = mmap(nullptr, kSize, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  BOOST_REQUIRE(memory != MAP_FAILED);
  const tsr_value huge = blob({static_cast<const char*>(memory), kSize});
  BOOST_TEST(try_run("insert into t(value) values (?)", {{huge}}) == TSR_E_LIMIT);
  munmap(memory, kSize);
  BOOST_TEST(number(store, "select count(*) from t") == 0);
}

BOOST_AUTO_TEST_CASE(what_concerns_every_user_of_the_file_is_refused) {
  for (const std::string_view sql : {"pragma max_page_count = 20", "pragma journal_mode = delete",
                                     "pragma rekey = 'x'", "pragma key = 'x'", "vacuum into 'plain.db'"}) {
    BOOST_TEST_CONTEXT(sql) BOOST_TEST(try_run(sql) == TSR_E_ARG);
  }
}

BOOST_AUTO_TEST_CASE(readers_are_limited) {
  std::vector<Rows> held(16);
  for (Rows& rows : held) {
    BOOST_REQUIRE(tsr_store_query(store.get(), TSR_LIT("select 1 union all select 2"), nullptr, 0, nullptr,
                                  rows.out(), nullptr) == TSR_OK);
    const tsr_value* row = nullptr;
    BOOST_REQUIRE(tsr_rows_next(rows.get(), &row, nullptr) == TSR_OK);
  }
  tsr_sql_opts opts = options();
  opts.timeout_ms = 50;
  BOOST_TEST(try_query("select 1", {}, &opts) == TSR_E_TIMEOUT);
  held.pop_back();
  BOOST_TEST(try_query("select 1") == TSR_OK);
}

BOOST_AUTO_TEST_CASE(migrations_are_applied_once_in_order) {
  const tsr_migration steps[] = {{TSR_LIT("people"), TSR_LIT("create table people(name text)")},
                                 {TSR_LIT("seed"), TSR_LIT("insert into people values ('Ana')")}};
  Rowset states;
  BOOST_TEST(tsr_store_migrate(store.get(), steps, 2, TSR_MIGRATE_DRY_RUN, states.out(), nullptr) == TSR_OK);
  BOOST_TEST(content_of(cell(states.get(), 1, "state")) == "pending");
  BOOST_TEST(number(store, "select count(*) from sqlite_schema where name = 'people'") == 0);
  BOOST_TEST(tsr_store_migrate(store.get(), steps, 1, 0, states.out(), nullptr) == TSR_OK);
  BOOST_TEST(content_of(cell(states.get(), 0, "state")) == "applied");
  BOOST_TEST(tsr_store_migrate(store.get(), steps, 2, 0, states.out(), nullptr) == TSR_OK);
  BOOST_TEST(content_of(cell(states.get(), 0, "state")) == "present");
  BOOST_TEST(content_of(cell(states.get(), 1, "state")) == "applied");
  BOOST_TEST(number(store, "pragma user_version") == 2);
  BOOST_TEST(tsr_store_migrate(store.get(), steps, 1, 0, nullptr, failure.out()) == TSR_E_UNSUPPORTED);
  BOOST_TEST(reason(failure) == "NEWER_SCHEMA");
  const tsr_migration changed[] = {{TSR_LIT("people"), TSR_LIT("create table people(name text, age int)")},
                                   steps[1]};
  BOOST_TEST(tsr_store_migrate(store.get(), changed, 2, 0, nullptr, failure.out()) == TSR_E_STATE);
  BOOST_TEST(reason(failure) == "MIGRATION_CHANGED");
  const tsr_migration broken[] = {
      steps[0], steps[1], {TSR_LIT("third"), TSR_LIT("create table x(y); nonsense")}};
  BOOST_TEST(tsr_store_migrate(store.get(), broken, 3, 0, nullptr, failure.out()) == TSR_E_ARG);
  BOOST_TEST(number(store, "select count(*) from sqlite_schema where name = 'x'") == 0);
  BOOST_TEST(tsr_store_migrate(store.get(), nullptr, 1, 0, nullptr, nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_store_migrate(store.get(), steps, 2, 2, nullptr, nullptr) == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(a_tenant_sees_and_writes_its_own_rows) {
  run(store, "create table orders(tenant text, item text)");
  BOOST_TEST(
      tsr_store_declare_tenant(store.get(), TSR_LIT("orders"), TSR_LIT("tenant"), failure.out()) == TSR_OK,
      tsr_error_text(failure.get()));
  BOOST_TEST(try_query("select * from orders") == TSR_E_STATE);
  BOOST_TEST(reason(failure) == "TENANT_REQUIRED");
  Store one, two;
  BOOST_REQUIRE(tsr_store_with_tenant(store.get(), TSR_LIT("one"), one.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_store_with_tenant(store.get(), TSR_LIT("two"), two.out(), nullptr) == TSR_OK);
  run(one, "insert into orders values ('one', 'tea')");
  run(two, "insert into orders values ('two', 'milk')");
  BOOST_TEST(content_of(cell(all(one, "select item from orders").get(), 0, size_t{0})) == "tea");
  BOOST_TEST(number(two, "select count(*) from orders") == 1);
  BOOST_TEST(tsr_store_execute(one.get(), TSR_LIT("insert into orders values ('two', 'x')"), nullptr, 0,
                               nullptr, nullptr, nullptr, nullptr) != TSR_OK);
  run(one, "delete from orders");
  BOOST_TEST(number(two, "select count(*) from orders") == 1);
  Store other;
  BOOST_TEST(tsr_store_with_tenant(one.get(), TSR_LIT("two"), other.out(), nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_store_with_tenant(store.get(), TSR_LIT(""), other.out(), nullptr) == TSR_E_ARG);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
