// The store in the background: order, groups, what an operation keeps.
#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "store_fixture.hpp"

namespace tessera::test {
namespace {

struct Opened : StoreFixture {
  Opened() { run(store, "create table t(x integer)"); }
  Store store = open_store();
};

/// Remembers in which order operations ended, and that none overlapped.
struct Order {
  struct Entry {
    Order* order;
    int number;
  };
  explicit Order(int count) {
    for (int i = 0; i < count; ++i) entries.push_back({this, i});
  }
  static void done(void* user, tsr_op* op) {
    const auto* const entry = static_cast<Entry*>(user);
    Order& order = *entry->order;
    if (order.inside.fetch_add(1) != 0) ++order.wrong;
    if (tsr_op_ended(op) != 1) ++order.wrong;
    order.seen.push_back(entry->number);
    --order.inside;
  }
  std::vector<Entry> entries;
  std::vector<int> seen;
  std::atomic<int> inside{0}, wrong{0};
};

Rowset rows_of(const Operation& op) {
  Rowset rows;
  Failure failure;
  require_ok(tsr_op_rowset(op.get(), rows.out(), failure.out()), failure);
  return rows;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(store_async, Opened)

BOOST_AUTO_TEST_CASE(a_store_lives_in_the_background) {
  const auto* const no_params = static_cast<const tsr_value*>(nullptr);
  const auto* const no_opts = static_cast<const tsr_sql_opts*>(nullptr);
  store = Store();
  const auto secrets = with_passphrase(kPassphrase);
  const std::string json = config().dump();
  Store opened;
  BOOST_REQUIRE(tsr_op_store(ended_op(tsr_store_open_async, str(json), &secrets).get(), opened.out(),
                             nullptr) == TSR_OK);
  int64_t changes = 0, row_id = 0;
  BOOST_TEST(tsr_op_changes(ended_op(tsr_store_execute_async, opened.get(),
                                     TSR_LIT("insert into t values (5), (6)"), no_params, size_t{0}, no_opts)
                                .get(),
                            &changes, &row_id, nullptr) == TSR_OK);
  BOOST_TEST(changes == 2);
  BOOST_TEST(row_id == 2);
  const Rowset sum = rows_of(ended_op(tsr_store_query_all_async, opened.get(),
                                      TSR_LIT("select sum(x) from t"), no_params, size_t{0}, no_opts));
  BOOST_TEST(cell(sum.get(), 0, size_t{0}).integer == 11);
  Rows rows;
  BOOST_TEST(tsr_op_rows(ended_op(tsr_store_query_async, opened.get(), TSR_LIT("select x from t order by x"),
                                  no_params, size_t{0}, no_opts)
                             .get(),
                         rows.out(), nullptr) == TSR_OK);
  const Rowset fetched = rows_of(ended_op(tsr_rows_fetch_async, rows.get(), size_t{10}));
  BOOST_TEST(tsr_rowset_count(fetched.get()) == 2U);
  rows = Rows();
  const tsr_value value = text("blue");
  BOOST_TEST(
      tsr_op_void(ended_op(tsr_store_put_async, opened.get(), TSR_LIT("colour"), &value, no_opts).get(),
                  nullptr) == TSR_OK);
  BOOST_TEST(content_of(cell(rows_of(ended_op(tsr_store_get_async, opened.get(), TSR_LIT("colour"))).get(), 0,
                             size_t{0})) == "blue");
  BOOST_TEST(tsr_rowset_count(rows_of(ended_op(tsr_store_list_async, opened.get(), TSR_LIT(""))).get()) ==
             1U);
  BOOST_TEST(tsr_op_void(ended_op(tsr_store_remove_async, opened.get(), TSR_LIT("colour"), no_opts).get(),
                         nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_void(ended_op(tsr_store_close_async, opened.get(), uint32_t{1000}).get(), nullptr) ==
             TSR_OK);
}

BOOST_AUTO_TEST_CASE(absence_is_an_outcome_without_an_error_too) {
  const Operation op = ended_op(tsr_store_get_async, store.get(), TSR_LIT("none"));
  Rowset rows;
  Failure failure;
  BOOST_TEST(tsr_op_rowset(op.get(), rows.out(), failure.out()) == TSR_E_NOT_FOUND);
  BOOST_TEST(!failure);
}

BOOST_AUTO_TEST_CASE(inputs_are_copied) {
  Operation op;
  {
    std::string key = "key", content(100'000, 'v'), sql = "insert into t values (?)";
    const tsr_value value = text(content), number = integer(3);
    const tsr_sql_opts* const defaults = nullptr;
    BOOST_REQUIRE(tsr_store_put_async(store.get(), str(key), &value, defaults, nullptr, nullptr, nullptr,
                                      op.out(), nullptr) == TSR_OK);
    std::ranges::fill(key, 'x');
    std::ranges::fill(content, 'x');
    Operation second;
    BOOST_REQUIRE(tsr_store_execute_async(store.get(), str(sql), &number, 1, defaults, nullptr, nullptr,
                                          nullptr, second.out(), nullptr) == TSR_OK);
    std::ranges::fill(sql, 'x');
    BOOST_REQUIRE(tsr_op_wait(second.get(), kLongMs, nullptr) == TSR_OK);
    BOOST_TEST(tsr_op_changes(second.get(), nullptr, nullptr, nullptr) == TSR_OK);
  }
  BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(content_of(cell(get(store, "key").get(), 0, size_t{0})) == std::string(100'000, 'v'));
  BOOST_TEST(number(store, "select x from t") == 3);
}

BOOST_AUTO_TEST_CASE(end_in_the_order_of_their_start_whatever_they_do) {
  constexpr int kOperations = 300;
  Order order(kOperations);
  std::vector<Operation> ops(kOperations);
  for (int i = 0; i < kOperations; ++i) {
    void* const entry = &order.entries[static_cast<size_t>(i)];
    tsr_op** const out = ops[static_cast<size_t>(i)].out();
    const tsr_value value = integer(i);
    tsr_status started = TSR_OK;
    if (i % 7 == 3) {
      started = tsr_store_get_async(store.get(), TSR_LIT("k"), &Order::done, entry, nullptr, out, nullptr);
    } else if (i % 5 == 2) {
      started = tsr_store_execute_async(store.get(), TSR_LIT("insert into t values (?)"), &value, 1, nullptr,
                                        &Order::done, entry, nullptr, out, nullptr);
    } else {
      started = tsr_store_put_async(store.get(), TSR_LIT("k"), &value, nullptr, &Order::done, entry, nullptr,
                                    out, nullptr);
    }
    BOOST_REQUIRE(started == TSR_OK);
  }
  BOOST_REQUIRE(tsr_op_wait(ops.back().get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(order.wrong == 0);
  BOOST_TEST(order.seen.size() == ops.size());
  BOOST_TEST(std::ranges::is_sorted(order.seen));
  // A read sees the writes that were started before it and none that came later.
  int64_t last = -1;
  for (int i = 0; i < kOperations; ++i) {
    if (i % 7 == 3) {
      BOOST_TEST_CONTEXT("operation " << i) {
        BOOST_TEST(cell(rows_of(ops[static_cast<size_t>(i)]).get(), 0, size_t{0}).integer == last);
      }
    } else if (i % 5 != 2) {
      last = i;
    }
  }
}

BOOST_AUTO_TEST_CASE(puts_one_after_another_share_commits) {
  constexpr int kPuts = 2000;
  const auto commits = [&] {
    Buffer stats;
    BOOST_REQUIRE(tsr_store_stats(store.get(), stats.out(), nullptr) == TSR_OK);
    return nlohmann::json::parse(stats.text()).at("commits").get<int64_t>();
  };
  const int64_t earlier = commits();
  Operation last;
  for (int i = 0; i < kPuts; ++i) {
    const std::string key = "key " + std::to_string(i);
    const tsr_value value = integer(i);
    BOOST_REQUIRE(tsr_store_put_async(store.get(), str(key), &value, nullptr, nullptr, nullptr, nullptr,
                                      last.out(), nullptr) == TSR_OK);
  }
  BOOST_REQUIRE(tsr_op_wait(last.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_void(last.get(), nullptr) == TSR_OK);
  BOOST_TEST(commits() - earlier < kPuts / 4);
  Rowset rows;
  BOOST_REQUIRE(tsr_store_list(store.get(), TSR_LIT("key "), rows.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_rowset_count(rows.get()) == size_t{kPuts});
}

BOOST_AUTO_TEST_CASE(one_that_fails_harms_no_other) {
  run(store, "create table u(x unique)");
  const auto insert = [&](int64_t number, Operation& op, std::string_view sql = "insert into u values (?)") {
    const tsr_value value = integer(number);
    BOOST_REQUIRE(tsr_store_execute_async(store.get(), str(sql), &value, 1, nullptr, nullptr, nullptr,
                                          nullptr, op.out(), nullptr) == TSR_OK);
  };
  Operation first, twice, undoing, last, nonsense;
  insert(1, first);
  insert(1, twice);
  insert(1, undoing, "insert or rollback into u values (?)");
  insert(2, last);
  insert(3, nonsense, "insert into nowhere values (?)");
  BOOST_REQUIRE(tsr_op_wait(nonsense.get(), kLongMs, nullptr) == TSR_OK);
  Failure failure;
  BOOST_TEST(tsr_op_changes(first.get(), nullptr, nullptr, nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_changes(twice.get(), nullptr, nullptr, failure.out()) == TSR_E_STATE);
  BOOST_TEST(reason(failure) == "CONSTRAINT");
  BOOST_TEST(tsr_op_changes(undoing.get(), nullptr, nullptr, nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_op_changes(last.get(), nullptr, nullptr, nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_changes(nonsense.get(), nullptr, nullptr, nullptr) == TSR_E_ARG);
  BOOST_TEST(number(store, "select sum(x) from u") == 3);
}

BOOST_AUTO_TEST_CASE(one_that_waits_is_cancelled) {
  std::promise<void> entered, go_on;
  struct Held {
    std::promise<void>*entered, *go_on;
  } held{&entered, &go_on};
  Operation holding, waiting, reading;
  BOOST_REQUIRE(tsr_store_get_async(
                    store.get(), TSR_LIT("k"),
                    [](void* user, tsr_op*) {
                      auto* const self = static_cast<Held*>(user);
                      self->entered->set_value();
                      self->go_on->get_future().wait();
                    },
                    &held, nullptr, holding.out(), nullptr) == TSR_OK);
  entered.get_future().wait();
  const tsr_value value = integer(1);
  BOOST_REQUIRE(tsr_store_put_async(store.get(), TSR_LIT("k"), &value, nullptr, nullptr, nullptr, nullptr,
                                    waiting.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_store_get_async(store.get(), TSR_LIT("k"), nullptr, nullptr, nullptr, reading.out(),
                                    nullptr) == TSR_OK);
  tsr_op_cancel(waiting.get());
  tsr_op_cancel(reading.get());
  BOOST_TEST(tsr_op_wait(waiting.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_wait(reading.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_void(waiting.get(), nullptr) == TSR_E_CANCELLED);
  BOOST_TEST(tsr_op_rowset(reading.get(), nullptr, nullptr) == TSR_E_CANCELLED);
  go_on.set_value();
  BOOST_REQUIRE(tsr_op_wait(holding.get(), kLongMs, nullptr) == TSR_OK);
  Rowset rows;
  BOOST_TEST(tsr_store_get(store.get(), TSR_LIT("k"), rows.out(), nullptr) == TSR_E_NOT_FOUND);
}

BOOST_AUTO_TEST_CASE(the_store_may_be_freed_at_once) {
  std::vector<Operation> ops(50);
  for (Operation& op : ops) {
    const tsr_value value = integer(1);
    BOOST_REQUIRE(tsr_store_put_async(store.get(), TSR_LIT("k"), &value, nullptr, nullptr, nullptr, nullptr,
                                      op.out(), nullptr) == TSR_OK);
  }
  store = Store();
  for (const Operation& op : ops) {
    BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
    BOOST_TEST(tsr_op_void(op.get(), nullptr) == TSR_OK);
  }
  ops.clear();
  store = open_store();
  BOOST_TEST(cell(get(store, "k").get(), 0, size_t{0}).integer == 1);
}

BOOST_AUTO_TEST_CASE(what_comes_after_a_close_is_told) {
  Operation closing, writing, reading;
  const tsr_value value = integer(1);
  BOOST_REQUIRE(tsr_store_close_async(store.get(), 1000, nullptr, nullptr, nullptr, closing.out(), nullptr) ==
                TSR_OK);
  BOOST_REQUIRE(tsr_store_put_async(store.get(), TSR_LIT("k"), &value, nullptr, nullptr, nullptr, nullptr,
                                    writing.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_store_get_async(store.get(), TSR_LIT("k"), nullptr, nullptr, nullptr, reading.out(),
                                    nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_op_wait(reading.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_void(closing.get(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_void(writing.get(), nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_op_rowset(reading.get(), nullptr, nullptr) == TSR_E_STATE);
}

BOOST_AUTO_TEST_CASE(transactions_in_the_background_do_not_block_each_other_for_ever) {
  constexpr int kTransactions = 8;  // twice the workers there are
  std::vector<Operation> beginnings(kTransactions);
  for (Operation& op : beginnings) {
    BOOST_REQUIRE(tsr_tx_begin_async(store.get(), nullptr, nullptr, nullptr, nullptr, op.out(), nullptr) ==
                  TSR_OK);
  }
  for (int i = 0; i < kTransactions; ++i) {
    BOOST_REQUIRE(tsr_op_wait(beginnings[static_cast<size_t>(i)].get(), kLongMs, nullptr) == TSR_OK);
    Tx tx;
    Failure failure;
    require_ok(tsr_op_tx(beginnings[static_cast<size_t>(i)].get(), tx.out(), failure.out()), failure);
    Operation executing, committing;
    const tsr_value value = integer(i);
    BOOST_REQUIRE(tsr_tx_execute_async(tx.get(), TSR_LIT("insert into t values (?)"), &value, 1, nullptr,
                                       nullptr, nullptr, nullptr, executing.out(), nullptr) == TSR_OK);
    BOOST_REQUIRE(tsr_tx_commit_async(tx.get(), nullptr, nullptr, nullptr, committing.out(), nullptr) ==
                  TSR_OK);
    tx = Tx();  // does not stop the commit
    BOOST_REQUIRE(tsr_op_wait(committing.get(), kLongMs, nullptr) == TSR_OK);
    BOOST_TEST(tsr_op_void(committing.get(), failure.out()) == TSR_OK, tsr_error_text(failure.get()));
  }
  BOOST_TEST(number(store, "select count(*) from t") == kTransactions);
}

BOOST_AUTO_TEST_CASE(a_transaction_s_twins) {
  const auto* const no_params = static_cast<const tsr_value*>(nullptr);
  const auto* const no_opts = static_cast<const tsr_sql_opts*>(nullptr);
  Tx tx;
  BOOST_REQUIRE(
      tsr_op_tx(ended_op(tsr_tx_begin_async, store.get(), static_cast<const tsr_tx_opts*>(nullptr)).get(),
                tx.out(), nullptr) == TSR_OK);
  const tsr_value values[] = {integer(1), integer(2)};
  const auto* const first = &values[0];
  BOOST_TEST(tsr_op_changes(ended_op(tsr_tx_execute_many_async, tx.get(), TSR_LIT("insert into t values (?)"),
                                     first, size_t{1}, size_t{2})
                                .get(),
                            nullptr, nullptr, nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_void(ended_op(tsr_tx_put_async, tx.get(), TSR_LIT("k"), first).get(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_void(ended_op(tsr_tx_remove_async, tx.get(), TSR_LIT("k")).get(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_rowset_count(rows_of(ended_op(tsr_tx_query_all_async, tx.get(), TSR_LIT("select x from t"),
                                               no_params, size_t{0}, no_opts))
                                  .get()) == 2U);
  Rows rows;
  BOOST_TEST(tsr_op_rows(ended_op(tsr_tx_query_async, tx.get(), TSR_LIT("select x from t"), no_params,
                                  size_t{0}, no_opts)
                             .get(),
                         rows.out(), nullptr) == TSR_OK);
  rows = Rows();
  BOOST_TEST(tsr_op_void(ended_op(tsr_tx_rollback_async, tx.get()).get(), nullptr) == TSR_OK);
  BOOST_TEST(number(store, "select count(*) from t") == 0);
}

BOOST_AUTO_TEST_CASE(many_threads_start_at_once) {
  std::atomic<int> wrong{0}, told{0};
  constexpr int kThreads = 6, kEach = 200;
  const auto count = [](void* user, tsr_op*) { ++*static_cast<std::atomic<int>*>(user); };
  const auto work = [&](int which) {
    Operation last;
    for (int i = 0; i < kEach; ++i) {
      const std::string key = std::to_string(which);
      const tsr_value value = integer(i);
      Operation op;
      const tsr_status started =
          i % 10 == 9 ? tsr_store_get_async(store.get(), str(key), count, &told, nullptr, op.out(), nullptr)
                      : tsr_store_put_async(store.get(), str(key), &value, nullptr, count, &told, nullptr,
                                            op.out(), nullptr);
      if (started != TSR_OK) ++wrong;
      if (i % 17 == 3) tsr_op_cancel(op.get());
      last = std::move(op);
    }
    if (tsr_op_wait(last.get(), kLongMs, nullptr) != TSR_OK) ++wrong;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
  // Last in line: those that were not waited for are over by then.
  BOOST_TEST(tsr_rowset_count(rows_of(ended_op(tsr_store_list_async, store.get(), TSR_LIT(""))).get()) ==
             size_t{kThreads});
  BOOST_TEST(told == kThreads * kEach);
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(an_exception_inside_becomes_its_error) {
  const tsr_value value = integer(1);
  for (const bool issued : {true, false}) {
    // The start runs inside the same guard, so the fault is armed behind an operation that holds the line.
    std::promise<void> entered, go_on;
    struct Held {
      std::promise<void>*entered, *go_on;
    } held{&entered, &go_on};
    Operation holding, op;
    BOOST_REQUIRE(tsr_store_list_async(
                      store.get(), TSR_LIT(""),
                      [](void* user, tsr_op*) {
                        auto* const self = static_cast<Held*>(user);
                        self->entered->set_value();
                        self->go_on->get_future().wait();
                      },
                      &held, nullptr, holding.out(), nullptr) == TSR_OK);
    entered.get_future().wait();
    const char* const function = issued ? "tsr_store_put_async" : "tsr_store_get_async";
    const tsr_status started =
        issued ? tsr_store_put_async(store.get(), TSR_LIT("k"), &value, nullptr, nullptr, nullptr, nullptr,
                                     op.out(), nullptr)
               : tsr_store_get_async(store.get(), TSR_LIT("k"), nullptr, nullptr, nullptr, op.out(), nullptr);
    BOOST_REQUIRE(started == TSR_OK);
    tsr_testing_throw_in(tsr_str_of(function));
    go_on.set_value();
    BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
    BOOST_REQUIRE(tsr_op_wait(holding.get(), kLongMs, nullptr) == TSR_OK);
    BOOST_TEST((issued ? tsr_op_void(op.get(), nullptr) : tsr_op_rowset(op.get(), nullptr, nullptr)) ==
               TSR_E_INTERNAL);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
