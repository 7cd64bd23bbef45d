// A licence's life through the C ABI: request, issue, import, check, rebind, deactivate.
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <string>

#include "machine.hpp"

namespace tessera::test {
namespace {

/// What a refused import answers.
int32_t import_refusal(const License& license, const std::string& file) {
  Failure failure;
  const tsr_status status =
      tsr_license_import(license.get(), file.data(), file.size(), nullptr, failure.out());
  return status == TSR_E_LICENSE ? license_code(failure) : -1000 - status;
}

std::string content_of(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

/// The kinds of identifiers that a new request of this machine binds.
std::set<std::string> bound_kinds(const Machine& machine, const License& license) {
  require_ok(tsr_license_refresh(license.get(), nullptr, nullptr), Failure());
  const std::string asked = request(license);
  const auto seen = nlohmann::json::parse(made_text([&](tsr_buf* out, tsr_error** err) {
    return tsr_issuer_read_request(machine.vendor.issuer(), str(asked), out, err);
  }));
  std::set<std::string> kinds;
  for (const auto& factor : seen.at("factors")) kinds.insert(factor.at("kind").get<std::string>());
  return kinds;
}

Verdict verify(const License& license, const std::string& file) {
  Verdict verdict;
  Failure failure;
  require_ok(tsr_license_verify(license.get(), file.data(), file.size(), verdict.out(), failure.out()),
             failure);
  return verdict;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(activation, Machine)

BOOST_AUTO_TEST_CASE(survives_a_restart) {
  {
    const License license = licensed();
  }
  const Verdict verdict = check(open());
  BOOST_TEST(tsr_verdict_usable(verdict.get()) == 1);
  BOOST_TEST(tsr_verdict_sku(verdict.get()) == "pro");
}

BOOST_AUTO_TEST_CASE(another_handle_sees_an_import_at_once) {
  const License watching = open();
  BOOST_TEST(tsr_verdict_usable(check(watching).get()) == 0);
  const License importing = licensed();
  BOOST_TEST(tsr_verdict_usable(check(watching).get()) == 1);
}

BOOST_AUTO_TEST_CASE(verify_judges_and_stores_nothing) {
  const License license = open();
  const std::string file = vendor.license_file({}, {{"sku", "site"}});
  BOOST_TEST(tsr_verdict_usable(verify(license, file).get()) == 1);
  BOOST_TEST(tsr_verdict_code(check(license).get()) == TSR_LICENSE_NO_LICENSE);
  const Verdict bad = verify(license, "no licence at all");
  BOOST_TEST(tsr_verdict_code(bad.get()) == TSR_LICENSE_TOKEN_MALFORMED);
}

BOOST_AUTO_TEST_CASE(a_flipped_byte_is_refused_and_changes_nothing) {
  const License license = open();
  std::string file = vendor.license_file(request(license), kSpec);
  const size_t at = file.size() - 30;
  file[at] = file[at] == 'A' ? 'B' : 'A';
  BOOST_TEST(import_refusal(license, file) == TSR_LICENSE_SIGNATURE_INVALID);
  BOOST_TEST(tsr_verdict_code(check(license).get()) == TSR_LICENSE_NO_LICENSE);
}

BOOST_AUTO_TEST_CASE(an_unknown_signer_is_refused) {
  const License license = open();
  BOOST_TEST(import_refusal(license, vendor.license(request(license), kSpec)) == TSR_LICENSE_KEY_UNKNOWN);
}

BOOST_AUTO_TEST_CASE(a_licence_answers_one_request_once) {
  const License license = open();
  const std::string file = vendor.license_file(request(license), kSpec);
  import(license, file);
  const std::string again = vendor.license_file(request(license), kSpec);
  import(license, again);
  BOOST_TEST(import_refusal(license, file) == TSR_LICENSE_REQ_NONCE_MISMATCH);
}

BOOST_AUTO_TEST_CASE(another_machine_is_refused) {
  const std::string file = vendor.license_file(request(open()), kSpec);
  const FakeRoot server("server");
  const TempDir elsewhere;
  tsr_testing_set_hardware_root(str(server.path()));
  const License other = vendor.open_license(elsewhere.path().string());
  BOOST_TEST(import_refusal(other, file) == TSR_LICENSE_INSTALL_KEY_MISMATCH);
  BOOST_TEST(tsr_verdict_code(verify(other, file).get()) == TSR_LICENSE_INSTALL_KEY_MISMATCH);
}

BOOST_AUTO_TEST_CASE(expires_and_setting_the_clock_back_does_not_help) {
  const License license = licensed();
  set_time(kStartMs + 200 * kDayMs);
  BOOST_TEST(tsr_license_refresh(license.get(), nullptr, nullptr) == TSR_OK);
  BOOST_TEST(tsr_verdict_code(check(license).get()) == TSR_LICENSE_EXPIRED);
  tsr_testing_set_clock(kStartMs, kBootMs + 201 * kDayMs);
  BOOST_TEST(tsr_verdict_code(check(license).get()) == TSR_LICENSE_EXPIRED);
}

BOOST_AUTO_TEST_CASE(deactivation_gives_a_proof_and_bars_the_licence) {
  const License license = open();
  const std::string file = vendor.license_file(request(license), kSpec);
  import(license, file);
  const std::string id = tsr_verdict_license_id(check(license).get());
  const auto deactivate = [&] {
    return made_text(
        [&](tsr_buf* out, tsr_error** err) { return tsr_license_deactivate(license.get(), out, err); });
  };
  const std::string proof = deactivate();
  const auto shown = nlohmann::json::parse(made_text([&](tsr_buf* out, tsr_error** err) {
    return tsr_issuer_read_deactivation(vendor.issuer(), str(proof), out, err);
  }));
  BOOST_TEST(shown.at("license_id") == id);
  BOOST_TEST(tsr_verdict_usable(check(license).get()) == 0);
  BOOST_TEST(import_refusal(license, file) == TSR_LICENSE_DEACTIVATED);
  BOOST_TEST(deactivate() == proof);
}

BOOST_AUTO_TEST_CASE(a_licence_that_was_given_back_returns_by_a_new_request) {
  nlohmann::json spec = kSpec;
  spec["license_id"] = "L1";
  const License license = open();
  import(license, vendor.license_file(request(license), spec));
  made_text([&](tsr_buf* out, tsr_error** err) { return tsr_license_deactivate(license.get(), out, err); });
  BOOST_TEST(tsr_verdict_code(check(license).get()) == TSR_LICENSE_DEACTIVATED);
  import(license, vendor.license_file(request(license), spec));
  BOOST_TEST(tsr_verdict_code(check(license).get()) == TSR_LICENSE_OK);
  BOOST_TEST(tsr_verdict_code(check(open()).get()) == TSR_LICENSE_OK);
}

BOOST_AUTO_TEST_CASE(deactivating_nothing_is_refused) {
  const License license = open();
  Buffer out;
  Failure failure;
  BOOST_TEST(tsr_license_deactivate(license.get(), out.out(), failure.out()) == TSR_E_LICENSE);
  BOOST_TEST(license_code(failure) == TSR_LICENSE_NO_LICENSE);
}

BOOST_AUTO_TEST_CASE(meters_count_up_to_their_limit) {
  const License license = licensed();
  int64_t used = -1, limit = -1;
  const auto add = [&](int64_t amount) {
    return tsr_license_meter_add(license.get(), TSR_LIT("copies"), amount, &used, &limit, nullptr);
  };
  BOOST_TEST(add(35) == TSR_OK);
  BOOST_TEST(used == 35);
  BOOST_TEST(limit == 50);
  Failure failure;
  BOOST_TEST(tsr_license_meter_add(license.get(), TSR_LIT("copies"), 16, &used, &limit, failure.out()) ==
             TSR_E_LICENSE);
  BOOST_TEST(license_code(failure) == TSR_LICENSE_METER_LIMIT);
  BOOST_TEST(used == 0);
  BOOST_TEST(add(15) == TSR_OK);
  BOOST_TEST(used == 50);
  BOOST_TEST(tsr_license_meter_add(license.get(), TSR_LIT("nothing"), 1, nullptr, nullptr, failure.out()) ==
             TSR_E_LICENSE);
  BOOST_TEST(license_code(failure) == TSR_LICENSE_METER_UNKNOWN);
}

BOOST_AUTO_TEST_CASE(a_trial_starts_once_per_machine) {
  const std::string trial = made_text([&](tsr_buf* out, tsr_error** err) {
    return tsr_issuer_trial(vendor.issuer(), TSR_LIT("{\"days\":14,\"sku\":\"pro\"}"), out, err);
  });
  const std::string key_set = vendor.key_set();
  {
    const License license = open();
    import(license, key_set);
    Verdict verdict;
    BOOST_REQUIRE(
        tsr_license_start_trial(license.get(), trial.data(), trial.size(), verdict.out(), nullptr) == TSR_OK);
    BOOST_TEST(tsr_verdict_code(verdict.get()) == TSR_LICENSE_OK_TRIAL);
    BOOST_TEST(tsr_verdict_state(verdict.get()) == "TRIAL");
  }
  std::filesystem::remove_all(folder.path() / "data");
  const License fresh = open();
  import(fresh, key_set);
  Failure failure;
  BOOST_TEST(tsr_license_start_trial(fresh.get(), trial.data(), trial.size(), nullptr, failure.out()) ==
             TSR_E_LICENSE);
  BOOST_TEST(license_code(failure) == TSR_LICENSE_TRIAL_USED);
}

BOOST_AUTO_TEST_CASE(a_reinstalled_system_rebinds_the_same_licence) {
  const std::string file = [&] {
    const License license = open();
    const std::string made = vendor.license_file(request(license), kSpec);
    import(license, made);
    return made;
  }();
  root.reinstall_os();
  std::filesystem::remove_all(folder.path() / "data");
  std::filesystem::remove_all(folder.path() / "memory");
  const License license = open();
  const Verdict verdict = import(license, file);
  BOOST_TEST(tsr_verdict_usable(verdict.get()) == 1);
  BOOST_TEST(tsr_verdict_state(verdict.get()) == "REBIND_DUE");
  import(license, vendor.license_file(request(license), kSpec));
  BOOST_TEST(tsr_verdict_state(check(license).get()) == "ACTIVE");
}

BOOST_AUTO_TEST_CASE(a_closed_handle_refuses_everything) {
  const License license = licensed();
  BOOST_TEST(tsr_license_close(license.get(), 1000, nullptr) == TSR_OK);
  BOOST_TEST(tsr_license_close(license.get(), 1000, nullptr) == TSR_OK);
  Verdict verdict;
  Buffer out;
  Failure failure;
  BOOST_TEST(tsr_license_check(license.get(), verdict.out(), failure.out()) == TSR_E_STATE);
  BOOST_TEST(tsr_license_refresh(license.get(), nullptr, nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_license_import(license.get(), "x", 1, nullptr, nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_license_verify(license.get(), "x", 1, verdict.out(), nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_license_start_trial(license.get(), "x", 1, nullptr, nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_license_request(license.get(), nullptr, out.out(), nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_license_deactivate(license.get(), out.out(), nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_license_meter_add(license.get(), TSR_LIT("copies"), 1, nullptr, nullptr, nullptr) ==
             TSR_E_STATE);
}

BOOST_AUTO_TEST_CASE(row_null_handle_or_pointer_and_impossible_length) {
  const License license = licensed();
  const char byte = 'x';
  Verdict verdict;
  for (auto* function : {tsr_license_import, tsr_license_verify, tsr_license_start_trial}) {
    BOOST_TEST(function(nullptr, &byte, 1, verdict.out(), nullptr) == TSR_E_ARG);
    BOOST_TEST(function(license.get(), nullptr, 1, verdict.out(), nullptr) == TSR_E_ARG);
    BOOST_TEST(function(license.get(), &byte, SIZE_MAX, verdict.out(), nullptr) == TSR_E_ARG);
    BOOST_TEST(function(license.get(), &byte, static_cast<size_t>(-1) / 2 + 1, verdict.out(), nullptr) ==
               TSR_E_ARG);
    BOOST_TEST(!verdict);
  }
  BOOST_TEST(tsr_verdict_usable(check(license).get()) == 1);
}

BOOST_AUTO_TEST_CASE(row_response_truncated_twice_late_or_on_another_machine) {
  nlohmann::json spec = kSpec;
  spec["import_within_days"] = 5;
  const License license = open();
  const std::string file = vendor.license_file(request(license), spec);
  const std::string late = vendor.license_file(request(license), spec);
  const std::string elsewhere = vendor.license_file(request(license), spec);
  const auto refusal = [&](const std::string& text) {
    const std::string state = content_of(folder / "data/license.state");
    const int32_t code = import_refusal(license, text);
    BOOST_TEST((content_of(folder / "data/license.state") == state));
    return code;
  };
  const size_t start = file.find('\n') + 1;
  const size_t signature = file.rfind('.') + 1;
  for (size_t size = start + 1; size + 1 < file.size(); size += 61) {
    BOOST_TEST_CONTEXT("cut at " << size << " of " << file.size()) {
      BOOST_TEST(refusal(file.substr(0, size)) ==
                 (size < signature ? TSR_LICENSE_TOKEN_MALFORMED : TSR_LICENSE_SIGNATURE_INVALID));
    }
  }
  import(license, file);
  BOOST_TEST(refusal(file) == TSR_LICENSE_REQ_NONCE_MISMATCH);
  {
    const FakeRoot server("server");
    tsr_testing_set_hardware_root(str(server.path()));
    BOOST_TEST(tsr_license_refresh(license.get(), nullptr, nullptr) == TSR_OK);
    BOOST_TEST(refusal(elsewhere) == TSR_LICENSE_HW_MISMATCH);
    tsr_testing_set_hardware_root(str(root.path()));
  }
  BOOST_TEST(tsr_license_refresh(license.get(), nullptr, nullptr) == TSR_OK);
  set_time(kStartMs + 5 * kDayMs + 1000);
  BOOST_TEST(refusal(late) == TSR_LICENSE_RESPONSE_EXPIRED);
  BOOST_TEST(tsr_verdict_code(check(license).get()) == TSR_LICENSE_OK);
}

BOOST_AUTO_TEST_CASE(row_machine_id_malformed_or_no_plain_file) {
  const std::string path = "/etc/machine-id";
  const License license = licensed();
  BOOST_TEST(bound_kinds(*this, license).contains("machine_id"));
  const auto write = [&](const std::string& content) { return [&, content] { root.write(path, content); }; };
  struct Row {
    const char* name;
    std::function<void()> prepare;
  };
  const std::string id = "4be1c5d09f3a4e6f8a7d2c91b0e3f574";
  for (const auto& [name, prepare] :
       {Row{"empty", write("")}, Row{"newline only", write("\n")},
        Row{"upper case", write("4BE1C5D09F3A4E6F8A7D2C91B0E3F574\n")}, Row{"31", write(id.substr(1) + "\n")},
        Row{"33", write(id + "0\n")}, Row{"uninitialized", write("uninitialized\n")},
        Row{"1 GB",
            [&] {
              root.write(path, id);
              std::filesystem::resize_file(root.inside(path), uintmax_t{1} << 30);
            }},
        Row{"FIFO",
            [&] {
              root.remove(path);
              BOOST_REQUIRE(mkfifo(root.inside(path).c_str(), 0600) == 0);
            }},
        Row{"directory", [&] {
              root.remove(path);
              root.make_directory(path);
            }}}) {
    BOOST_TEST_CONTEXT(name) {
      prepare();
      BOOST_TEST(!bound_kinds(*this, license).contains("machine_id"));
      BOOST_TEST(tsr_verdict_code(check(license).get()) == TSR_LICENSE_OK);  // unknown, not different
    }
  }
}

BOOST_AUTO_TEST_CASE(row_probe_that_returns_placeholders) {
  const FakeRoot bare("desktop", Rights::kRoot);
  FakeRoot filled("desktop", Rights::kRoot);
  for (const auto& [file, value] : {std::pair{"product_uuid", "ffffffff-ffff-ffff-ffff-ffffffffffff\n"},
                                    {"product_serial", "To be filled by O.E.M.\n"},
                                    {"board_serial", "Default string\n"}})
    filled.write(std::string("/sys/class/dmi/id/") + file, value);
  const License license = open();
  tsr_testing_set_hardware_root(str(bare.path()));
  std::set<std::string> kinds = bound_kinds(*this, license);
  BOOST_TEST(kinds.contains("dmi_uuid"));
  BOOST_TEST(kinds.contains("serial"));
  import(license, vendor.license_file(request(license), kSpec));
  tsr_testing_set_hardware_root(str(filled.path()));
  kinds = bound_kinds(*this, license);
  BOOST_TEST(!kinds.contains("dmi_uuid"));
  BOOST_TEST(!kinds.contains("serial"));
  BOOST_TEST(tsr_verdict_code(check(license).get()) == TSR_LICENSE_OK);
}

BOOST_AUTO_TEST_CASE(rs256_tokens_need_a_configured_key_and_the_right_machine) {
  Key key;
  Issuer service;
  Hardware hardware;
  BOOST_REQUIRE(tsr_key_generate(TSR_KEY_RS256, key.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_issuer_open(TSR_LIT("{\"issuer\":\"tiktrend-license-service\",\"product\":\"player\"}"),
                                key.get(), service.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_hwid_probe(tsr_str_of(nullptr), hardware.out(), nullptr) == TSR_OK);
  const auto token = [&](const char* hwid) {
    const nlohmann::json spec{{"sub", "ana"}, {"hwid", hwid}, {"plan", "pro"}};
    return made_text([&](tsr_buf* out, tsr_error** err) {
      return tsr_issuer_rs256(service.get(), str(spec.dump()), out, err);
    });
  };
  const std::string own = token(tsr_hwid_legacy_digest(hardware.get()));
  BOOST_TEST(import_refusal(open(), own) == TSR_LICENSE_ALG_NOT_ALLOWED);

  nlohmann::json config = vendor.config(folder.path().string());
  config["rsa_keys"] = {{{"issuer", "tiktrend-license-service"}, {"public_key", tsr_key_public(key.get())}}};
  License license;
  BOOST_REQUIRE(tsr_license_open(str(config.dump()), license.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_verdict_usable(import(license, own).get()) == 1);
  const std::string shared = token("0000000000000000000000000000000000000000000000000000000000000000");
  BOOST_TEST(import_refusal(license, shared) == TSR_LICENSE_HW_MISMATCH);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
