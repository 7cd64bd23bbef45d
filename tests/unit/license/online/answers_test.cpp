// What a service may answer, and what none of its answers can do.
#include <boost/test/data/test_case.hpp>

#include "online_fixture.hpp"

namespace tessera {
namespace {

using namespace license_test;
using Call = ScriptedTransport::Call;

Result<ServiceAnswer> answered(int status, std::string body = {}) {
  return ServiceAnswer{status, std::move(body), std::nullopt};
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(online_answers, OnlineMachine)

BOOST_AUTO_TEST_CASE(an_activation_brings_a_licence) {
  open();
  serve({{"sku", "pro"}, {"license_id", "L1"}, {"days", 30}});
  const auto verdict = require(online->activate({{}, "desk 4", {}}));
  BOOST_TEST(verdict->code == Code::kOK);
  BOOST_TEST(verdict->license_id == "L1");
  BOOST_TEST(check() == Code::kOK);
  const Call call = transport.calls().at(0);
  BOOST_TEST(call.method == "POST");
  BOOST_TEST(call.path == "/activate");
  BOOST_TEST(call.body.find(call.nonce) == std::string::npos);  // inside the signed part only
  BOOST_TEST(!call.nonce.empty());
  open();
  BOOST_TEST(check() == Code::kOK);  // it was stored
}

BOOST_AUTO_TEST_CASE(an_account_token_goes_along_and_nowhere_else) {
  open();
  serve({{"sku", "pro"}, {"days", 30}});
  require(online->activate({.license_key = {}, .note = {}, .account_token = as_bytes("s3cret")}));
  BOOST_TEST(transport.calls().at(0).token == "s3cret");
  BOOST_TEST(transport.calls().at(0).body.find("s3cret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_mistyped_key_asks_nobody) {
  open();
  BOOST_TEST(code_of(online->activate({"AAAAA-BBBBB", {}, {}})) == Code::kLICENSE_KEY_INVALID);
  BOOST_TEST(transport.calls().empty());
}

BOOST_AUTO_TEST_CASE(no_answer_but_a_signed_one_to_this_request_changes_anything) {
  activate(synced_spec());
  const std::string first = transport.calls().at(0).body;
  Installation other(9);
  const std::string foreign = other.request();
  Vendor impostor(truth, 7);
  const std::string lists = keys + "\n";
  const Json wide{{"sku", "max"}, {"license_id", "L1"}, {"days", 3650}};
  struct Row {
    const char* what;
    std::function<std::string(const Call&)> body;
    Code code;
  };
  const std::vector<Row> rows{
      {"nothing", [](const Call&) { return std::string(); }, Code::kRESPONSE_UNSIGNED},
      {"a page", [](const Call&) { return std::string("<html>sign in</html>"); }, Code::kRESPONSE_UNSIGNED},
      {"json", [](const Call&) { return std::string(R"({"licensed":true})"); }, Code::kRESPONSE_UNSIGNED},
      {"zeros", [](const Call&) { return std::string(5000, '\0'); }, Code::kRESPONSE_UNSIGNED},
      {"lists only", [&](const Call&) { return lists; }, Code::kRESPONSE_UNSIGNED},
      {"no signature",
       [&](const Call& call) {
         const std::string token = vendor.license(call.body, wide);
         return lists + token.substr(0, token.rfind('.') + 1);
       },
       Code::kSIGNATURE_INVALID},
      {"an impostor's", [&](const Call& call) { return lists + impostor.license(call.body, wide); },
       Code::kKEY_UNKNOWN},
      {"the answer to an earlier request", [&](const Call&) { return lists + vendor.license(first, wide); },
       Code::kREQ_NONCE_MISMATCH},
      {"another device's", [&](const Call&) { return lists + vendor.license(foreign, wide); },
       Code::kREQ_NONCE_MISMATCH},
      {"nobody's", [&](const Call&) { return lists + vendor.license("", wide); }, Code::kREQ_NONCE_MISMATCH},
      {"a good time with nobody's licence",
       [&](const Call& call) { return lists + vendor.time(call.body) + "\n" + vendor.license("", wide); },
       Code::kREQ_NONCE_MISMATCH},
      {"an open request's time",
       [&](const Call&) { return lists + vendor.time(require(service->request({}))); },
       Code::kREQ_NONCE_MISMATCH},
      {"a trial", [&](const Call&) { return lists + vendor.trial({{"days", 9}, {"sku", "pro"}}); },
       Code::kTOKEN_TYPE},
      {"its own request", [](const Call& call) { return call.body; }, Code::kKEY_UNKNOWN},
      {"too many lines",
       [&](const Call& call) {
         std::string out;
         for (int i = 0; i < 40; ++i) out += vendor.time(call.body) + "\n";
         return out;
       },
       Code::kTOKEN_TOO_LARGE},
      {"a lower key set", [&](const Call& call) { return vendor.key_set(1) + "\n" + vendor.time(call.body); },
       Code::kKEYSET_ROLLBACK},
  };
  // A newer key set, so that a lower one is one.
  transport.script = [&](const Call& call) {
    return Result(good(vendor.key_set(2) + "\n" + vendor.time(call.body)));
  };
  require(online->sync());
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.what) {
      transport.script = [&](const Call& call) -> Result<ServiceAnswer> {
        std::string body = row.body(call);
        if (body.starts_with(lists)) body = vendor.key_set(2) + "\n" + body.substr(lists.size());
        if (row.code == Code::kKEYSET_ROLLBACK) body = vendor.key_set(1) + "\n" + vendor.time(call.body);
        return good(body);
      };
      BOOST_TEST(code_of(online->sync()) == row.code);
      const Verdict after = verdict();
      BOOST_TEST(after.code == Code::kOK);  // at most a reason that warns
      BOOST_TEST(after.sku == "pro");
    }
  }
  open();
  BOOST_TEST(verdict().sku == "pro");
  BOOST_TEST(check() == Code::kOK);
}

BOOST_AUTO_TEST_CASE(an_answer_is_taken_once) {
  activate(synced_spec());
  std::string kept;
  transport.script = [&](const Call& call) {
    kept = vendor.key_set() + "\n" + vendor.time(call.body);
    return Result(good(kept));
  };
  require(online->sync());
  transport.script = [&](const Call&) { return Result(good(kept)); };
  BOOST_TEST(code_of(online->sync()) == Code::kREQ_NONCE_MISMATCH);
  BOOST_TEST(code_of(service->import_bundle(kept)) == Code::kREQ_NONCE_MISMATCH);
}

BOOST_AUTO_TEST_CASE(each_call_takes_only_what_it_asked_for) {
  activate({{"sku", "pro"}, {"license_id", "L1"}, {"kind", "floating"}, {"days", 30}});
  BOOST_TEST(check() == Code::kLEASE_EXPIRED);
  transport.script = [&](const Call& call) {
    return Result(good(vendor.key_set() + "\n" + vendor.license(call.body, {{"sku", "max"}, {"days", 99}})));
  };
  BOOST_TEST(code_of(online->heartbeat()) == Code::kTOKEN_TYPE);
  BOOST_TEST(code_of(online->confirm_clock()) == Code::kTOKEN_TYPE);
  BOOST_TEST(code_of(online->fetch_lists()) == Code::kTOKEN_TYPE);
  BOOST_TEST(verdict().sku == "pro");
  transport.script = [&](const Call& call) { return Result(good(vendor.time(call.body))); };
  BOOST_TEST(code_of(online->renew()) == Code::kRESPONSE_UNSIGNED);
}

BOOST_AUTO_TEST_CASE(a_lease_lets_a_floating_licence_run) {
  activate({{"sku", "pro"}, {"license_id", "L1"}, {"kind", "floating"}, {"days", 30}});
  BOOST_TEST(require(online->heartbeat())->code == Code::kOK);
  pass(2 * kHourMs);
  BOOST_TEST(check() == Code::kLEASE_EXPIRED);
  BOOST_TEST(require(online->heartbeat())->code == Code::kOK);
}

BOOST_AUTO_TEST_CASE(a_revocation_comes_signed) {
  activate(synced_spec());
  transport.script = [&](const Call& call) {
    return Result(good(vendor.key_set() + "\n" + vendor.crl({{"seq", 1}, {"revoked", {"L1"}}}) + "\n" +
                       vendor.time(call.body)));
  };
  BOOST_TEST(require(online->sync())->code == Code::kREVOKED);
  BOOST_TEST(check() == Code::kREVOKED);
}

BOOST_AUTO_TEST_CASE(refusals_warn_and_take_nothing) {
  activate(synced_spec());
  struct Row {
    int status;
    std::string body;
    ErrorCode error;
    Code code;
  };
  const std::string named = R"({"type":"about:blank","code":"SUSPENDED","detail":"pay"})";
  for (const auto& [status, body, error, code] :
       {Row{402, "", ErrorCode::kLICENSE, Code::kEXPIRED},
        Row{402, named, ErrorCode::kLICENSE, Code::kSUSPENDED},
        Row{429, named, ErrorCode::kUNAVAILABLE, Code::kRATE_LIMITED},
        Row{500, named, ErrorCode::kUNAVAILABLE, Code::kSERVER_ERROR},
        Row{503, "", ErrorCode::kUNAVAILABLE, Code::kSERVER_ERROR},
        Row{404, R"({"code":"OK"})", ErrorCode::kLICENSE, Code::kACTIVATION_NOT_FOUND},
        Row{404, R"({"code":"STORE_CORRUPT"})", ErrorCode::kLICENSE, Code::kACTIVATION_NOT_FOUND},
        Row{409, "[[[[[[[[[[[[[[[[", ErrorCode::kLICENSE, Code::kSEAT_LIMIT},
        Row{401, "", ErrorCode::kLICENSE, Code::kAUTH_REQUIRED},
        Row{418, "", ErrorCode::kLICENSE, Code::kSERVER_REJECTED},
        Row{302, "", ErrorCode::kLICENSE, Code::kSERVER_REJECTED},
        Row{204, "", ErrorCode::kLICENSE, Code::kRESPONSE_UNSIGNED}}) {
    BOOST_TEST_CONTEXT(status << " " << body) {
      transport.script = [&](const Call&) { return answered(status, body); };
      const auto result = online->sync();
      BOOST_REQUIRE(!result.ok());
      BOOST_TEST(result.error().code == error);
      BOOST_TEST(license_code_of(result.error()) == code);
      const Verdict told = verdict();
      BOOST_TEST(told.usable());
      BOOST_TEST(told.code == Code::kOK);
      BOOST_REQUIRE_EQUAL(told.reasons.size(), 1);
      BOOST_TEST(told.reasons.front().code == code);
      BOOST_TEST(!told.reasons.front().denies);
    }
  }
  serve(synced_spec());
  BOOST_TEST(require(online->sync())->reasons.empty());  // an answer ends the warning
}

BOOST_AUTO_TEST_CASE(a_refused_activation_says_nothing_of_the_licence_that_is_installed) {
  activate(synced_spec());
  transport.script = [&](const Call&) { return answered(404, R"({"code":"LICENSE_KEY_INVALID"})"); };
  BOOST_TEST(code_of(online->activate({})) == Code::kLICENSE_KEY_INVALID);
  BOOST_TEST(verdict().reasons.empty());
}

BOOST_AUTO_TEST_CASE(retry_after_reaches_the_caller) {
  activate(synced_spec());
  transport.script = [](const Call&) -> Result<ServiceAnswer> { return ServiceAnswer{429, {}, 90'000}; };
  const auto result = online->sync();
  BOOST_REQUIRE(!result.ok());
  BOOST_TEST(result.error().detail_json.find("\"retry_after_ms\":90000") != std::string::npos);
  BOOST_TEST(error_retryable(result.error().code));
}

BOOST_AUTO_TEST_CASE(without_a_network_a_licence_runs_to_the_end_of_its_grace) {
  activate(synced_spec());
  transport.script = [](const Call&) -> Result<ServiceAnswer> {
    return Error{ErrorCode::kNETWORK, "http", "POST x: no route; connect", R"({"failure":"connect"})"};
  };
  const auto result = online->sync();
  BOOST_REQUIRE(!result.ok());
  BOOST_TEST(result.error().code == ErrorCode::kNETWORK);
  BOOST_TEST(license_code_of(result.error()) == Code::kNET_OFFLINE);
  BOOST_TEST(verdict().reasons.empty());  // it does not matter yet
  pass(25 * kHourMs);
  BOOST_TEST(check() == Code::kWARN_SYNC_DUE);
  BOOST_TEST(has_reason(verdict(), Code::kNET_OFFLINE));
  pass(22 * kHourMs);
  BOOST_TEST(verdict().usable());
  pass(2 * kHourMs);
  BOOST_TEST(check() == Code::kSYNC_GRACE_OVER);
  serve(synced_spec());
  BOOST_TEST(require(online->sync())->code == Code::kOK);
}

BOOST_AUTO_TEST_CASE(failures_of_the_network_have_their_codes) {
  activate(synced_spec());
  struct Row {
    Error error;
    Code code;
  };
  for (const auto& [error, code] :
       {Row{{ErrorCode::kTIMEOUT, "http", "late", {}}, Code::kNET_TIMEOUT},
        Row{{ErrorCode::kUNTRUSTED, "http", "bad", {}}, Code::kNET_TLS},
        Row{{ErrorCode::kNETWORK, "http", "no", R"({"failure":"proxy"})"}, Code::kNET_PROXY},
        Row{{ErrorCode::kPROTOCOL, "http", "bad", {}}, Code::kSERVER_ERROR},
        Row{{ErrorCode::kLIMIT, "http", "big", {}}, Code::kTOKEN_TOO_LARGE}}) {
    transport.script = [&](const Call&) -> Result<ServiceAnswer> { return error; };
    const auto result = online->sync();
    BOOST_REQUIRE(!result.ok());
    BOOST_TEST(license_code_of(result.error()) == code);
    BOOST_TEST(verdict().usable());
  }
  transport.script = [](const Call&) -> Result<ServiceAnswer> {
    return Error{ErrorCode::kCANCELLED, "http", "cancelled", {}};
  };
  BOOST_TEST(error_of(online->sync()) == ErrorCode::kCANCELLED);
}

BOOST_AUTO_TEST_CASE(a_deactivation_holds_without_the_service_and_is_told_again) {
  activate(synced_spec());
  transport.script = [](const Call&) -> Result<ServiceAnswer> {
    return Error{ErrorCode::kNETWORK, "http", "no", {}};
  };
  BOOST_TEST(error_of(online->deactivate()) == ErrorCode::kNETWORK);
  BOOST_TEST(check() == Code::kDEACTIVATED);
  const std::string proof = transport.calls().back().body.substr(0, transport.calls().back().body.find('\n'));
  serve(synced_spec());
  BOOST_TEST(require(online->deactivate())->code == Code::kDEACTIVATED);
  BOOST_TEST(transport.calls().back().body.starts_with(proof));
  BOOST_TEST(require(vendor.issuer().read_deactivation(proof)).find("\"L1\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_signed_time_takes_back_what_a_clock_that_ran_ahead_made_believe) {
  activate(synced_spec());
  clock.pass(20 * kDayMs);
  require(service->refresh());
  clock.wall -= 20 * kDayMs;
  BOOST_TEST(require(service->refresh())->code == Code::kSYNC_GRACE_OVER);
  BOOST_TEST(require(online->confirm_clock())->code == Code::kOK);
}

BOOST_AUTO_TEST_CASE(nothing_is_confirmed_where_nothing_is_installed) {
  open();
  for (const auto call : {&OnlineLicense::sync, &OnlineLicense::renew, &OnlineLicense::heartbeat}) {
    BOOST_TEST(code_of((online.get()->*call)()) == Code::kNO_LICENSE);
  }
  BOOST_TEST(transport.calls().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
