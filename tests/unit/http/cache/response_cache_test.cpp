#include "http/cache/response_cache.hpp"

#include <boost/test/unit_test.hpp>
#include <map>

#include "cache_fixture.hpp"
#include "fakes.hpp"
#include "http/cache/record.hpp"

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(response_cache)

class FakeStore final : public ResponseStore {
 public:
  std::optional<Bytes> get(std::string_view key) override {
    const auto found = items.find(std::string(key));
    return found == items.end() ? std::nullopt : std::optional(found->second);
  }
  void put(std::string_view key, Bytes bytes, int64_t ttl_ms) override {
    items[std::string(key)] = std::move(bytes);
    ttl = ttl_ms;
  }
  void remove(std::string_view key) override { items.erase(std::string(key)); }
  bool holds(std::string_view text) const {
    return std::ranges::any_of(
        items, [&](const auto& item) { return as_text(item.second).find(text) != std::string_view::npos; });
  }

  std::map<std::string, Bytes> items;
  int64_t ttl = 0;
};

struct World {
  FakeStore store;
  test::FakeRandom random;
  CacheConfig config;
  ResponseCache cache{store, random, config};

  World() = default;
  explicit World(CacheConfig chosen) : config(chosen) {}

  std::string find(const CacheRequest& request, int64_t later_ms = 0) const {
    const auto found = cache.find(request, kStartMs + later_ms);
    std::string text(name_of(found.decision.reuse));
    if (found.entry) text.append(" ").append(as_text(found.entry->body));
    return text;
  }
  void store_get(const Headers& request, Entry response) { cache.store(get(request), std::move(response)); }
};

Headers fresh() { return {{"Cache-Control", "max-age=60"}, {"ETag", "\"a\""}}; }

