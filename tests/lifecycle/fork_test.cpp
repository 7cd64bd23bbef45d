// A forked child is told so, may free what it inherited, and starts afresh.
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
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
void ignore_end(void*, tsr_op*) {}

constexpr uint32_t kLongMs = kHangSeconds * 1000;

/// Lets operations wait behind a done function until it opens.
struct Gate {
  std::atomic<bool> entered{false}, open{false};
  static void pass(void* user, tsr_op*) {
    auto* const self = static_cast<Gate*>(user);
    self->entered = true;
    while (!self->open) std::this_thread::yield();
  }
};

/// A whole operation of its own: 0 when it gave what it should.
int probe_in_background() {
  Operation op;
  Hardware hardware;
  if (tsr_hwid_probe_async(tsr_str_of(nullptr), nullptr, nullptr, nullptr, op.out(), nullptr) != TSR_OK)
    return 1;
  if (tsr_op_wait(op.get(), kLongMs, nullptr) != TSR_OK) return 2;
  return tsr_op_hwid(op.get(), hardware.out(), nullptr) == TSR_OK ? 0 : 3;
}

long threads() {
  using Tasks = std::filesystem::directory_iterator;
  return std::distance(Tasks("/proc/self/task"), Tasks());
}

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
        tsr_app_close_async(app.get(), 100, ignore_end, nullptr, nullptr, nullptr, nullptr),
        tsr_license_refresh_async(license.get(), ignore_end, nullptr, nullptr, nullptr, nullptr),
        tsr_license_import_async(license.get(), "x", 1, ignore_end, nullptr, nullptr, nullptr, nullptr),
        tsr_license_verify_async(license.get(), "x", 1, ignore_end, nullptr, nullptr, nullptr, nullptr),
        tsr_license_start_trial_async(license.get(), "x", 1, ignore_end, nullptr, nullptr, nullptr, nullptr),
        tsr_license_request_async(license.get(), nullptr, ignore_end, nullptr, nullptr, nullptr, nullptr),
        tsr_license_deactivate_async(license.get(), ignore_end, nullptr, nullptr, nullptr, nullptr),
        tsr_license_meter_add_async(license.get(), TSR_LIT("copies"), 1, ignore_end, nullptr, nullptr,
                                    nullptr, nullptr),
        tsr_license_close_async(license.get(), 100, ignore_end, nullptr, nullptr, nullptr, nullptr),
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

BOOST_AUTO_TEST_CASE(an_inherited_operation_says_so_in_each_of_its_states) {
  Gate gate;
  Operation finished, running, waiting;
  BOOST_REQUIRE(
      tsr_license_refresh_async(license.get(), nullptr, nullptr, nullptr, finished.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_op_wait(finished.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_license_refresh_async(license.get(), &Gate::pass, &gate, nullptr, running.out(),
                                          nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_license_refresh_async(license.get(), nullptr, nullptr, nullptr, waiting.out(), nullptr) ==
                TSR_OK);
  while (!gate.entered) std::this_thread::yield();
  ChildProcess child([&] {
    alarm(kHangSeconds);
    int which = 1;
    for (Operation* op : {&finished, &running, &waiting}) {
      Failure failure;
      if (tsr_op_verdict(op->get(), nullptr, failure.out()) != TSR_E_FORKED) return which;
      if (std::string(tsr_error_text(failure.get())).find("fork") == std::string::npos) return which + 10;
      if (tsr_op_wait(op->get(), 0, nullptr) != TSR_E_FORKED) return which + 20;
      tsr_op_cancel(op->get());
      *op = Operation();
      ++which;
    }
    license = License();
    const int status = probe_in_background();
    return status == 0 ? 0 : status + 30;
  });
  BOOST_TEST(child.wait() == 0);
  gate.open = true;
  BOOST_TEST(tsr_op_wait(waiting.get(), kLongMs, nullptr) == TSR_OK);
  for (const Operation* op : {&finished, &running, &waiting}) {
    BOOST_TEST(tsr_op_verdict(op->get(), nullptr, nullptr) == TSR_OK);
  }
}

BOOST_AUTO_TEST_CASE(while_operations_run) {
  struct Endless {
    License* license;
    std::atomic<bool> stop{false};
    std::atomic<int> failed{0}, alive{1};
    static void again(void* user, tsr_op* op) {
      auto* const self = static_cast<Endless*>(user);
      if (tsr_op_verdict(op, nullptr, nullptr) != TSR_OK) ++self->failed;
      if (self->stop ||
          tsr_license_refresh_async(self->license->get(), &again, self, nullptr, nullptr, nullptr) != TSR_OK)
        --self->alive;
    }
  } endless;
  endless.license = &license;
  BOOST_REQUIRE(tsr_license_refresh_async(license.get(), &Endless::again, &endless, nullptr, nullptr,
                                          nullptr) == TSR_OK);
  for (int i = 0; i < 20; ++i) {
    ChildProcess child([&] {
      alarm(kHangSeconds);
      license = License();
      return probe_in_background();
    });
    BOOST_TEST(child.wait() == 0);
  }
  endless.stop = true;
  while (endless.alive > 0) std::this_thread::yield();
  BOOST_TEST(endless.failed == 0);
  // Nobody holds the last one; it is behind this.
  Operation last;
  BOOST_REQUIRE(tsr_license_refresh_async(license.get(), nullptr, nullptr, nullptr, last.out(), nullptr) ==
                TSR_OK);
  BOOST_TEST(tsr_op_wait(last.get(), kLongMs, nullptr) == TSR_OK);
}

BOOST_AUTO_TEST_CASE(threads_come_with_the_first_operation_and_go_when_idle) {
  ChildProcess child([&] {
    alarm(kHangSeconds);
    const long at_first = threads();
    const License own = open();
    if (tsr_license_refresh(own.get(), nullptr, nullptr) != TSR_OK) return 1;
    if (threads() != at_first) return 2;
    if (probe_in_background() != 0) return 3;
    if (threads() != at_first + 1) return 4;
    while (threads() != at_first) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return probe_in_background();
  });
  BOOST_TEST(child.wait() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
