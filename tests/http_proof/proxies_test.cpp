// Through proxies by others: Squid for HTTP, with a user and a password, and Dante for SOCKS.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <string>
#include <string_view>

#include "http_fixture.hpp"
#include "real_server.hpp"

namespace tessera::test {
namespace {

constexpr std::string_view kPassword = "open: sesame";

/// It refuses to be root, and gives its folder to another user instead.
std::string squid_user(const Place& place) {
  if (geteuid() != 0) return own_name();
  constexpr const char* kUser = "proxy";
  const passwd* const entry = getpwnam(kUser);
  if (entry == nullptr || chown(place.folder.c_str(), entry->pw_uid, entry->pw_gid) != 0)
    throw std::runtime_error("the folder cannot be given to the user proxy");
  return kUser;
}

/// Knows ana, and forwards to anything on loopback.
std::vector<std::string> squid(const Place& place) {
  // It asks with a space of a name or a password percent-encoded.
  const std::string checker = place.write("checker", R"(while read -r given; do
  case $given in "ana open:%20sesame") echo OK ;; *) echo ERR ;; esac
done
)");
  const std::string config = place.write("squid.conf", R"(http_port 127.0.0.1:)" + place.port_text() + R"(
auth_param basic program /bin/sh )" + checker + R"(
auth_param basic children 1 startup=1 idle=1
auth_param basic realm tests
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
cache deny all
cache_effective_user )" + squid_user(place) + R"(
access_log stdio:)" + (place / "log") + R"(
cache_log )" + (place / "cache.log") + R"(
coredump_dir )" + place.folder + R"(
pid_filename none
pinger_enable off
netdb_filename none
visible_hostname proxy.example
shutdown_lifetime 0 seconds
)");
  return {"/usr/sbin/squid", "-N", "-n", "tessera" + place.port_text(), "-f", config};
}

std::vector<std::string> dante(const Place& place) {
  const std::string config = place.write("danted.conf", "debug: 1\nlogoutput: " + (place / "log") + R"(
internal: 127.0.0.1 port = )" + place.port_text() + R"(
external: 127.0.0.1
user.privileged: )" + own_name() + R"(
user.unprivileged: )" + own_name() + R"(
clientmethod: none
socksmethod: none
client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 log: connect }
)");
  return {"/usr/sbin/danted", "-f", config, "-p", place / "pid"};
}

struct ProxyFixture : HttpFixture {
  ProxyFixture() : secure({authority.issue()}) {
    for (Origin* const server : {&origin, &secure})
      server->on("GET", "/where", [](const Seen&) { return Answer(200, "there"); });
    std::ofstream(folder / "ca.pem") << authority.certificate();
  }

  /// Tries once; `password` is for ana.
  Http open(const std::string& scheme, const RealServer& proxy, std::string_view password = {}) const {
    const std::string json =
        nlohmann::json{
            {"proxies", {{"urls", {scheme + "://" + proxy.address()}}}},
            {"tls", {{"ca_file", folder / "ca.pem"}}},
            {"retry", {{"max_attempts", 1}, {"max_other_routes", 0}}},
        }
            .dump();
    const std::string name = "proxy:" + proxy.address();
    const std::string credential = "ana:" + std::string(password);
    const tsr_http_secret secret{str(name), credential.data(), credential.size()};
    tsr_http_opts opts;
    tsr_http_opts_init(&opts, sizeof opts);
    opts.secrets = password.empty() ? nullptr : &secret;
    opts.secret_count = password.empty() ? 0 : 1;
    Http http;
    Failure failure;
    require_ok(tsr_http_open(str(json), &opts, http.out(), failure.out()), failure);
    return http;
  }
  static void must_fail(const Http& http, const std::string& url) {
    const tsr_http_request what = request(url);
    HttpResponse response;
    Failure failure;
    BOOST_TEST(tsr_http_send(http.get(), &what, response.out(), failure.out()) == TSR_E_NETWORK);
    BOOST_TEST(nlohmann::json::parse(tsr_error_detail(failure.get())).value("failure", "") == "proxy");
  }

  const TempDir folder;
  const Authority authority;
  Origin secure;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(proxies, ProxyFixture)

BOOST_AUTO_TEST_CASE(squid_forwards_for_who_it_knows) {
  const RealServer proxy(squid);
  const Http http = open("http", proxy, kPassword);
  BOOST_TEST(body_of(get(http, origin.url("/where"))) == "there");
  const Seen seen = origin.wait_for(1);
  BOOST_TEST(seen.header("Via").find("squid") != std::string::npos);
  BOOST_TEST(seen.count("Proxy-Authorization") == 0);
}

BOOST_AUTO_TEST_CASE(squid_tunnels_for_who_it_knows) {
  const RealServer proxy(squid);
  {
    const Http http = open("http", proxy, kPassword);
    BOOST_TEST(body_of(get(http, secure.url("/where"))) == "there");
    const Seen seen = secure.wait_for(1);
    BOOST_TEST(seen.count("Via") == 0);  // it does not see what is inside
    BOOST_TEST(seen.count("Proxy-Authorization") == 0);
  }
  BOOST_TEST(proxy.logs("CONNECT 127.0.0.1:" + std::to_string(secure.port()) + " ana"));
}

BOOST_AUTO_TEST_CASE(squid_turns_others_away) {
  const RealServer proxy(squid);
  for (const std::string_view password : {std::string_view(), std::string_view("sesame")}) {
    const Http http = open("http", proxy, password);
    must_fail(http, secure.url("/where"));
    BOOST_TEST(tsr_http_response_status(get(http, origin.url("/where")).get()) == 407);
  }
  BOOST_TEST(origin.seen().empty());
  BOOST_TEST(secure.connections() == 0);
}

BOOST_AUTO_TEST_CASE(dante_carries_both_kinds) {
  const RealServer proxy(dante);
  const Http http = open("socks5", proxy);
  BOOST_TEST(body_of(get(http, origin.url("/where"))) == "there");
  BOOST_TEST(body_of(get(http, secure.url("/where"))) == "there");
  BOOST_TEST(proxy.logs("127.0.0.1." + std::to_string(origin.port())));
  BOOST_TEST(proxy.logs("127.0.0.1." + std::to_string(secure.port())));
}

BOOST_AUTO_TEST_CASE(dante_looks_up_names_where_it_is_asked_to) {
  const RealServer proxy(dante);
  // Its log has what it is asked for.
  const std::string by_name = "address: localhost." + std::to_string(secure.port());
  BOOST_TEST(body_of(get(open("socks5", proxy), secure.url("/where", "localhost"))) == "there");
  BOOST_TEST(proxy.logs("127.0.0.1." + std::to_string(secure.port())));
  BOOST_TEST(proxy.log().find(by_name) == std::string::npos);
  BOOST_TEST(body_of(get(open("socks5h", proxy), secure.url("/where", "localhost"))) == "there");
  BOOST_TEST(proxy.logs(by_name));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
