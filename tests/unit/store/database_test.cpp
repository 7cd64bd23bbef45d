// Statements, values, rows and their limits through Database.
#include "store/database.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <future>
#include <new>
#include <thread>

#include "child_process.hpp"
#include "store/vfs_faults.hpp"
#include "store_fixture.hpp"

namespace tessera {
namespace {

using namespace store_test;

constexpr std::string_view kEndless =
    "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n";

struct Memory : Store {
  Memory() {
    config.path.clear();
    open();
    execute("create table t(id integer primary key, text text)");
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(statements)

BOOST_FIXTURE_TEST_CASE(values_come_back_as_they_went_in, OpenStore) {
  execute("create table v(i, r, s, b, e, n)");
  const Bytes bytes{0, 1, 255};
  std::vector<Value> values =
      list(INT64_MIN, 0.1, std::string_view("a\0b", 3), ByteView(bytes), std::string_view());
  values.push_back({});
  BOOST_TEST(execute("insert into v values(?, ?, ?, ?, ?, ?)", values).changes == 1);
  const auto rows = require(try_query("select * from v"));
  const Value* const row = require(rows->next());
  BOOST_REQUIRE(row != nullptr);
  BOOST_TEST((row[0].type == ValueType::kInteger && row[0].integer == INT64_MIN));
  BOOST_TEST((row[1].type == ValueType::kReal && row[1].real == 0.1));
  BOOST_TEST((row[2].type == ValueType::kText && row[2].text() == std::string_view("a\0b", 3)));
  BOOST_TEST(
      (row[3].type == ValueType::kBlob && std::equal(bytes.begin(), bytes.end(), row[3].bytes().begin())));
  BOOST_TEST((row[4].type == ValueType::kText && row[4].size == 0));
  BOOST_TEST(row[5].is_null());
  BOOST_TEST((require(rows->next()) == nullptr));
  BOOST_TEST((require(rows->next()) == nullptr));
}

BOOST_FIXTURE_TEST_CASE(named_parameters_bind_with_and_without_their_sign, OpenStore) {
  const std::vector<Value> values = list(int64_t{7}, std::string_view("seven"));
  for (const std::vector<std::string_view>& names :
       {std::vector<std::string_view>{"id", "text"}, {":id", "@text"}, {":id", "text"}})
    BOOST_TEST(require(database->execute("insert or replace into t values(:id, @text)",
                                         {.values = values, .names = names}, {}))
                   .changes == 1);
  const std::vector<std::string_view> wrong{"id", "txt"};
  BOOST_TEST(outcome_of(database->execute("insert into t values(:id, @text)",
                                          {.values = values, .names = wrong}, {})) == "arg SQL");
  BOOST_TEST(query("select * from t") == "7|seven");
}

BOOST_FIXTURE_TEST_CASE(outcomes_count_what_changed, OpenStore) {
  BOOST_TEST(execute("insert into t(text) values('a')").last_row_id == 1);
  BOOST_TEST(execute("insert into t(text) values('b'), ('c')").changes == 2);
  const Outcome updated = execute("update t set text = 'd' where id > 1");
  BOOST_TEST(updated.changes == 2);
  BOOST_TEST(updated.last_row_id == 0);
  BOOST_TEST(execute("select 1").changes == 0);
  BOOST_TEST(execute("create table u(x)").changes == 0);
  const Outcome ignored = execute("insert or ignore into t values(1, 'x')");
  BOOST_TEST(ignored.changes == 0);
  BOOST_TEST(ignored.last_row_id == 0);
}

BOOST_FIXTURE_TEST_CASE(a_broken_constraint_is_a_state_with_its_kind, OpenStore) {
  execute("insert into t values(1, 'secret value')");
  const auto failed = run("insert into t values(1, 'secret value')");
  BOOST_REQUIRE(!failed);
  BOOST_TEST(outcome_of(failed) == "state CONSTRAINT");
  BOOST_TEST((failed.error().detail_json.find("primary_key") != std::string::npos));
  BOOST_TEST((failed.error().text.find("secret") == std::string::npos));
}

BOOST_FIXTURE_TEST_CASE(foreign_keys_hold_also_when_deferred, OpenStore) {
  execute("create table child(t integer references t(id) deferrable initially deferred)");
  BOOST_TEST(outcome_of(run("insert into child values(9)")) == "state CONSTRAINT");
  BOOST_TEST(query("select count(*) from child") == "0");
  execute("insert into t values(9, 'parent')");
  execute("insert into child values(9)");
}

BOOST_FIXTURE_TEST_CASE(many_rows_are_all_or_nothing, OpenStore) {
  const std::vector<Value> values =
      list(int64_t{1}, std::string_view("a"), int64_t{2}, std::string_view("b"));
  const std::string_view sql = "insert into t values(?, ?)";
  BOOST_TEST(require(database->execute_many(sql, values, 2, {})).changes == 2);
  const std::vector<Value> clash = list(int64_t{3}, std::string_view("c"), int64_t{1}, std::string_view("d"));
  const auto failed = database->execute_many(sql, clash, 2, {});
  BOOST_TEST(outcome_of(failed) == "state CONSTRAINT");
  BOOST_TEST((failed.error().text.find("row 2") != std::string::npos));
  BOOST_TEST(outcome_of(database->execute_many(sql, values, 3, {})) == "arg");
  BOOST_TEST(outcome_of(database->execute_many(sql, values, 1, {})) == "arg SQL");
  BOOST_TEST(require(database->execute_many(sql, {}, 2, {})).changes == 0);
  BOOST_TEST(query("select * from t") == "1|a 2|b");
}

BOOST_FIXTURE_TEST_CASE(a_script_is_one_transaction, OpenStore) {
  require(
      database->execute_script("insert into t values(1, 'a'); -- note\n insert into t values(2, 'b');", {}));
  BOOST_TEST(outcome_of(database->execute_script("insert into t values(3, 'c'); insert into t values(1, 'x')",
                                                 {})) == "state CONSTRAINT");
  BOOST_TEST(query("select count(*) from t") == "2");
}

BOOST_FIXTURE_TEST_CASE(a_long_script_is_fine_though_a_long_statement_is_not, OpenStore) {
  std::string script;
  while (script.size() < (2u << 20))
    script += "insert into t(text) values('" + std::string(1000, 'x') + "');";
  require(database->execute_script(script, {}));
}

BOOST_FIXTURE_TEST_CASE(returning_is_committed_and_copied, OpenStore) {
  const auto rows = require(try_query("insert into t(text) values('a'), ('b') returning id, text"));
  BOOST_TEST(query("select count(*) from t") == "2");
  BOOST_TEST(rows_of(Result<std::unique_ptr<Rows>>(require(try_query("delete from t returning id")))) ==
             "1 2");
  BOOST_TEST(rows->columns()[1] == "text");
}

BOOST_FIXTURE_TEST_CASE(names_follow_a_changed_schema, OpenStore) {
  execute("insert into t values(1, 'a')");
  BOOST_TEST(require(try_query("select * from t"))->columns().size() == 2u);
  execute("alter table t rename column text to body");
  BOOST_TEST(require(try_query("select * from t"))->columns()[1] == "body");
  execute("alter table t add column more default 'm'");
  BOOST_TEST(require(try_query("select * from t"))->columns().size() == 3u);
  BOOST_TEST(query("select * from t") == "1|a|m");
}

BOOST_FIXTURE_TEST_CASE(more_statements_than_the_cache_holds_work, OpenStore) {
  execute("insert into t values(1, 'a')");
  for (int round = 0; round < 2; ++round)
    for (int number = 0; number < 200; ++number)
      BOOST_TEST(query("select " + std::to_string(number) + " from t") == std::to_string(number));
}

BOOST_FIXTURE_TEST_CASE(one_text_runs_twice_at_the_same_time, OpenStore) {
  execute("insert into t values(1, 'a'), (2, 'b')");
  config.readers = config.max_readers = 1;
  const auto transaction = require(database->begin({}));
  const auto first = require(transaction->query("select id from t", {}));
  const auto second = require(transaction->query("select id from t", {}));
  BOOST_TEST(require(first->next())->integer == 1);
  BOOST_TEST(require(second->next())->integer == 1);
  BOOST_TEST(require(first->next())->integer == 2);
  BOOST_TEST(require(second->next())->integer == 2);
}

BOOST_FIXTURE_TEST_CASE(the_licence_is_a_row_that_can_be_read_only, OpenStore) {
  BOOST_TEST(query("select count(*) from tsr_license") == "0");
  database->set_license_row([] {
    RowSet rows({kLicenseColumns.begin(), kLicenseColumns.end()});
    std::vector<Value> cells(kLicenseColumns.size());
    cells[0] = Value::of(std::string_view("valid"));
    cells[5] = Value::of(int64_t{1234});
    rows.add(cells.data());
    return rows;
  });
  BOOST_TEST(query("select state, expires_at, plan from tsr_license") == "valid|1234|null");
  execute("create view mine as select state from tsr_license");
  BOOST_TEST(query("select * from mine") == "valid");
  BOOST_TEST(outcome_of(run("update tsr_license set state = 'x'")) != "ok");
  BOOST_TEST(outcome_of(run("delete from tsr_license")) != "ok");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(limits)

BOOST_FIXTURE_TEST_CASE(a_query_ends_at_its_timeout, OpenStore) {
  const auto start = std::chrono::steady_clock::now();
  BOOST_TEST(outcome_of(try_query(kEndless, {}, {.timeout_ms = 50})) == "timeout");
  BOOST_TEST((std::chrono::steady_clock::now() - start < std::chrono::seconds(5)));
  BOOST_TEST(query("select 1") == "1");
}

BOOST_FIXTURE_TEST_CASE(the_configured_timeout_counts, Store) {
  config.query_timeout_ms = 50;
  open();
  BOOST_TEST(outcome_of(try_query(kEndless)) == "timeout");
  BOOST_TEST(outcome_of(run(kEndless)) == "timeout");
  execute("create table t(x)");
}

BOOST_FIXTURE_TEST_CASE(a_cancelled_call_ends, OpenStore) {
  Cancel cancel;
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    cancel.cancel();
  });
  BOOST_TEST(outcome_of(try_query(kEndless, {}, {.cancel = &cancel})) == "cancelled");
  BOOST_TEST(outcome_of(database->execute(kEndless, {}, {.cancel = &cancel})) == "cancelled");
  other.join();
}

BOOST_FIXTURE_TEST_CASE(running_rows_are_interrupted, OpenStore) {
  const auto rows =
      require(try_query("with recursive n(x) as (select 1 union all select x + 1 from n) select x from n "
                        "where x = 1 or x < 0"));
  BOOST_TEST(require(rows->next())->integer == 1);
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    rows->interrupt();
  });
  BOOST_TEST(outcome_of(rows->next()) == "cancelled");
  other.join();
  rows->interrupt();
  BOOST_TEST(query("select 1") == "1");
}

BOOST_FIXTURE_TEST_CASE(readers_grow_to_their_most_and_are_busy_then, Store) {
  config.readers = 1;
  config.max_readers = 3;
  config.busy_timeout_ms = 50;
  open();
  std::vector<std::unique_ptr<Rows>> held;
  for (int count = 0; count < 3; ++count) held.push_back(require(try_query("select 1 union select 2")));
  BOOST_TEST(require(held[0]->next())->integer == 1);
  BOOST_TEST(outcome_of(try_query("select 1")) == "busy READERS");
  held.pop_back();
  BOOST_TEST(query("select 1") == "1");
}

BOOST_FIXTURE_TEST_CASE(an_interrupt_after_a_timeout_is_no_timeout, Store) {
  config.readers = config.max_readers = 1;
  open();
  BOOST_TEST(outcome_of(try_query(kEndless, {}, {.timeout_ms = 20})) == "timeout");
  const auto rows =
      require(try_query("with recursive n(x) as (select 1 union all select x + 1 from n) select x from n "
                        "where x = 1 or x < 0"));
  BOOST_TEST(require(rows->next())->integer == 1);
  rows->interrupt();
  BOOST_TEST(outcome_of(rows->next()) == "cancelled");
}

BOOST_FIXTURE_TEST_CASE(limits_reach_who_waits_for_the_writer, OpenStore) {
  Cancel cancel;
  cancel.cancel();
  const auto transaction = require(database->begin({}));
  const auto outcomes = [&](const CallOptions& options) {
    const std::vector<Value> row = list(int64_t{1});
    std::string all = outcome_of(database->execute("insert into t(id) values(1)", {}, options));
    all += ' ' + outcome_of(database->execute_many("insert into t(id) values(?)", row, 1, options));
    all += ' ' + outcome_of(database->execute_script("insert into t(id) values(1)", options));
    all += ' ' + outcome_of(try_query("insert into t(id) values(1) returning id", {}, options));
    all += ' ' + outcome_of(database->write(options, [](WriteScope&) { return Status(); }));
    all += ' ' + outcome_of(database->exclusive(options, [](Connection&) { return Status(); }));
    all += ' ' + outcome_of(database->begin({.timeout_ms = options.timeout_ms, .cancel = options.cancel}));
    return all;
  };
  const auto elsewhere = [&](const CallOptions& options) {
    return std::async(std::launch::async, [&] { return outcomes(options); }).get();
  };
  BOOST_TEST(elsewhere({.timeout_ms = 10}) == "timeout timeout timeout timeout timeout timeout timeout");
  BOOST_TEST(elsewhere({.cancel = &cancel}) ==
             "cancelled cancelled cancelled cancelled cancelled cancelled cancelled");
}

BOOST_FIXTURE_TEST_CASE(limits_reach_who_waits_for_a_reader, Store) {
  config.readers = config.max_readers = 1;
  open();
  Cancel cancel;
  cancel.cancel();
  const auto held = require(try_query("select 1 union select 2"));
  for (const CallOptions& options : {CallOptions{.timeout_ms = 10}, CallOptions{.cancel = &cancel}}) {
    const std::string_view expected = options.cancel == nullptr ? "timeout" : "cancelled";
    BOOST_TEST(outcome_of(try_query("select 1", {}, options)) == expected);
    BOOST_TEST(outcome_of(database->read(options, [](Connection&) { return Status(); })) == expected);
  }
}

BOOST_FIXTURE_TEST_CASE(a_transaction_waits_as_long_as_it_says, Store) {
  config.busy_timeout_ms = 10;
  open();
  auto transaction = require(database->begin({.any_thread = true}));
  auto next =
      std::async(std::launch::async, [&] { return outcome_of(database->begin({.timeout_ms = 10'000})); });
  BOOST_TEST((next.wait_for(std::chrono::milliseconds(100)) == std::future_status::timeout));
  transaction.reset();
  BOOST_TEST(next.get() == "ok");
}

BOOST_FIXTURE_TEST_CASE(an_asynchronous_write_that_is_late_does_not_begin, OpenStore) {
  std::promise<std::string> told;
  const auto hold_up = [&](WriteScope&) -> Status {
    // Not a transaction, behind which an alarm would ring.
    require(database->write_async(
        {.timeout_ms = 1},
        [](WriteScope& scope) { return scope.connection().run("insert into t(id) values(1)"); },
        [&](Status status) { told.set_value(outcome_of(status)); }));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return {};
  };
  require(database->write({}, hold_up));
  BOOST_TEST(told.get_future().get() == "timeout");
  BOOST_TEST(query("select count(*) from t") == "0");
}

BOOST_FIXTURE_TEST_CASE(a_full_disk_is_named_and_passes, OpenStore) {
  require(database->exclusive(
      {}, [](Connection& connection) { return connection.run("pragma max_page_count=20"); }));
  std::string outcome = "ok";
  for (int count = 0; count < 100 && outcome == "ok"; ++count)
    outcome =
        outcome_of(run("insert into t(text) values(?)", list(std::string_view(std::string(4000, 'x')))));
  BOOST_TEST(outcome == "disk_full");
  require(database->exclusive(
      {}, [](Connection& connection) { return connection.run("pragma max_page_count=100000"); }));
  execute("insert into t(text) values('there is room again')");
  BOOST_TEST(query("pragma quick_check") == "ok");
}

BOOST_FIXTURE_TEST_CASE(after_an_io_error_it_works_again, OpenStore) {
  execute("insert into t values(1, 'a')");
  for (const uint32_t call : {testing::kWriteCall, testing::kSyncCall, testing::kAnyCall}) {
    testing::set_disk_fault(testing::DiskFault{.calls = call});
    const std::string outcome = outcome_of(run("insert into t(text) values('lost')"));
    testing::set_disk_fault({});
    BOOST_TEST(outcome == "io");
    execute("insert or replace into t values(1, 'b')");
    BOOST_TEST(query("select text from t where id = 1") == "b");
  }
  testing::set_disk_fault(testing::DiskFault{.calls = testing::kWriteCall, .full = true});
  const std::string full = outcome_of(run("insert into t(text) values('lost')"));
  testing::set_disk_fault({});
  BOOST_TEST(full == "disk_full");
  execute("insert into t values(2, 'kept')");
  close();
  open();
  BOOST_TEST(query("select text from t where id <= 2") == "b kept");
  BOOST_TEST(query("pragma integrity_check") == "ok");
}

BOOST_FIXTURE_TEST_CASE(a_commit_stands_though_its_log_can_not_be_marked, OpenStore) {
  for (const uint32_t call : {testing::kWriteCall, testing::kSyncCall}) {
    require(database->checkpoint());  // the next commit's mark is synced
    std::string told;
    testing::set_disk_fault(testing::DiskFault{.files = testing::kMarkFile, .calls = call});
    const auto kept = database->write({}, [&](WriteScope& scope) {
      scope.after_commit([&] { told = "told"; });
      return scope.connection().run("insert into t(text) values('kept')");
    });
    const auto refused = run("insert into t(text) values('refused')");
    const auto begun = database->begin({});
    const auto alone = database->exclusive(
        {}, [](Connection& connection) { return connection.run("insert into t(text) values('refused')"); });
    testing::set_disk_fault({});
    BOOST_TEST(outcome_of(kept) == "ok");
    BOOST_TEST(told == "told");
    BOOST_TEST(outcome_of(refused) == "io");
    BOOST_TEST(outcome_of(begun) == "io");
    BOOST_TEST(outcome_of(alone) == "io");
    execute("insert into t(text) values('after')");
  }
  BOOST_TEST(query("select text from t") == "kept after kept after");
  close();
  open();
  BOOST_TEST(query("select text from t") == "kept after kept after");
}

BOOST_FIXTURE_TEST_CASE(a_reader_that_met_an_io_error_is_opened_anew, Store) {
  config.cache_bytes = 1 << 16;
  open();
  execute("create table t(id integer primary key, text text)");
  for (int count = 0; count < 200; ++count)
    execute("insert into t(text) values(?)", list(std::string_view(std::string(2000, 'x'))));
  require(database->checkpoint());
  testing::set_disk_fault(testing::DiskFault{.calls = testing::kReadCall});
  const std::string outcome = outcome_of(try_query("select sum(length(text)) from t"));
  testing::set_disk_fault({});
  BOOST_TEST(outcome == "io");
  BOOST_TEST(query("select sum(length(text)) from t") == "400000");
}

BOOST_FIXTURE_TEST_CASE(statistics_add_up, OpenStore) {
  execute("insert into t values(1, 'a')");
  BOOST_TEST(query("select text from t") == "a");
  const DatabaseStats stats = require(database->stats());
  BOOST_TEST(stats.commits == 3);  // tsr_meta is the first
  BOOST_TEST(stats.strict_commits == 3);
  BOOST_TEST(stats.page_size == 4096);
  BOOST_TEST(stats.page_count >= 2);
  BOOST_TEST(stats.readers_open >= 1);
  BOOST_TEST(stats.wal_bytes > 0);
  require(database->checkpoint());
  BOOST_TEST(require(database->stats()).wal_bytes == 0);
}

BOOST_FIXTURE_TEST_CASE(an_exception_is_an_error_and_undoes_the_work, OpenStore) {
  const auto thrown = database->write({}, [](WriteScope& scope) -> Status {
    TSR_RETURN_IF_ERROR(scope.connection().run("insert into t values(1, 'a')"));
    throw std::bad_alloc();
  });
  BOOST_TEST(outcome_of(thrown) == "no_memory");
  BOOST_TEST(outcome_of(database->read({}, [](Connection&) -> Status { throw 1; })) == "internal");
  BOOST_TEST(outcome_of(database->exclusive({}, [](Connection&) -> Status { throw 1; })) == "internal");
  BOOST_TEST(query("select count(*) from t") == "0");
}

BOOST_FIXTURE_TEST_CASE(a_text_that_memory_has_no_room_for_is_not_given_out, Store) {
  // So much that the zero which ends a text takes more memory. Somewhere between these limits only that
  // fails.
  constexpr size_t kSize = (size_t{12} << 20) - 128;  // a whole block of the arena
  const std::string sql = "select cast(zeroblob(" + std::to_string(kSize) + ") as text)";
  for (int64_t megabytes = 12; megabytes < 72; megabytes += 4) {
    // In a child, for the limit is the whole process's.
    test::ChildProcess child([&] {
      open();
      static_cast<void>(query("select 1"));
      int64_t pages = 0;
      std::ifstream("/proc/self/statm") >> pages;
      rlimit limit{};
      limit.rlim_cur = limit.rlim_max =
          static_cast<rlim_t>(pages * sysconf(_SC_PAGESIZE) + (megabytes << 20));
      if (setrlimit(RLIMIT_AS, &limit) != 0) return 2;
      try {
        const auto rows = try_query(sql);
        if (!rows) return rows.error().code == ErrorCode::kNO_MEMORY ? 0 : 3;
        return require((*rows)->next())->size == kSize ? 0 : 1;
      } catch (const std::bad_alloc&) {
        return 0;
      }
    });
    BOOST_TEST(child.wait() == 0);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(in_memory)

BOOST_FIXTURE_TEST_CASE(everything_works_on_one_connection, Memory) {
  execute("insert into t values(1, 'a')");
  const auto rows = require(try_query("select text from t"));
  execute("delete from t");
  BOOST_TEST(require(rows->next())->text() == "a");
  {
    const auto transaction = require(database->begin({}));
    require(transaction->execute("insert into t values(2, 'b')", {}));
    BOOST_TEST(outcome_of(try_query("select 1")) == "state OWN_TRANSACTION");
    require(transaction->commit());
  }
  BOOST_TEST(query("select * from t") == "2|b");
  BOOST_TEST(require(database->stats()).page_count >= 2);
  require(database->checkpoint());
  close();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
