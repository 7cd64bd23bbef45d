// The service over files: what survives damage, deletion, restoring, wrong clocks and other processes.
#include "license/service.hpp"

#include <fstream>
#include <thread>

#include "fault_files.hpp"
#include "installation.hpp"
#include "license/state_file.hpp"
#include "temp_dir.hpp"
#include "text/hex.hpp"

namespace tessera {
namespace {

using namespace license_test;

const Json kSpec{{"sku", "pro"}, {"license_id", "L1"}, {"days", 365}};
const Json kMetered{
    {"sku", "pro"},
    {"license_id", "L1"},
    {"days", 365},
    {"entitlements",
     {{"daily", {{"value", 10}, {"per", "day"}}}, {"monthly", {{"value", 10}, {"per", "month"}}}}}};

using Service = std::unique_ptr<LicenseService>;

/// One customer's machine, with its disk in memory, and a vendor whose clock is always right.
struct Machine {
  Machine() {
    config.product = Vendor::kProduct;
    config.trusted_keys = {vendor.root().public_key()};
    config.key_location = KeyLocation::kFile;
    config.memory_dir = folder / "memory";
    use_folder("data");
  }
  Machine(const Machine&) = delete;

  void use_folder(const std::string& name) { config.data_dir = folder / name; }
  Result<Service> try_open() {
    return LicenseService::open(
        config, {.clock = &clock, .random = bytes, .files = files, .probe = &probe, .logger = &logger});
  }
  Service open() { return require(try_open()); }
  std::string request() { return require(open()->request({})); }
  std::string license_file(const Json& spec = kSpec) {
    return vendor.key_set() + "\n" + vendor.license(request(), spec);
  }
  /// The response that is imported.
  std::string activate(const Json& spec = kSpec) {
    const std::string file = license_file(spec);
    require(open()->import_bundle(file));
    return file;
  }
  /// Time passes here and at the vendor's.
  void pass(int64_t span_ms) {
    clock.pass(span_ms);
    truth.pass(span_ms);
  }

  std::string state_path() const { return config.data_dir + "/license.state"; }
  std::string key_path() const { return config.data_dir + "/license.key"; }
  std::string memory_path() const {
    return config.memory_dir + "/" + hex_encode(ByteView(sha256(as_bytes(config.product))).first(12)) +
           ".mark";
  }
  Bytes read(const std::string& path) { return require(disk.read(path, 1 << 20)); }
  void write(const std::string& path, const Bytes& content) { require(disk.write(path, content)); }
  void remove(const std::string& path) { require(disk.remove(path)); }
  bool exists(const std::string& path) { return disk.read(path, 1 << 20).ok(); }
  LicenseState stored() { return require(StateFile(disk, random, os_keystore(), config).load()).value(); }

