// A forked child is told so, may free what it inherited, and starts afresh.
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <string>
#include <thread>

#include "child_process.hpp"
#include "machine.hpp"

namespace tessera::test {
namespace {

constexpr unsigned kHangSeconds = 20;  // the child dies of SIGALRM instead of hanging the suite

struct Forked : Machine {
  License license = licensed();
};

void ignore(void*, int32_t, tsr_str, tsr_str, tsr_str, tsr_str) {}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(fork, Forked)

BOOST_AUTO_TEST_CASE(every_call_on_an_inherited_handle_says_so) {
  App app;
  const std::string config = vendor.config(folder / "app").dump();
  BOOST_REQUIRE(tsr_app_open(str(config), app.out(), nullptr) == TSR_OK);
  ChildProcess child([&] {
    alarm(kHangSeconds);
    Verdict verdict;
    Buffer out;
    Subscription subscription;
    License other;
    Failure failure;
    const tsr_status answers[] = {
        tsr_license_check(license.get(), verdict.out(), failure.out()),
        tsr_license_refresh(license.get(), nullptr, nullptr),
        tsr_license_import(license.get(), "x", 1, nullptr, nullptr),
        tsr_license_verify(license.get(), "x", 1, verdict.out(), nullptr),
        tsr_license_start_trial(license.get(), "x", 1, nullptr, nullptr),
        tsr_license_request(license.get(), nullptr, out.out(), nullptr),
        tsr_license_deactivate(license.get(), out.out(), nullptr),
        tsr_license_meter_add(license.get(), TSR_LIT("copies"), 1, nullptr, nullptr, nullptr),
        tsr_license_on_log(license.get(), TSR_LOG_INFO, ignore, nullptr, nullptr, subscription.out(),
                           nullptr),
        tsr_license_close(license.get(), 100, nullptr),
        tsr_app_license(app.get(), other.out(), nullptr),
        tsr_app_on_log(app.get(), TSR_LOG_INFO, ignore, nullptr, nullptr, subscription.out(), nullptr),
        tsr_app_close(app.get(), 100, nullptr),
    };
    int which = 1;
    for (const tsr_status answer : answers) {
      if (answer != TSR_E_FORKED) return which;
      ++which;
    }
    return std::string(tsr_error_text(failure.get())).find("fork") == std::string::npos ? 100 : 0;
  });
  BOOST_TEST(child.wait() == 0);
  BOOST_TEST(tsr_verdict_usable(check(license).get()) == 1);
}

BOOST_AUTO_TEST_CASE(inherited_handles_may_be_freed_and_new_ones_opened) {
  ChildProcess child([&] {
    alarm(kHangSeconds);
    license = License();
    const License own = open();
    return tsr_verdict_usable(check(own).get()) == 1 ? 0 : 1;
  });
  BOOST_TEST(child.wait() == 0);
  BOOST_TEST(tsr_license_refresh(license.get(), nullptr, nullptr) == TSR_OK);
}

BOOST_AUTO_TEST_CASE(an_inherited_verdict_stays_readable) {
  Verdict verdict = check(license);
  ChildProcess child([&] {
    alarm(kHangSeconds);
    const bool readable = tsr_verdict_usable(verdict.get()) == 1;
    verdict = Verdict();
    return readable ? 0 : 1;
  });
  BOOST_TEST(child.wait() == 0);
}

BOOST_AUTO_TEST_CASE(a_registration_is_freed_though_its_callback_ran_in_the_parent) {
  struct Gate {
    std::atomic<bool> entered{false}, open{false};
  } gate;
  const tsr_log_fn wait_at_gate = [](void* user, int32_t, tsr_str, tsr_str, tsr_str, tsr_str) {
    auto* self = static_cast<Gate*>(user);
    self->entered = true;
    while (!self->open) std::this_thread::yield();
  };
  Subscription subscription;
  BOOST_REQUIRE(tsr_license_on_log(license.get(), TSR_LOG_TRACE, wait_at_gate, &gate, nullptr,
                                   subscription.out(), nullptr) == TSR_OK);
  tsr_status imported = TSR_OK;
  std::thread caller([&] { imported = tsr_license_import(license.get(), "damaged", 7, nullptr, nullptr); });
  while (!gate.entered) std::this_thread::yield();
  ChildProcess child([&] {
    alarm(kHangSeconds);
    subscription = Subscription();
    license = License();
    return 0;
  });
  const int status = child.wait();
  gate.open = true;
  caller.join();
  BOOST_TEST(status == 0);
  BOOST_TEST(imported == TSR_E_LICENSE);
}

BOOST_AUTO_TEST_CASE(while_other_threads_work) {
  std::atomic<bool> stop{false};
  int failed = 0;
  std::thread worker([&] {
    while (!stop) failed += tsr_license_refresh(license.get(), nullptr, nullptr) == TSR_OK ? 0 : 1;
  });
  for (int i = 0; i < 20; ++i) {
    ChildProcess child([&] {
      alarm(kHangSeconds);
      Verdict verdict;
      if (tsr_license_check(license.get(), verdict.out(), nullptr) != TSR_E_FORKED) return 1;
      license = License();
      return 0;
    });
    BOOST_TEST(child.wait() == 0);
  }
  stop = true;
  worker.join();
  BOOST_TEST(failed == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
