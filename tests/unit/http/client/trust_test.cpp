#include "client_fixture.hpp"
#include "fault_proxy.hpp"

namespace tessera::http {

using test::Answer;
using test::Authority;
using test::Identity;
using test::Leaf;
using test::Origin;
using test::OriginTls;
using test::Seen;

namespace {

struct TrustFixture : ClientFixture {
  TrustFixture() { config.policies.retry.max_attempts = 1; }
  std::shared_ptr<TlsSettings> trusting(const Authority& by) {
    auto settings = std::make_shared<TlsSettings>();
    settings->ca_pem = to_bytes(by.certificate());
    return settings;
  }
  Result<Response> ask(const OriginTls& tls, std::shared_ptr<TlsSettings> settings) {
    Origin origin(tls);
    origin.on("GET", "/", [](const Seen& seen) { return Answer(200, "for " + seen.client); });
    ClientFixture own;
    own.config.policies.retry.max_attempts = 1;
    own.config.tls = std::move(settings);
    return own.get(origin.url("/"));
  }
  ErrorCode refuses(const OriginTls& tls, std::shared_ptr<TlsSettings> settings) {
    const Result<Response> response = ask(tls, std::move(settings));
    BOOST_REQUIRE(!response.ok());
    return response.error().code;
  }
  const Authority authority;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(trust, TrustFixture)

BOOST_AUTO_TEST_CASE(a_known_authority_is_trusted_and_no_other) {
  BOOST_TEST(text_of(ask({authority.issue()}, trusting(authority)).value()) == "for ");
  BOOST_TEST(refuses({authority.issue()}, nullptr) == kUntrusted);
  BOOST_TEST(refuses({authority.issue()}, trusting(Authority("another"))) == kUntrusted);
  BOOST_TEST(refuses({test::self_signed()}, trusting(authority)) == kUntrusted);
}

BOOST_AUTO_TEST_CASE(certificates_hold_for_their_time_and_host) {
  using std::chrono::hours;
  BOOST_TEST(refuses({authority.issue({.until = hours(-1)})}, trusting(authority)) == kUntrusted);
  BOOST_TEST(refuses({authority.issue({.from = hours(1)})}, trusting(authority)) == kUntrusted);
  BOOST_TEST(refuses({authority.issue({.hosts = {"example.com"}})}, trusting(authority)) == kUntrusted);
}

BOOST_AUTO_TEST_CASE(tls_1_2_is_for_hosts_that_are_named) {
  const OriginTls old{authority.issue(), test::TlsVersions::kOnly12};
  BOOST_TEST(refuses(old, trusting(authority)) == kUntrusted);
  const auto settings = trusting(authority);
  settings->least = TlsVersion::k12;
  BOOST_TEST(ask(old, settings)->status == 200);
}

BOOST_AUTO_TEST_CASE(one_pinned_key_must_fit) {
  const Identity identity = authority.issue();
  const auto settings = trusting(authority);
  settings->pins = "sha256//" + authority.issue().pin + ";sha256//" + identity.pin;
  BOOST_TEST(ask({identity}, settings)->status == 200);
  const auto others = trusting(authority);
  others->pins = "sha256//" + authority.issue().pin + ";sha256//" + authority.issue().pin;
  const Result<Response> refused = ask({identity}, others);
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST(refused.error().code == kUntrusted);
  BOOST_TEST(refused.error().detail_json.find("\"failure\":\"pin\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_client_shows_its_certificate) {
  const OriginTls strict{authority.issue(), test::TlsVersions::kBoth, authority.certificate()};
  BOOST_TEST(refuses(strict, trusting(authority)) != ErrorCode::kINTERNAL);
  const Identity mine = authority.issue({.name = "machine-7"});
  const auto settings = trusting(authority);
  settings->certificate_pem = to_bytes(mine.certificate);
  settings->private_key_pem = SecretBytes(as_bytes(mine.key));
  BOOST_TEST(text_of(ask(strict, settings).value()) == "for machine-7");
}

BOOST_AUTO_TEST_CASE(trust_is_chosen_by_host_and_an_identity_failure_is_not_repeated) {
  Origin origin({authority.issue()});
  origin.on("GET", "/", [](const Seen&) { return Answer(200); });
  config.policies.retry.max_attempts = 3;
  config.trusts = {{"localhost", trusting(authority)}};
  BOOST_TEST(get(origin.url("/", "localhost"))->status == 200);
  BOOST_TEST(origin.failed_handshakes() == 0);
  BOOST_TEST(code_of(origin.url("/")) == kUntrusted);
  BOOST_TEST(origin.connections() == 2);
}

BOOST_AUTO_TEST_CASE(no_redirect_leads_from_https_to_http) {
  Origin plain;
  Origin origin({authority.issue()});
  origin.on("GET", "/", [&](const Seen&) { return Answer::redirect(plain.url("/")); });
  config.tls = trusting(authority);
  BOOST_TEST(code_of(origin.url("/")) == kUntrusted);
  BOOST_TEST(plain.seen().empty());
}

BOOST_AUTO_TEST_CASE(garbage_instead_of_tls) {
  Origin origin({authority.issue()});
  test::FaultProxy proxy(origin.port());
  proxy.set_door(test::Door::kGarbage);
  config.tls = trusting(authority);
  BOOST_TEST(code_of("https://127.0.0.1:" + std::to_string(proxy.port()) + "/") == kUntrusted);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
