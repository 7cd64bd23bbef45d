// The members of an application's configuration that name its licence service.
#include "app/config.hpp"

#include <boost/test/unit_test.hpp>

#include "license/online/online_license.hpp"

namespace tessera {
namespace {

Result<AppConfig> read(Json members) {
  members["product"] = "player";
  members["data_dir"] = "/nowhere";
  members["trusted_keys"] = {"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"};
  return read_app_config(dump_json(members));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(license_service_config)

BOOST_AUTO_TEST_CASE(without_an_address_there_is_no_service) {
  BOOST_TEST(read(Json::object()).value().license_service.url.empty());
  BOOST_TEST(!read({{"license_service", {{"background", false}}}}).ok());
}

BOOST_AUTO_TEST_CASE(below_the_gateway_or_elsewhere) {
  const auto plain = read({{"gateway", "https://api.example.com/"}}).value();
  BOOST_TEST(plain.gateway == "https://api.example.com");
  BOOST_TEST(plain.license_service.url == "https://api.example.com/license");
  BOOST_TEST(plain.license_service.is_background);
  BOOST_TEST(plain.license_service.online.refresh_after_ms == 12 * 3600 * 1000);
  const auto own = read({{"gateway", "https://api.example.com"},
                         {"user", "ana@example.com"},
                         {"license_service",
                          {{"url", "http://127.0.0.1:8400/keys/"},
                           {"protocol", "validate"},
                           {"background", false},
                           {"refresh_after_s", 60},
                           {"timeout_s", 3}}}})
                       .value();
  BOOST_TEST(own.license_service.url == "http://127.0.0.1:8400/keys");
  BOOST_TEST((own.license_service.online.protocol == ServiceProtocol::kValidate));
  BOOST_TEST(own.license_service.online.user == "ana@example.com");
  BOOST_TEST(!own.license_service.is_background);
  BOOST_TEST(own.license_service.online.refresh_after_ms == 60'000);
  BOOST_TEST(own.license_service.timeout_ms == 3000);
}

BOOST_AUTO_TEST_CASE(what_can_not_be_an_address) {
  for (const char* url :
       {"http://api.example.com", "ftp://api.example.com", "api.example.com", "https://",
        "https://u:p@api.example.com", "https://api.example.com/?a=b", "wss://api.example.com"}) {
    BOOST_TEST_CONTEXT(url) {
      BOOST_TEST(!read({{"gateway", url}}).ok());
      BOOST_TEST(!read({{"license_service", {{"url", url}}}}).ok());
    }
  }
}

BOOST_AUTO_TEST_CASE(mistakes_are_told) {
  const Json service{{"url", "https://a.example"}};
  for (const auto& [name, value] : {std::pair<const char*, Json>{"protocol", "soap"},
                                    {"protocol", "validate"},  // without a user
                                    {"background", 1},
                                    {"refresh_after_s", 59},
                                    {"timeout_s", 0},
                                    {"timeout_s", 601},
                                    {"token", "x"},
                                    {"retry", 1}}) {
    BOOST_TEST_CONTEXT(name) {
      Json wrong = service;
      wrong[name] = value;
      BOOST_TEST(!read({{"license_service", wrong}}).ok());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
