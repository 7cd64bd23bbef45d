// Transactions and savepoints.
#include <boost/test/unit_test.hpp>
#include <string>
#include <thread>

#include "store_fixture.hpp"

namespace tessera::test {
namespace {

struct Opened : StoreFixture {
  Opened() { run(store, "create table t(x)"); }

  Tx begin(const tsr_tx_opts* opts = nullptr) {
    Tx tx;
    require_ok(tsr_tx_begin(store.get(), opts, tx.out(), failure.out()), failure);
    return tx;
  }
  tsr_status insert(const Tx& tx, int64_t number) {
    const tsr_value value = integer(number);
    return tsr_tx_execute(tx.get(), TSR_LIT("insert into t values (?)"), &value, 1, nullptr, nullptr, nullptr,
                          failure.out());
  }
  int64_t count(const Tx& tx) {
    Rowset rows;
    require_ok(tsr_tx_query_all(tx.get(), TSR_LIT("select count(*) from t"), nullptr, 0, nullptr, rows.out(),
                                failure.out()),
               failure);
    return cell(rows.get(), 0, size_t{0}).integer;
  }
  int64_t count() { return number(store, "select count(*) from t"); }

  Store store = open_store();
  Failure failure;
};

tsr_tx_opts options(uint32_t flags = 0) {
  tsr_tx_opts opts;
  tsr_tx_opts_init(&opts, sizeof(opts));
  opts.flags = flags;
  return opts;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(store_tx, Opened)

BOOST_AUTO_TEST_CASE(is_seen_once_committed) {
  const Tx tx = begin();
  BOOST_TEST(insert(tx, 1) == TSR_OK);
  BOOST_TEST(count(tx) == 1);
  BOOST_TEST(count() == 0);
  BOOST_TEST(tsr_tx_commit(tx.get(), nullptr) == TSR_OK);
  BOOST_TEST(count() == 1);
  BOOST_TEST(insert(tx, 2) == TSR_E_STATE);
  BOOST_TEST(tsr_tx_commit(tx.get(), nullptr) == TSR_E_STATE);
}

BOOST_AUTO_TEST_CASE(rolls_back_on_demand_and_when_freed) {
  {
    const Tx tx = begin();
    BOOST_TEST(insert(tx, 1) == TSR_OK);
    BOOST_TEST(tsr_tx_rollback(tx.get(), nullptr) == TSR_OK);
    BOOST_TEST(tsr_tx_rollback(tx.get(), nullptr) == TSR_OK);
  }
  BOOST_TEST(insert(begin(), 2) == TSR_OK);
  BOOST_TEST(count() == 0);
  run(store, "insert into t values (3)");  // the writer is free again
}

BOOST_AUTO_TEST_CASE(freeing_rolls_back_also_while_rows_of_it_live) {
  Tx tx = begin();
  BOOST_TEST(insert(tx, 1) == TSR_OK);
  BOOST_TEST(insert(tx, 2) == TSR_OK);
  Rows rows;
  BOOST_REQUIRE(
      tsr_tx_query(tx.get(), TSR_LIT("select x from t"), nullptr, 0, nullptr, rows.out(), nullptr) == TSR_OK);
  tx = Tx();
  run(store, "insert into t values (2)");
  BOOST_TEST(count() == 1);
  // One row may have been read ahead.
  const tsr_value* row = nullptr;
  tsr_status status = TSR_OK;
  for (int i = 0; i < 2 && status == TSR_OK; ++i) status = tsr_rows_next(rows.get(), &row, nullptr);
  BOOST_TEST(status == TSR_E_STATE);
  BOOST_TEST(tsr_rows_next(rows.get(), &row, nullptr) == TSR_E_STATE);
}

BOOST_AUTO_TEST_CASE(nests) {
  const Tx outer = begin();
  BOOST_TEST(insert(outer, 1) == TSR_OK);
  {
    Tx inner;
    BOOST_REQUIRE(tsr_tx_nest(outer.get(), inner.out(), nullptr) == TSR_OK);
    BOOST_TEST(insert(inner, 2) == TSR_OK);
    BOOST_TEST(insert(outer, 3) == TSR_E_STATE);
    BOOST_TEST(tsr_tx_rollback(inner.get(), nullptr) == TSR_OK);
  }
  {
    Tx inner;
    BOOST_REQUIRE(tsr_tx_nest(outer.get(), inner.out(), nullptr) == TSR_OK);
    BOOST_TEST(insert(inner, 4) == TSR_OK);
    BOOST_TEST(tsr_tx_commit(inner.get(), nullptr) == TSR_OK);
  }
  BOOST_TEST(tsr_tx_commit(outer.get(), nullptr) == TSR_OK);
  BOOST_TEST(number(store, "select sum(x) from t") == 5);
}

BOOST_AUTO_TEST_CASE(a_failed_statement_leaves_the_rest) {
  run(store, "create table u(x unique)");
  const Tx tx = begin();
  const tsr_value twice[] = {integer(1), integer(1)};
  BOOST_TEST(tsr_tx_execute_many(tx.get(), TSR_LIT("insert into u values (?)"), twice, 1, 2, nullptr,
                                 nullptr) == TSR_E_STATE);
  BOOST_TEST(insert(tx, 1) == TSR_OK);
  BOOST_TEST(tsr_tx_commit(tx.get(), nullptr) == TSR_OK);
  BOOST_TEST(count() == 1);
  BOOST_TEST(number(store, "select count(*) from u") == 0);
}

BOOST_AUTO_TEST_CASE(belongs_to_its_thread_unless_told_otherwise) {
  tsr_status bound = TSR_OK, free = TSR_E_INTERNAL;
  {
    const Tx tx = begin();
    std::thread([&] { bound = insert(tx, 1); }).join();
  }
  const tsr_tx_opts opts = options(TSR_TX_ANY_THREAD);
  const Tx tx = begin(&opts);
  std::thread([&] { free = insert(tx, 2); }).join();
  BOOST_TEST(bound == TSR_E_STATE);
  BOOST_TEST(free == TSR_OK);
}

BOOST_AUTO_TEST_CASE(a_write_beside_it_on_its_thread_is_refused_and_on_another_waits) {
  Tx tx = begin();
  BOOST_TEST(tsr_store_execute(store.get(), TSR_LIT("insert into t values (9)"), nullptr, 0, nullptr, nullptr,
                               nullptr, nullptr) == TSR_E_STATE);
  Tx second;
  BOOST_TEST(tsr_tx_begin(store.get(), nullptr, second.out(), nullptr) == TSR_E_STATE);
  tsr_status other = TSR_E_INTERNAL;
  std::thread thread([&] {
    other = tsr_store_execute(store.get(), TSR_LIT("insert into t values (1)"), nullptr, 0, nullptr, nullptr,
                              nullptr, nullptr);
  });
  BOOST_TEST(insert(tx, 2) == TSR_OK);
  BOOST_TEST(tsr_tx_commit(tx.get(), nullptr) == TSR_OK);
  thread.join();
  BOOST_TEST(other == TSR_OK);
  BOOST_TEST(count() == 2);
}

BOOST_AUTO_TEST_CASE(a_busy_writer_is_told_after_a_while) {
  const Tx tx = begin();
  tsr_status other = TSR_OK;
  std::thread([&] {
    tsr_tx_opts opts = options();
    opts.timeout_ms = 30;
    Tx second;
    other = tsr_tx_begin(store.get(), &opts, second.out(), nullptr);
  }).join();
  BOOST_TEST(other == TSR_E_TIMEOUT);
}

BOOST_AUTO_TEST_CASE(settings_and_queued_requests_join) {
  tsr_outbox_item item;
  tsr_outbox_item_init(&item, sizeof(item));
  item.topic = TSR_LIT("sales");
  item.url = TSR_LIT("https://api.example.com/sales");
  const tsr_value value = integer(5);
  const auto write = [&](const Tx& tx) {
    BOOST_TEST(tsr_tx_put(tx.get(), TSR_LIT("k"), &value, nullptr) == TSR_OK);
    BOOST_TEST(tsr_tx_enqueue(tx.get(), &item, nullptr, failure.out()) == TSR_OK,
               tsr_error_text(failure.get()));
  };
  const auto pending = [&] {
    Rowset counts;
    BOOST_REQUIRE(tsr_outbox_counts(store.get(), counts.out(), nullptr) == TSR_OK);
    return cell(counts.get(), 0, "pending").integer;
  };
  Rowset rows;
  {
    const Tx tx = begin();
    write(tx);
  }
  BOOST_TEST(tsr_store_get(store.get(), TSR_LIT("k"), rows.out(), nullptr) == TSR_E_NOT_FOUND);
  BOOST_TEST(pending() == 0);
  {
    const Tx tx = begin();
    write(tx);
    BOOST_TEST(tsr_tx_commit(tx.get(), nullptr) == TSR_OK);
  }
  BOOST_TEST(cell(get(store, "k").get(), 0, size_t{0}).integer == 5);
  BOOST_TEST(pending() == 1);
  const Tx tx = begin();
  BOOST_TEST(tsr_tx_remove(tx.get(), TSR_LIT("k"), nullptr) == TSR_OK);
  BOOST_TEST(tsr_tx_remove(tx.get(), TSR_LIT("k"), nullptr) == TSR_E_NOT_FOUND);
}

BOOST_AUTO_TEST_CASE(held_too_long_it_is_rolled_back) {
  store = Store();
  auto here = config();
  here["transaction_limit_ms"] = 50;
  store = open_store(here);
  const Tx tx = begin();
  BOOST_TEST(insert(tx, 1) == TSR_OK);
  tsr_status other = TSR_E_INTERNAL;
  std::thread([&] {
    other = tsr_store_execute(store.get(), TSR_LIT("insert into t values (7)"), nullptr, 0, nullptr, nullptr,
                              nullptr, nullptr);
  }).join();
  BOOST_TEST(other == TSR_OK);
  BOOST_TEST(insert(tx, 2) == TSR_E_TIMEOUT);
  BOOST_TEST(tsr_tx_commit(tx.get(), nullptr) == TSR_E_TIMEOUT);
  BOOST_TEST(number(store, "select sum(x) from t") == 7);
}

BOOST_AUTO_TEST_CASE(impossible_options) {
  Tx tx;
  for (const auto& change :
       {+[](tsr_tx_opts& opts) { opts.flags = 2; }, +[](tsr_tx_opts& opts) { opts.commit = -1; },
        +[](tsr_tx_opts& opts) { opts.reserved = 1; }, +[](tsr_tx_opts& opts) { opts.timeout_ms = -1; },
        +[](tsr_tx_opts& opts) { opts.struct_size = 4; }}) {
    tsr_tx_opts opts = options();
    change(opts);
    BOOST_TEST(tsr_tx_begin(store.get(), &opts, tx.out(), nullptr) == TSR_E_ARG);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
