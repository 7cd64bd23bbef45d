// Many threads, closing, forks, crashes.
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <future>
#include <system_error>
#include <thread>

#include "child_process.hpp"
#include "store_fixture.hpp"

namespace tessera {
namespace {

using namespace store_test;

/// Runs `body(number)` on `count` threads and gives their answers.
template <class Body>
auto on_threads(int count, Body body) {
  std::vector<std::future<decltype(body(0))>> running;
  for (int number = 0; number < count; ++number)
    running.push_back(std::async(std::launch::async, body, number));
  std::vector<decltype(body(0))> answers;
  for (auto& one : running) answers.push_back(one.get());
  return answers;
}

struct Relaxed : Store {
  Relaxed() {
    config.commit = Durability::kRelaxed;
    open();
    execute("create table t(id integer primary key, text text)");
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(threads)

BOOST_FIXTURE_TEST_CASE(eight_threads_write_and_read_what_they_wrote, Relaxed) {
  const auto failures = on_threads(8, [&](int number) {
    int failed = 0;
    for (int count = 0; count < 200; ++count) {
      const int64_t id = number * 1000 + count;
      if (!run("insert into t values(?, 'x')", list(id))) ++failed;
      if (query("select count(*) from t where id = ?", list(id)) != "1") ++failed;
    }
    return failed;
  });
  for (const int failed : failures) BOOST_TEST(failed == 0);
  BOOST_TEST(query("select count(*) from t") == "1600");
  const DatabaseStats stats = require(database->stats());
  BOOST_TEST(stats.group_commits > 0);
  BOOST_TEST(stats.commits < 1601);
}

BOOST_FIXTURE_TEST_CASE(one_that_fails_undoes_only_itself, Relaxed) {
  execute("insert into t values(1, 'taken')");
  execute("create table child(t integer references t(id) deferrable initially deferred)");
  const auto outcomes = on_threads(8, [&](int number) {
    std::string unexpected;
    for (int count = 0; count < 100; ++count) {
      const int64_t id = 100 + number * 1000 + count;
      const std::string good = outcome_of(run("insert into t values(?, 'x')", list(id)));
      if (good != "ok") unexpected += good;
      const std::string_view bad = number % 4 == 0   ? "insert into t values(1, 'again')"
                                   : number % 4 == 1 ? "insert or rollback into t values(1, 'again')"
                                   : number % 4 == 2
                                       ? "insert into child values(-1)"
                                       : "insert into t select id + 100000, text from t union all "
                                         "select 1, 'again'";
      const std::string failed = outcome_of(run(bad));
      if (failed != "state CONSTRAINT") unexpected += failed;
      const auto scoped = database->write({}, [&](WriteScope& scope) -> Status {
        TSR_RETURN_IF_ERROR(scope.connection().run("insert into t(text) values('undone')"));
        return Error{ErrorCode::kLIMIT, "test", "no", {}};
      });
      if (outcome_of(scoped) != "limit") unexpected += outcome_of(scoped);
    }
    return unexpected;
  });
  for (const std::string& unexpected : outcomes) BOOST_TEST(unexpected == "");
  BOOST_TEST(query("select count(*) from t") == "801");
  BOOST_TEST(query("select count(*) from child") == "0");
}

BOOST_FIXTURE_TEST_CASE(readers_see_whole_commits_while_others_write, Relaxed) {
  execute("create table pair(a integer, b integer)");
  execute("insert into pair values(0, 0)");
  std::atomic<bool> done{false};
  auto writer = std::async(std::launch::async, [&] {
    for (int count = 0; count < 500; ++count) execute("update pair set a = a + 1, b = b + 1");
    done = true;
    return 0;
  });
  const auto torn = on_threads(3, [&](int) {
    int bad = 0;
    while (!done)
      if (query("select a = b from pair") != "1") ++bad;
    return bad;
  });
  writer.get();
  for (const int bad : torn) BOOST_TEST(bad == 0);
  BOOST_TEST(query("select a from pair") == "500");
}

BOOST_FIXTURE_TEST_CASE(asynchronous_writes_keep_their_order_and_all_are_told, Relaxed) {
  constexpr int kCount = 5000;
  std::atomic<int> told{0};
  std::atomic<int> failed{0};
  for (int count = 0; count < kCount; ++count)
    require(database->write_async(
        {},
        [count](WriteScope& scope) -> Status {
          TSR_ASSIGN_OR_RETURN(Statement put,
                               scope.connection().statement("insert or replace into t values(1, ?)"));
          TSR_RETURN_IF_ERROR(put.bind_all(int64_t{count}));
          return put.run();
        },
        [&](Status status) {
          if (!status) ++failed;
          ++told;
        }));
  execute("insert into t values(2, (select text from t where id = 1))");
  BOOST_TEST(query("select text from t where id = 2") == std::to_string(kCount - 1));
  close();
  BOOST_TEST(told == kCount);
  BOOST_TEST(failed == 0);
}

BOOST_FIXTURE_TEST_CASE(a_callback_may_write_and_a_hook_may_not, Relaxed) {
  std::promise<std::string> told;
  require(database->write_async(
      {}, [](WriteScope&) { return Status(); },
      [&](Status) { told.set_value(outcome_of(run("insert into t values(1, 'a')"))); }));
  BOOST_TEST(told.get_future().get() == "ok");
  std::string from_hook, from_work;
  require(database->write({}, [&](WriteScope& scope) -> Status {
    scope.after_commit([&] { from_hook = outcome_of(run("insert into t values(2, 'b')")); });
    from_work = outcome_of(run("insert into t values(3, 'c')"));
    return {};
  }));
  BOOST_TEST(from_hook == "state OWN_TRANSACTION");
  BOOST_TEST(from_work == "state OWN_TRANSACTION");
}

BOOST_FIXTURE_TEST_CASE(asynchronous_writes_behind_a_transaction_have_their_time, Store) {
  config.busy_timeout_ms = 300;
  open();
  const auto transaction = require(database->begin({.any_thread = true}));
  std::promise<std::string> first, hasty;
  const auto tell = [](std::promise<std::string>& told) {
    return [&told](Status status) { told.set_value(outcome_of(status)); };
  };
  const auto nothing = [](WriteScope&) { return Status(); };
  require(database->write_async({}, nothing, tell(first)));
  require(database->write_async({.timeout_ms = 20}, nothing, tell(hasty)));
  auto told = first.get_future();
  BOOST_TEST(hasty.get_future().get() == "timeout");
  BOOST_TEST((told.wait_for(std::chrono::seconds(0)) == std::future_status::timeout));
  BOOST_TEST(told.get() == "busy WRITER");
  require(transaction->commit());
}

BOOST_FIXTURE_TEST_CASE(asynchronous_writes_end_a_transaction_that_is_too_long, Store) {
  config.transaction_limit_ms = 50;
  open();
  const auto transaction = require(database->begin({.any_thread = true}));
  std::promise<std::string> told;
  require(database->write_async(
      {}, [](WriteScope&) { return Status(); }, [&](Status status) { told.set_value(outcome_of(status)); }));
  BOOST_TEST(told.get_future().get() == "ok");
  BOOST_TEST(outcome_of(transaction->commit()) == "timeout TRANSACTION");
}

BOOST_FIXTURE_TEST_CASE(transactions_take_turns_with_writes, Relaxed) {
  execute("insert into t values(1, 0)");
  const auto failures = on_threads(4, [&](int number) {
    int failed = 0;
    for (int count = 0; count < 100; ++count) {
      if (number % 2 == 0) {
        if (!run("update t set text = text + 1")) ++failed;
        continue;
      }
      auto transaction = database->begin({});
      if (!transaction || !(*transaction)->execute("update t set text = text + 1", {}) ||
          !(*transaction)->commit())
        ++failed;
    }
    return failed;
  });
  for (const int failed : failures) BOOST_TEST(failed == 0);
  BOOST_TEST(query("select text from t") == "400");
}

BOOST_FIXTURE_TEST_CASE(the_log_stays_bounded_under_constant_readers, Relaxed) {
  std::atomic<bool> done{false};
  auto readers = std::async(std::launch::async, [&] {
    return on_threads(2, [&](int) {
      while (!done) static_cast<void>(query("select count(*) from t where id < 50"));
      return 0;
    });
  });
  const std::string text(3000, 'x');
  int64_t largest = 0;
  for (int count = 0; count < 12000; ++count) {
    execute("insert or replace into t values(?, ?)", list(int64_t{count % 3000}, std::string_view(text)));
    if (count % 100 == 0) largest = std::max(largest, require(database->stats()).wal_bytes);
  }
  done = true;
  readers.get();
  BOOST_TEST(largest < int64_t{9500} * 4120);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(closing)

BOOST_FIXTURE_TEST_CASE(a_closed_store_refuses_and_can_be_opened_again, OpenStore) {
  close();
  require(database->close(0));
  BOOST_TEST(database->closed());
  BOOST_TEST(outcome_of(run("select 1")) == "state CLOSED");
  BOOST_TEST(outcome_of(try_query("select 1")) == "state CLOSED");
  BOOST_TEST(outcome_of(database->begin({})) == "state CLOSED");
  BOOST_TEST(outcome_of(database->stats()) == "state CLOSED");
  open();
  BOOST_TEST(query("select count(*) from t") == "0");
}

BOOST_FIXTURE_TEST_CASE(idle_rows_and_transactions_do_not_hold_it, OpenStore) {
  execute("insert into t values(1, 'a'), (2, 'b')");
  auto rows = require(try_query("select text from t"));
  BOOST_TEST(require(rows->next())->text() == "a");
  const auto unread = require(try_query("select text from t"));
  auto transaction = require(database->begin({}));
  auto inside = require(transaction->query("select text from t", {}));
  require(transaction->execute("delete from t", {}));
  require(database->close(0));
  BOOST_TEST(outcome_of(rows->next()) == "state CLOSED");
  BOOST_TEST(outcome_of(unread->next()) == "state CLOSED");
  BOOST_TEST(outcome_of(transaction->commit()) != "ok");
  database.reset();
  open();
  BOOST_TEST(query("select count(*) from t") == "2");
  rows.reset();
  inside.reset();
  transaction.reset();
  BOOST_TEST(query("select count(*) from t") == "2");
}

BOOST_FIXTURE_TEST_CASE(what_runs_is_interrupted_at_the_deadline, OpenStore) {
  const std::string_view endless =
      "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n";
  auto reading = std::async(std::launch::async, [&] { return outcome_of(try_query(endless)); });
  auto writing = std::async(std::launch::async, [&] { return outcome_of(run(endless)); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  require(database->close(10));
  BOOST_TEST(reading.get() == "cancelled");
  BOOST_TEST(writing.get() == "cancelled");
}

BOOST_FIXTURE_TEST_CASE(what_begins_after_the_deadline_is_interrupted_too, OpenStore) {
  const auto late = [](Connection& connection) {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    return connection.run(
        "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n");
  };
  auto reading = std::async(std::launch::async, [&] { return outcome_of(database->read({}, late)); });
  auto writing = std::async(std::launch::async, [&] {
    return outcome_of(database->write({}, [&](WriteScope& scope) { return late(scope.connection()); }));
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  require(database->close(10));
  BOOST_TEST(reading.get() == "cancelled");
  BOOST_TEST(writing.get() == "cancelled");
}

BOOST_FIXTURE_TEST_CASE(a_transaction_of_the_closing_thread_is_not_waited_for, OpenStore) {
  const auto transaction = require(database->begin({}));
  const auto start = std::chrono::steady_clock::now();
  require(database->close(60'000));
  BOOST_TEST((std::chrono::steady_clock::now() - start < std::chrono::seconds(30)));
}

BOOST_FIXTURE_TEST_CASE(freeing_commits_what_waits, Relaxed) {
  for (int64_t id = 0; id < 500; ++id)
    require(database->write_async(
        {},
        [id](WriteScope& scope) -> Status {
          TSR_ASSIGN_OR_RETURN(Statement put, scope.connection().statement("insert into t(id) values(?)"));
          TSR_RETURN_IF_ERROR(put.bind_all(id));
          return put.run();
        },
        [](Status) {}));
  database.reset();
  open();
  BOOST_TEST(query("select count(*) from t") == "500");
}

BOOST_FIXTURE_TEST_CASE(it_may_be_freed_inside_a_callback, Relaxed) {
  std::promise<void> freed;
  require(database->write_async(
      {}, [](WriteScope&) { return Status(); },
      [&](Status) {
        database.reset();
        freed.set_value();
      }));
  freed.get_future().get();
  open();
}

BOOST_FIXTURE_TEST_CASE(closing_tells_who_waits_also_without_a_worker, Store) {
  // In a child, which is denied further threads.
  test::ChildProcess child([&] {
    open();
    execute("create table t(x)");
    const rlimit none{0, 0};
    if (setrlimit(RLIMIT_NPROC, &none) != 0) return 2;
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) return 2;  // root has no such limit
    try {
      std::thread([] {}).join();
      return 3;
    } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch): as wanted
    }
    std::string told;
    require(database->write_async(
        {}, [](WriteScope& scope) { return scope.connection().run("insert into t values(1)"); },
        [&](Status status) { told = outcome_of(status); }));
    execute("insert into t values(2)");
    const bool is_early = !told.empty();
    close();
    return !is_early && told == "ok" ? 0 : 1;
  });
  BOOST_TEST(child.wait() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_second_instance_waits_for_a_closing_one, OpenStore) {
  auto reopened = std::async(std::launch::async, [&] { return outcome_of(try_open()); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  close();
  BOOST_TEST(reopened.get() == "ok");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(processes)

BOOST_FIXTURE_TEST_CASE(a_forked_child_is_refused_and_harms_nothing, OpenStore) {
  execute("insert into t values(1, 'a'), (2, 'b')");
  auto rows = require(try_query("select id from t"));
  auto transaction = require(database->begin({}));
  auto inside = require(transaction->query("select id from t", {}));
  test::ChildProcess child([&] {
    const auto forked = [](const auto& result) { return outcome_of(result) == "forked"; };
    const bool refused = forked(run("delete from t")) && forked(try_query("select 1")) &&
                         forked(rows->next()) && forked(inside->next()) &&
                         forked(transaction->execute("delete from t", {})) && forked(transaction->commit()) &&
                         forked(database->begin({})) && forked(database->stats()) &&
                         forked(database->close(0)) && forked(database->checkpoint());
    rows.reset();
    inside.reset();
    transaction.reset();
    database.reset();
    return refused ? 0 : 1;
  });
  BOOST_TEST(child.wait() == 0);
  require(transaction->execute("insert into t values(3, 'c')", {}));
  require(transaction->commit());
  BOOST_TEST(require(rows->next())->integer == 1);
  BOOST_TEST(query("select count(*) from t") == "3");
}

BOOST_FIXTURE_TEST_CASE(a_killed_process_keeps_what_it_acknowledged, Store) {
  config.commit = Durability::kRelaxed;
  for (int round = 0; round < 5; ++round) {
    int pipe_ends[2];
    BOOST_REQUIRE(pipe(pipe_ends) == 0);
    test::ChildProcess child([&] {
      open();
      execute("create table if not exists t(id integer primary key, text text)");
      const int64_t first = std::stoll(query("select coalesce(max(id), 0) from t"));
      for (int64_t id = first + 1;; ++id) {
        execute("insert into t values(?, 'x')", list(id));
        if (write(pipe_ends[1], &id, sizeof id) != sizeof id) return 1;
      }
    });
    ::close(pipe_ends[1]);
    int64_t acknowledged = 0;
    for (int count = 0; count < 50 + round * 37; ++count)
      BOOST_REQUIRE(read(pipe_ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged);
    child.kill_now();
    int64_t last = 0;
    while (read(pipe_ends[0], &last, sizeof last) == sizeof last) acknowledged = last;
    ::close(pipe_ends[0]);
    open();
    BOOST_TEST(std::stoll(query("select max(id) from t")) >= acknowledged);
    BOOST_TEST(query("pragma integrity_check") == "ok");
    database.reset();
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
