// Configuration: what is wrong is refused and named, without its value.
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "machine.hpp"

namespace tessera::test {
namespace {

using nlohmann::json;

struct Config : Machine {
  json valid = vendor.config(folder.path().string());

  tsr_status open_with(const json& config, Failure& failure) const {
    License license;
    return tsr_license_open(str(config.dump()), license.out(), failure.out());
  }

  void accepts(const char* member, const json& value) const {
    json config = valid;
    config[member] = value;
    Failure failure;
    BOOST_TEST_CONTEXT(member << " = " << value) {
      BOOST_TEST(open_with(config, failure) == TSR_OK);
      BOOST_TEST(tsr_error_text(failure.get()) == "");
    }
  }

  /// The error must name `named` and not quote a text value.
  void refuses(const json& config, const std::string& named, const json& value = nullptr) const {
    Failure failure;
    BOOST_TEST_CONTEXT(config) {
      BOOST_TEST(open_with(config, failure) == TSR_E_ARG);
      const std::string text = tsr_error_text(failure.get());
      BOOST_TEST(text.find(named) != std::string::npos, text);
      if (value.is_string() && value.get<std::string>().size() > 8)
        BOOST_TEST(text.find(value.get<std::string>()) == std::string::npos, text);
    }
  }
  void refuses_member(const char* member, const json& value) const {
    json config = valid;
    config[member] = value;
    refuses(config, '"' + std::string(member) + '"', value);
  }
};

/// X25519 and Ed25519 keys alike are 32 bytes; this one is only long enough.
const std::string kSomeKey(43, 'A');

}  // namespace

BOOST_FIXTURE_TEST_SUITE(config, Config)

BOOST_AUTO_TEST_CASE(minimum) {
  Failure failure;
  BOOST_TEST(open_with(valid, failure) == TSR_OK);
}

BOOST_AUTO_TEST_CASE(required_members) {
  for (const char* member : {"product", "data_dir", "trusted_keys"}) {
    json config = valid;
    config.erase(member);
    refuses(config, '"' + std::string(member) + '"');
  }
}

BOOST_AUTO_TEST_CASE(texts_that_are_no_configuration) {
  for (const char* text : {"", "null", "[]", "7", "\"x\"", "{", "{}}",
                           "{\"product\":\"a\",\"product\":\"b\"}", "\xEF\xBB\xBF{}"}) {
    License license;
    Failure failure;
    BOOST_TEST_CONTEXT(text)
    BOOST_TEST(tsr_license_open(tsr_str_of(text), license.out(), failure.out()) == TSR_E_ARG);
  }
  const std::string deep(100000, '[');
  License license;
  BOOST_TEST(tsr_license_open(str(deep), license.out(), nullptr) == TSR_E_ARG);
  const std::string large = "{\"user\":\"" + std::string(300 << 10, 'u') + "\"}";
  BOOST_TEST(tsr_license_open(str(large), license.out(), nullptr) == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(unknown_members) {
  refuses_member("trusted_key", kSomeKey);
  refuses_member("Product", "player");
  json config = valid;
  config["app_factors"] = {{{"name", "dongle"}, {"value", "D-1"}, {"wieght", 3}}};
  refuses(config, "\"wieght\"");
}

BOOST_AUTO_TEST_CASE(secrets_are_refused_everywhere_and_their_place_is_named) {
  for (const char* member : {"license_key", "passphrase", "password", "secret", "token", "private_key"}) {
    refuses_member(member, "correct horse battery staple");
    json config = valid;
    config["rsa_keys"] = {{{"issuer", "x"}, {member, "correct horse battery staple"}}};
    refuses(config, '"' + std::string(member) + '"', "correct horse battery staple");
  }
  json config = valid;
  config["license_key"] = "AAAAA";
  refuses(config, "secrets never travel in configuration; pass it with the activation request");
}

BOOST_AUTO_TEST_CASE(wrong_types) {
  for (const char* member : {"product", "data_dir", "memory_dir", "user", "issuer", "key_set", "app_version",
                             "clock_policy", "crl_policy", "keystore"}) {
    for (const json& value : {json(7), json(true), json(nullptr), json::array(), json::object()})
      refuses_member(member, value);
  }
  for (const char* member : {"trusted_keys", "rsa_keys", "app_factors"}) {
    for (const json& value : {json(7), json("x"), json(nullptr), json::object()})
      refuses_member(member, value);
  }
  for (const char* member : {"trusted_threshold", "expires_soon_days"}) {
    for (const json& value : {json("1"), json(1.5), json(nullptr)}) refuses_member(member, value);
  }
}

BOOST_AUTO_TEST_CASE(product_names) {
  accepts("product", "a");
  accepts("product", "0ad.player_2-x");
  accepts("product", std::string(64, 'p'));
  for (const char* name : {"", "Player", ".player", "-p", "pla yer", "pläyer", "a/b"})
    refuses_member("product", name);
  refuses_member("product", std::string(65, 'p'));
}

BOOST_AUTO_TEST_CASE(trusted_keys) {
  const json own = valid["trusted_keys"][0];
  refuses_member("trusted_keys", json::array());
  refuses_member("trusted_keys", json::array({7}));
  refuses_member("trusted_keys", json::array({kSomeKey + "="}));
  refuses_member("trusted_keys", json::array({kSomeKey + "AA"}));
  refuses_member("trusted_keys", json::array({kSomeKey.substr(1)}));
  refuses_member("trusted_keys", json::array({"not base64url at all, but 43 characters lo."}));
  refuses_member("trusted_keys", json::array({own, own}));
  refuses_member("trusted_keys", json(std::vector<std::string>(9, kSomeKey)));
  for (const int64_t threshold : {0, 2, -1}) refuses_member("trusted_threshold", threshold);
  accepts("trusted_threshold", 1);
  accepts("trusted_keys", json::array({own, kSomeKey}));
}

BOOST_AUTO_TEST_CASE(versions_and_dates) {
  for (const char* version : {"1", "2.11", "2.11.0", "2.11.0.4"}) accepts("app_version", version);
  for (const char* version : {"", "v1", "1.", ".1", "1..2", "1.2.3.4.5", "1.2-rc1", "9999999999"})
    refuses_member("app_version", version);
  for (const json& date : {json("2026-05-04"), json("2024-02-29"), json(0), json(1780000000)})
    accepts("build_date", date);
  for (const json& date : {json("2026-02-29"), json("2026-13-01"), json("26-05-04"), json("2026/05/04"),
                           json("2026-05-04T00:00:00Z"), json("-026-05-04"), json(-1), json(1.5), json(true),
                           json(int64_t{1} << 60)})
    refuses_member("build_date", date);
}

BOOST_AUTO_TEST_CASE(choices) {
  for (const char* member : {"clock_policy", "crl_policy"}) {
    accepts(member, "warn");
    accepts(member, "deny");
    refuses_member(member, "ignore");
  }
  accepts("keystore", "auto");
  refuses_member("keystore", "cloud");
  accepts("expires_soon_days", 0);
  refuses_member("expires_soon_days", -1);
  refuses_member("expires_soon_days", 3661);
}

BOOST_AUTO_TEST_CASE(rsa_keys) {
  Key key;
  BOOST_REQUIRE(tsr_key_generate(TSR_KEY_RS256, key.out(), nullptr) == TSR_OK);
  const json entry{{"issuer", "tiktrend-license-service"}, {"public_key", tsr_key_public(key.get())}};
  accepts("rsa_keys", json::array({entry}));
  json alone = valid;
  alone.erase("trusted_keys");
  alone["rsa_keys"] = json::array({entry});
  Failure failure;
  BOOST_TEST(open_with(alone, failure) == TSR_OK);

  refuses_member("rsa_keys", json::array());
  refuses_member("rsa_keys", json::array({7}));
  const auto refuse_entry = [&](const char* member, const json& value) {
    json config = valid;
    config["rsa_keys"] = json::array({entry});
    config["rsa_keys"][0][member] = value;
    refuses(config, '"' + std::string(member) + '"', value);
  };
  refuse_entry("issuer", "");
  refuse_entry("public_key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
  refuse_entry("public_key", tsr_key_id(key.get()));
  refuse_entry("grace_s", -1);
  refuse_entry("refresh_after_s", "12 h");
  refuse_entry("kid", "x");
}

BOOST_AUTO_TEST_CASE(application_factors) {
  accepts("app_factors",
          json::array({{{"name", "dongle"}, {"value", "D-1"}, {"class", "unique"}, {"weight", 3}}}));
  for (const json& factor :
       {json{{"name", "dongle"}}, json{{"value", "x"}}, json{{"name", "Dongle!"}, {"value", "x"}},
        json{{"name", "dongle"}, {"value", "x"}, {"weight", 11}},
        json{{"name", "dongle"}, {"value", std::string(257, 'x')}}}) {
    json config = valid;
    config["app_factors"] = json::array({factor});
    Failure failure;
    BOOST_TEST_CONTEXT(factor) {
      BOOST_TEST(open_with(config, failure) == TSR_E_LICENSE);
      BOOST_TEST(license_code(failure) == TSR_LICENSE_HW_CUSTOM_INVALID);
    }
  }
  refuses_member("app_factors", json::array({7}));
  json config = valid;
  config["app_factors"] = {{{"name", "dongle"}, {"value", "x"}, {"class", "U"}}};
  refuses(config, "\"class\"");
}

BOOST_AUTO_TEST_CASE(folders) {
  refuses_member("data_dir", "");
  refuses_member("data_dir", std::string("a\0b", 3));
  const std::string home = folder / "home";
  const std::string own_home = getenv("HOME") ? getenv("HOME") : "";
  setenv("HOME", home.c_str(), 1);
  accepts("data_dir", "~/player");
  if (own_home.empty()) {
    unsetenv("HOME");
  } else {
    setenv("HOME", own_home.c_str(), 1);
  }
  struct stat status{};
  BOOST_REQUIRE(stat((home + "/player").c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 0777) == 0700U);
}

BOOST_AUTO_TEST_CASE(a_folder_that_may_not_be_made_stops_writing_only) {
  json config = valid;
  config["data_dir"] = "/sys/tessera";
  License license;
  BOOST_REQUIRE(tsr_license_open(str(config.dump()), license.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_verdict_code(check(license).get()) == TSR_LICENSE_NO_LICENSE);
  Buffer request;
  Failure failure;
  BOOST_TEST(tsr_license_request(license.get(), nullptr, request.out(), failure.out()) == TSR_E_PERMISSION);
  BOOST_TEST(std::string(tsr_error_text(failure.get())).find("/sys/tessera") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_a_file_is_an_input_output_error) {
  json config = valid;
  config["data_dir"] = root.path() + "/etc/machine-id";
  Failure failure;
  BOOST_TEST(open_with(config, failure) == TSR_E_IO);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