  test::TempDir folder;
  test::FakeClock clock, truth;
  test::FakeRandom random;
  Vendor vendor{truth};
  test::FaultFiles disk;
  Files* files = &disk;
  Random* bytes = &random;
  test::FakeProbe probe;
  Logger logger;
  LicenseConfig config;
};

Code check(const Service& service) { return require(service->check())->code; }
Code refresh(const Service& service) { return require(service->refresh())->code; }
Code import(const Service& service, const std::string& bundle) {
  return code_of(service->import_bundle(bundle));
}

std::string trial_of(const Machine& machine) {
  return machine.vendor.trial({{"days", 14}, {"sku", "pro"}, {"license_id", "T1"}});
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(service_state, Machine)

BOOST_AUTO_TEST_CASE(nothing_is_written_before_there_is_something_to_keep) {
  const Service service = open();
  BOOST_TEST(check(service) == Code::kNO_LICENSE);
  pass(2 * kHourMs);
  BOOST_TEST(refresh(service) == Code::kNO_LICENSE);
  BOOST_TEST(import(service, "x") == Code::kTOKEN_MALFORMED);
  BOOST_TEST(code_of(service->deactivate()) == Code::kNO_LICENSE);
  BOOST_TEST(code_of(service->meter_add("copies", 1)) == Code::kNO_LICENSE);
  BOOST_TEST(require(service->verify_bundle(vendor.key_set() + "\n" + vendor.license("", kSpec)))->usable());
  BOOST_TEST(service->close(1000).ok());
  BOOST_TEST(disk.operations() == 0);
}

BOOST_AUTO_TEST_CASE(a_bundle_with_one_bad_document_changes_nothing) {
  activate();
  const Service service = open();
  refresh(service);
  const Bytes before = read(state_path());
  Installation other(9);
  const std::string good = vendor.key_set(2) + "\n" + vendor.crl({{"seq", 1}, {"revoked", {"L1"}}}) + "\n";
  struct Row {
    std::string document;
    Code code;
  };
  for (const auto& [document, code] :
       {Row{"no document", Code::kTOKEN_MALFORMED}, Row{vendor.key_set(1), Code::kKEYSET_ROLLBACK},
        Row{vendor.time(other.request()), Code::kREQ_NONCE_MISMATCH},
        Row{vendor.lease(other.request(), "L1"), Code::kINSTALL_KEY_MISMATCH},
        Row{vendor.license("", kSpec), Code::kREVOKED},
        Row{vendor.license(other.request(), {{"sku", "pro"}, {"license_id", "L2"}}) + "x",
            Code::kSIGNATURE_INVALID}}) {
    BOOST_TEST(import(service, good + document) == code);
    BOOST_CHECK(read(state_path()) == before);
    BOOST_TEST(check(service) == Code::kOK);
    BOOST_TEST(check(open()) == Code::kOK);
  }
}

BOOST_AUTO_TEST_CASE(row_store_truncated) {
  const std::string file = activate();
  const Bytes whole = read(state_path());
  for (const size_t size :
       {size_t{0}, size_t{1}, size_t{8}, size_t{9}, size_t{40}, whole.size() / 2, whole.size() - 1}) {
    BOOST_TEST_CONTEXT(size) {
      write(state_path(), {whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size)});
      const Service service = open();
      BOOST_TEST(check(service) == Code::kSTORE_CORRUPT);
      BOOST_TEST(require(service->check())->state == "INVALID");
    }
  }
  const Service service = open();
  BOOST_TEST(refresh(service) == Code::kSTORE_CORRUPT);
  BOOST_CHECK(read(state_path()).size() == whole.size() - 1);  // looking repairs nothing
  BOOST_TEST(import(service, file) == Code::kOK);
  BOOST_TEST(check(service) == Code::kWARN_REBIND_DUE);
  BOOST_CHECK(read(state_path() + ".damaged").size() == whole.size() - 1);
  BOOST_TEST(import(service, vendor.license(request(), kSpec)) == Code::kOK);
  BOOST_TEST(check(service) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(row_store_bit_flipped) {
  activate();
  const Bytes whole = read(state_path());
  for (const size_t at : {size_t{0}, size_t{7}, size_t{8}, size_t{9}, size_t{32}, size_t{33},
                          whole.size() / 2, whole.size() - 16, whole.size() - 1}) {
    for (int bit = 0; bit < 8; ++bit) {
      BOOST_TEST_CONTEXT("byte " << at << " bit " << bit) {
        Bytes damaged = whole;
        damaged[at] = static_cast<uint8_t>(damaged[at] ^ (1 << bit));
        write(state_path(), damaged);
        BOOST_TEST(check(open()) == Code::kSTORE_CORRUPT);
      }
    }
  }
  write(state_path(), whole);
  BOOST_TEST(check(open()) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(a_file_that_grew_beyond_reason_is_damaged) {
  activate();
  write(state_path(), Bytes((4u << 20) + 2000, 1));
  BOOST_TEST(check(open()) == Code::kSTORE_CORRUPT);
}

BOOST_AUTO_TEST_CASE(a_wrong_or_missing_key_is_repaired_by_an_import) {
  const std::string file = activate();
  const Bytes key = read(key_path());
  write(key_path(), Bytes(32, 7));
  BOOST_TEST(check(open()) == Code::kSTORE_CORRUPT);
  write(key_path(), Bytes(31, 7));
  BOOST_TEST(check(open()) == Code::kSTORE_KEY);
  write(key_path(), key);
  BOOST_TEST(check(open()) == Code::kOK);
  remove(key_path());
  const Service service = open();
  BOOST_TEST(check(service) == Code::kSTORE_KEY);
  BOOST_TEST(import(service, file) == Code::kOK);
  BOOST_TEST(check(service) == Code::kWARN_REBIND_DUE);
  BOOST_TEST(check(open()) == Code::kWARN_REBIND_DUE);
}

BOOST_AUTO_TEST_CASE(a_passing_read_failure_keeps_what_is_known) {
  activate();
  struct FailingFiles : Files {
    Files* disk;
    bool fails = false;
    Result<Bytes> read(const std::string& path, size_t limit) override {
      if (fails) return Error{ErrorCode::kIO, "base", "the disk does not answer", {}};
      return disk->read(path, limit);
    }
    Status write(const std::string& path, ByteView content) override { return disk->write(path, content); }
    Status sync(const std::string& path) override { return disk->sync(path); }
    Status rename(const std::string& from, const std::string& to) override { return disk->rename(from, to); }
    Status sync_directory(const std::string& path) override { return disk->sync_directory(path); }
    Status remove(const std::string& path) override { return disk->remove(path); }
  } failing;
  failing.disk = &disk;
  files = &failing;
  const Service service = open();
  failing.fails = true;
  BOOST_TEST(refresh(service) == Code::kOK);
  BOOST_TEST(error_of(service->request({})) == ErrorCode::kIO);
  BOOST_TEST(check(open()) == Code::kSTORE_IO);  // this one never knew
  failing.fails = false;
  BOOST_TEST(check(open()) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(a_probe_that_fails_is_no_other_machine) {
  activate();
  probe.device = nullptr;
  const Service service = open();
  BOOST_TEST(check(service) == Code::kWARN_HW_UNVERIFIABLE);
  pass(kDefaultHardwareGrace * 1000);
  BOOST_TEST(refresh(service) == Code::kHW_GRACE_OVER);
  probe.device = std::make_shared<const test::FakeDevice>(test::FakeDevice::desktop());
  BOOST_TEST(refresh(service) == Code::kOK);
  BOOST_TEST(stored().drift_since_ms == 0);
  // Once known, the machine stays known while the probe fails.
  probe.device = nullptr;
  BOOST_TEST(refresh(service) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(drift_ends_with_its_grace_across_restarts) {
  activate();
  auto parts = test::FakeDevice::desktop();
  parts["mac"].value = "another";
  parts["machine_id"].value = "another";
  probe.device = std::make_shared<const test::FakeDevice>(parts);
  BOOST_TEST(check(open()) == Code::kWARN_HW_DRIFT);
  pass(kDefaultHardwareGrace * 1000 - 1);
  BOOST_TEST(check(open()) == Code::kWARN_HW_DRIFT);
  pass(1);
  BOOST_TEST(check(open()) == Code::kHW_GRACE_OVER);
}

BOOST_AUTO_TEST_CASE(a_closed_service_answers_nothing_and_keeps_its_mark) {
  activate();
  const Service service = open();
  pass(5 * kDayMs);
  BOOST_TEST(service->close(1000).ok());
  BOOST_TEST(service->close(1000).ok());
  BOOST_TEST(stored().mark_ms == clock.wall);
  for (const ErrorCode error : {error_of(service->check()), error_of(service->refresh()),
                                error_of(service->import_bundle("x")), error_of(service->verify_bundle("x")),
                                error_of(service->start_trial("x")), error_of(service->request({})),
                                error_of(service->deactivate()), error_of(service->meter_add("x", 1))})
    BOOST_TEST(error == ErrorCode::kSTATE);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(service_memory, Machine)

BOOST_AUTO_TEST_CASE(an_older_state_is_noticed_and_its_open_requests_are_void) {
  activate();
  const std::string hoarded = vendor.license(request(), kSpec);
  const Bytes older = read(state_path());
  require(open()->import_bundle(vendor.license(request(), kSpec)));
  write(state_path(), older);

  const Service service = open();
  const auto seen = require(service->check());
  BOOST_TEST(seen->code == Code::kWARN_CLOCK);
  BOOST_TEST(has_reason(*seen, Code::kSTATE_ROLLBACK));
  BOOST_TEST(import(service, hoarded) == Code::kREQ_NONCE_MISMATCH);
  BOOST_TEST(has_reason(*require(open()->check()), Code::kSTATE_ROLLBACK));  // written down

  BOOST_TEST(import(service, vendor.license(request(), kSpec)) == Code::kOK);
  BOOST_TEST(check(service) == Code::kOK);
  BOOST_TEST(check(open()) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(a_restored_state_is_denied_where_the_policy_says_so) {
  config.deny_clock_rollback = true;
  activate();
  const Bytes older = read(state_path());
  request();
  write(state_path(), older);
  BOOST_TEST(check(open()) == Code::kSTATE_ROLLBACK);
}

BOOST_AUTO_TEST_CASE(a_deleted_state_does_not_bring_back_what_was_used) {
  const std::string file = activate();
  const Bytes activated = read(state_path());
  require(open()->deactivate());
  write(state_path(), activated);
  BOOST_TEST(check(open()) == Code::kDEACTIVATED);
  remove(state_path());
  BOOST_TEST(import(open(), file) == Code::kDEACTIVATED);
  BOOST_TEST(require(open()->verify_bundle(file))->code == Code::kDEACTIVATED);

  require(open()->import_bundle(vendor.key_set()));
  require(open()->start_trial(trial_of(*this)));
  remove(state_path());
  require(open()->import_bundle(vendor.key_set()));
  BOOST_TEST(code_of(open()->start_trial(trial_of(*this))) == Code::kTRIAL_USED);
}

BOOST_AUTO_TEST_CASE(the_grace_of_a_rebind_goes_on_where_the_state_was_deleted) {
  const std::string file = activate();
  remove(state_path());
  BOOST_TEST(import(open(), file) == Code::kOK);
  for (int day = 0; day < 13; ++day) {
    pass(kDayMs);
    remove(state_path());
    BOOST_TEST(import(open(), file) == Code::kOK);
    BOOST_TEST(check(open()) == Code::kWARN_REBIND_DUE);
  }
  pass(kDayMs);
  BOOST_TEST(check(open()) == Code::kHW_GRACE_OVER);
  remove(state_path());
  BOOST_TEST(import(open(), file) == Code::kHW_GRACE_OVER);
  // An answer ends it; a rebind after that is a new one.
  const std::string answered = activate();
  BOOST_TEST(check(open()) == Code::kOK);
  remove(state_path());
  BOOST_TEST(import(open(), answered) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(the_floor_outlives_the_state) {
  activate();
  pass(10 * kDayMs);
  refresh(open());
  remove(state_path());
  clock.wall -= 10 * kDayMs;
  BOOST_TEST(require(open()->check())->effective_time_ms == clock.wall + 10 * kDayMs);
}

BOOST_AUTO_TEST_CASE(a_new_state_beside_a_second_place_that_ran_ahead_can_be_helped) {
  activate();
  clock.wall += 3650 * kDayMs;
  clock.boot += kHourMs;
  refresh(open());
  clock.wall = truth.wall;
  remove(state_path());
  const Service service = open();
  BOOST_TEST(require(service->check())->effective_time_ms == clock.wall + 30 * kDayMs);
  const std::string asked = require(service->request({}));
  BOOST_TEST(import(service, vendor.key_set() + "\n" + vendor.time(asked)) == Code::kOK);
  BOOST_TEST(require(service->check())->effective_time_ms == clock.wall);
  BOOST_TEST(require(open()->check())->effective_time_ms == clock.wall);
}

BOOST_AUTO_TEST_CASE(an_answer_in_one_folder_takes_no_time_from_another) {
  activate();
  use_folder("elsewhere");
  const std::string answer = vendor.key_set() + "\n" + vendor.time(request());
  pass(2 * kDayMs);
  use_folder("data");
  refresh(open());
  use_folder("elsewhere");
  BOOST_TEST(import(open(), answer) == Code::kOK);
  use_folder("third");
  clock.wall -= 2 * kDayMs;
  BOOST_TEST(require(open()->check())->effective_time_ms == truth.wall);
}

BOOST_AUTO_TEST_CASE(a_damaged_or_missing_second_place_costs_detection_only) {
  activate();
  for (const Bytes& content : {Bytes(), Bytes(10, 1), Bytes(500, 1), Bytes((1u << 20) + 1, 1)}) {
    write(memory_path(), content);
    const Service service = open();
    BOOST_TEST(check(service) == Code::kOK);
    pass(2 * kHourMs);
    BOOST_TEST(refresh(service) == Code::kOK);
  }
  remove(memory_path());
  BOOST_TEST(check(open()) == Code::kOK);
  config.memory_dir.clear();
  BOOST_TEST(check(open()) == Code::kOK);
  std::ofstream(folder / "file") << "no folder";
  config.memory_dir = (folder / "file") + "/memory";
  pass(2 * kHourMs);
  BOOST_TEST(refresh(open()) == Code::kOK);
  BOOST_TEST(stored().mark_ms == clock.wall);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(service_clock, Machine)

BOOST_AUTO_TEST_CASE(the_mark_moves_once_an_hour) {
  activate();
  const Service service = open();
  const int64_t first_ms = stored().mark_ms;
  BOOST_TEST(first_ms == clock.wall);
  pass(kHourMs - 1);
  refresh(service);
  BOOST_TEST(stored().mark_ms == first_ms);
  pass(1);
  refresh(service);
  BOOST_TEST(stored().mark_ms == clock.wall);
  clock.reboot();
  clock.wall += 1000;
  refresh(service);
  BOOST_TEST(stored().mark_ms == clock.wall);
}

BOOST_AUTO_TEST_CASE(the_mark_follows_a_clock_that_runs_ahead_by_30_days_a_step) {
  activate();
  const Service service = open();
  const int64_t true_ms = clock.wall;
  clock.wall += 3650 * kDayMs;
  refresh(service);
  BOOST_TEST(stored().mark_ms == true_ms);
  for (int step = 1; step <= 3; ++step) {
    clock.boot += kHourMs;
    refresh(service);
    refresh(service);
    BOOST_TEST(stored().mark_ms == true_ms + step * 30 * kDayMs);
  }
}

BOOST_AUTO_TEST_CASE(row_clock_ten_years_ahead_then_right_again) {
  activate();
  clock.wall += 3650 * kDayMs;
  BOOST_TEST(check(open()) == Code::kEXPIRED);
  clock.wall = truth.wall;
  BOOST_TEST(check(open()) == Code::kOK);

  // In one process, and with a mark that was written meanwhile: a warning, and a time file ends it.
  const Service service = open();
  clock.wall += 3650 * kDayMs;
  clock.boot += kHourMs;
  BOOST_TEST(refresh(service) == Code::kEXPIRED);
  clock.wall = truth.wall;
  BOOST_TEST(check(service) == Code::kWARN_CLOCK);
  BOOST_TEST(require(service->check())->usable());
  BOOST_TEST(import(service, vendor.time(require(service->request({})))) == Code::kOK);
  BOOST_TEST(check(service) == Code::kOK);
  BOOST_TEST(check(open()) == Code::kOK);
  BOOST_TEST(require(service->check())->effective_time_ms == clock.wall);
}

BOOST_AUTO_TEST_CASE(row_clock_backwards_mid_run) {
  activate({{"sku", "pro"}, {"days", 3}});
  const Service service = open();
  pass(2 * kDayMs);
  BOOST_TEST(check(service) == Code::kOK);
  clock.wall -= 2 * kDayMs;
  BOOST_TEST(check(service) == Code::kWARN_CLOCK);
  clock.pass(kDayMs);  // the process knows that three days went by
  BOOST_TEST(check(service) == Code::kEXPIRED);
  clock.wall = 0;
  BOOST_TEST(check(service) == Code::kEXPIRED);
  truth.pass(kDayMs);
  clock.wall = truth.wall;
  BOOST_TEST(check(service) == Code::kEXPIRED);
  require(service->import_bundle(vendor.license(require(service->request({})), kSpec)));
  BOOST_TEST(check(service) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(a_clock_ahead_takes_a_process_along_one_step_however_often_it_looks) {
  activate();
  const Service service = open();
  clock.wall += 3650 * kDayMs;
  for (int look = 0; look < 20; ++look) BOOST_TEST(refresh(service) == Code::kEXPIRED);
  clock.wall = truth.wall;
  const auto seen = require(service->check());
  BOOST_TEST(seen->usable());
  BOOST_TEST(seen->effective_time_ms == truth.wall + 30 * kDayMs);
}

BOOST_AUTO_TEST_CASE(a_clock_ahead_leaves_no_mark_where_no_true_time_is_known) {
  clock.wall = 253'402'300'799'000;  // year 9999
  request();
  refresh(open());
  clock.wall = truth.wall;
  BOOST_TEST(import(open(), vendor.key_set() + "\n" + vendor.license("", kSpec)) == Code::kOK);
  BOOST_TEST(check(open()) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(meters_filled_under_a_clock_ahead_open_again_soon) {
  Json spec = kMetered;
  spec.erase("days");
  activate(spec);
  const Service service = open();
  const auto add = [&](const char* name, int64_t amount) {
    return code_of(service->meter_add(name, amount));
  };
  clock.wall += 3650 * kDayMs;
  for (const char* name : {"daily", "monthly"}) BOOST_TEST(add(name, 10) == Code::kOK);
  clock.wall = truth.wall;
  pass(kDayMs);
  BOOST_TEST(add("daily", 1) == Code::kMETER_LIMIT);
  // An answer proves the day; without one they open within a month or two.
  BOOST_TEST(import(service, vendor.time(require(service->request({})))) == Code::kOK);
  BOOST_TEST(add("daily", 1) == Code::kMETER_LIMIT);
  pass(kDayMs);
  BOOST_TEST(add("daily", 10) == Code::kOK);
  BOOST_TEST(add("monthly", 1) == Code::kMETER_LIMIT);
  pass(31 * kDayMs);
  BOOST_TEST(add("monthly", 1) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(an_unreadable_hwid_of_an_rs256_token_ends_with_its_grace) {
  const auto key = require(IssuerKey::generate_rs256());
  config.rsa_keys = {{Vendor::kIssuer,
                      {},
                      {},
                      require(RsaPublicKey::from_pem(key->public_text())),
                      100 * kDaySeconds,
                      100 * kDaySeconds}};
  probe.device = std::make_shared<const test::FakeDevice>(test::FakeDevice::desktop(), "abcd");
  const auto service = vendor.open(key, truth);
  require(open()->import_bundle(require(service->rs256(R"({"sub":"ana","hwid":"abcd","plan":"pro"})"))));
  probe.device = nullptr;
  BOOST_TEST(check(open()) == Code::kWARN_HW_UNVERIFIABLE);
  pass(kDefaultHardwareGrace * 1000);
  BOOST_TEST(check(open()) == Code::kHW_GRACE_OVER);
  probe.device = std::make_shared<const test::FakeDevice>(test::FakeDevice::desktop(), "abcd");
  BOOST_TEST(check(open()) == Code::kWARN_EXPIRY_GRACE);
  BOOST_TEST(stored().drift_since_ms == 0);
}

BOOST_AUTO_TEST_CASE(a_grace_that_began_ahead_ends_in_its_time) {
  activate();
  const int64_t true_ms = clock.wall;
  clock.wall += 100 * kDayMs;
  probe.device = nullptr;
  BOOST_TEST(check(open()) == Code::kWARN_HW_UNVERIFIABLE);
  clock.wall = true_ms;
  const Service service = open();
  BOOST_TEST(stored().drift_since_ms < true_ms + 31 * kDayMs);
  BOOST_TEST(require(service->check())->usable());
  pass(45 * kDayMs);
  BOOST_TEST(check(open()) == Code::kHW_GRACE_OVER);
}

BOOST_AUTO_TEST_CASE(a_trial_started_ahead_runs_from_the_correction) {
  require(open()->import_bundle(vendor.key_set()));
  clock.wall += 1000 * kDayMs;
  require(open()->start_trial(trial_of(*this)));
  clock.wall = truth.wall;
  const Service service = open();
  const auto seen = require(service->check());
  BOOST_TEST(seen->usable());
  BOOST_TEST(seen->expires_at_ms <= seen->effective_time_ms + 14 * kDayMs);
  pass(14 * kDayMs + 31 * kDayMs);
  BOOST_TEST(check(open()) == Code::kTRIAL_EXPIRED);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(service_processes, Machine)

BOOST_AUTO_TEST_CASE(another_process_is_seen_by_the_next_check) {
  const Service one = open(), two = open();
  BOOST_TEST(check(two) == Code::kNO_LICENSE);
  const std::string asked = require(one->request({}));
  BOOST_TEST(import(two, vendor.key_set() + "\n" + vendor.license(asked, kMetered)) == Code::kOK);
  BOOST_TEST(check(one) == Code::kOK);
  BOOST_TEST(require(one->meter_add("daily", 4)).used == 4);
  BOOST_TEST(require(two->meter_add("daily", 4)).used == 8);
  require(one->deactivate());
  BOOST_TEST(check(two) == Code::kDEACTIVATED);
}

BOOST_AUTO_TEST_CASE(a_time_proven_in_one_process_is_believed_by_the_other) {
  activate();
  const Service one = open(), two = open();
  clock.wall += 3650 * kDayMs;
  BOOST_TEST(refresh(two) == Code::kEXPIRED);
  clock.wall = truth.wall;
  BOOST_TEST(check(two) == Code::kWARN_CLOCK);
  BOOST_TEST(check(one) == Code::kOK);  // it never looked while the clock was wrong
  BOOST_TEST(import(one, vendor.time(require(one->request({})))) == Code::kOK);
  BOOST_TEST(check(two) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(two_folders_share_what_the_machine_remembers) {
  activate();
  require(open()->deactivate());
  use_folder("elsewhere");
  require(open()->import_bundle(vendor.key_set()));
  require(open()->start_trial(trial_of(*this)));
  use_folder("third");
  require(open()->import_bundle(vendor.key_set()));
  BOOST_TEST(code_of(open()->start_trial(trial_of(*this))) == Code::kTRIAL_USED);
  for (int i = 0; i < 3; ++i) {  // and disturb each other in nothing
    for (const char* name : {"data", "elsewhere", "third"}) {
      use_folder(name);
      pass(kHourMs);
      refresh(open());
      BOOST_TEST(!stored().rolled_back);
    }
  }
}

BOOST_AUTO_TEST_CASE(row_two_processes_at_once_lose_no_nonce) {
  files = &system_files();
  bytes = &system_random();
  const Service one = open(), two = open();
  const auto at_once = [&](auto call) {
    Result<std::string> answers[2] = {Error{}, Error{}};
    std::thread other([&] { answers[1] = call(two, 1); });
    answers[0] = call(one, 0);
    other.join();
    return std::pair(std::move(answers[0]), std::move(answers[1]));
  };
  for (int round = 0; round < 10; ++round) {
    const auto [first, second] = at_once([](const Service& service, int) { return service->request({}); });
    const std::string bundles[] = {vendor.key_set() + "\n" + vendor.license(require(first), kSpec),
                                   vendor.key_set() + "\n" + vendor.license(require(second), kSpec)};
    const auto import_of = [&](const std::string& bundle) {
      return [&](const Service& service, int) -> Result<std::string> {
        TSR_ASSIGN_OR_RETURN(const auto verdict, service->import_bundle(bundle));
        return std::string(verdict->state);
      };
    };
    const auto own = at_once(
        [&](const Service& service, int number) { return import_of(bundles[number])(service, number); });
    BOOST_TEST(code_of(own.first) == Code::kOK);
    BOOST_TEST(code_of(own.second) == Code::kOK);
    const auto [again, too] = at_once(import_of(bundles[0]));
    BOOST_TEST(code_of(again) == Code::kREQ_NONCE_MISMATCH);
    BOOST_TEST(code_of(too) == Code::kREQ_NONCE_MISMATCH);
    BOOST_TEST(check(one) == Code::kOK);
    BOOST_TEST(check(two) == Code::kOK);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
