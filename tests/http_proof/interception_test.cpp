// Somebody in between who opens TLS, as a company's gateway or a curious user does: mitmproxy, an HTTP proxy
// that shows a certificate of its own authority for the server's name, and then speaks with the server
// itself.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "http_fixture.hpp"
#include "real_server.hpp"

namespace tessera::test {
namespace {

/// A server of HTTP/1.1 and one of HTTP/2, both behind the proxy and with the same key.
struct Between : HttpFixture {
  Between()
      : secure({own}),
        server2([this](const Place& place) { return http2(place); }),
        proxy([this](const Place& place) { return mitmdump(place); }) {
    std::ofstream(folder / "ca.pem") << authority.certificate();
    for (Origin* const server : {&secure, &origin})
      server->on("GET", "/", [](const Seen&) { return Answer(200, "secret"); });
  }

  /// In front of `origin`.
  std::vector<std::string> http2(const Place& place) const {
    return {"/usr/sbin/nghttpx",
            "--conf=/dev/null",
            "--single-process",
            "--log-level=WARN",
            "--workers=1",
            "--frontend=127.0.0.1," + place.port_text(),
            "--backend=127.0.0.1," + std::to_string(origin.port()),
            "--errorlog-file=" + (place / "log"),
            "--accesslog-file=/dev/null",
            "--pid-file=" + (place / "pid"),
            place.write("key.pem", own.key),
            place.write("certificate.pem", own.certificate)};
  }
  /// Makes its authority itself, and names itself in what it forwards: so it has seen that.
  std::vector<std::string> mitmdump(const Place& place) const {
    return {"/usr/bin/mitmdump",
            "--quiet",
            "--listen-host=127.0.0.1",
            "--listen-port=" + place.port_text(),
            "--set=confdir=" + (folder / "mitmproxy"),
            "--set=ssl_verify_upstream_trusted_ca=" + place.write("ca.pem", authority.certificate()),
            "--modify-headers=/~q/Via/1.1 mitmproxy"};
  }

  /// Trusts that authority, and where there are pins, those keys only.
  static nlohmann::json trust(const std::string& ca_file, const std::vector<std::string>& pins = {}) {
    nlohmann::json tls{{"ca_file", ca_file}};
    for (const std::string& pin : pins) tls["pins"].push_back("sha256/" + pin);
    return tls;
  }
  Http through_proxy(const nlohmann::json& tls) const {
    return open_http({{"tls", tls},
                      {"proxies", {{"urls", {"http://" + proxy.address()}}}},
                      {"retry", {{"max_attempts", 1}, {"max_other_routes", 0}}}});
  }
  std::string url1() const { return secure.url("/"); }
  std::string url2() const { return "https://" + server2.address() + "/"; }

  void must_pass(const nlohmann::json& tls) const {
    const Http http = through_proxy(tls);
    must_be_seen(get(http, url1()), 11, secure);
    must_be_seen(get(http, url2()), 20, origin);
  }
  static void must_be_seen(const HttpResponse& response, int32_t version, const Origin& server) {
    BOOST_TEST(tsr_http_response_version(response.get()) == version);
    BOOST_TEST(body_of(response) == "secret");
    BOOST_TEST(server.wait_for(1).header("Via").find("mitmproxy") != std::string::npos);
  }
  /// For that reason, and nothing reaches a server.
  void must_be_refused(const nlohmann::json& tls, std::string_view reason) const {
    const Http http = through_proxy(tls);
    for (const std::string& url : {url1(), url2()}) {
      const tsr_http_request what = request(url);
      HttpResponse response;
      Failure failure;
      BOOST_TEST(tsr_http_send(http.get(), &what, response.out(), failure.out()) == TSR_E_UNTRUSTED);
      BOOST_TEST(nlohmann::json::parse(tsr_error_detail(failure.get())).value("failure", "") == reason);
    }
    BOOST_TEST(secure.seen().empty());
    BOOST_TEST(origin.seen().empty());
  }
  void must_pass_directly(const nlohmann::json& tls) const {
    const Http http = open_http({{"tls", tls}});
    BOOST_TEST(body_of(get(http, url1())) == "secret");
    BOOST_TEST(body_of(get(http, url2())) == "secret");
  }
  /// mitmproxy's certificates have all the key of its authority.
  std::string proxy_pin() const {
    std::ostringstream pem;
    pem << std::ifstream(proxy_ca).rdbuf();
    return pin_of(pem.str());
  }

  const TempDir folder;
  const std::string own_ca = folder / "ca.pem", proxy_ca = folder / "mitmproxy/mitmproxy-ca-cert.pem";
  const Authority authority;
  const Identity own = authority.issue(), spare = authority.issue();
  Origin secure;
  const RealServer server2, proxy;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(interception, Between)

BOOST_AUTO_TEST_CASE(who_does_not_trust_its_authority_sends_nothing) {
  must_be_refused(trust(own_ca), "tls");
  must_pass_directly(trust(own_ca));
}

BOOST_AUTO_TEST_CASE(who_trusts_its_authority_goes_through_and_is_seen) { must_pass(trust(proxy_ca)); }

BOOST_AUTO_TEST_CASE(who_pinned_the_servers_key_sends_nothing_although_the_authority_is_trusted) {
  const std::vector<std::string> pins = {own.pin, spare.pin};
  must_be_refused(trust(proxy_ca, pins), "pin");
  must_pass_directly(trust(own_ca, pins));
}

BOOST_AUTO_TEST_CASE(who_pinned_its_key_goes_through_if_the_authority_is_trusted_too) {
  const std::vector<std::string> pins = {spare.pin, proxy_pin()};
  must_be_refused(trust(own_ca, pins), "tls");
  must_pass(trust(proxy_ca, pins));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
