// Transactions: nesting, limits, threads, rows inside them, and what the rest of the store sees.
#include <chrono>
#include <thread>

#include "store_fixture.hpp"

namespace tessera {
namespace {

using namespace store_test;

using Held = std::unique_ptr<Transaction>;

struct ShortLimit : Store {
  ShortLimit() {
    config.transaction_limit_ms = 50;
    open();
    execute("create table t(id integer primary key, text text)");
  }
};

void insert(Transaction& transaction, int64_t id) {
  const std::vector<Value> values = list(id);
  require(transaction.execute("insert into t(id) values(?)", {.values = values, .names = {}}));
}

void wait_over_the_limit() { std::this_thread::sleep_for(std::chrono::milliseconds(80)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(transactions)

BOOST_FIXTURE_TEST_CASE(a_commit_shows_what_a_rollback_hides, OpenStore) {
  {
    const Held transaction = require(database->begin({}));
    insert(*transaction, 1);
    BOOST_TEST(query("select count(*) from t") == "0");
    BOOST_TEST(rows_of(transaction->query("select count(*) from t", {})) == "1");
    require(transaction->commit());
    BOOST_TEST(outcome_of(transaction->commit()) == "state ENDED");
  }
  {
    const Held transaction = require(database->begin({}));
    insert(*transaction, 2);
    require(transaction->rollback());
    BOOST_TEST(outcome_of(transaction->execute("select 1", {})) == "state ENDED");
  }
  {
    const Held forgotten = require(database->begin({}));
    insert(*forgotten, 3);
  }
  BOOST_TEST(query("select id from t") == "1");
}

BOOST_FIXTURE_TEST_CASE(nested_ones_are_savepoints, OpenStore) {
  const Held outer = require(database->begin({}));
  insert(*outer, 1);
  {
    const Held inner = require(outer->nest());
    BOOST_TEST(outcome_of(outer->execute("select 1", {})) == "state NESTED");
    insert(*inner, 2);
    const Held innermost = require(inner->nest());
    insert(*innermost, 3);
    require(innermost->rollback());
    require(inner->commit());
    BOOST_TEST(outcome_of(inner->execute("select 1", {})) == "state NESTED");
  }
  {
    const Held undone = require(outer->nest());
    insert(*undone, 4);
  }
  require(outer->commit());
  BOOST_TEST(query("select id from t") == "1 2");
}

BOOST_FIXTURE_TEST_CASE(an_outer_one_may_go_first, OpenStore) {
  Held outer = require(database->begin({}));
  const Held inner = require(outer->nest());
  insert(*inner, 1);
  outer.reset();
  BOOST_TEST(outcome_of(inner->execute("select 1", {})) == "state ENDED");
  BOOST_TEST(query("select count(*) from t") == "0");
  execute("insert into t(id) values(5)");
}

BOOST_FIXTURE_TEST_CASE(a_failed_statement_leaves_the_rest, OpenStore) {
  const Held transaction = require(database->begin({}));
  insert(*transaction, 1);
  BOOST_TEST(outcome_of(transaction->execute("insert into t(id) values(1)", {})) == "state CONSTRAINT");
  const std::vector<Value> many = list(int64_t{2}, int64_t{1});
  BOOST_TEST(outcome_of(transaction->execute_many("insert into t(id) values(?)", many, 1)) ==
             "state CONSTRAINT");
  BOOST_TEST(outcome_of(transaction->within([](WriteScope& scope) -> Status {
               TSR_RETURN_IF_ERROR(scope.connection().run("insert into t(id) values(7)"));
               return Error{ErrorCode::kLIMIT, "test", "no", {}};
             })) == "limit");
  insert(*transaction, 3);
  require(transaction->commit());
  BOOST_TEST(query("select id from t") == "1 3");
}

BOOST_FIXTURE_TEST_CASE(a_statement_that_rolls_back_ends_it, OpenStore) {
  const Held transaction = require(database->begin({}));
  insert(*transaction, 1);
  BOOST_TEST(outcome_of(transaction->execute("insert or rollback into t(id) values(1)", {})) ==
             "state CONSTRAINT");
  BOOST_TEST(outcome_of(transaction->execute("select 1", {})) == "state ENDED");
  execute("insert into t(id) values(9)");
  BOOST_TEST(query("select id from t") == "9");
}

BOOST_FIXTURE_TEST_CASE(its_own_thread_may_not_write_beside_it, OpenStore) {
  const Held transaction = require(database->begin({}));
  BOOST_TEST(outcome_of(run("insert into t(id) values(1)")) == "state OWN_TRANSACTION");
  BOOST_TEST(outcome_of(database->begin({})) == "state OWN_TRANSACTION");
  BOOST_TEST(outcome_of(database->checkpoint()) == "state OWN_TRANSACTION");
  BOOST_TEST(query("select count(*) from t") == "0");
}

BOOST_FIXTURE_TEST_CASE(another_thread_may_use_it_only_when_asked, OpenStore) {
  const auto from_another = [](Transaction& transaction) {
    std::string outcome;
    std::thread([&] { outcome = outcome_of(transaction.execute("insert into t(id) values(1)", {})); }).join();
    return outcome;
  };
  Held bound = require(database->begin({}));
  BOOST_TEST(from_another(*bound) == "state THREAD");
  bound.reset();
  const Held free = require(database->begin({.any_thread = true}));
  BOOST_TEST(from_another(*free) == "ok");
  require(free->commit());
}

BOOST_FIXTURE_TEST_CASE(a_writer_waits_and_gives_up, Store) {
  config.busy_timeout_ms = 50;
  open();
  execute("create table t(id integer primary key, text text)");
  const Held transaction = require(database->begin({}));
  std::string outcome;
  std::thread([&] { outcome = outcome_of(run("insert into t(id) values(1)")); }).join();
  BOOST_TEST(outcome == "busy WRITER");
  std::thread([&] { outcome = outcome_of(database->begin({.timeout_ms = 10})); }).join();
  BOOST_TEST(outcome == "timeout");
}

BOOST_FIXTURE_TEST_CASE(one_held_for_too_long_times_out_by_itself, ShortLimit) {
  const Held transaction = require(database->begin({}));
  insert(*transaction, 1);
  wait_over_the_limit();
  BOOST_TEST(outcome_of(transaction->commit()) == "timeout TRANSACTION");
  BOOST_TEST(outcome_of(transaction->execute("select 1", {})) == "timeout TRANSACTION");
  execute("insert into t(id) values(2)");
  BOOST_TEST(query("select id from t") == "2");
}

BOOST_FIXTURE_TEST_CASE(an_abandoned_one_gives_way_to_the_next_writer, ShortLimit) {
  const Held transaction = require(database->begin({}));
  insert(*transaction, 1);
  insert(*transaction, 2);
  const auto rows = require(transaction->query("select id from t", {}));
  const Value* const row = require(rows->next());
  std::string outcome;
  std::thread([&] { outcome = outcome_of(run("insert into t(id) values(3)")); }).join();
  BOOST_TEST(outcome == "ok");
  BOOST_TEST(row->integer == 1);
  BOOST_TEST(outcome_of(rows->next()) == "timeout TRANSACTION");
  BOOST_TEST(outcome_of(transaction->execute("select 1", {})) == "timeout TRANSACTION");
  BOOST_TEST(query("select id from t") == "3");
}

BOOST_FIXTURE_TEST_CASE(a_statement_that_runs_too_long_is_ended, ShortLimit) {
  const Held transaction = require(database->begin({}));
  insert(*transaction, 1);
  BOOST_TEST(outcome_of(transaction->execute(
                 "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n",
                 {})) == "timeout TRANSACTION");
  execute("insert into t(id) values(2)");
  BOOST_TEST(query("select id from t") == "2");
}

BOOST_FIXTURE_TEST_CASE(hooks_run_after_the_outer_commit_only, OpenStore) {
  std::string calls;
  const auto hook = [&](const char* name) {
    return [&calls, name](WriteScope& scope) -> Status {
      scope.after_commit([&calls, name] { calls += name; });
      return {};
    };
  };
  const Held transaction = require(database->begin({}));
  require(transaction->within(hook("a")));
  {
    const Held kept = require(transaction->nest());
    require(kept->within(hook("b")));
    require(kept->commit());
    const Held undone = require(transaction->nest());
    require(undone->within(hook("c")));
    require(undone->rollback());
  }
  BOOST_TEST(calls == "");
  require(transaction->commit());
  BOOST_TEST(calls == "ab");
}

BOOST_FIXTURE_TEST_CASE(texts_of_rows_live_until_the_next_row, OpenStore) {
  execute("insert into t values(1, 'first'), (2, 'second one')");
  const Held transaction = require(database->begin({}));
  const auto rows = require(transaction->query("select text, id from t", {}));
  BOOST_TEST(require(rows->next())[0].text() == "first");
  require(transaction->execute("update t set text = 'changed' where id = 1", {}));
  BOOST_TEST(require(rows->next())[0].text() == "second one");
  BOOST_TEST((require(rows->next()) == nullptr));
  BOOST_TEST(rows_of(transaction->query("update t set text = 'x' returning id", {})) == "1 2");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
