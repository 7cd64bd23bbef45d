// The outbox inside a store.
#include <boost/test/unit_test.hpp>
#include <string>

#include "store_fixture.hpp"

namespace tessera::test {
namespace {

tsr_outbox_item item(std::string_view topic = "sales") {
  tsr_outbox_item made;
  tsr_outbox_item_init(&made, sizeof(made));
  made.topic = str(topic);
  made.url = TSR_LIT("https://api.example.com/sales");
  return made;
}

struct Opened : StoreFixture {
  std::string enqueue(const tsr_outbox_item& what) {
    return made_text(
        [&](tsr_buf* out, tsr_error** err) { return tsr_outbox_enqueue(store.get(), &what, out, err); });
  }
  size_t lease(std::string_view topic, size_t most = 10) {
    require_ok(tsr_outbox_lease(store.get(), str(topic), most, rows.out(), failure.out()), failure);
    return tsr_rowset_count(rows.get());
  }
  int64_t count(std::string_view name) {
    Rowset counts;
    require_ok(tsr_outbox_counts(store.get(), counts.out(), failure.out()), failure);
    return cell(counts.get(), 0, name).integer;
  }
  std::string text_at(size_t row, std::string_view name) { return content_of(cell(rows.get(), row, name)); }

  Store store = open_store();
  Rowset rows;
  Failure failure;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(outbox, Opened)

BOOST_AUTO_TEST_CASE(an_item_goes_through) {
  tsr_outbox_item sale = item();
  sale.headers_json = TSR_LIT("{\"content-type\":\"application/json\"}");
  sale.body = "{}";
  sale.body_len = 2;
  sale.idempotency_key = TSR_LIT("once");
  sale.priority = 3;
  const std::string id = enqueue(sale);
  BOOST_TEST(count("pending") == 1);
  BOOST_REQUIRE(lease("sales") == 1U);
  BOOST_TEST(text_at(0, "id") == id);
  BOOST_TEST(text_at(0, "method") == "POST");
  BOOST_TEST(text_at(0, "url") == "https://api.example.com/sales");
  BOOST_TEST(text_at(0, "body") == "{}");
  BOOST_TEST(cell(rows.get(), 0, "body").type == TSR_VALUE_BLOB);
  BOOST_TEST(text_at(0, "idempotency_key") == "once");
  BOOST_TEST(cell(rows.get(), 0, "priority").integer == 3);
  BOOST_TEST(cell(rows.get(), 0, "state").integer == TSR_OUTBOX_LEASED);
  const int64_t attempt = cell(rows.get(), 0, "attempts").integer;
  BOOST_TEST(lease("sales") == 0U);
  BOOST_TEST(tsr_outbox_complete(store.get(), str(id), attempt + 1, nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_outbox_complete(store.get(), str(id), attempt, nullptr) == TSR_OK);
  BOOST_TEST(tsr_outbox_complete(store.get(), str(id), attempt, nullptr) == TSR_E_NOT_FOUND);
  BOOST_TEST(count("delivered") == 1);
}

BOOST_AUTO_TEST_CASE(survives_without_a_close) {
  enqueue(item());
  store = Store();
  store = open_store();
  BOOST_TEST(lease("sales") == 1U);
}

BOOST_AUTO_TEST_CASE(an_ended_lease_passes_on) {
  const std::string id = enqueue(item());
  BOOST_REQUIRE(lease("sales") == 1U);
  const int64_t first = cell(rows.get(), 0, "attempts").integer;
  BOOST_TEST(tsr_outbox_extend(store.get(), str(id), first, 120'000, nullptr) == TSR_OK);
  set_time(kStartMs + 61'000);
  BOOST_TEST(lease("sales") == 0U);
  set_time(kStartMs + 200'000);
  BOOST_REQUIRE(lease("sales") == 1U);
  BOOST_TEST(tsr_outbox_complete(store.get(), str(id), first, nullptr) == TSR_E_STATE);
}

BOOST_AUTO_TEST_CASE(an_ordering_key_gives_one_at_a_time) {
  tsr_outbox_item ordered = item();
  ordered.ordering_key = TSR_LIT("customer 7");
  const std::string first = enqueue(ordered);
  enqueue(ordered);
  enqueue(item());
  BOOST_REQUIRE(lease("sales") == 2U);
  BOOST_TEST(lease("sales") == 0U);
  BOOST_TEST(tsr_outbox_complete(store.get(), str(first), 1, nullptr) == TSR_OK);
  BOOST_TEST(lease("sales") == 1U);
}

BOOST_AUTO_TEST_CASE(failures_come_back_or_die) {
  const std::string later = enqueue(item()), never = enqueue(item());
  BOOST_REQUIRE(lease("sales") == 2U);
  BOOST_TEST(tsr_outbox_fail(store.get(), str(later), 1, TSR_LIT("503"), 0, 5000, nullptr) == TSR_OK);
  BOOST_TEST(tsr_outbox_fail(store.get(), str(never), 1, TSR_LIT("400"), TSR_OUTBOX_PERMANENT, 0, nullptr) ==
             TSR_OK);
  BOOST_TEST(count("dead") == 1);
  BOOST_TEST(lease("sales") == 0U);
  set_time(kStartMs + 10'000);
  BOOST_TEST(lease("sales") == 1U);
  BOOST_TEST(text_at(0, "last_error") == "503");
  require_ok(tsr_outbox_list(store.get(), TSR_OUTBOX_DEAD, 10, rows.out(), failure.out()), failure);
  BOOST_TEST(text_at(0, "id") == never);
  BOOST_TEST(tsr_outbox_retry(store.get(), str(never), nullptr) == TSR_OK);
  BOOST_TEST(count("dead") == 0);
  BOOST_TEST(tsr_outbox_remove(store.get(), str(never), nullptr) == TSR_OK);
  BOOST_TEST(tsr_outbox_remove(store.get(), str(never), nullptr) == TSR_E_NOT_FOUND);
}

BOOST_AUTO_TEST_CASE(revoked_consent_removes_a_topic) {
  enqueue(item("telemetry"));
  enqueue(item("telemetry"));
  enqueue(item("sales"));
  int64_t removed = 0;
  BOOST_TEST(tsr_outbox_revoke(store.get(), TSR_LIT("telemetry"), &removed, nullptr) == TSR_OK);
  BOOST_TEST(removed == 2);
  BOOST_TEST(count("dropped_revoked") == 2);
  BOOST_TEST(count("pending") == 1);
}

BOOST_AUTO_TEST_CASE(refuses_what_can_t_be) {
  const auto refuses = [&](const tsr_outbox_item& what) {
    BOOST_TEST(tsr_outbox_enqueue(store.get(), &what, nullptr, failure.out()) == TSR_E_ARG);
  };
  tsr_outbox_item bad = item();
  bad.topic = {};
  refuses(bad);
  bad = item();
  bad.url = TSR_LIT("");
  refuses(bad);
  bad = item();
  bad.struct_size = 8;
  refuses(bad);
  bad = item();
  bad.body_len = 1;
  refuses(bad);
  bad = item();
  bad.headers_json = TSR_LIT("{\"Authorization\":\"Bearer confidential\"}");
  refuses(bad);
  BOOST_TEST(std::string(tsr_error_text(failure.get())).find("confidential") == std::string::npos);
  BOOST_TEST(tsr_outbox_enqueue(store.get(), nullptr, nullptr, nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_outbox_lease(store.get(), TSR_LIT("x"), 0, rows.out(), nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_outbox_list(store.get(), 4, 1, rows.out(), nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_outbox_fail(store.get(), TSR_LIT("x"), 1, TSR_LIT(""), 2, 0, nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_outbox_fail(store.get(), TSR_LIT("x"), 1, TSR_LIT(""), 0, -1, nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_outbox_extend(store.get(), TSR_LIT("x"), 1, 0, nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_outbox_revoke(store.get(), TSR_LIT(""), nullptr, nullptr) == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(the_twins) {
  const tsr_outbox_item sale = item();
  const tsr_outbox_item* const given = &sale;
  Buffer id;
  BOOST_REQUIRE(tsr_op_buf(ended_op(tsr_outbox_enqueue_async, store.get(), given).get(), id.out(), nullptr) ==
                TSR_OK);
  const std::string which = id.text();
  const auto ends_well = [&](const Operation& op) {
    BOOST_TEST(tsr_op_void(op.get(), failure.out()) == TSR_OK, tsr_error_text(failure.get()));
  };
  BOOST_REQUIRE(tsr_op_rowset(ended_op(tsr_outbox_lease_async, store.get(), TSR_LIT(""), size_t{1}).get(),
                              rows.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_rowset_count(rows.get()) == 1U);
  ends_well(ended_op(tsr_outbox_extend_async, store.get(), str(which), int64_t{1}, int64_t{1000}));
  ends_well(ended_op(tsr_outbox_fail_async, store.get(), str(which), int64_t{1}, TSR_LIT("no"),
                     uint32_t{TSR_OUTBOX_PERMANENT}, int64_t{0}));
  ends_well(ended_op(tsr_outbox_retry_async, store.get(), str(which)));
  BOOST_TEST(tsr_op_rowset(ended_op(tsr_outbox_lease_async, store.get(), TSR_LIT("sales"), size_t{1}).get(),
                           rows.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_rowset_count(rows.get()) == 1U);
  ends_well(
      ended_op(tsr_outbox_complete_async, store.get(), str(which), cell(rows.get(), 0, "attempts").integer));
  int64_t removed = -1;
  BOOST_TEST(tsr_op_changes(ended_op(tsr_outbox_revoke_async, store.get(), TSR_LIT("sales")).get(), &removed,
                            nullptr, nullptr) == TSR_OK);
  BOOST_TEST(removed == 0);
  BOOST_TEST(tsr_op_rowset(ended_op(tsr_outbox_list_async, store.get(), int32_t{-1}, size_t{9}).get(),
                           rows.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_rowset(ended_op(tsr_outbox_counts_async, store.get()).get(), rows.out(), nullptr) ==
             TSR_OK);
  BOOST_TEST(tsr_op_void(ended_op(tsr_outbox_remove_async, store.get(), str(which)).get(), nullptr) ==
             TSR_E_NOT_FOUND);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
