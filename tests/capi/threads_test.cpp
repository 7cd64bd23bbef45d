// One handle, many threads. Mostly for the thread sanitizer.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "machine.hpp"

namespace tessera::test {
namespace {

void run_together(const std::vector<std::function<void()>>& bodies) {
  std::vector<std::thread> threads;
  for (const auto& body : bodies) threads.emplace_back(body);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(threads, Machine)

BOOST_AUTO_TEST_CASE(eight_threads_on_one_handle) {
  const License license = licensed();
  const std::string file = vendor.license_file({}, {{"sku", "site"}, {"kind", "site"}});
  std::atomic<int> failures{0};
  const auto expect = [&](tsr_status status) { failures += status == TSR_OK ? 0 : 1; };

  const auto checks = [&] {
    for (int i = 0; i < 2000; ++i) {
      Verdict verdict;
      expect(tsr_license_check(license.get(), verdict.out(), nullptr));
      if (tsr_verdict_usable(verdict.get()) != 1) ++failures;
    }
  };
  const auto verifies = [&] {
    for (int i = 0; i < 50; ++i) {
      Verdict verdict;
      expect(tsr_license_verify(license.get(), file.data(), file.size(), verdict.out(), nullptr));
    }
  };
  const auto imports = [&] {
    for (int i = 0; i < 10; ++i)
      expect(tsr_license_import(license.get(), file.data(), file.size(), nullptr, nullptr));
  };
  const auto refreshes = [&] {
    for (int i = 0; i < 10; ++i) expect(tsr_license_refresh(license.get(), nullptr, nullptr));
  };
  run_together({checks, checks, checks, verifies, verifies, imports, refreshes, refreshes});
  BOOST_TEST(failures == 0);
}

BOOST_AUTO_TEST_CASE(closing_while_others_call_ends_them_with_state) {
  const License license = licensed();
  std::atomic<int> others{0};
  std::atomic<bool> started{false};
  const auto calls = [&] {
    tsr_status status = TSR_OK;
    while (status == TSR_OK) {
      Verdict verdict;
      status = tsr_license_check(license.get(), verdict.out(), nullptr);
      started = true;
    }
    if (status != TSR_E_STATE) ++others;
  };
  const auto closes = [&] {
    while (!started) std::this_thread::yield();
    if (tsr_license_close(license.get(), 1000, nullptr) != TSR_OK) ++others;
  };
  run_together({calls, calls, closes});
  BOOST_TEST(others == 0);
}

BOOST_AUTO_TEST_CASE(one_verdict_read_from_many_threads) {
  const License license = licensed();
  const Verdict verdict = check(license);
  std::atomic<int> wrong{0};
  const auto reads = [&] {
    for (int i = 0; i < 500; ++i) {
      if (tsr_verdict_entitlement_int(verdict.get(), TSR_LIT("copies")) != 50) ++wrong;
      Buffer out;
      if (tsr_verdict_json(verdict.get(), out.out(), nullptr) != TSR_OK) ++wrong;
    }
  };
  run_together({reads, reads, reads, reads});
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(one_issuer_from_many_threads) {
  std::atomic<int> wrong{0};
  const auto issues = [&] {
    for (int i = 0; i < 50; ++i) {
      Buffer out;
      if (tsr_issuer_issue(vendor.issuer(), tsr_str_of(nullptr), TSR_LIT("{\"sku\":\"pro\"}"), out.out(),
                           nullptr) != TSR_OK)
        ++wrong;
    }
  };
  run_together({issues, issues, issues, issues});
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
