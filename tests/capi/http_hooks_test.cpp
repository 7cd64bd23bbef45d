// Hooks over the C ABI: what they see and change, what they stop, and what is told of a client.
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "http_fixture.hpp"

namespace tessera::test {
namespace {

constexpr uint32_t kUnknownFlag = 128;

/// What a test does in a hook.
struct Hook {
  std::function<tsr_status(tsr_http_attempt*)> before;
  std::function<void(const tsr_http_head*)> after;
  int freed = 0;

  static tsr_status run_before(void* user, tsr_http_attempt* attempt) {
    return static_cast<Hook*>(user)->before(attempt);
  }
  static void run_after(void* user, const tsr_http_head* head) { static_cast<Hook*>(user)->after(head); }
  static void note_free(void* user) { ++static_cast<Hook*>(user)->freed; }
};

/// Events as they come, and a wait for the first that a test asks for.
class Told {
 public:
  static void add(void* user, const tsr_http_event_info* event) {
    auto& told = *static_cast<Told*>(user);
    const std::lock_guard lock(told.mutex_);
    told.events_.push_back({event->kind, std::string(event->subject.data, event->subject.len),
                            std::string(event->state.data, event->state.len), event->until_ms, event->mark});
    told.changed_.notify_all();
  }
  struct One {
    int32_t kind;
    std::string subject, state;
    int64_t until_ms, mark;
  };
  One wait_for(int32_t kind, std::string_view state) {
    std::unique_lock lock(mutex_);
    for (size_t next = 0;; ++next) {
      changed_.wait(lock, [&] { return next < events_.size(); });
      if (events_[next].kind == kind && events_[next].state == state) return events_[next];
    }
  }
  size_t count() {
    const std::lock_guard lock(mutex_);
    return events_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<One> events_;
};

struct Hooked : HttpFixture {
  static Subscription attach(const Http& http, Hook& hook, uint32_t flags = 0) {
    Subscription sub;
    Failure failure;
    require_ok(tsr_http_on_attempt(http.get(), hook.before ? &Hook::run_before : nullptr,
                                   hook.after ? &Hook::run_after : nullptr, flags, &hook, &Hook::note_free,
                                   sub.out(), failure.out()),
               failure);
    return sub;
  }
  static Subscription listen(const Http& http, Told& told) {
    Subscription sub;
    Failure failure;
    require_ok(tsr_http_on_event(http.get(), &Told::add, &told, nullptr, sub.out(), failure.out()), failure);
    return sub;
  }
  static tsr_status status_of(const Http& http, std::string_view url, Failure& failure) {
    const tsr_http_request what = request(url);
    HttpResponse response;
    return tsr_http_send(http.get(), &what, response.out(), failure.out());
  }
  static nlohmann::json state_of(const Http& http) {
    return nlohmann::json::parse(
        made_text([&](tsr_buf* out, tsr_error** err) { return tsr_http_state(http.get(), out, err); }));
  }
  /// A breaker that opens with the first failure, and stays so.
  nlohmann::json brittle() const {
    return {{"base_url", origin.url("/")},
            {"retry", {{"max_attempts", 1}}},
            {"breaker", {{"preset", "safety_switch"}, {"max_failures", 1}}}};
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_hooks, Hooked)

BOOST_AUTO_TEST_CASE(an_attempt_shows_itself_and_takes_fields) {
  origin.on("POST", "/a", [](const Seen& seen) { return Answer(seen.number == 1 ? 503 : 200); });
  const Http http = open_http(
      {{"base_url", origin.url("/")}, {"retry", {{"transient_base_ms", 1}, {"throttle_base_ms", 1}}}});
  std::vector<std::string> shown, heads;
  Hook hook;
  hook.before = [&](tsr_http_attempt* attempt) -> tsr_status {
    const uint8_t* data = nullptr;
    size_t size = 0;
    const int32_t known = tsr_http_attempt_body(attempt, &data, &size);
    size_t count = 0;
    const bool has_fields = tsr_http_attempt_headers(attempt, &count) != nullptr && count > 0;
    shown.push_back(text_of(tsr_http_attempt_method(attempt)) + " " + text_of(tsr_http_attempt_url(attempt)) +
                    " " + std::to_string(tsr_http_attempt_number(attempt)) + " " + std::to_string(known) +
                    std::string(reinterpret_cast<const char*>(data), size) + " " +
                    text_of(tsr_http_attempt_header(attempt, TSR_LIT("x-given"))) + " " +
                    text_of(tsr_http_attempt_header(attempt, TSR_LIT("X-None"))) + (has_fields ? "" : "!"));
    if (tsr_http_attempt_remove_header(attempt, TSR_LIT("X-GIVEN"), nullptr) != TSR_OK) return TSR_E_INTERNAL;
    if (tsr_http_attempt_set_header(attempt, TSR_LIT("X-Bad"), TSR_LIT("a\nb"), nullptr) != TSR_E_ARG) {
      return TSR_E_INTERNAL;
    }
    return tsr_http_attempt_set_header(attempt, TSR_LIT("X-Set"), TSR_LIT("yes"), nullptr);
  };
  hook.after = [&](const tsr_http_head* head) {
    heads.push_back(text_of(head->method) + " " + text_of(head->url) + " " + std::to_string(head->attempt) +
                    " " + std::to_string(head->status) + (head->header_count > 0 ? "" : "!"));
  };
  const Subscription sub = attach(http, hook);
  const tsr_pair given[] = {{TSR_LIT("X-Given"), TSR_LIT("7")}};
  tsr_http_request what = request("/a");
  what.method = TSR_LIT("POST");
  what.headers = given;
  what.header_count = 1;
  what.body = "bytes";
  what.body_len = 5;
  what.idempotency_key = TSR_LIT("once");
  BOOST_TEST(tsr_http_response_status(send(http, what).get()) == 200);
  const std::string url = origin.url("/a");
  BOOST_TEST((shown == std::vector<std::string>{"POST " + url + " 1 1bytes 7 (absent)",
                                                "POST " + url + " 2 1bytes 7 (absent)"}));
  BOOST_TEST((heads == std::vector<std::string>{"POST " + url + " 1 503", "POST " + url + " 2 200"}));
  const Seen seen = origin.wait_for(2);
  BOOST_TEST(seen.header("X-Set") == "yes");
  BOOST_TEST(seen.count("X-Given") == 0U);
  BOOST_TEST(seen.count("X-Bad") == 0U);
}

BOOST_AUTO_TEST_CASE(what_a_hook_refuses_is_not_sent) {
  const Http http = open_http();
  Failure failure;
  Hook hook;
  hook.before = [](tsr_http_attempt*) { return TSR_E_LIMIT; };
  {
    const Subscription sub = attach(http, hook);
    BOOST_TEST(status_of(http, "/", failure) == TSR_E_CALLBACK);
    BOOST_TEST(std::string(tsr_error_detail(failure.get())).find(std::to_string(TSR_E_LIMIT)) !=
               std::string::npos);
    hook.before = [](tsr_http_attempt*) -> tsr_status { throw std::runtime_error("hunter2"); };
    BOOST_TEST(status_of(http, "/", failure) == TSR_E_CALLBACK);
    BOOST_TEST(std::string(tsr_error_detail(failure.get())).find("hunter2") == std::string::npos);
    BOOST_TEST(hook.freed == 0);
  }
  BOOST_TEST(hook.freed == 1);
  BOOST_TEST(origin.seen().empty());
  BOOST_TEST(status_of(http, "/", failure) == TSR_OK);
}

BOOST_AUTO_TEST_CASE(a_signer_comes_last_and_a_hook_may_end_itself) {
  origin.on("GET", "/", [](const Seen&) { return Answer(200); });
  const Http http = open_http();
  Hook signer, other;
  signer.before = [](tsr_http_attempt* attempt) {
    return tsr_http_attempt_set_header(attempt, TSR_LIT("X-Signed"),
                                       tsr_http_attempt_header(attempt, TSR_LIT("X-Set")), nullptr);
  };
  Subscription last = attach(http, signer, TSR_HTTP_SIGNER);
  Subscription once;
  other.before = [&](tsr_http_attempt* attempt) {
    tsr_sub_free(once.release());
    return tsr_http_attempt_set_header(attempt, TSR_LIT("X-Set"), TSR_LIT("1"), nullptr);
  };
  once = attach(http, other);
  static_cast<void>(get(http, "/"));
  BOOST_TEST(origin.wait_for(1).header("X-Signed") == "1");
  BOOST_TEST(other.freed == 1);
  tsr_sub_free(last.release());
  static_cast<void>(get(http, "/"));
  BOOST_TEST(origin.wait_for(2).count("X-Set") == 0U);
}

BOOST_AUTO_TEST_CASE(a_registration_that_fails_frees_its_user_data) {
  const Http http = open_http();
  Subscription sub;
  Failure failure;
  Hook hook;
  BOOST_TEST(tsr_http_on_attempt(http.get(), nullptr, nullptr, 0, &hook, &Hook::note_free, sub.out(),
                                 failure.out()) == TSR_E_ARG);
  BOOST_TEST(tsr_http_on_attempt(http.get(), &Hook::run_before, nullptr, kUnknownFlag, &hook,
                                 &Hook::note_free, sub.out(), failure.out()) == TSR_E_ARG);
  BOOST_TEST(tsr_http_on_attempt(http.get(), &Hook::run_before, nullptr, 0, &hook, &Hook::note_free, nullptr,
                                 failure.out()) == TSR_E_ARG);
  BOOST_TEST(tsr_http_on_event(http.get(), nullptr, &hook, &Hook::note_free, sub.out(), failure.out()) ==
             TSR_E_ARG);
  BOOST_TEST(hook.freed == 4);
  BOOST_TEST(!sub);
}

BOOST_AUTO_TEST_CASE(every_subscriber_is_told_what_changes) {
  origin.on("GET", "/down", [](const Seen&) { return Answer(500); });
  nlohmann::json config = brittle();
  config["queue_marks"] = {1};
  const Http http = open_http(config);
  Told first, second, gone;
  const Subscription one = listen(http, first), two = listen(http, second);
  tsr_sub_free(listen(http, gone).release());
  static_cast<void>(get(http, "/down"));
  for (Told* told : {&first, &second}) {
    const Told::One open = told->wait_for(TSR_HTTP_BREAKER, "open");
    BOOST_TEST(open.subject + "/" == origin.url("/"));
    BOOST_TEST(open.until_ms > 0);
    BOOST_TEST(open.mark == 0);
    BOOST_TEST(told->wait_for(TSR_HTTP_QUEUE, "above").mark == 1);
    BOOST_TEST(told->wait_for(TSR_HTTP_QUEUE, "below").subject.empty());
  }
  BOOST_TEST(gone.count() == 0U);
  BOOST_TEST(tsr_http_reset_breaker(http.get(), {nullptr, 0}, nullptr) == TSR_OK);
  BOOST_TEST(first.wait_for(TSR_HTTP_BREAKER, "closed").until_ms == 0);
}

BOOST_AUTO_TEST_CASE(a_client_tells_how_it_stands) {
  origin.on("GET", "/down", [](const Seen&) { return Answer(500); });
  const Http http = open_http(brittle());
  const nlohmann::json fresh = state_of(http);
  BOOST_TEST(fresh.at("connectivity") == "online");
  BOOST_TEST(fresh.at("hosts").empty());
  static_cast<void>(get(http, "/down"));
  const nlohmann::json host = state_of(http).at("hosts").at(0);
  BOOST_TEST(host.at("breaker").at("state") == "open");
  BOOST_TEST(host.at("breaker").at("retry_at_ms") > 0);
  Failure failure;
  BOOST_TEST(status_of(http, "/down", failure) == TSR_E_UNAVAILABLE);
  BOOST_TEST(tsr_http_reset_breaker(http.get(), TSR_LIT("other.example"), nullptr) == TSR_OK);
  BOOST_TEST(status_of(http, "/down", failure) == TSR_E_UNAVAILABLE);
  BOOST_TEST(tsr_http_reset_breaker(http.get(), TSR_LIT("127.0.0.1"), nullptr) == TSR_OK);
  BOOST_TEST(status_of(http, "/down", failure) == TSR_OK);
  BOOST_TEST(tsr_http_network_changed(http.get(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_http_close(http.get(), 0, nullptr) == TSR_OK);
  Buffer out;
  BOOST_TEST(tsr_http_state(http.get(), out.out(), failure.out()) == TSR_E_STATE);
  BOOST_TEST(tsr_http_network_changed(http.get(), failure.out()) == TSR_E_STATE);
  BOOST_TEST(tsr_http_reset_breaker(http.get(), {nullptr, 0}, failure.out()) == TSR_E_STATE);
}

BOOST_AUTO_TEST_CASE(a_hook_may_ask_its_client) {
  origin.on("GET", "/", [](const Seen&) { return Answer(200); });
  const Http http = open_http();
  std::string state;
  Hook hook;
  hook.before = [&](tsr_http_attempt*) {
    state = state_of(http).dump();
    return tsr_status{TSR_OK};
  };
  const Subscription sub = attach(http, hook);
  static_cast<void>(get(http, "/"));
  BOOST_TEST(state.find("online") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_registration_keeps_its_client) {
  Http http = open_http();
  Told told;
  Hook hook;
  hook.after = [](const tsr_http_head*) {};
  const Subscription events = listen(http, told), hooks = attach(http, hook);
  tsr_http_free(http.release());
  BOOST_TEST(hook.freed == 0);
}

BOOST_AUTO_TEST_CASE(a_child_of_the_process_has_no_client) {
  const Http http = open_http();
  Told told;
  Subscription sub = listen(http, told);
  const pid_t child = fork();
  if (child == 0) {
    Buffer out;
    Subscription other;
    const bool is_refused =
        tsr_http_state(http.get(), out.out(), nullptr) == TSR_E_FORKED &&
        tsr_http_on_event(http.get(), &Told::add, &told, nullptr, other.out(), nullptr) == TSR_E_FORKED;
    tsr_sub_free(sub.release());
    _exit(is_refused ? 0 : 1);
  }
  int status = -1;
  BOOST_REQUIRE(waitpid(child, &status, 0) == child);
  BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
