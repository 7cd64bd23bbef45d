// The outbox: what is promised about order, leases, retries, drops and crashes.
#include "store/outbox.hpp"

#include "feature_fixture.hpp"

namespace tessera::store {

static std::ostream& operator<<(std::ostream& out, OutboxState state) {
  return out << static_cast<int>(state);
}

namespace {

using namespace feature_test;

struct OutboxWorld : World {
  explicit OutboxWorld(OutboxConfig with = {})
      : config(with), outbox(require(Outbox::open(*database, config))) {}
  void reopen_all() {
    outbox.reset();
    reopen();
    outbox = require(Outbox::open(*database, config));
  }
  static OutboxItem item(std::string url = "https://example.org/a", std::string order = {},
                         int32_t priority = 0) {
    OutboxItem made;
    made.topic = "sync";
    made.method = "POST";
    made.url = std::move(url);
    made.ordering_key = std::move(order);
    made.priority = priority;
    return made;
  }
  std::string add(std::string url, std::string order = {}, int32_t priority = 0) {
    return require(outbox->enqueue(item(std::move(url), std::move(order), priority)));
  }
  std::vector<OutboxItem> lease(size_t count = 100) { return require(outbox->lease("sync", count)); }
  /// URLs in the order of delivery.
  std::string leased(size_t count = 100) {
    std::string text;
    for (const OutboxItem& one : lease(count)) text += (text.empty() ? "" : " ") + one.url;
    return text;
  }
  OutboxItem find(std::string_view id) { return require(outbox->find(id)).value(); }
  OutboxCounts counts() { return require(outbox->counts()); }

