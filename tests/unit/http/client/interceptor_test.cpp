#include <algorithm>
#include <functional>
#include <thread>

#include "client_fixture.hpp"
#include "slow_dns.hpp"

namespace tessera::http {

using test::Answer;
using test::Origin;
using test::Seen;

namespace {

/// Does what the test says.
struct Hook final : Interceptor {
  Status before(OutgoingRequest& request) override { return on_before ? on_before(request) : Status(); }
  void after(const IncomingHead& head) override {
    if (on_after) on_after(head);
  }
  std::function<Status(OutgoingRequest&)> on_before;
  std::function<void(const IncomingHead&)> on_after;
};

std::shared_ptr<Hook> before(std::function<Status(OutgoingRequest&)> what) {
  auto hook = std::make_shared<Hook>();
  hook->on_before = std::move(what);
  return hook;
}

/// Appends to the field X-Way.
std::shared_ptr<Hook> mark(const std::string& name) {
  return before([name](OutgoingRequest& request) {
    return request.set_header("X-Way", std::string(request.headers().get("x-way").value_or("")) + name);
  });
}

std::string text(std::optional<ByteView> body) { return body ? std::string(as_text(*body)) : "none"; }

struct ThreeBytes final : BodySource {
  Flow read(std::span<uint8_t> out, size_t* count) override {
    *count = std::exchange(is_read, true) ? 0 : 3;
    std::fill_n(out.begin(), *count, uint8_t{'x'});
    return Flow::kGo;
  }
  int64_t size() const override { return 3; }
  bool is_read = false;
};

struct InterceptorFixture : ClientFixture {
  InterceptorFixture() {
    for (const char* method : {"GET", "POST"})
      origin.on(method, "/", [](const Seen&) { return Answer(200, "ok", {{"X-Answer", "a"}}); });
  }
  Request post(std::string body) {
    Request request;
    request.method = "POST";
    request.url = origin.url("/");
    request.body = to_bytes(body);
    return request;
  }
  Origin origin;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(interceptors, InterceptorFixture)

BOOST_AUTO_TEST_CASE(each_sees_what_goes_out_in_the_order_of_registration_and_signers_last) {
  client().add_interceptor(mark("s"), InterceptorPlace::kSigner);
  client().add_interceptor(mark("a"));
  client().add_interceptor(mark("b"));
  client().add_interceptor(mark("t"), InterceptorPlace::kSigner);
  BOOST_TEST(get(origin.url("/"))->status == 200);
  BOOST_TEST(origin.wait_for(1).header("x-way") == "abst");
}

BOOST_AUTO_TEST_CASE(a_signer_has_everything_that_a_signature_covers) {
  std::string signed_text;
  client().add_interceptor(before([](OutgoingRequest& request) { return request.set_header("X-Day", "1"); }));
  client().add_interceptor(before([&](OutgoingRequest& request) {
                             signed_text = std::string(request.method()) + " " + std::string(request.url()) +
                                           " " + std::string(request.headers().get("x-day").value_or("")) +
                                           std::string(request.headers().get("authorization").value_or("")) +
                                           " " + text(request.body());
                             return request.set_header("X-Signature", "of " + signed_text);
                           }),
                           InterceptorPlace::kSigner);
  Request request = post("{\"a\":1}");
  request.headers.add("Authorization", "Bearer t");
  BOOST_TEST(perform(request)->status == 200);
  const Seen seen = origin.wait_for(1);
  BOOST_TEST(signed_text == "POST " + origin.url("/") + " 1Bearer t {\"a\":1}");
  BOOST_TEST(seen.header("x-signature") == "of " + signed_text);
  BOOST_TEST(seen.body == "{\"a\":1}");
}

BOOST_AUTO_TEST_CASE(a_body_that_is_produced_later_is_not_there) {
  std::string body;
  client().add_interceptor(before([&](OutgoingRequest& request) {
    body = text(request.body());
    return Status();
  }));
  Request request = post("");
  request.source = std::make_shared<ThreeBytes>();
  BOOST_TEST(perform(request)->status == 200);
  BOOST_TEST(body == "none");
  BOOST_TEST(origin.wait_for(1).body == "xxx");
}

BOOST_AUTO_TEST_CASE(every_attempt_is_told_with_its_head) {
  origin.on("GET", "/", [](const Seen& seen) {
    if (seen.number == 1) return Answer(503, "", {{"X-N", "1"}});
    if (seen.number == 2) return Answer::redirect("/end");
    return Answer(404);
  });
  origin.on("GET", "/end", [](const Seen&) { return Answer(204, "", {{"X-N", "3"}}); });
  std::string told;
  auto hook = mark("x");  // of one attempt only: not "xx" in the second
  hook->on_after = [&](const IncomingHead& head) {
    told += std::string(head.method) + ' ' + parse_url(head.url).value().path + ' ' +
            std::to_string(head.attempt) + ' ' + std::to_string(head.status) + ' ' +
            std::string(head.headers.get("x-n").value_or("-")) + '\n';
  };
  client().add_interceptor(hook);
  BOOST_TEST(get(origin.url("/"))->status == 204);
  BOOST_TEST(told == "GET / 1 503 1\nGET / 2 302 -\nGET /end 3 204 3\n");
  for (size_t i = 1; i <= 3; ++i) BOOST_TEST(origin.wait_for(i).header("x-way") == "x");
}

BOOST_AUTO_TEST_CASE(a_refusal_ends_the_call_before_anything_is_sent) {
  const uint64_t id = client().add_interceptor(before([](OutgoingRequest&) -> Status {
    return Error{ErrorCode::kNOT_FOUND, "app", "no key to sign with", {}};
  }));
  const Error error = get(origin.url("/")).error();
  BOOST_TEST(error.code == ErrorCode::kCALLBACK);
  BOOST_TEST(error.detail_json == "{\"reason\":\"not_found\",\"text\":\"no key to sign with\"}");
  BOOST_TEST(origin.connections() == 0);
  client().remove_interceptor(id);
  BOOST_TEST(get(origin.url("/"))->status == 200);
}

BOOST_AUTO_TEST_CASE(a_refused_probe_leaves_its_place_to_the_next_call) {
  config.policies.retry.max_attempts = 1;
  // Longer than any machine takes, with a clock that is fast.
  config.policies.connectivity.backoff_ms = config.policies.connectivity.max_backoff_ms = 24 * 3'600'000;
  test::SlowDns names;
  names.fail("gone.test");
  BOOST_TEST(get("https://gone.test/").error().code == ErrorCode::kNETWORK);
  BOOST_TEST(get(origin.url("/")).error().code == ErrorCode::kNETWORK);  // offline
  clock.pass(24 * 3'600'000);
  const uint64_t id = client().add_interceptor(
      before([](OutgoingRequest&) -> Status { return Error{ErrorCode::kSTATE, "app", "not now", {}}; }));
  BOOST_TEST(get(origin.url("/")).error().code == ErrorCode::kCALLBACK);
  client().remove_interceptor(id);
  BOOST_TEST(get(origin.url("/"))->status == 200);
}

BOOST_AUTO_TEST_CASE(no_field_is_let_through_that_would_make_two) {
  client().add_interceptor(
      before([](OutgoingRequest& request) { return request.set_header("X-A", "1\r\nX-B: 2"); }));
  BOOST_TEST(get(origin.url("/")).error().code == ErrorCode::kCALLBACK);
  BOOST_TEST(origin.connections() == 0);
}

BOOST_AUTO_TEST_CASE(one_may_remove_itself_and_is_not_called_again) {
  int calls = 0;
  uint64_t id = 0;
  id = client().add_interceptor(before([&](OutgoingRequest&) {
    ++calls;
    client().remove_interceptor(id);
    client().remove_interceptor(id);
    return Status();
  }));
  for (int i = 0; i < 2; ++i) BOOST_TEST(get(origin.url("/"))->status == 200);
  BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(they_come_and_go_while_calls_run) {
  Client& shared = client();
  std::atomic<bool> is_over{false};
  std::atomic<int> late{0};
  std::thread others([&] {
    while (!is_over) {
      auto is_gone = std::make_shared<std::atomic<bool>>(false);
      const uint64_t id = shared.add_interceptor(before([&, is_gone](OutgoingRequest&) {
        if (*is_gone) ++late;
        return Status();
      }));
      shared.remove_interceptor(id);
      *is_gone = true;
    }
  });
  for (int i = 0; i < 50; ++i) BOOST_TEST(get(origin.url("/"))->status == 200);
  is_over = true;
  others.join();
  BOOST_TEST(late == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
