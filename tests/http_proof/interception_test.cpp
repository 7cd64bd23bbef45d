// Somebody in between who opens TLS, as a company's gateway or a curious user does, with a certificate of
// their own authority for the server's name: nghttpx, which ends the client's TLS and begins its own to the
// server. It stands for mitmproxy, whose 46 packages (130 MB) would prove the same: what the client decides
// depends on the certificate that it is shown, the authorities that it trusts and the keys that it has
// pinned.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "http_fixture.hpp"
#include "real_server.hpp"

namespace tessera::test {
namespace {

struct Between : HttpFixture {
  Between() : secure({own}), between([this](const Place& place) { return intercept(place); }) {
    secure.on("GET", "/", [](const Seen&) { return Answer(200, "secret"); });
  }

  std::vector<std::string> intercept(const Place& place) const {
    return {"/usr/sbin/nghttpx",
            "--conf=/dev/null",
            "--single-process",
            "--log-level=WARN",
            "--workers=1",
            "--insecure",
            "--frontend=127.0.0.1," + place.port_text(),
            "--backend=127.0.0.1," + std::to_string(secure.port()) + ";;tls",
            "--errorlog-file=" + (place / "log"),
            "--accesslog-file=/dev/null",
            "--pid-file=" + (place / "pid"),
            place.write("key.pem", shown.key),
            place.write("certificate.pem", shown.certificate)};
  }

  std::string through() const { return "https://" + between.address() + "/"; }
  /// Trusts that authority, and where there are pins, those keys only.
  Http open(const Authority& trusted, const std::vector<std::string>& pins = {}) const {
    const std::string file = folder / "ca.pem";
    std::ofstream(file) << trusted.certificate();
    nlohmann::json tls{{"ca_file", file}};
    for (const std::string& pin : pins) tls["pins"].push_back("sha256/" + pin);
    return open_http({{"tls", tls}});
  }
  /// Why it was refused.
  static std::string refusal(const Http& http, const std::string& url) {
    const tsr_http_request what = request(url);
    HttpResponse response;
    Failure failure;
    BOOST_TEST(tsr_http_send(http.get(), &what, response.out(), failure.out()) == TSR_E_UNTRUSTED);
    return nlohmann::json::parse(tsr_error_detail(failure.get())).value("failure", "");
  }

  const TempDir folder;
  const Authority authority, gateway_authority = Authority("gateway");
  const Identity own = authority.issue(), spare = authority.issue(), shown = gateway_authority.issue();
  Origin secure;
  const RealServer between;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(interception, Between)

BOOST_AUTO_TEST_CASE(who_does_not_trust_its_authority_sends_nothing) {
  BOOST_TEST(body_of(get(open(authority), secure.url("/"))) == "secret");
  BOOST_TEST(refusal(open(authority), through()) == "tls");
  BOOST_TEST(secure.seen().size() == 1U);
}

BOOST_AUTO_TEST_CASE(who_trusts_its_authority_goes_through) {
  BOOST_TEST(body_of(get(open(gateway_authority), through())) == "secret");
  BOOST_TEST(secure.wait_for(1).header("Via").find("nghttpx") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(who_pinned_the_servers_key_sends_nothing_although_the_authority_is_trusted) {
  BOOST_TEST(refusal(open(gateway_authority, {own.pin, spare.pin}), through()) == "pin");
  BOOST_TEST(secure.seen().empty());
}

BOOST_AUTO_TEST_CASE(who_pinned_its_key_goes_through) {
  BOOST_TEST(body_of(get(open(gateway_authority, {spare.pin, shown.pin}), through())) == "secret");
  BOOST_TEST(refusal(open(authority, {spare.pin, shown.pin}), through()) == "tls");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