BOOST_AUTO_TEST_CASE(a_stored_response_answers_until_it_is_stale_and_is_confirmed) {
  World world;
  const Headers none;
  BOOST_TEST(world.find(get(none)) == "miss");
  BOOST_TEST(world.cache.admit(get(none), entry_of(fresh())));
  world.store_get(none, entry_of(fresh()));
  BOOST_TEST(world.store.items.size() == 1U);
  BOOST_TEST(world.store.ttl == (60 + int64_t{30} * 86'400) * 1000);
  BOOST_TEST(world.find(get(none), 59'999) == "fresh body");

  auto found = world.cache.find(get(none), kStartMs + 60'000);
  BOOST_TEST(name_of(found.decision.reuse) == "validate");
  const Headers not_modified{{"ETag", "\"a\""}, {"X-Seen", "2"}};
  const auto entry = world.cache.confirm(get(none), std::move(*found.entry), not_modified,
                                         {kStartMs + 60'000, kStartMs + 60'100});
  BOOST_TEST(as_text(entry->body) == "body");
  BOOST_TEST(entry->headers.get("X-Seen").value() == "2");
  BOOST_TEST(world.find(get(none), 119'999) == "fresh body");
  BOOST_TEST(world.find(get(none), 120'100) == "validate body");
}

BOOST_AUTO_TEST_CASE(a_304_about_another_response_removes_what_is_stored) {
  World world;
  const Headers none;
  world.store_get(none, entry_of(fresh()));
  auto found = world.cache.find(get(none), kStartMs + 60'000);
  BOOST_TEST(!world.cache.confirm(get(none), std::move(*found.entry), {{"ETag", "\"b\""}}, {}).has_value());
  BOOST_TEST(world.store.items.empty());
}

BOOST_AUTO_TEST_CASE(a_304_without_anything_stored_changes_nothing) {
  World world;
  const Headers none;
  Entry not_modified = entry_of(fresh(), "");
  not_modified.status = 304;
  BOOST_TEST(!world.cache.admit(get(none), not_modified));
  world.store_get(none, not_modified);
  BOOST_TEST(world.store.items.empty());
}

BOOST_AUTO_TEST_CASE(a_304_that_forbids_storing_ends_it_and_still_answers) {
  World world;
  const Headers none;
  world.store_get(none, entry_of(fresh()));
  auto found = world.cache.find(get(none), kStartMs);
  const Headers not_modified{{"ETag", "\"a\""}, {"Cache-Control", "no-store"}};
  const auto entry =
      world.cache.confirm(get(none), std::move(*found.entry), not_modified, {kStartMs, kStartMs});
  BOOST_TEST(as_text(entry->body) == "body");
  BOOST_TEST(world.store.items.empty());
}

BOOST_AUTO_TEST_CASE(a_200_to_a_validation_replaces_whatever_its_tag) {
  World world;
  const Headers none;
  world.store_get(none, entry_of(fresh(), "old"));
  world.store_get(none, entry_of(fresh(), "new"));  // the tag of the old one
  BOOST_TEST(world.find(get(none)) == "fresh new");
  world.store_get(none, entry_of({{"Cache-Control", "max-age=60"}, {"ETag", "\"b\""}}, "newer"));
  BOOST_TEST(world.find(get(none)) == "fresh newer");
  BOOST_TEST(world.store.items.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_may_not_be_stored_removes_and_an_error_that_may_pass_does_not) {
  for (const int status : {401, 403, 429, 500, 502, 503, 206}) {
    World world;
    const Headers none;
    world.store_get(none, entry_of(fresh()));
    Entry error = entry_of(fresh(), "error");
    error.status = status;
    BOOST_TEST(!world.cache.admit(get(none), error));
    world.store_get(none, error);
    BOOST_TEST(world.find(get(none)) == "fresh body");
  }
  const Headers none;
  for (const Headers& response :
       {Headers{{"Cache-Control", "no-store"}}, Headers{{"Vary", "*"}}, Headers{}}) {
    World world;
    world.store_get(none, entry_of(fresh()));
    BOOST_TEST(!world.cache.admit(get(none), entry_of(response)));
    BOOST_TEST(world.store.items.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_response_without_a_word_of_caching_is_kept_only_to_cover_errors) {
  const Headers none;
  World world;
  world.store_get(none, entry_of({}));
  BOOST_TEST(world.store.items.empty());
  World covering(CacheConfig{.stale_if_error_s = kSuggestedStaleIfErrorS});
  covering.store_get(none, entry_of({}));
  const auto found = covering.cache.find(get(none), kStartMs + 86'399'999);
  BOOST_TEST(name_of(found.decision.reuse) == "validate");
  BOOST_TEST(found.decision.covers_errors);
  BOOST_TEST(covering.store.ttl == 86'400'000);
  BOOST_TEST(!covering.cache.find(get(none), kStartMs + 86'400'000).decision.covers_errors);
}

BOOST_AUTO_TEST_CASE(asking_whether_to_admit_removes_nothing) {
  World world;
  const Headers none;
  world.store_get(none, entry_of(fresh()));
  const Entry forbidden = entry_of({{"Cache-Control", "no-store"}});
  BOOST_TEST(world.cache.may_admit(get(none), entry_of(fresh())));
  BOOST_TEST(!world.cache.may_admit(get(none), forbidden));
  BOOST_TEST(world.store.items.size() == 1U);
  BOOST_TEST(!world.cache.admit(get(none), forbidden));
  BOOST_TEST(world.store.items.empty());
}

BOOST_AUTO_TEST_CASE(a_response_over_the_limit_is_not_kept) {
  const CacheConfig config{.max_entry_bytes = 1000};
  World world(config);
  const Headers none;
  Headers told = fresh();
  told.add("Content-Length", "1001");
  BOOST_TEST(!world.cache.admit(get(none), entry_of(told)));
  told.set("Content-Length", "1000");
  BOOST_TEST(world.cache.admit(get(none), entry_of(told)));
  world.store_get(none, entry_of(fresh()));
  BOOST_TEST(world.store.items.size() == 1U);
  world.store_get(none, entry_of(fresh(), std::string(1000, 'x')));
  BOOST_TEST(world.store.items.empty());
}

BOOST_AUTO_TEST_CASE(variants_are_told_apart_and_forgotten_together) {
  World world;
  Headers response = fresh();
  response.add("Vary", "Accept-Language");
  const Headers de{{"Accept-Language", "de"}}, en{{"Accept-Language", "en"}}, fr{{"Accept-Language", "fr"}};
  world.store_get(de, entry_of(response, "hallo"));
  world.store_get(en, entry_of(response, "hello"));
  BOOST_TEST(world.store.items.size() == 3U);
  BOOST_TEST(world.find(get(de)) == "fresh hallo");
  BOOST_TEST(world.find(get(en)) == "fresh hello");
  BOOST_TEST(world.find(get(fr)) == "miss");

  const Headers none;
  world.cache.invalidate({"PUT", kUrl, none}, 204, {}, [](std::string_view) { return std::nullopt; });
  BOOST_TEST(world.find(get(de)) == "miss");
  world.store_get(en, entry_of(response, "hello again"));
  BOOST_TEST(world.find(get(de)) == "miss");  // its record is left over, under a salt that is gone
  BOOST_TEST(world.find(get(en)) == "fresh hello again");
}

BOOST_AUTO_TEST_CASE(another_vary_starts_anew) {
  World world;
  const Headers request{{"Accept", "a"}, {"Origin", "b"}};
  Headers response = fresh();
  response.add("Vary", "Accept");
  world.store_get(request, entry_of(response, "one"));
  response.set("Vary", "Origin");
  world.store_get(request, entry_of(response, "two"));
  BOOST_TEST(world.find(get(request)) == "fresh two");
  world.store_get(request, entry_of(fresh(), "three"));
  const Headers other{{"Accept", "z"}};
  BOOST_TEST(world.find(get(other)) == "fresh three");
}

BOOST_AUTO_TEST_CASE(users_do_not_see_each_others_responses) {
  World world;
  const Headers ana{{"Authorization", "Bearer ana"}}, bob{{"Authorization", "Bearer bob"}}, none;
  world.store_get(ana, entry_of(fresh(), "ana's"));
  BOOST_TEST(world.find(get(ana)) == "fresh ana's");
  BOOST_TEST(world.find(get(bob)) == "miss");
  BOOST_TEST(world.find(get(none)) == "miss");
  BOOST_TEST(world.find({"GET", kUrl, ana, "work"}) == "miss");
}

BOOST_AUTO_TEST_CASE(nothing_of_the_request_and_no_cookie_is_kept) {
  World world;
  const Headers request{{"Authorization", "Bearer s3cret"}, {"Cookie", "id=s3cret"}, {"X-Key", "s3cret"}};
  Headers response = fresh();
  response.add("Set-Cookie", "id=s3cret");
  response.add("Vary", "Authorization, X-Key");
  world.store_get(request, entry_of(response));
  BOOST_TEST(world.find(get(request)) == "fresh body");
  BOOST_TEST(world.store.holds("body"));
  BOOST_TEST(!world.store.holds("s3cret"));
  BOOST_TEST(!world.store.holds(kUrl));

  World keeping(CacheConfig{.keeps_cookies = true});
  keeping.store_get(request, entry_of(response));
  BOOST_TEST(keeping.store.holds("s3cret"));
}

BOOST_AUTO_TEST_CASE(an_unsafe_request_removes_the_responses_of_its_url_and_of_its_location) {
  World world;
  const Headers none;
  const CacheRequest head{"HEAD", kUrl, none}, item{"GET", "https://api.example.com/items/1", none};
  Entry head_response = entry_of(fresh(), "");
  head_response.is_head = true;
  const auto fill = [&] {
    world.cache.store(head, head_response);
    world.store_get(none, entry_of(fresh()));
    world.cache.store(item, entry_of(fresh()));
    BOOST_TEST(world.store.items.size() == 3U);
  };
  const auto resolve = [](std::string_view path) { return "https://api.example.com" + std::string(path); };
  const Headers created{{"Location", "/items/1"}};

  fill();
  world.cache.invalidate({"POST", kUrl, none}, 500, created, resolve);
  world.cache.invalidate({"GET", kUrl, none}, 200, created, resolve);
  BOOST_TEST(world.store.items.size() == 3U);
  world.cache.invalidate({"POST", kUrl, none}, 200, {}, resolve);
  BOOST_TEST(world.find(item) == "fresh body");
  BOOST_TEST(world.store.items.size() == 1U);
  fill();
  world.cache.invalidate({"POST", kUrl, none}, 201, created, resolve);
  BOOST_TEST(world.store.items.empty());
}

BOOST_AUTO_TEST_CASE(a_head_is_answered_by_the_response_to_a_get) {
  World world;
  const Headers none;
  const CacheRequest head{"HEAD", kUrl, none};
  world.store_get(none, entry_of(fresh()));
  BOOST_TEST(world.find(head) == "fresh body");
}

BOOST_AUTO_TEST_CASE(a_response_to_head_is_kept_for_heads_only) {
  World world;
  const Headers none;
  const CacheRequest head{"HEAD", kUrl, none};
  Entry response = entry_of(fresh(), "");
  response.is_head = true;
  response.headers.add("Content-Length", "99999999");  // of the body that it does not have
  world.cache.store(head, response);
  BOOST_TEST(world.find(head) == "fresh ");
  BOOST_TEST(world.find(get(none)) == "miss");
}

BOOST_AUTO_TEST_CASE(a_response_to_head_freshens_or_removes_that_to_a_get) {
  const Headers none;
  const CacheRequest head{"HEAD", kUrl, none};
  Entry response = entry_of(fresh(), "");
  response.is_head = true;
  response.headers.set("Date", date(50));
  response.request_ms = response.response_ms = kStartMs + 50'000;

  World world;
  world.store_get(none, entry_of(fresh()));
  world.cache.store(head, response);
  BOOST_TEST(world.find(get(none), 109'999) == "fresh body");
  BOOST_TEST(world.store.items.size() == 1U);

  response.headers.set("ETag", "\"b\"");
  world.cache.store(head, response);
  BOOST_TEST(world.find(get(none), 50'000) == "miss");
  BOOST_TEST(world.find(head, 50'000) == "fresh ");

  World forbidding;
  forbidding.store_get(none, entry_of(fresh()));
  response.headers = Headers{{"Cache-Control", "no-store"}, {"ETag", "\"a\""}};
  forbidding.cache.store(head, response);
  BOOST_TEST(forbidding.store.items.empty());
}

BOOST_AUTO_TEST_CASE(records_that_do_not_belong_are_misses) {
  World world;
  const Headers none;
  Entry response = entry_of(fresh(), "");
  response.is_head = true;
  const std::string key = primary_key(get(none), false);
  world.store.put(key, write_record(response).value(), 1);
  BOOST_TEST(world.find(get(none)) == "miss");
  world.store.put(key, Bytes{1, 2, 3}, 1);
  BOOST_TEST(world.find(get(none)) == "miss");
  const Variants variants{{1}, "accept"};
  world.store.put(key, write_record(variants), 1);
  BOOST_TEST(world.find(get(none)) == "miss");
  // Variants of variants: only one step is taken.
  world.store.put(variant_key(key, variants, none), write_record(variants), 1);
  BOOST_TEST(world.find(get(none)) == "miss");
}

BOOST_AUTO_TEST_CASE(other_methods_store_nothing) {
  World world;
  const Headers none;
  world.store_get(none, entry_of(fresh()));
  for (const std::string_view method : {"POST", "OPTIONS"}) {
    const CacheRequest request{method, kUrl, none};
    BOOST_TEST(!world.cache.admit(request, entry_of(fresh())));
    world.cache.store(request, entry_of(fresh(), "other"));
    BOOST_TEST(world.find(request) == "miss");
  }
  BOOST_TEST(world.find(get(none)) == "fresh body");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
