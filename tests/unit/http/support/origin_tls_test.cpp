#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <boost/test/unit_test.hpp>

#include "clients.hpp"
#include "http_origin.hpp"

namespace tessera::test {

namespace {

constexpr std::chrono::hours kHour(1);

/// Options of a client that trusts the authority.
struct Trust {
  std::string authority;
  std::string pin = {};
  long versions = CURL_SSLVERSION_TLSv1_2;
  Identity own = {};

  void operator()(CURL* handle) const {
    const auto give = [&](CURLoption option, const std::string& text) {
      curl_blob blob = {const_cast<char*>(text.data()), text.size(), CURL_BLOB_COPY};
      if (!text.empty()) curl_easy_setopt(handle, option, &blob);
    };
    give(CURLOPT_CAINFO_BLOB, authority);
    give(CURLOPT_SSLCERT_BLOB, own.certificate);
    give(CURLOPT_SSLKEY_BLOB, own.key);
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, versions);
    if (!pin.empty()) curl_easy_setopt(handle, CURLOPT_PINNEDPUBLICKEY, ("sha256//" + pin).c_str());
  }
};

Answer hello(const Seen&) { return {200, "hello"}; }

/// What OpenSSL calls the end of the connection.
int end_of_tls(const Origin& origin, const std::string& path) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free);
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new_ssl_connect(context.get()), &BIO_free_all);
  const std::string place = "127.0.0.1:" + std::to_string(origin.port());
  const std::string request = "GET " + path + " HTTP/1.1\r\n\r\n";
  BIO_set_conn_hostname(bio.get(), place.c_str());
  BOOST_REQUIRE(BIO_write(bio.get(), request.data(), static_cast<int>(request.size())) > 0);
  char bytes[16];
  int size = 0;
  while ((size = BIO_read(bio.get(), bytes, sizeof bytes)) > 0) {
  }
  SSL* tls = nullptr;
  BIO_get_ssl(bio.get(), &tls);
  return SSL_get_error(tls, size);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(origin_tls)

BOOST_AUTO_TEST_CASE(certificates_are_what_they_are_called) {
  const Authority authority, other;
  struct Case {
    const char* name;
    Identity identity;
    bool is_good;
  };
  const Case cases[] = {
      {"good", authority.issue(), true},
      {"of another authority", other.issue(), false},
      {"self-signed", self_signed(), false},
      {"expired", authority.issue({.from = -2 * kHour, .until = -kHour}), false},
      {"not yet valid", authority.issue({.from = kHour, .until = 2 * kHour}), false},
      {"of another host", authority.issue({.hosts = {"example.test", "127.0.0.2"}}), false},
  };
  for (const Case& test : cases) {
    Origin origin({.identity = test.identity});
    origin.on("GET", "/", &hello);
    const Got got = get(origin.url(), Trust{authority.certificate()});
    BOOST_TEST(got.code == (test.is_good ? CURLE_OK : CURLE_PEER_FAILED_VERIFICATION), test.name);
    BOOST_TEST(got.body == (test.is_good ? "hello" : ""), test.name);
    BOOST_TEST(origin.seen().size() == (test.is_good ? 1U : 0U), test.name);
  }
}

BOOST_AUTO_TEST_CASE(a_pin_is_that_of_its_key) {
  const Authority authority;
  const Identity identity = authority.issue();
  Origin origin({.identity = identity});
  origin.on("GET", "/", &hello);
  BOOST_TEST(get(origin.url(), Trust{authority.certificate(), identity.pin}).code == CURLE_OK);
  BOOST_TEST(get(origin.url(), Trust{authority.certificate(), authority.issue().pin}).code ==
             CURLE_SSL_PINNEDPUBKEYNOTMATCH);
}

BOOST_AUTO_TEST_CASE(an_origin_can_be_of_one_version) {
  const Authority authority;
  for (const TlsVersions versions : {TlsVersions::kOnly12, TlsVersions::kOnly13}) {
    Origin origin({.identity = authority.issue(), .versions = versions});
    origin.on("GET", "/", &hello);
    const bool is_old = versions == TlsVersions::kOnly12;
    const long others = is_old ? long{CURL_SSLVERSION_TLSv1_3}
                               : long{CURL_SSLVERSION_TLSv1_2} | long{CURL_SSLVERSION_MAX_TLSv1_2};
    BOOST_TEST(get(origin.url(), Trust{authority.certificate()}).code == CURLE_OK);
    BOOST_TEST(origin.failed_handshakes() == 0);
    BOOST_TEST(get(origin.url(), Trust{authority.certificate(), {}, others}).code == CURLE_SSL_CONNECT_ERROR);
    origin.wait_for_open(0);
    BOOST_TEST(origin.failed_handshakes() == 1);
  }
}

BOOST_AUTO_TEST_CASE(a_client_can_have_to_show_a_certificate) {
  const Authority authority, clients, other;
  Origin origin({.identity = authority.issue(), .client_authority = clients.certificate()});
  origin.on("GET", "/", &hello);
  Trust trust{authority.certificate()};
  trust.own = clients.issue({.name = "machine 7"});
  BOOST_TEST(get(origin.url(), trust).status == 200);
  BOOST_TEST(origin.wait_for(1).client == "machine 7");
  trust.own = other.issue();
  BOOST_TEST(get(origin.url(), trust).status == 0);
  BOOST_TEST(get(origin.url(), Trust{authority.certificate()}).status == 0);
  origin.wait_for_open(0);
  BOOST_TEST(origin.seen().size() == 1);
}

BOOST_AUTO_TEST_CASE(an_end_can_lack_the_farewell_of_tls) {
  const Authority authority;
  Origin origin({.identity = authority.issue()});
  origin.on("GET", "/close", [](const Seen&) { return Answer().send("all").close(); });
  origin.on("GET", "/cut", [](const Seen&) { return Answer().send("all").cut(); });
  // libcurl takes both for the end of a body without length, so OpenSSL itself has to tell.
  BOOST_TEST(end_of_tls(origin, "/close") == SSL_ERROR_ZERO_RETURN);
  BOOST_TEST(end_of_tls(origin, "/cut") == SSL_ERROR_SSL);
}

BOOST_AUTO_TEST_CASE(bytes_can_come_below_tls) {
  const Authority authority;
  Origin origin({.identity = authority.issue()});
  origin.on("GET", "/", [&](const Seen&) {
    return Answer().then([](Wire& wire) {
      wire.write_below_tls("HTTP/1.1 200 OK\r\n\r\n");
      wire.close();
    });
  });
  BOOST_TEST(get(origin.url(), Trust{authority.certificate()}).code == CURLE_RECV_ERROR);
}

BOOST_AUTO_TEST_CASE(plain_http_is_no_handshake) {
  Origin origin({.identity = self_signed()});
  RawClient client(origin.port());
  client.send("GET / HTTP/1.1\r\n\r\n");
  client.read_all();
  BOOST_TEST(origin.failed_handshakes() == 1);
  BOOST_TEST(origin.seen().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
