// HTTP/2 as others speak it: nginx and nghttpx, each in front of the test's own server, which knows how many
// requests are under way at once.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "http_fixture.hpp"
#include "real_server.hpp"

namespace tessera::test {
namespace {

constexpr size_t kStreams = 64;
constexpr uint32_t kLongMs = 240'000;  // for what does happen

struct Http2Fixture : HttpFixture {
  Http2Fixture() : identity(authority.issue()) {
    std::ofstream(folder / "ca.pem") << authority.certificate();
    origin.on("GET", "/hello", [](const Seen&) { return Answer(200); });
    // Nobody is answered before all are here.
    origin.on("GET", "/meet", [this](const Seen& seen) {
      return Answer().wait(all_here).respond(200, seen.header("X-Connection"));
    });
  }

  Http open() const {
    return open_http({{"tls", {{"ca_file", folder / "ca.pem"}}},
                      {"timeouts", {{"connect_ms", kLongMs}, {"stall_ms", kLongMs}}}});
  }
  /// The body of each response.
  std::vector<std::string> meet(const RealServer& server) const {
    const Http http = open();
    // More requests than connections begin once an answer has told that this is HTTP/2.
    BOOST_TEST(tsr_http_response_version(get(http, "https://" + server.address() + "/hello").get()) == 20);
    const std::string url = "https://" + server.address() + "/meet";
    tsr_http_request what = request(url);
    what.total_ms = what.attempt_ms = kLongMs;
    std::vector<Operation> ops(kStreams);
    for (Operation& op : ops) {
      Failure failure;
      require_ok(tsr_http_send_async(http.get(), &what, nullptr, nullptr, nullptr, op.out(), failure.out()),
                 failure);
    }
    static_cast<void>(origin.wait_for(1 + kStreams));
    all_here.open();
    std::vector<std::string> bodies;
    for (const Operation& op : ops) {
      HttpResponse response;
      Failure failure;
      BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
      require_ok(tsr_op_http_response(op.get(), response.out(), failure.out()), failure);
      BOOST_TEST(tsr_http_response_version(response.get()) == 20);
      BOOST_TEST(tsr_http_response_status(response.get()) == 200);
      bodies.push_back(body_of(response));
    }
    return bodies;
  }

  const TempDir folder;
  const Authority authority;
  const Identity identity;
  const Gate all_here;
};

/// Tells the server behind it the number of the client's connection.
std::vector<std::string> nginx(const Place& place, const Identity& identity, const Origin& behind) {
  std::string temporary;
  for (const std::string kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    temporary += kind + "_temp_path " + (place / kind) + ";\n";
  // One process: it has no children that could outlive it.
  const std::string config = place.write("nginx.conf", R"(daemon off;
master_process off;
pid )" + (place / "pid") + R"(;
error_log )" + (place / "log") + R"(;
events { worker_connections 512; }
http {
access_log off;
)" + temporary + R"(
server {
  listen 127.0.0.1:)" + place.port_text() + R"( ssl http2;
  ssl_protocols TLSv1.3;
  ssl_certificate )" + place.write("certificate.pem", identity.certificate) +
                                                           R"(;
  ssl_certificate_key )" + place.write("key.pem", identity.key) +
                                                           R"(;
  gzip on;
  gzip_types text/plain;
  location = /long {
    default_type text/plain;
    return 200 ")" + std::string(4000, 'x') + R"(";
  }
  location / {
    proxy_pass )" + behind.url() + R"(;
    proxy_set_header X-Connection $connection;
    proxy_read_timeout 600s;
  }
}
}
)");
  return {"/usr/sbin/nginx", "-p", place.folder, "-e", place / "log", "-c", config};
}

std::vector<std::string> nghttpx(const Place& place, const Identity& identity, const Origin& behind) {
  return {"/usr/sbin/nghttpx",
          "--conf=/dev/null",
          "--single-process",
          "--log-level=WARN",
          "--workers=1",
          "--frontend=127.0.0.1," + place.port_text(),
          "--backend=127.0.0.1," + std::to_string(behind.port()),
          "--backend-connections-per-host=128",
          "--backend-read-timeout=600",
          "--errorlog-file=" + (place / "log"),
          "--accesslog-file=/dev/null",
          "--pid-file=" + (place / "pid"),
          place.write("key.pem", identity.key),
          place.write("certificate.pem", identity.certificate)};
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http2, Http2Fixture)

BOOST_AUTO_TEST_CASE(nginx_has_64_streams_on_one_connection) {
  const RealServer server([&](const Place& place) { return nginx(place, identity, origin); });
  const std::vector<std::string> connections = meet(server);
  BOOST_TEST(connections.size() == kStreams);
  BOOST_TEST(!connections.front().empty());
  BOOST_TEST(std::set<std::string>(connections.begin(), connections.end()).size() == 1U);
}

BOOST_AUTO_TEST_CASE(nghttpx_has_64_streams) {
  const RealServer server([&](const Place& place) { return nghttpx(place, identity, origin); });
  BOOST_TEST(meet(server).size() == kStreams);
}

BOOST_AUTO_TEST_CASE(nginx_compresses) {
  const RealServer server([&](const Place& place) { return nginx(place, identity, origin); });
  const Http http = open();
  const HttpResponse response = get(http, "https://" + server.address() + "/long");
  BOOST_TEST(body_of(response) == std::string(4000, 'x'));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
