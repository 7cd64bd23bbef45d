// Settings, cache, outbox and encrypted files through the facade.
#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <mutex>
#include <stdexcept>

#include "given.hpp"
#include "store_files.hpp"
#include "vendor_and_machine.hpp"

namespace tessera::facade_test {
namespace {

struct Opened : StoreFiles {
  Store store = open();
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(store, Opened)

BOOST_AUTO_TEST_CASE(settings_keep_their_type) {
  store.put("on", true);
  store.put("name", "ana");
  store.put("age", 31);
  store.put("prices", Value::json(R"({"a":1})"));
  BOOST_TEST(store.get("on")->get<bool>());
  BOOST_TEST((store.get("on")->type() == ValueType::kBool));
  BOOST_TEST((store.get("prices")->type() == ValueType::kJson));
  BOOST_TEST(store.get("age")->get<int>() == 31);
  BOOST_TEST(!store.get("nothing"));
  const RowSet listed = store.list("n");
  BOOST_TEST(listed.size() == 1U);
  BOOST_TEST(listed[0].get<std::string>("key") == "name");
  store.remove("name");
  BOOST_CHECK_EXCEPTION(store.remove("name"), Error,
                        [](const Error& e) { return e.code() == ErrorCode::kNotFound; });
  BOOST_TEST(result_of<void>([&](auto done) { return store.put_async("k", 1, {}, done); }).has_value());
  BOOST_TEST((*result_of<std::optional<Setting>>([&](auto done) {
               return store.get_async("k", done);
             }))->get<int>() == 1);
  BOOST_TEST(!*result_of<std::optional<Setting>>([&](auto done) { return store.get_async("none", done); }));
}

BOOST_AUTO_TEST_CASE(a_watch_hears_of_its_keys) {
  std::mutex mutex;
  std::condition_variable heard;
  std::vector<std::string> keys;
  const Subscription watch = store.watch("a.", [&](std::string_view key) {
    const std::lock_guard lock(mutex);
    keys.emplace_back(key);
    heard.notify_one();
  });
  store.put("b.x", 1);
  store.put("a.x", 1);
  std::unique_lock lock(mutex);
  BOOST_TEST(heard.wait_for(lock, std::chrono::seconds(30), [&] { return !keys.empty(); }));
  BOOST_TEST(keys == std::vector<std::string>{"a.x"});
}

BOOST_AUTO_TEST_CASE(the_cache_loads_once) {
  Cache pages = store.cache("pages");
  BOOST_TEST(!pages.get("x"));
  int loads = 0;
  const Loader load = [&loads](std::string_view key) {
    ++loads;
    return Loaded{.value = "page " + std::string(key), .ttl = std::chrono::hours(1)};
  };
  BOOST_TEST(pages.get_or_load("x", load).value() == "page x");
  BOOST_TEST(pages.get_or_load("x", load).value() == "page x");
  BOOST_TEST(loads == 1);
  BOOST_TEST((pages.get("x")->expires_in() > std::chrono::minutes(50)));
  pages.put_negative("gone", std::chrono::seconds(30));
  BOOST_TEST(pages.get("gone")->negative());
  BOOST_CHECK_THROW(
      pages.get_or_load("y", [](std::string_view) -> Loaded { throw std::runtime_error("no"); }),
      std::runtime_error);
  BOOST_TEST(pages.stats()[0].get<int>("rows") == 2);
  pages.remove("gone");
  pages.clear();
  BOOST_TEST(!pages.get("x"));
}

BOOST_AUTO_TEST_CASE(the_outbox_keeps_and_gives) {
  Outbox outbox = store.outbox();
  const std::string id =
      outbox.enqueue({.topic = "sales", .url = "https://api.example.com/sales", .body = "{}"});
  store.transaction(
      [](Transaction& tx) { tx.enqueue({.topic = "sales", .url = "https://api.example.com/2"}); });
  const RowSet leased = outbox.lease("sales", 10);
  BOOST_TEST(leased.size() == 2U);
  outbox.complete(leased[0].get<std::string>("id"), leased[0].get<std::int64_t>("attempts"));
  outbox.extend(leased[1].get<std::string>("id"), leased[1].get<std::int64_t>("attempts"),
                std::chrono::minutes(5));
  outbox.fail(leased[1].get<std::string>("id"), leased[1].get<std::int64_t>("attempts"),
              {.reason = "404", .permanent = true});
  BOOST_TEST(outbox.list(OutboxState::kDead, 10)[0].get<std::string>("last_error") == "404");
  outbox.retry(leased[1].get<std::string>("id"));
  BOOST_TEST(outbox.counts()[0].get<int>("pending") == 1);
  BOOST_TEST(outbox.counts()[0].get<int>("delivered") == 1);
  BOOST_TEST(outbox.revoke("sales") == 1);
  BOOST_CHECK_THROW(outbox.remove(id), Error);
}

BOOST_AUTO_TEST_CASE(files_are_sealed) {
  store.put_sealed(path("whole"), "content");
  BOOST_TEST(store.get_sealed(path("whole")) == "content");
  BOOST_TEST(!has(content("whole"), "content"));
  {
    SealedWriter writer = store.create_sealed(path("part"));
    writer.write(std::string(100'000, 'x'));
  }
  SealedWriter writer = store.create_sealed(path("part"), /*resume=*/true);
  BOOST_TEST(writer.offset() == 65'536);
  writer.write("end");
  writer.finish();
  const SealedReader reader = store.open_sealed(path("part"));
  BOOST_TEST(reader.size() == 65'539);
  BOOST_TEST(reader.read(65'535, 100) == "xend");
  {
    SealedLog log = store.open_sealed_log(path("log"));
    log.append("first");
    log.append("second");
    log.flush();
  }
  BOOST_TEST(store.read_sealed_log(path("log")).size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_CASE(an_application_owns_its_store, VendorAndMachine) {
  AppConfig with_store = config();
  with_store.store = StoreOptions{.kdf = Kdf::kLow, .slots = {SlotType::kDevice}};
  App app = App::open(with_store);
  Store store = app.store();
  store.put("key", 1);
  BOOST_TEST(app.store().get("key")->get<int>() == 1);
  BOOST_TEST((store.protection() == SlotType::kDevice));
  BOOST_TEST(store.query_all("select code from tsr_license")[0].get<std::string>(0) == "NO_LICENSE");
  app.close();
  BOOST_CHECK_EXCEPTION(store.put("key", 2), Error,
                        [](const Error& e) { return e.code() == ErrorCode::kState; });
}

}  // namespace tessera::facade_test
