// A process is killed with SIGKILL in the middle of its work; the next one finds the old or the new state.
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <functional>
#include <random>

#include "actor.hpp"

namespace tessera::test {
namespace {

constexpr int64_t kCopies = 1'000'000;
const nlohmann::json& spec() {
  static const nlohmann::json one{
      {"sku", "pro"}, {"days", 30}, {"entitlements", {{"copies", {{"value", kCopies}, {"per", "total"}}}}}};
  return one;
}

struct Attempt {
  tsr_status status;
  int32_t license_code;  // of the verdict, or why it was refused
};

Attempt try_import(const License& license, const std::string& document) {
  Verdict verdict;
  Failure failure;
  const tsr_status status =
      tsr_license_import(license.get(), document.data(), document.size(), verdict.out(), failure.out());
  return {status, status == TSR_OK ? tsr_verdict_code(verdict.get()) : license_code(failure)};
}

int64_t used_copies(const License& license) {
  int64_t used = 0, limit = 0;
  Failure failure;
  require_ok(tsr_license_meter_add(license.get(), str("copies"), 0, &used, &limit, failure.out()), failure);
  return used;
}

struct Doomed : Machine {
  /// The licence file that answers a request of the machine's folder, stored there too.
  std::string answer_request() const {
    const std::string license = vendor.license_file(request(open()), spec());
    write_file(folder, "app.lic", license);
    return license;
  }
  std::string activate() const {
    std::string license = answer_request();
    import(open(), license);
    return license;
  }

  /// Has a process killed before each durable operation of `command`, each time in a copy of this machine's
  /// folder; `check` gets that folder's licence and whether the command was acknowledged.
  void kill_everywhere(const std::string& command, int64_t wall_ms,
                       const std::function<void(const License&, bool)>& check) const {
    int deaths = 0;
    for (bool acknowledged = false; !acknowledged; ++deaths) {
      const TempDir copy;
      std::filesystem::copy(folder.path(), copy.path(), std::filesystem::copy_options::recursive);
      Actor actor(*this, copy.path().string(), wall_ms);
      actor.ask("die-before " + std::to_string(deaths));
      actor.tell(command);
      acknowledged = actor.try_answer().has_value();
      if (!acknowledged) BOOST_TEST(actor.wait() == -SIGKILL);
      BOOST_TEST_CONTEXT("killed before operation " << deaths) {
        check(vendor.open_license(copy.path().string()), acknowledged);
      }
    }
    BOOST_TEST(deaths > 4);  // a state write alone has four operations
  }
};

BOOST_FIXTURE_TEST_SUITE(killed, Doomed)

BOOST_AUTO_TEST_CASE(import_is_done_or_not) {
  const std::string license_file = answer_request();
  kill_everywhere("import " + folder / "app.lic", kStartMs, [&](const License& license, bool acknowledged) {
    const int32_t code = tsr_verdict_code(check(license).get());
    const Attempt again = try_import(license, license_file);
    if (code == TSR_LICENSE_OK) {
      BOOST_TEST(again.license_code == TSR_LICENSE_REQ_NONCE_MISMATCH);
    } else {
      BOOST_TEST(!acknowledged);
      BOOST_TEST(code == TSR_LICENSE_NO_LICENSE);
      BOOST_TEST(again.status == TSR_OK);
    }
  });
}

BOOST_AUTO_TEST_CASE(first_request_leaves_a_folder_that_works) {
  kill_everywhere("request", kStartMs, [&](const License& license, bool) {
    BOOST_TEST(tsr_verdict_code(check(license).get()) == TSR_LICENSE_NO_LICENSE);
    BOOST_TEST(try_import(license, vendor.license_file(request(license), spec())).status == TSR_OK);
  });
}

BOOST_AUTO_TEST_CASE(request_keeps_earlier_requests_open) {
  const std::string license_file = answer_request();
  kill_everywhere("request", kStartMs, [&](const License& license, bool) {
    BOOST_TEST(try_import(license, license_file).status == TSR_OK);
  });
}

BOOST_AUTO_TEST_CASE(deactivation_is_done_or_not) {
  const std::string license_file = activate();
  kill_everywhere("deactivate", kStartMs, [&](const License& license, bool acknowledged) {
    const int32_t code = tsr_verdict_code(check(license).get());
    const Attempt again = try_import(license, license_file);
    BOOST_TEST(again.status == TSR_E_LICENSE);
    if (code == TSR_LICENSE_DEACTIVATED) {
      BOOST_TEST(again.license_code == TSR_LICENSE_DEACTIVATED);
    } else {
      BOOST_TEST(!acknowledged);
      BOOST_TEST(code == TSR_LICENSE_OK);
      BOOST_TEST(again.license_code == TSR_LICENSE_REQ_NONCE_MISMATCH);
    }
  });
}

BOOST_AUTO_TEST_CASE(meter_counts_once_or_not) {
  activate();
  kill_everywhere("meter copies", kStartMs, [&](const License& license, bool acknowledged) {
    const int64_t used = used_copies(license);
    BOOST_TEST((used == 1 || (used == 0 && !acknowledged)));
  });
}

BOOST_AUTO_TEST_CASE(random_moments_lose_nothing_acknowledged) {
  constexpr int kRounds = 50;
  constexpr int kLongestUs = 20'000;
  activate();
  const std::string bundle = write_file(folder, "keys.lic", vendor.key_set());
  std::mt19937 random(20260504);
  int64_t acknowledged = 0;
  for (int round = 0; round < kRounds; ++round) {
    Actor actor(*this, folder.path().string());
    actor.tell("work " + bundle);
    std::optional<std::string> line = actor.answer();
    usleep(static_cast<useconds_t>(random() % kLongestUs));
    actor.kill_now();
    for (; line; line = actor.try_answer()) {
      BOOST_REQUIRE_EQUAL(line->substr(0, 3), "ok ");
      const int64_t used = std::stoll(line->substr(3));
      BOOST_TEST(used > acknowledged);
      acknowledged = used;
    }
    BOOST_TEST(actor.wait() == -SIGKILL);
    const License license = open();
    BOOST_TEST(tsr_verdict_code(check(license).get()) == TSR_LICENSE_OK);
    const int64_t used = used_copies(license);
    BOOST_TEST((used == acknowledged || used == acknowledged + 1));
    acknowledged = used;
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::test