  OutboxConfig config;
  std::unique_ptr<Outbox> outbox;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(outbox)

BOOST_AUTO_TEST_CASE(an_item_comes_back_whole_after_a_restart) {
  OutboxWorld world;
  OutboxItem item = OutboxWorld::item("https://example.org/items?x=1", "user-1", 3);
  item.headers_json = R"({"Content-Type":"application/json"})";
  item.body = {0, 1, 2, 255};
  item.attempts = 9;  // the queue's own
  const std::string id = require(world.outbox->enqueue(item));
  world.reopen_all();
  const auto items = world.lease();
  BOOST_REQUIRE(items.size() == 1);
  const OutboxItem& back = items[0];
  BOOST_TEST(back.id == id);
  BOOST_TEST(back.idempotency_key.size() == 36);
  BOOST_TEST(back.url == item.url);
  BOOST_TEST(back.headers_json == item.headers_json);
  BOOST_TEST((back.body == item.body));
  BOOST_TEST(back.ordering_key == "user-1");
  BOOST_TEST(back.priority == 3);
  BOOST_TEST(back.attempts == 1);
  BOOST_TEST(back.created_ms == world.clock.wall);
  BOOST_TEST(back.lease_until_ms == world.clock.wall + 60'000);
  BOOST_TEST(back.state == OutboxState::kLeased);
  require(world.outbox->complete(id, 1));
  BOOST_TEST(!require(world.outbox->find(id)).has_value());
  BOOST_TEST(world.counts().delivered == 1);
  world.reopen_all();
  BOOST_TEST(world.counts().delivered == 1);
}

BOOST_AUTO_TEST_CASE(priority_then_age_and_one_of_each_ordering_key) {
  OutboxWorld world;
  world.add("low", {}, -1);
  world.add("k1", "k");
  world.add("k2", "k", 9);  // may not overtake
  world.add("high", {}, 5);
  world.add("plain");
  BOOST_TEST(world.leased() == "high k1 plain low");
  BOOST_TEST(world.leased().empty());
  const auto listed = require(world.outbox->list(OutboxState::kLeased, 10));
  for (const OutboxItem& one : listed)
    if (one.url == "k1") require(world.outbox->complete(one.id, one.attempts));
  BOOST_TEST(world.leased() == "k2");
}

BOOST_AUTO_TEST_CASE(topics_and_times_hold_items_back) {
  OutboxWorld world;
  OutboxItem later = OutboxWorld::item("later");
  later.not_before_ms = world.clock.wall + kMinuteMs;
  require(world.outbox->enqueue(later));
  OutboxItem other = OutboxWorld::item("other");
  other.topic = "telemetry";
  require(world.outbox->enqueue(other));
  BOOST_TEST(world.leased().empty());
  BOOST_TEST(require(world.outbox->next_due_ms()).value() == 0);  // the other topic's
  BOOST_TEST(require(world.outbox->lease("", 10)).size() == 1u);  // any topic
  BOOST_TEST(require(world.outbox->next_due_ms()).value() == world.clock.wall + kMinuteMs);
  world.clock.pass(kMinuteMs);
  BOOST_TEST(world.leased() == "later");
}

BOOST_AUTO_TEST_CASE(a_lease_that_ran_out_passes_on_and_its_old_holder_is_refused) {
  OutboxWorld world;
  const std::string id = world.add("a", "k");
  world.add("b", "k");
  BOOST_TEST(world.leased() == "a");
  world.reopen_all();  // the holder crashed
  BOOST_TEST(world.leased().empty());
  world.clock.pass(60'000);
  BOOST_TEST(world.leased() == "a");
  BOOST_TEST(error_of(world.outbox->complete(id, 1)) == ErrorCode::kSTATE);
  BOOST_TEST(error_of(world.outbox->fail(id, 1, "x", false, 0)) == ErrorCode::kSTATE);
  BOOST_TEST(error_of(world.outbox->extend(id, 1, 1000)) == ErrorCode::kSTATE);
  require(world.outbox->extend(id, 2, 10 * kMinuteMs));
  world.clock.pass(5 * kMinuteMs);
  BOOST_TEST(world.leased().empty());
  require(world.outbox->complete(id, 2));
  BOOST_TEST(error_of(world.outbox->complete(id, 2)) == ErrorCode::kNOT_FOUND);
  BOOST_TEST(world.leased() == "b");
}

BOOST_AUTO_TEST_CASE(a_late_end_of_a_lease_counts_while_nobody_else_has_it) {
  OutboxWorld world;
  const std::string id = world.add("a");
  world.lease();
  world.clock.pass(kHourMs);
  require(world.outbox->complete(id, 1));
  BOOST_TEST(world.counts().delivered == 1);
}

BOOST_AUTO_TEST_CASE(failures_wait_longer_each_time_and_end_among_the_dead) {
  OutboxWorld world;
  const std::string id = world.add("a");
  int64_t longest = 0;
  for (int attempt = 1; attempt <= 20; ++attempt) {
    BOOST_REQUIRE_EQUAL(world.leased(), "a");
    require(world.outbox->fail(id, attempt, "answer 503", false, 0));
    const OutboxItem item = world.find(id);
    if (attempt == 20) break;
    BOOST_TEST(item.state == OutboxState::kPending);
    const int64_t wait = item.not_before_ms - world.clock.wall;
    const int64_t most = std::min<int64_t>(kHourMs, int64_t{30'000} << std::min(attempt - 1, 20));
    BOOST_TEST((wait >= 0 && wait <= most));
    longest = std::max(longest, wait);
    world.clock.pass(wait);
  }
  BOOST_TEST(longest > kMinuteMs);
  BOOST_TEST(world.find(id).state == OutboxState::kDead);
  BOOST_TEST(world.find(id).last_error == "answer 503");
  BOOST_TEST(world.leased().empty());
  require(world.outbox->retry(id));
  BOOST_TEST(error_of(world.outbox->retry(id)) == ErrorCode::kSTATE);
  BOOST_TEST(error_of(world.outbox->retry("nothing")) == ErrorCode::kNOT_FOUND);
  const auto items = world.lease();
  BOOST_REQUIRE(items.size() == 1);
  BOOST_TEST(items[0].attempts == 1);
  require(world.outbox->fail(id, 1, "gone", true, 0));
  BOOST_TEST(world.counts().dead == 1);
  require(world.outbox->remove(id));
  BOOST_TEST(error_of(world.outbox->remove(id)) == ErrorCode::kNOT_FOUND);
}

BOOST_AUTO_TEST_CASE(a_wish_of_the_server_replaces_the_backoff) {
  OutboxWorld world;
  const std::string id = world.add("a");
  world.lease();
  require(world.outbox->fail(id, 1, "slow down", false, 7 * kMinuteMs));
  BOOST_TEST(require(world.outbox->next_due_ms()).value() == world.clock.wall + 7 * kMinuteMs);
  BOOST_TEST(error_of(world.outbox->fail(id, 1, "again", false, 0)) == ErrorCode::kSTATE);
}

BOOST_AUTO_TEST_CASE(the_dead_do_not_hold_up_their_ordering_key_but_doubtful_ones_do) {
  OutboxWorld world({.key_window_ms = kHourMs});
  const std::string dead = world.add("dead", "k");
  const std::string doubtful = world.add("doubtful", "k");
  world.add("next", "k");
  world.lease();
  require(world.outbox->fail(dead, 1, "no", true, 0));
  BOOST_TEST(world.leased() == "doubtful");
  world.clock.pass(2 * kHourMs);  // crashed, and the server may have forgotten the key
  BOOST_TEST(world.leased().empty());
  BOOST_TEST(world.find(doubtful).state == OutboxState::kAmbiguous);
  BOOST_TEST(!require(world.outbox->next_due_ms()).has_value());
  require(world.outbox->retry(dead));
  BOOST_TEST(world.leased() == "dead");  // older than the doubtful one
  require(world.outbox->complete(dead, 1));
  require(world.outbox->retry(doubtful));
  BOOST_TEST(world.leased() == "doubtful");
  require(world.outbox->complete(doubtful, 1));
  BOOST_TEST(world.leased() == "next");
}

BOOST_AUTO_TEST_CASE(old_items_without_an_attempt_are_sure_and_very_old_ones_go) {
  OutboxWorld world;
  world.add("a");
  world.clock.pass(2 * kDayMs);
  BOOST_TEST(world.leased() == "a");
  world.add("b");
  world.clock.pass(31 * kDayMs);
  BOOST_TEST(world.leased().empty());
  BOOST_TEST(world.counts().dropped_age == 2);
  BOOST_TEST(world.counts().pending == 0);
}

BOOST_AUTO_TEST_CASE(a_full_queue_drops_what_is_worth_least) {
  OutboxWorld world({.max_rows = 3});
  world.add("old", {}, 1);
  world.add("low", {}, 0);
  world.add("new", {}, 1);
  world.add("newest", {}, 1);
  BOOST_TEST(world.counts().dropped_full == 1);
  world.add("more", {}, 1);
  BOOST_TEST(error_of(world.outbox->enqueue(OutboxWorld::item("least", {}, 0))) == ErrorCode::kLIMIT);
  BOOST_TEST(world.counts().dropped_full == 2);
  BOOST_TEST(world.leased(2) == "new newest");
  world.add("instead", {}, 1);
  BOOST_TEST(error_of(world.outbox->enqueue(OutboxWorld::item("none left", {}, 0))) == ErrorCode::kLIMIT);
  BOOST_TEST(world.leased() == "instead");
  BOOST_TEST(error_of(world.outbox->enqueue(OutboxWorld::item("all under way", {}, 9))) == ErrorCode::kLIMIT);
}

BOOST_AUTO_TEST_CASE(bytes_have_a_limit_too) {
  OutboxWorld world({.max_bytes = 1000});
  OutboxItem item = OutboxWorld::item("a");
  item.body.resize(1000);
  BOOST_TEST(error_of(world.outbox->enqueue(item)) == ErrorCode::kLIMIT);
  item.body.resize(600);
  require(world.outbox->enqueue(item));
  require(world.outbox->enqueue(item));
  BOOST_TEST(world.counts().pending == 1);
  BOOST_TEST(world.counts().bytes <= 1000);
  BOOST_TEST(world.counts().dropped_full == 1);
}

BOOST_AUTO_TEST_CASE(revoked_consent_deletes_the_topic_at_once) {
  OutboxWorld world;
  world.add("keep");
  OutboxItem item = OutboxWorld::item("gone");
  item.topic = "telemetry";
  require(world.outbox->enqueue(item));
  require(world.outbox->enqueue(item));
  require(world.outbox->lease("telemetry", 1));
  BOOST_TEST(require(world.outbox->revoke("telemetry")) == 2);
  BOOST_TEST(world.counts().dropped_revoked == 2);
  BOOST_TEST(world.leased() == "keep");
}

BOOST_AUTO_TEST_CASE(an_item_of_a_transaction_shares_its_end) {
  OutboxWorld world;
  world.script("create table orders (id integer primary key)");
  for (const bool commits : {false, true}) {
    auto transaction = require(world.database->begin({}));
    require(transaction->execute("insert into orders values (null)", {}));
    require(world.outbox->enqueue_within(*transaction, OutboxWorld::item("order")));
    if (commits) require(transaction->commit());
  }
  BOOST_TEST(world.counts().pending == 1);
  BOOST_TEST(*rows_of(world.database->query("select count(*) from orders", {}, {})) == "1");
}

BOOST_AUTO_TEST_CASE(credentials_and_malformed_items_are_refused) {
  OutboxWorld world;
  const auto with = [&](auto change) {
    OutboxItem item = OutboxWorld::item();
    change(item);
    return error_of(world.outbox->enqueue(item));
  };
  for (const char* const headers :
       {R"({"Authorization":"x"})", R"({"COOKIE":"x"})", R"({"proxy-authorization":"x"})",
        R"({"X-Api-Key":"x"})", R"({" authorization ":"x"})", R"({"a":"x\r\ny"})", R"({"a\nb":"x"})",
        R"({"a":1})", R"({"a":{"b":"c"}})", R"(["a"])", "{", R"({"":"x"})", R"({"a":"1","a":"2"})"})
    BOOST_CHECK_MESSAGE(with([&](OutboxItem& item) { item.headers_json = headers; }) == ErrorCode::kARG,
                        headers);
  for (const char* const url : {"", "https://me:secret@example.org/", "http://token@example.org", "a\r\nb"})
    BOOST_CHECK_MESSAGE(with([&](OutboxItem& item) { item.url = url; }) == ErrorCode::kARG, url);
  BOOST_TEST(with([](OutboxItem& item) { item.url = "https://example.org/me@home"; }) == ErrorCode::kOk);
  BOOST_TEST(with([](OutboxItem& item) { item.method.clear(); }) == ErrorCode::kARG);
  BOOST_TEST(with([](OutboxItem& item) { item.topic = "\xFF"; }) == ErrorCode::kARG);
  BOOST_TEST(with([](OutboxItem& item) { item.ordering_key.assign(1025, 'k'); }) == ErrorCode::kARG);
  BOOST_TEST(world.counts().pending == 1);
}

BOOST_AUTO_TEST_CASE(a_clock_set_back_neither_stalls_nor_drops) {
  for (const bool with_restart : {false, true}) {
    OutboxWorld world;
    world.clock.wall += 365 * kDayMs;
    const std::string failed = world.add("failed");
    world.lease();
    require(world.outbox->fail(failed, 1, "x", false, kHourMs));
    world.add("leased");
    BOOST_TEST(world.leased() == "leased");
    world.clock.wall -= 365 * kDayMs;
    if (with_restart) world.reopen_all();
    BOOST_TEST(world.leased().empty());
    world.clock.pass(2 * kMinuteMs);
    BOOST_TEST(world.leased() == "leased");
    world.clock.pass(kHourMs);
    BOOST_TEST(world.leased() == "failed leased");
  }
}

BOOST_AUTO_TEST_CASE(errors_that_are_no_text_are_kept_as_what_can_be_read) {
  OutboxWorld world;
  const std::string id = world.add("a");
  world.lease();
  std::string error(2000, 'x');
  error += "\xC3\xA9";
  require(world.outbox->fail(id, 1, error, false, 1));
  BOOST_TEST(world.find(id).last_error == std::string(1024, 'x'));
  world.clock.pass(10);
  world.lease();
  require(world.outbox->fail(id, 2, "bad \xFF byte", true, 0));
  BOOST_TEST(world.find(id).last_error == "bad ? byte");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::store
