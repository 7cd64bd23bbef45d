// Requests in the background: they run beside each other, end when cancelled, and keep their client alive.
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "http_fixture.hpp"

namespace tessera::test {
namespace {

constexpr uint32_t kLongMs = 60'000;  // for what does happen

struct Started : HttpFixture {
  Operation start(const Http& http, std::string_view url) const {
    const tsr_http_request what = request(url);
    Operation op;
    Failure failure;
    require_ok(tsr_http_send_async(http.get(), &what, nullptr, nullptr, nullptr, op.out(), failure.out()),
               failure);
    return op;
  }
  static tsr_status status_of(const Operation& op) {
    HttpResponse response;
    BOOST_TEST(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
    return tsr_op_http_response(op.get(), response.out(), nullptr);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_async, Started)

BOOST_AUTO_TEST_CASE(many_run_beside_each_other) {
  Gate all_here;
  origin.on("GET", "/meet", [&](const Seen&) { return Answer().wait(all_here).respond(200, "met"); });
  const Http http = open_http();
  std::vector<Operation> ops;
  for (int i = 0; i < 8; ++i) ops.push_back(start(http, "/meet"));
  static_cast<void>(origin.wait_for(8));  // so all of them are under way at once
  all_here.open();
  for (const Operation& op : ops) {
    HttpResponse response;
    Failure failure;
    BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
    require_ok(tsr_op_http_response(op.get(), response.out(), failure.out()), failure);
    BOOST_TEST(body_of(response) == "met");
    BOOST_TEST(tsr_op_http_response(op.get(), response.out(), nullptr) == TSR_E_STATE);
  }
}

BOOST_AUTO_TEST_CASE(one_that_runs_can_be_cancelled) {
  origin.on("GET", "/never", [](const Seen&) { return Answer().stall(); });
  const Http http = open_http();
  const Operation op = start(http, "/never");
  static_cast<void>(origin.wait_for(1));
  BOOST_TEST(tsr_op_ended(op.get()) == 0);
  tsr_op_cancel(op.get());
  BOOST_TEST(status_of(op) == TSR_E_CANCELLED);
}

BOOST_AUTO_TEST_CASE(one_that_was_just_started_can_be_cancelled) {
  origin.on("GET", "/never", [](const Seen&) { return Answer().stall(); });
  const Http http = open_http();
  for (int i = 0; i < 50; ++i) {
    const Operation op = start(http, "/never");
    tsr_op_cancel(op.get());
    BOOST_TEST(status_of(op) == TSR_E_CANCELLED);
  }
}

BOOST_AUTO_TEST_CASE(the_client_may_go_first) {
  Gate gate;
  origin.on("GET", "/slow", [&](const Seen&) { return Answer().wait(gate).respond(200); });
  Http http = open_http();
  const Operation op = start(http, "/slow");
  http = Http();
  gate.open();
  BOOST_TEST(status_of(op) == TSR_OK);
}

BOOST_AUTO_TEST_CASE(nobody_needs_to_hold_anything) {
  struct Told {
    std::mutex mutex;
    std::condition_variable changed;
    int32_t status = 0;
    bool is_freed = false;
  } told;
  origin.on("GET", "/slow", [](const Seen&) { return Answer(204); });
  {
    const Http http = open_http();
    const tsr_http_request what = request("/slow");
    const auto done = [](void* user, tsr_op* op) {
      auto& to = *static_cast<Told*>(user);
      HttpResponse response;
      BOOST_TEST(tsr_op_wait(op, 10, nullptr) == TSR_E_STATE);  // it would wait for itself
      BOOST_TEST(tsr_op_http_response(op, response.out(), nullptr) == TSR_OK);
      const std::lock_guard lock(to.mutex);
      to.status = tsr_http_response_status(response.get());
    };
    const auto release = [](void* user) {
      auto& to = *static_cast<Told*>(user);
      const std::lock_guard lock(to.mutex);
      to.is_freed = true;
      to.changed.notify_all();
    };
    BOOST_TEST(tsr_http_send_async(http.get(), &what, done, &told, release, nullptr, nullptr) == TSR_OK);
  }
  std::unique_lock lock(told.mutex);
  BOOST_TEST(told.changed.wait_for(lock, std::chrono::seconds(60), [&] { return told.is_freed; }));
  BOOST_TEST(told.status == 204);
}

BOOST_AUTO_TEST_CASE(a_request_that_can_not_be_sent_fails_at_once_or_in_the_operation) {
  const Http http = open_http();
  tsr_http_request what = request();
  what.cache = 9;
  Operation op;
  bool is_freed = false;
  const auto done = [](void*, tsr_op*) { BOOST_ERROR("a start that failed must not call done"); };
  const auto release = [](void* user) { *static_cast<bool*>(user) = true; };
  BOOST_TEST(tsr_http_send_async(http.get(), &what, done, &is_freed, release, op.out(), nullptr) ==
             TSR_E_ARG);
  BOOST_TEST(is_freed);
  BOOST_TEST(!op);
  BOOST_TEST(status_of(start(http, "http://example.com/")) == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(closing_ends_what_runs) {
  origin.on("GET", "/never", [](const Seen&) { return Answer().stall(); });
  const Http http = open_http();
  const Operation op = start(http, "/never");
  static_cast<void>(origin.wait_for(1));
  Operation closing;
  BOOST_TEST(tsr_http_close_async(http.get(), 10, nullptr, nullptr, nullptr, closing.out(), nullptr) ==
             TSR_OK);
  BOOST_REQUIRE(tsr_op_wait(closing.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_void(closing.get(), nullptr) == TSR_E_TIMEOUT);
  const tsr_status ended = status_of(op);
  BOOST_TEST((ended == TSR_E_CANCELLED || ended == TSR_E_STATE));
  const tsr_http_request what = request();
  Operation late;
  BOOST_TEST(tsr_http_send_async(http.get(), &what, nullptr, nullptr, nullptr, late.out(), nullptr) ==
             TSR_E_STATE);
}

BOOST_AUTO_TEST_CASE(a_forked_child_can_not_use_it) {
  const Http http = open_http();
  get(http, "/");
  const pid_t child = fork();
  if (child == 0) {
    const tsr_http_request what = request();
    HttpResponse response;
    const bool refused = tsr_http_send(http.get(), &what, response.out(), nullptr) == TSR_E_FORKED;
    _exit(refused ? 0 : 1);
  }
  int status = 0;
  BOOST_REQUIRE(waitpid(child, &status, 0) == child);
  BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
