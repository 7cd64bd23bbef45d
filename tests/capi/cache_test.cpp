// The cache inside a store.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <string>
#include <thread>
#include <vector>

#include "store_fixture.hpp"

namespace tessera::test {
namespace {

constexpr int64_t kHourMs = 3'600'000;

struct Opened : StoreFixture {
  tsr_status keep(std::string_view key, std::string_view content, int64_t ttl_ms = kHourMs,
                  uint32_t flags = 0) {
    return tsr_cache_put(store.get(), TSR_LIT("s"), str(key), content.data(), content.size(), ttl_ms, flags,
                         failure.out());
  }
  tsr_status look(std::string_view key) {
    return tsr_cache_get(store.get(), TSR_LIT("s"), str(key), rows.out(), failure.out());
  }
  Store store = open_store();
  Rowset rows;
  Failure failure;
};

struct Loader {
  static tsr_status load(void* user, tsr_str, tsr_loaded* loaded) {
    auto* const self = static_cast<Loader*>(user);
    ++self->calls;
    if (self->answers && tsr_loaded_set(loaded, "fresh", 5, kHourMs, 0, nullptr) != TSR_OK)
      return TSR_E_INTERNAL;
    return self->status;
  }
  std::atomic<int> calls{0};
  bool answers = true;
  tsr_status status = TSR_OK;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cache, Opened)

BOOST_AUTO_TEST_CASE(keeps_an_answer_until_it_expires) {
  BOOST_TEST(keep("k", "answer") == TSR_OK);
  BOOST_TEST(look("k") == TSR_OK);
  BOOST_TEST(content_of(cell(rows.get(), 0, "value")) == "answer");
  BOOST_TEST(cell(rows.get(), 0, "negative").integer == 0);
  const int64_t left = cell(rows.get(), 0, "expires_in_ms").integer;
  BOOST_TEST(left >= kHourMs * 9 / 10);
  BOOST_TEST(left <= kHourMs * 11 / 10);
  set_time(kStartMs + 2 * kHourMs);
  BOOST_TEST(look("k") == TSR_E_NOT_FOUND);
  BOOST_TEST(!failure);
}

BOOST_AUTO_TEST_CASE(knows_what_is_not_there) {
  BOOST_TEST(keep("k", "", 1000, TSR_CACHE_NEGATIVE) == TSR_OK);
  BOOST_TEST(look("k") == TSR_OK);
  BOOST_TEST(cell(rows.get(), 0, "negative").integer == 1);
}

BOOST_AUTO_TEST_CASE(forgets_one_and_all) {
  BOOST_TEST(keep("a", "1") == TSR_OK);
  BOOST_TEST(keep("b", "2") == TSR_OK);
  BOOST_TEST(tsr_cache_remove(store.get(), TSR_LIT("s"), TSR_LIT("a"), nullptr) == TSR_OK);
  BOOST_TEST(tsr_cache_remove(store.get(), TSR_LIT("s"), TSR_LIT("a"), nullptr) == TSR_OK);
  BOOST_TEST(look("a") == TSR_E_NOT_FOUND);
  BOOST_TEST(look("b") == TSR_OK);
  BOOST_TEST(tsr_cache_clear(store.get(), TSR_LIT("s"), nullptr) == TSR_OK);
  BOOST_TEST(look("b") == TSR_E_NOT_FOUND);
}

BOOST_AUTO_TEST_CASE(refuses_what_can_t_be) {
  BOOST_TEST(keep("k", "v", 0) == TSR_E_ARG);
  BOOST_TEST(keep("k", "v", -1) == TSR_E_ARG);
  BOOST_TEST(keep("k", "v", kHourMs, 2) == TSR_E_ARG);
  BOOST_TEST(tsr_cache_put(store.get(), TSR_LIT("s"), TSR_LIT("k"), nullptr, 1, kHourMs, 0, nullptr) ==
             TSR_E_ARG);
  const std::string huge(size_t{33} << 20, 'x');
  BOOST_TEST(keep("k", huge) == TSR_E_LIMIT);
}

BOOST_AUTO_TEST_CASE(loads_once_for_all_who_ask) {
  Loader loader;
  std::atomic<int> wrong{0};
  const auto ask = [&] {
    Rowset mine;
    if (tsr_cache_load(store.get(), TSR_LIT("s"), TSR_LIT("k"), &Loader::load, &loader, kLongMs, mine.out(),
                       nullptr) != TSR_OK ||
        content_of(cell(mine.get(), 0, "value")) != "fresh")
      ++wrong;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) threads.emplace_back(ask);
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(wrong == 0);
  BOOST_TEST(loader.calls == 1);
  BOOST_TEST(tsr_cache_stats(store.get(), TSR_LIT("s"), rows.out(), nullptr) == TSR_OK);
  BOOST_TEST(cell(rows.get(), 0, "loads").integer == 1);
  BOOST_TEST(cell(rows.get(), 0, "rows").integer == 1);
}

BOOST_AUTO_TEST_CASE(a_loader_that_fails_is_told_and_tried_again) {
  Loader loader;
  const auto ask = [&] {
    return tsr_cache_load(store.get(), TSR_LIT("s"), TSR_LIT("k"), &Loader::load, &loader, kLongMs,
                          rows.out(), failure.out());
  };
  loader.status = TSR_E_IO;
  BOOST_TEST(ask() == TSR_E_CALLBACK);
  loader.status = TSR_OK;
  loader.answers = false;
  BOOST_TEST(ask() == TSR_E_CALLBACK);
  loader.answers = true;
  BOOST_TEST(ask() == TSR_OK);
  BOOST_TEST(loader.calls == 3);
  BOOST_TEST(tsr_cache_load(store.get(), TSR_LIT("s"), TSR_LIT("k"), nullptr, nullptr, 0, rows.out(),
                            nullptr) == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(a_loader_may_not_ask_for_its_own_key) {
  struct Inner {
    tsr_store* store;
    tsr_status status = TSR_OK;
  } inner{store.get()};
  const tsr_load_fn load = [](void* user, tsr_str key, tsr_loaded* loaded) -> tsr_status {
    auto* const self = static_cast<Inner*>(user);
    Loader loader;
    Rowset mine;
    self->status =
        tsr_cache_load(self->store, TSR_LIT("s"), key, &Loader::load, &loader, kLongMs, mine.out(), nullptr);
    return tsr_loaded_set(loaded, "x", 1, kHourMs, 0, nullptr);
  };
  BOOST_TEST(tsr_cache_load(store.get(), TSR_LIT("s"), TSR_LIT("k"), load, &inner, kLongMs, rows.out(),
                            nullptr) == TSR_OK);
  BOOST_TEST(inner.status == TSR_E_STATE);
}

BOOST_AUTO_TEST_CASE(the_twins) {
  const void* const data = "answer";
  BOOST_TEST(tsr_op_void(ended_op(tsr_cache_put_async, store.get(), TSR_LIT("s"), TSR_LIT("k"), data,
                                  size_t{6}, kHourMs, uint32_t{0})
                             .get(),
                         nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_rowset(ended_op(tsr_cache_get_async, store.get(), TSR_LIT("s"), TSR_LIT("k")).get(),
                           rows.out(), nullptr) == TSR_OK);
  BOOST_TEST(content_of(cell(rows.get(), 0, "value")) == "answer");
  BOOST_TEST(tsr_op_rowset(ended_op(tsr_cache_stats_async, store.get(), TSR_LIT("s")).get(), rows.out(),
                           nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_void(ended_op(tsr_cache_remove_async, store.get(), TSR_LIT("s"), TSR_LIT("k")).get(),
                         nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_void(ended_op(tsr_cache_clear_async, store.get(), TSR_LIT("s")).get(), nullptr) ==
             TSR_OK);
  BOOST_TEST(tsr_op_rowset(ended_op(tsr_cache_get_async, store.get(), TSR_LIT("s"), TSR_LIT("k")).get(),
                           rows.out(), failure.out()) == TSR_E_NOT_FOUND);
  BOOST_TEST(!failure);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
