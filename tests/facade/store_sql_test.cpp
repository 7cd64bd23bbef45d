// SQL, transactions, migrations and tenants through the facade.
#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <thread>

#include "given.hpp"
#include "store_files.hpp"

namespace tessera::facade_test {
namespace {

struct People : StoreFiles {
  People() {
    store.execute_script("create table people(id integer primary key, name text, age real, photo blob)");
  }
  std::int64_t count() { return store.query_all("select count(*) from people")[0].get<std::int64_t>(0); }
  Store store = open();
};

constexpr const char* kInsert = "insert into people(name, age) values (?, ?)";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(store_sql, People)

BOOST_AUTO_TEST_CASE(values_come_back_in_their_types) {
  const std::vector<std::byte> photo{std::byte{0}, std::byte{255}};
  const Changes changes = store.execute("insert into people(name, age, photo) values (?, ?, ?)",
                                        std::string("a\0b", 3), 31.5, photo);
  BOOST_TEST(changes.count == 1);
  BOOST_TEST(changes.row_id == 1);
  const RowSet rows = store.query_all("select * from people");
  BOOST_TEST(rows.size() == 1U);
  BOOST_TEST(rows[0].get<std::string>("name") == std::string("a\0b", 3));
  BOOST_TEST(rows[0].get<double>("age") == 31.5);
  BOOST_TEST((rows[0].get<std::vector<std::byte>>("photo") == photo));
  BOOST_TEST((rows[0]["photo"].type() == ValueType::kBlob));
  BOOST_TEST(rows[0].get<int>("id") == 1);
  BOOST_CHECK_EXCEPTION(rows[0].get<int>("name"), Error,
                        [](const Error& e) { return e.code() == ErrorCode::kArg; });
  BOOST_CHECK_EXCEPTION(rows[0]["nobody"], Error, [](const Error& e) { return e.code() == ErrorCode::kArg; });
  BOOST_CHECK_THROW(rows[1], Error);
}

BOOST_AUTO_TEST_CASE(null_is_an_empty_optional) {
  store.execute(kInsert, nullptr, std::optional<double>());
  const RowSet rows = store.query_all("select name, age from people");
  BOOST_TEST(!rows[0].get<std::optional<std::string>>("name"));
  BOOST_CHECK_THROW(rows[0].get<std::string>("name"), Error);
}

BOOST_AUTO_TEST_CASE(arguments_have_positions_or_names) {
  store.execute("insert into people(name, age) values (:name, :age)", Named{"age", 7}, Named{"name", "bo"});
  BOOST_TEST(store.query_all("select name from people where age = ?", 7)[0].get<std::string>(0) == "bo");
}

BOOST_AUTO_TEST_CASE(rows_stream) {
  std::vector<Value> values;
  for (int i = 0; i < 500; ++i) {
    values.emplace_back("someone");
    values.emplace_back(i);
  }
  BOOST_TEST(store.execute_many(kInsert, values, 2).count == 500);
  double sum = 0;
  for (const Row row : store.query("select age from people order by id")) sum += row.get<double>(0);
  BOOST_TEST(sum == 499 * 500 / 2);
  Rows rows = store.query("select * from people");
  BOOST_TEST(rows.column_count() == 4U);
  BOOST_TEST(rows.column(1) == "name");
  BOOST_TEST(rows.fetch(3).more());
  rows.interrupt();
  BOOST_CHECK_EXCEPTION(rows.next(), Error, [](const Error& e) { return e.code() == ErrorCode::kCancelled; });
}

BOOST_AUTO_TEST_CASE(values_that_fill_no_row_are_refused) {
  const Value three[] = {1, 2, 3};
  BOOST_CHECK_EXCEPTION(store.execute_many(kInsert, three, 2), Error,
                        [](const Error& e) { return e.code() == ErrorCode::kArg; });
}

BOOST_AUTO_TEST_CASE(a_transaction_commits_or_leaves_nothing) {
  store.transaction([](Transaction& tx) { tx.execute(kInsert, "ana", 31); });
  BOOST_TEST(count() == 1);
  const auto fails = [this] {
    store.transaction([](Transaction& tx) {
      tx.execute(kInsert, "bo", 1);
      throw std::runtime_error("no");
    });
  };
  BOOST_CHECK_THROW(fails(), std::runtime_error);
  BOOST_TEST(count() == 1);
}

BOOST_AUTO_TEST_CASE(a_nested_transaction_undoes_its_own_part) {
  store.transaction([](Transaction& tx) {
    tx.execute(kInsert, "ana", 31);
    {
      Transaction inner = tx.nest();
      inner.execute(kInsert, "bo", 1);
      BOOST_CHECK_THROW(tx.execute(kInsert, "cy", 1), Error);
      inner.rollback();
    }
    tx.transaction([](Transaction& inner) { inner.execute(kInsert, "di", 2); });
    BOOST_TEST(tx.query_all("select name from people order by id").size() == 2U);
  });
  BOOST_TEST(count() == 2);
}

BOOST_AUTO_TEST_CASE(a_write_beside_an_own_transaction_is_refused) {
  Transaction tx = store.begin();
  BOOST_CHECK_EXCEPTION(store.execute(kInsert, "ana", 1), Error,
                        [](const Error& e) { return e.code() == ErrorCode::kState; });
  tx.put("key", 1);
  tx.remove("key");
  tx.commit();
}

BOOST_AUTO_TEST_CASE(calls_in_the_background) {
  BOOST_TEST(result_of<Changes>([&](auto done) {
               return store.execute_async(done, kInsert, "ana", 31);
             })->count == 1);
  const auto rows =
      result_of<RowSet>([&](auto done) { return store.query_all_async(done, "select name from people"); });
  BOOST_TEST((*rows)[0].get<std::string>(0) == "ana");
  auto stream =
      result_of<Rows>([&](auto done) { return store.query_async(done, "select name from people"); });
  BOOST_TEST(result_of<RowSet>([&](auto done) { return stream->fetch_async(10, done); })->size() == 1U);
  const auto wrong = result_of<Changes>([&](auto done) { return store.execute_async(done, "not sql"); });
  BOOST_TEST((wrong.error().code() == ErrorCode::kArg));
  auto tx = result_of<Transaction>([&](auto done) { return store.begin_async({}, done); });
  BOOST_TEST(
      result_of<Changes>([&](auto done) { return tx->execute_async(done, kInsert, "bo", 1); })->count == 1);
  BOOST_TEST(result_of<void>([&](auto done) { return tx->commit_async(done); }).has_value());
  BOOST_TEST(count() == 2);
}

BOOST_AUTO_TEST_CASE(migrations_run_once) {
  const Migration first[] = {{"a", "create table a(x)"}, {"b", "create table b(x)"}};
  const RowSet planned = store.migrate(first, /*dry_run=*/true);
  BOOST_TEST(planned[0].get<std::string>("state") == "pending");
  BOOST_TEST(store.migrate(first)[1].get<std::string>("state") == "applied");
  BOOST_TEST(store.migrate(first)[1].get<std::string>("state") == "present");
  const Migration changed[] = {{"a", "create table a(y)"}, {"b", "create table b(x)"}};
  BOOST_CHECK_EXCEPTION(store.migrate(changed), Error,
                        [](const Error& e) { return has(reason(e), "MIGRATION_CHANGED"); });
  BOOST_CHECK_EXCEPTION(store.migrate(std::span(first).first(1)), Error,
                        [](const Error& e) { return has(reason(e), "NEWER_SCHEMA"); });
}

BOOST_AUTO_TEST_CASE(tenants_see_their_own_rows) {
  store.execute_script("create table orders(id integer primary key, tenant text, item text)");
  store.declare_tenant("orders", "tenant");
  Store acme = store.for_tenant("acme");
  Store other = store.for_tenant("other");
  acme.execute("insert into orders(tenant, item) values ('acme', 'shirt')");
  other.execute("insert into orders(tenant, item) values ('other', 'hat')");
  BOOST_TEST(acme.query_all("select item from orders").size() == 1U);
  other.execute("delete from orders");
  BOOST_TEST(acme.query_all("select item from orders")[0].get<std::string>(0) == "shirt");
  BOOST_CHECK_EXCEPTION(store.query("select * from orders"), Error,
                        [](const Error& e) { return has(reason(e), "TENANT_REQUIRED"); });
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace tessera::facade_test
