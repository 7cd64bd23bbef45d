// Licences over the network through the C ABI, against a service on loopback.
#include <array>
#include <boost/test/unit_test.hpp>

#include "fake_root.hpp"
#include "http_origin.hpp"
#include "live_objects.hpp"
#include "temp_dir.hpp"
#include "tessera_testing.h"
#include "vendor.hpp"

namespace tessera::test {
namespace {

constexpr uint32_t kLongMs = 60'000;

/// A machine and its vendor's service.
struct Served : LiveObjects {
  Served() {
    tsr_testing_set_hardware_root(str(root.path()));
    serve("activate", [this](const Seen& seen) { return vendor.license(seen.body, plan); });
    serve("renew", [this](const Seen& seen) { return vendor.license(seen.body, plan); });
    serve("sync", [this](const Seen& seen) { return time(seen.body); });
    serve("time", [this](const Seen& seen) { return time(seen.body); });
    serve("lease", [this](const Seen& seen) {
      return made_text([&](tsr_buf* out, tsr_error** err) {
        return tsr_issuer_lease(vendor.issuer(), str(seen.body),
                                TSR_LIT("{\"license_id\":\"L1\",\"ttl_s\":600}"), out, err);
      });
    });
    serve("deactivate", [this](const Seen& seen) {
      const size_t end = seen.body.find('\n');
      return time(seen.body.substr(end + 1, seen.body.rfind('\n') - end - 1));
    });
    serve("lists", [this](const Seen&) {
      return made_text([&](tsr_buf* out, tsr_error** err) {
        return tsr_issuer_crl(vendor.issuer(), TSR_LIT("{\"seq\":1,\"days\":7}"), out, err);
      });
    });
  }
  ~Served() { tsr_testing_set_hardware_root(tsr_str_of(nullptr)); }

  void serve(const std::string& name, std::function<std::string(const Seen&)> document) {
    origin.on("*", "/license/" + name, [this, document](const Seen& seen) {
      return Answer(200, keys + "\n" + document(seen) + "\n");
    });
  }
  std::string time(const std::string& asked) const {
    return made_text([&](tsr_buf* out, tsr_error** err) {
      return tsr_issuer_time(vendor.issuer(), str(asked), out, err);
    });
  }
  License open() const {
    nlohmann::json config = vendor.config(folder.path().string());
    config["gateway"] = origin.url("");
    config["license_service"] = {{"background", false}};
    License license;
    Failure failure;
    require_ok(tsr_license_open(str(config.dump()), license.out(), failure.out()), failure);
    return license;
  }

