// What each end of a call means for the request that the queue holds.
#include "http/delivery/verdict.hpp"

#include "delivery_fixture.hpp"

namespace tessera::http {

using Fate = Verdict::Fate;

static std::ostream& operator<<(std::ostream& out, Fate fate) { return out << static_cast<int>(fate); }

namespace {

constexpr int64_t kWallMs = 1'780'000'000'000;

Verdict of_status(int status, std::optional<std::string> retry_after = {}) {
  Response response;
  response.status = status;
  if (retry_after) response.headers.add("Retry-After", *retry_after);
  return judge(response, kWallMs);
}
Verdict of_error(ErrorCode code, std::string detail = {}) {
  return judge(Error{code, "http", "why", std::move(detail)}, kWallMs);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(verdict)

BOOST_AUTO_TEST_CASE(only_success_delivers) {
  for (int status = 100; status < 600; ++status)
    BOOST_TEST((of_status(status).fate == Fate::kDelivered) == (status >= 200 && status <= 299));
}

BOOST_AUTO_TEST_CASE(passing_statuses_are_tried_again_and_others_are_dead) {
  const std::vector<int> passing{302, 303, 307, 401, 407, 408, 409, 425, 429};
  for (int status = 300; status < 600; ++status) {
    const bool is_passing = status >= 500 || std::ranges::find(passing, status) != passing.end();
    BOOST_TEST_CONTEXT(status)
    BOOST_TEST(of_status(status).fate == (is_passing ? Fate::kRetry : Fate::kDead));
  }
  BOOST_TEST(of_status(422).text == "the server answered 422; correct the request, or remove it");
}

BOOST_AUTO_TEST_CASE(a_time_that_the_server_names_is_kept_for_its_host) {
  const Verdict verdict = of_status(503, "120");
  BOOST_TEST(verdict.retry_after_ms == 120'000);
  BOOST_REQUIRE(verdict.rest.has_value());
  BOOST_TEST(verdict.rest->reason == PauseReason::kUnavailable);
  BOOST_TEST(verdict.rest->for_ms == 120'000);
  BOOST_TEST(!verdict.rest->is_for_all);
  for (const char* bad : {"-1", "soon", "0", "99999999999999999999"}) {
    BOOST_TEST(of_status(503, bad).retry_after_ms == 0);
    BOOST_TEST(!of_status(503, bad).rest.has_value());
  }
  BOOST_TEST(of_status(429, "9999999").retry_after_ms == 86'400'000);
}

BOOST_AUTO_TEST_CASE(a_conflict_of_one_key_waits_alone) {
  BOOST_TEST(of_status(409, "5").retry_after_ms == 5'000);
  BOOST_TEST(!of_status(409, "5").rest.has_value());
}

BOOST_AUTO_TEST_CASE(a_refused_credential_is_not_the_requests_fault) {
  const Verdict verdict = of_status(401);
  BOOST_TEST(verdict.fate == Fate::kRetry);
  BOOST_TEST(verdict.rest.value().reason == PauseReason::kUnauthorized);
  BOOST_TEST(verdict.rest.value().for_ms == 60'000);
}

BOOST_AUTO_TEST_CASE(what_was_not_sent_is_put_back) {
  struct Case {
    ErrorCode code;
    std::string detail;
    PauseReason reason;
    int64_t for_ms;
    bool is_for_all;
  };
  const Case cases[] = {
      {ErrorCode::kUNAVAILABLE, R"({"retry_after_ms":25000})", PauseReason::kUnavailable, 25'000, false},
      {ErrorCode::kUNAVAILABLE, R"({"retry_after_ms":0})", PauseReason::kUnavailable, 1'000, false},
      {ErrorCode::kUNAVAILABLE, "", PauseReason::kUnavailable, 30'000, false},
      {ErrorCode::kUNAVAILABLE, "[]", PauseReason::kUnavailable, 30'000, false},
      {ErrorCode::kNETWORK, R"({"failure":"offline","retry_after_ms":2000,"attempts":0,"unsent":true})",
       PauseReason::kOffline, 2'000, true},
      {ErrorCode::kNETWORK, R"({"failure":"no_route","attempts":1,"unsent":true})", PauseReason::kOffline,
       1'000, true},
      {ErrorCode::kBUSY, "", PauseReason::kBusy, 5'000, false},
      {ErrorCode::kUNAUTHORIZED, "", PauseReason::kUnauthorized, 60'000, true},
      {ErrorCode::kSTATE, "", PauseReason::kClosed, 60'000, true},
      {ErrorCode::kNO_MEMORY, "", PauseReason::kBusy, 5'000, true},
  };
  for (const Case& one : cases) {
    const Verdict verdict = of_error(one.code, one.detail);
    BOOST_TEST_CONTEXT(one.code << " " << one.detail) {
      BOOST_TEST(verdict.fate == Fate::kPutBack);
      BOOST_REQUIRE(verdict.rest.has_value());
      BOOST_TEST(verdict.rest->reason == one.reason);
      BOOST_TEST(verdict.rest->for_ms == one.for_ms);
      BOOST_TEST(verdict.rest->is_for_all == one.is_for_all);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_may_have_arrived_is_tried_again) {
  for (const ErrorCode code : {ErrorCode::kNETWORK, ErrorCode::kTIMEOUT, ErrorCode::kPROTOCOL,
                               ErrorCode::kUNTRUSTED, ErrorCode::kLIMIT, ErrorCode::kCALLBACK}) {
    BOOST_TEST(of_error(code, R"({"failure":"reset","attempts":1,"unsent":false})").fate == Fate::kRetry);
    BOOST_TEST(of_error(code, R"({"failure":"reset","attempts":1,"unsent":false})").retry_after_ms == 0);
  }
  BOOST_TEST(of_error(ErrorCode::kNETWORK, R"({"failure":"no_route","unsent":false})").fate == Fate::kRetry);
  BOOST_TEST(of_error(ErrorCode::kTIMEOUT, R"({"failure":"deadline","attempts":1})").fate == Fate::kRetry);
  BOOST_TEST(of_error(ErrorCode::kTIMEOUT, R"({"failure":"deadline","attempts":0})").fate == Fate::kPutBack);
}

BOOST_AUTO_TEST_CASE(a_request_that_can_not_be_made_is_dead) {
  BOOST_TEST(of_error(ErrorCode::kARG).fate == Fate::kDead);
  BOOST_TEST(of_error(ErrorCode::kARG).text == "why");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
