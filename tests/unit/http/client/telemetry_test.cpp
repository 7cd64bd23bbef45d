// What names a call: the fields that every request has, and the line of the log.
#include <functional>
#include <set>

#include "base/log.hpp"
#include "client_fixture.hpp"
#include "http/fields/trace_context.hpp"
#include "text/json.hpp"

namespace tessera::http {

using test::Answer;
using test::Origin;
using test::Seen;

namespace {

struct TelemetryFixture : ClientFixture {
  TelemetryFixture() {
    origin.on("GET", "/", [](const Seen& seen) { return Answer(seen.number == 1 ? 503 : 200); });
  }
  Origin origin;
};

constexpr const char* kTraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(telemetry, TelemetryFixture)

BOOST_AUTO_TEST_CASE(requests_name_this_software_and_the_application) {
  BOOST_TEST(get(origin.url())->status == 200);
  BOOST_TEST(origin.wait_for(1).header("user-agent").starts_with("tessera/"));
  ClientFixture named;
  named.config.user_agent = "app/2.1";
  BOOST_TEST(named.get(origin.url())->status == 200);
  BOOST_TEST(origin.wait_for(3).header("user-agent").starts_with("app/2.1 tessera/"));
  ClientFixture wrong;
  wrong.config.user_agent = "app\r\nX: y";
  ClientPorts ports;
  ports.clock = &clock;
  ports.random = &system_random();
  BOOST_TEST(Client::open(wrong.config, ports).error().code == ErrorCode::kARG);
}

BOOST_AUTO_TEST_CASE(a_call_keeps_its_number_in_every_attempt) {
  config.request_id_field = "X-Request-Id";
  BOOST_TEST(get(origin.url())->status == 200);
  BOOST_TEST(get(origin.url())->status == 200);
  const std::string first = origin.wait_for(1).header("x-request-id");
  BOOST_TEST(first.size() == 36U);
  BOOST_TEST(origin.wait_for(2).header("x-request-id") == first);
  BOOST_TEST(origin.wait_for(3).header("x-request-id") != first);
  Request request;
  request.url = origin.url();
  request.headers.add("X-Request-Id", "mine");
  BOOST_TEST(perform(request)->status == 200);
  BOOST_TEST(origin.wait_for(4).header("x-request-id") == "mine");
}

BOOST_AUTO_TEST_CASE(the_trace_context_goes_through_as_it_came) {
  Request request;
  request.url = origin.url();
  request.headers = {{"traceparent", kTraceParent}, {"tracestate", "a=1,b=2"}};
  BOOST_TEST(perform(request)->status == 200);
  for (size_t i = 1; i <= 2; ++i) {
    BOOST_TEST(origin.wait_for(i).header("traceparent") == kTraceParent);
    BOOST_TEST(origin.wait_for(i).header("tracestate") == "a=1,b=2");
  }
}

BOOST_AUTO_TEST_CASE(each_attempt_is_a_span_of_the_trace_when_configured) {
  config.makes_spans = true;
  Request request;
  request.url = origin.url();
  request.headers = {{"traceparent", kTraceParent}, {"tracestate", "a=1"}};
  BOOST_TEST(perform(request)->status == 200);
  const TraceParent given = parse_traceparent(kTraceParent).value();
  std::set<std::array<uint8_t, 8>> spans{given.parent_id};
  for (size_t i = 1; i <= 2; ++i) {
    const Seen seen = origin.wait_for(i);
    const auto sent = parse_traceparent(seen.header("traceparent"));
    BOOST_REQUIRE(sent.has_value());
    BOOST_CHECK(sent->trace_id == given.trace_id);
    BOOST_TEST(sent->is_sampled());
    BOOST_TEST(spans.insert(sent->parent_id).second);
    BOOST_TEST(seen.header("tracestate") == "a=1");
  }
  // Without one, or with one that is none, a new trace begins.
  request.headers = {{"traceparent", "00-x"}, {"tracestate", "a=1"}};
  BOOST_TEST(perform(request)->status == 200);
  const Seen seen = origin.wait_for(3);
  const auto sent = parse_traceparent(seen.header("traceparent"));
  BOOST_REQUIRE(sent.has_value());
  BOOST_CHECK(sent->trace_id != given.trace_id);
  BOOST_TEST(seen.count("tracestate") == 0U);
}

BOOST_AUTO_TEST_CASE(a_call_is_one_line_of_the_log_without_secrets) {
  Logger logger;
  std::mutex mutex;
  std::vector<std::string> lines;
  logger.attach(LogLevel::kDebug, [&](const LogRecord& record) {
    const std::scoped_lock lock(mutex);
    lines.push_back(std::string(record.event) + ' ' + std::string(record.message) + ' ' + record.fields_json);
  });
  ClientPorts ports;
  ports.clock = &clock;
  ports.random = &system_random();
  ports.logger = &logger;
  RouteConfig& route = config.policies.routes.emplace_back();
  route.match = "GET /";
  route.name = "root";
  const auto logged = Client::open(config, ports).value();
  Request request;
  request.url = origin.url("/?token=abcdef0123456789");
  request.headers.add("Authorization", "Bearer qwertzuiop");
  BOOST_TEST(logged->perform(request)->status == 200);
  request.url = "https://127.0.0.1:1/private?token=abcdef0123456789";
  request.max_attempts = 1;
  BOOST_TEST(logged->perform(request).error().code == ErrorCode::kNETWORK);
  BOOST_TEST(logged->close(1'000).ok());
  BOOST_REQUIRE(lines.size() == 2U);
  for (const char* part : {"call GET 127.0.0.1 ", "\"method\":\"GET\"", "\"host\":\"127.0.0.1\"",
                           "\"path\":\"/\"", "\"status\":\"200\"", "\"attempts\":\"2\"",
                           "\"duration_us\":", "\"outcome\":\"2xx\"", "\"route\":\"root\""}) {
    BOOST_TEST(lines[0].find(part) != std::string::npos, part << " in " << lines[0]);
  }
  for (const char* part : {"call_failed ", "\"path\":\"/private\"", "\"status\":\"0\"",
                           "\"outcome\":\"network\"", "\"route\":\"other\""}) {
    BOOST_TEST(lines[1].find(part) != std::string::npos, part << " in " << lines[1]);
  }
  for (const std::string& line : lines) {
    BOOST_TEST(line.find("abcdef") == std::string::npos);
    BOOST_TEST(line.find("qwertz") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_problem_is_read_from_an_answer) {
  origin.on("GET", "/", [](const Seen&) {
    return Answer(422, "{\"title\":\"No credit\",\"balance\":30}",
                  {{"Content-Type", "application/problem+json"}});
  });
  const Response response = get(origin.url()).value();
  BOOST_TEST(response.status == 422);
  BOOST_TEST(problem_of(response)->title == "No credit");
  BOOST_TEST(problem_of(response)->extensions_json == "{\"balance\":30}");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
