// What the API client keeps in the store: responses, and what its breakers remember.
#include <boost/test/unit_test.hpp>

#include "app/breaker_memory_adapter.hpp"
#include "app/response_cache_adapter.hpp"
#include "temp_dir.hpp"

namespace tessera {
namespace {

using Records = std::vector<std::pair<std::string, std::string>>;

struct World {
  World() { open(); }
  void open() {
    core = StoreCore::open(R"({"path":")" + folder / "app.tdb" + R"(","kdf":"low"})",
                           {.passphrase = as_bytes("words"), .app_key = {}, .recovery_key = {}})
               .value();
    responses = ResponseCacheAdapter::open(core).value();
    breakers = std::make_unique<BreakerMemoryAdapter>(core);
  }
  void reopen() {
    BOOST_TEST(core->close(60'000).ok());
    breakers = nullptr;
    responses = nullptr;
    core = nullptr;
    open();
  }
  std::string response(std::string_view key) const {
    const std::optional<Bytes> found = responses->get(key);
    return found ? std::string(as_text(*found)) : "nothing";
  }

  test::TempDir folder;
  std::shared_ptr<StoreCore> core;
  std::unique_ptr<ResponseCacheAdapter> responses;
  std::unique_ptr<BreakerMemoryAdapter> breakers;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(client_ports, World)

BOOST_AUTO_TEST_CASE(responses_outlive_a_restart) {
  responses->put("a", to_bytes("one"), 60'000);
  responses->put("b", to_bytes("two"), 60'000);
  responses->put("a", to_bytes("three"), 60'000);
  responses->remove("b");
  reopen();
  BOOST_TEST(response("a") == "three");
  BOOST_TEST(response("b") == "nothing");
}

BOOST_AUTO_TEST_CASE(what_can_not_be_kept_is_absent) {
  responses->put("a", to_bytes("one"), 60'000);
  responses->put("a", Bytes(static_cast<size_t>(ResponseCacheAdapter::kMaxBytes) + 1), 60'000);
  BOOST_TEST(response("a") == "nothing");
  responses->put("a", to_bytes("one"), 60'000);
  responses->put("a", to_bytes("two"), 0);
  BOOST_TEST(response("a") == "nothing");
  responses->remove("never there");
}

BOOST_AUTO_TEST_CASE(responses_have_room_and_names_of_their_own) {
  BOOST_TEST(core->cache().put("app", "a", as_bytes("the app's"), 60'000, false).ok());
  responses->put("a", to_bytes("one"), 60'000);
  BOOST_TEST(as_text(core->cache().get("app", "a").value()->value) == "the app's");
  BOOST_TEST(core->cache().clear("app").ok());
  BOOST_TEST(response("a") == "one");
}

BOOST_AUTO_TEST_CASE(breakers_outlive_a_restart) {
  BOOST_TEST(breakers->load_all().empty());
  breakers->save("b.example", R"({"open":true})");
  breakers->save("a.example", "{}");
  breakers->save("c.example", "{}");
  breakers->save("a.example", R"({"open":false})");
  breakers->save("c.example", "");
  breakers->save("never there", "");
  reopen();
  const Records expected{{"a.example", R"({"open":false})"}, {"b.example", R"({"open":true})"}};
  BOOST_TEST((breakers->load_all() == expected));
}

BOOST_AUTO_TEST_CASE(no_sql_of_the_application_reaches_the_breakers) {
  breakers->save("a.example", "{}");
  BOOST_TEST(!core->database().execute("delete from tsr_breakers", {}, {}).ok());
  BOOST_TEST(breakers->load_all().size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_longest_unchanged_breaker_is_forgotten_first) {
  for (int64_t i = 0; i < BreakerMemoryAdapter::kMostHosts; ++i) breakers->save(std::to_string(i), "{}");
  breakers->save("0", "{}");
  breakers->save("new", "{}");
  const Records records = breakers->load_all();
  const auto has = [&](const std::string& host) {
    return std::ranges::any_of(records, [&](const auto& record) { return record.first == host; });
  };
  BOOST_TEST(static_cast<int64_t>(records.size()) == BreakerMemoryAdapter::kMostHosts);
  BOOST_TEST(has("0"));
  BOOST_TEST(!has("1"));
  BOOST_TEST(has("new"));
}

BOOST_AUTO_TEST_CASE(a_closed_store_remembers_nothing_and_harms_nobody) {
  responses->put("a", to_bytes("one"), 60'000);
  breakers->save("a.example", "{}");
  BOOST_TEST(core->close(60'000).ok());
  BOOST_TEST(response("a") == "nothing");
  responses->put("a", to_bytes("two"), 60'000);
  BOOST_TEST(breakers->load_all().empty());
  breakers->save("a.example", "{}");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
