#include "http/transport/system_trust.hpp"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "../client/client_fixture.hpp"
#include "http/client/errors.hpp"
#include "http/transport/curl_transport.hpp"
#include "temp_dir.hpp"

namespace tessera::http {

using test::Answer;
using test::Authority;
using test::Origin;
using test::Seen;

namespace {

/// A machine with nothing but what a case puts there.
struct Machine {
  std::string at(const std::string& path) const { return root.path().string() + path; }
  std::string put(const std::string& path, std::string_view content = "a certificate") const {
    const std::filesystem::path full = at(path);
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full, std::ios::binary) << content;
    return full.string();
  }
  SystemTrust find(std::string file = {}, std::string folders = {}) const {
    return find_system_trust({root.path().string(), std::move(file), std::move(folders)});
  }
  const test::TempDir root;
};

/// The variables of the process, as they were before at the end.
class Environment {
 public:
  Environment() {
    set("SSL_CERT_FILE", {});
    set("SSL_CERT_DIR", {});
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() {
    for (const auto& [name, value] : before_) put(name, value);
  }
  void set(const char* name, const std::optional<std::string>& value) {
    const char* const old = std::getenv(name);
    before_.insert(before_.begin(), {name, old == nullptr ? std::nullopt : std::optional<std::string>(old)});
    put(name, value);
  }

 private:
  static void put(const char* name, const std::optional<std::string>& value) {
    if (value) {
      setenv(name, value->c_str(), 1);
    } else {
      unsetenv(name);
    }
  }
  std::vector<std::pair<const char*, std::optional<std::string>>> before_;
};

/// The name under which OpenSSL looks for an authority in a folder.
std::string hashed_name(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
  BOOST_REQUIRE(certificate != nullptr);
  char name[16];
  std::snprintf(name, sizeof name, "/%08lx.0", X509_subject_name_hash(certificate.get()));
  return name;
}

struct Ended final : WireSink {
  Flow on_head(WireHead) override { return Flow::kGo; }
  Flow on_body(ByteView) override { return Flow::kGo; }
  void on_end(WireResult ended) override { result = std::move(ended); }
  std::optional<WireResult> result;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(system_trust_search)

BOOST_AUTO_TEST_CASE(each_distribution_keeps_its_bundle_elsewhere) {
  for (const std::string path :
       {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/ca-bundle.pem",
        "/var/lib/ca-certificates/ca-bundle.pem", "/etc/ssl/cert.pem"}) {
    BOOST_TEST_CONTEXT(path) {
      const Machine machine;
      const std::string bundle = machine.put(path);
      BOOST_TEST(machine.find().file == bundle);
      BOOST_TEST(machine.find().folders.empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(an_empty_bundle_or_a_link_to_nothing_is_none) {
  const Machine machine;
  machine.put("/etc/ssl/certs/ca-certificates.crt", "");
  std::filesystem::create_symlink(machine.at("/nothing"), machine.at("/etc/ssl/cert.pem"));
  std::filesystem::create_directories(machine.at("/etc/pki/tls/certs/ca-bundle.crt"));
  BOOST_TEST(machine.find().is_empty());
  const std::string bundle = machine.put("/etc/ssl/ca-bundle.pem");
  BOOST_TEST(machine.find().file == bundle);
}

BOOST_AUTO_TEST_CASE(a_folder_counts_when_it_holds_certificates_under_their_hashes) {
  const Machine machine;
  machine.put("/etc/ssl/certs/README");
  machine.put("/etc/ssl/certs/5ed36f99.pem");
  machine.put("/etc/ssl/certs/authority.0");
  BOOST_TEST(machine.find().is_empty());
  machine.put("/etc/ssl/certs/5ed36f99.0");
  BOOST_TEST(machine.find().file.empty());
  BOOST_TEST(machine.find().folders == machine.at("/etc/ssl/certs"));
}

BOOST_AUTO_TEST_CASE(a_variable_stands_for_the_default_of_its_kind) {
  const Machine machine;
  const std::string bundle = machine.put("/etc/ssl/certs/ca-certificates.crt");
  const std::string own = machine.put("/opt/own.pem");
  machine.put("/etc/ssl/certs/5ed36f99.0");
  const std::string folder = machine.at("/etc/ssl/certs");

  const SystemTrust by_file = machine.find(own);
  BOOST_TEST(by_file.file == own);
  BOOST_TEST(by_file.folders == folder);
  const SystemTrust by_folder = machine.find({}, "/opt/a:/opt/b");
  BOOST_TEST(by_folder.file == bundle);
  BOOST_TEST(by_folder.folders == "/opt/a:/opt/b");
  const SystemTrust by_both = machine.find(own, "/opt/a");
  BOOST_TEST(by_both.file == own);
  BOOST_TEST(by_both.folders == "/opt/a");
  BOOST_TEST(machine.find(machine.at("/nothing")).file.empty());
  BOOST_TEST(machine.find(machine.at("/nothing")).folders == folder);
}

BOOST_AUTO_TEST_CASE(without_any_the_first_secure_call_says_what_to_do) {
  const auto transport = CurlTransport::open({}).value();
  WireRequest request;
  request.method = "GET";
  request.url = "https://127.0.0.1:9/";
  request.host = transport->host("https://127.0.0.1:9");
  Ended ended;
  transport->start(request, ended);
  transport->perform();
  BOOST_REQUIRE(ended.result.has_value());
  BOOST_TEST(ended.result->attempt.is_unsent);
  const Error error = error_of(*ended.result, "GET 127.0.0.1", 1);
  BOOST_TEST(error.code == ErrorCode::kUNTRUSTED);
  BOOST_TEST(error.text.find("ca-certificates") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(system_trust_in_use, ClientFixture)

BOOST_AUTO_TEST_CASE(a_client_trusts_the_file_that_the_environment_names) {
  const Authority authority;
  const Machine machine;
  Environment environment;
  environment.set("SSL_CERT_FILE", machine.put("/authority.pem", authority.certificate()));
  Origin origin({authority.issue()});
  origin.on("GET", "/", [](const Seen&) { return Answer(200); });
  Origin other({Authority("another").issue()});
  BOOST_TEST(get(origin.url("/"))->status == 200);
  BOOST_TEST(code_of(other.url("/")) == ErrorCode::kUNTRUSTED);
}

BOOST_AUTO_TEST_CASE(a_client_trusts_the_folder_that_the_environment_names) {
  const Authority authority;
  const Machine machine;
  machine.put(hashed_name(authority.certificate()), authority.certificate());
  Environment environment;
  environment.set("SSL_CERT_DIR", machine.root.path().string());
  Origin origin({authority.issue()});
  origin.on("GET", "/", [](const Seen&) { return Answer(200); });
  BOOST_TEST(get(origin.url("/"))->status == 200);
}

BOOST_AUTO_TEST_CASE(a_configured_authority_stands_alone) {
  const Authority of_system, own("own");
  const Machine machine;
  machine.put(hashed_name(of_system.certificate()), of_system.certificate());
  Environment environment;
  environment.set("SSL_CERT_FILE", machine.put("/authority.pem", of_system.certificate()));
  environment.set("SSL_CERT_DIR", machine.root.path().string());
  Origin origin({of_system.issue()});
  origin.on("GET", "/", [](const Seen&) { return Answer(200); });
  auto settings = std::make_shared<TlsSettings>();
  settings->ca_pem = to_bytes(own.certificate());
  config.policies.retry.max_attempts = 1;
  config.trusts = {{"127.0.0.1", settings}};
  BOOST_TEST(get(origin.url("/", "localhost"))->status == 200);
  BOOST_TEST(code_of(origin.url("/")) == ErrorCode::kUNTRUSTED);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