  nlohmann::json plan{{"sku", "pro"}, {"license_id", "L1"}, {"days", 30}};
  FakeRoot root{"desktop"};
  TempDir folder;
  Vendor vendor;
  const std::string keys = vendor.key_set();  // one number, one set
  Origin origin;
};

using Call = tsr_status (*)(tsr_license*, tsr_verdict**, tsr_error**) noexcept;
using Start = tsr_status (*)(tsr_license*, tsr_done_fn, void*, void (*)(void*), tsr_op**,
                             tsr_error**) noexcept;
struct Pair {
  Call call;
  Start start;
};
constexpr std::array kConfirming{
    Pair{tsr_license_sync, tsr_license_sync_async},
    Pair{tsr_license_renew, tsr_license_renew_async},
    Pair{tsr_license_confirm_clock, tsr_license_confirm_clock_async},
    Pair{tsr_license_fetch_lists, tsr_license_fetch_lists_async},
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(license_online, Served)

BOOST_AUTO_TEST_CASE(a_key_becomes_a_licence_and_is_given_back) {
  const License license = open();
  tsr_activate_opts opts;
  tsr_activate_opts_init(&opts, sizeof opts);
  Buffer key;
  BOOST_REQUIRE(tsr_license_key_generate(key.out(), nullptr) == TSR_OK);
  const std::string typed = key.text();
  opts.license_key = str(typed);
  opts.account_token = "token";
  opts.account_token_len = 5;
  Verdict verdict;
  Failure failure;
  require_ok(tsr_license_activate(license.get(), &opts, verdict.out(), failure.out()), failure);
  BOOST_TEST(tsr_verdict_usable(verdict.get()) == 1);
  BOOST_TEST(tsr_license_is_current(license.get(), verdict.get()) == 1);
  BOOST_TEST(origin.seen().at(0).header("Authorization") == "Bearer token");
  for (const auto& [call, start] : kConfirming) {
    require_ok(call(license.get(), verdict.out(), failure.out()), failure);
    BOOST_TEST(tsr_verdict_usable(verdict.get()) == 1);
    Operation op;
    require_ok(start(license.get(), nullptr, nullptr, nullptr, op.out(), failure.out()), failure);
    BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
    require_ok(tsr_op_verdict(op.get(), verdict.out(), failure.out()), failure);
    BOOST_TEST(tsr_verdict_usable(verdict.get()) == 1);
  }
  require_ok(tsr_license_deactivate_online(license.get(), verdict.out(), failure.out()), failure);
  BOOST_TEST(tsr_verdict_code(verdict.get()) == TSR_LICENSE_DEACTIVATED);
  BOOST_TEST(origin.seen().size() == 10);
}

BOOST_AUTO_TEST_CASE(a_floating_licence_lives_by_its_lease) {
  plan["kind"] = "floating";
  const License license = open();
  Operation op;
  Failure failure;
  require_ok(
      tsr_license_activate_async(license.get(), nullptr, nullptr, nullptr, nullptr, op.out(), failure.out()),
      failure);
  BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
  Verdict verdict;
  require_ok(tsr_op_verdict(op.get(), verdict.out(), failure.out()), failure);
  BOOST_TEST(tsr_verdict_code(verdict.get()) == TSR_LICENSE_LEASE_EXPIRED);
  require_ok(tsr_license_heartbeat(license.get(), verdict.out(), failure.out()), failure);
  BOOST_TEST(tsr_verdict_code(verdict.get()) == TSR_LICENSE_OK);
}

BOOST_AUTO_TEST_CASE(a_refusal_has_its_licence_code) {
  const License license = open();
  Failure failure;
  BOOST_TEST(tsr_license_sync(license.get(), nullptr, failure.out()) == TSR_E_LICENSE);
  BOOST_TEST(license_code(failure) == TSR_LICENSE_NO_LICENSE);
  origin.on("*", "/license/activate", [](const Seen&) {
    return Answer(409, R"({"code":"SEAT_LIMIT"})", {{"Content-Type", "application/problem+json"}});
  });
  BOOST_TEST(tsr_license_activate(license.get(), nullptr, nullptr, failure.out()) == TSR_E_LICENSE);
  BOOST_TEST(license_code(failure) == TSR_LICENSE_SEAT_LIMIT);
  origin.on("*", "/license/activate", [](const Seen&) { return Answer(200, "{\"ok\":true}"); });
  BOOST_TEST(tsr_license_activate(license.get(), nullptr, nullptr, failure.out()) == TSR_E_LICENSE);
  BOOST_TEST(license_code(failure) == TSR_LICENSE_RESPONSE_UNSIGNED);
}

BOOST_AUTO_TEST_CASE(mistakes_of_the_caller) {
  const License license = open();
  tsr_activate_opts opts;
  tsr_activate_opts_init(&opts, sizeof opts);
  opts.flags = 1;
  BOOST_TEST(tsr_license_activate(license.get(), &opts, nullptr, nullptr) == TSR_E_ARG);
  tsr_activate_opts_init(&opts, sizeof opts);
  opts.struct_size = 3;
  BOOST_TEST(tsr_license_activate(license.get(), &opts, nullptr, nullptr) == TSR_E_ARG);
  for (const std::string& token : {std::string("a b"), std::string("a\r\nX: y"), std::string(20'000, 'a')}) {
    tsr_activate_opts_init(&opts, sizeof opts);
    opts.account_token = token.data();
    opts.account_token_len = token.size();
    BOOST_TEST(tsr_license_activate(license.get(), &opts, nullptr, nullptr) == TSR_E_ARG);
  }
  opts.account_token = nullptr;
  BOOST_TEST(tsr_license_activate(license.get(), &opts, nullptr, nullptr) == TSR_E_ARG);
  BOOST_TEST(origin.seen().empty());

  const License alone = vendor.open_license(folder.path().string());
  BOOST_TEST(tsr_license_sync(alone.get(), nullptr, nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_license_sync_async(alone.get(), nullptr, nullptr, nullptr, Operation().out(), nullptr) ==
             TSR_E_STATE);
  BOOST_TEST(tsr_license_close(license.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(tsr_license_sync(license.get(), nullptr, nullptr) == TSR_E_STATE);
}

BOOST_AUTO_TEST_CASE(closing_ends_a_call_that_waits) {
  const License license = open();
  require_ok(tsr_license_activate(license.get(), nullptr, nullptr, nullptr), Failure());
  origin.on("*", "/license/sync", [](const Seen&) { return Answer().stall(); });
  Operation op;
  BOOST_REQUIRE(tsr_license_sync_async(license.get(), nullptr, nullptr, nullptr, op.out(), nullptr) ==
                TSR_OK);
  origin.wait_for(2);
  BOOST_TEST(tsr_verdict_usable(check(license).get()) == 1);  // it waits for nothing
  BOOST_TEST(tsr_license_close(license.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_verdict(op.get(), nullptr, nullptr) != TSR_OK);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
