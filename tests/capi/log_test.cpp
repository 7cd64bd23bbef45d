// Log sinks through the C ABI.
#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "machine.hpp"

namespace tessera::test {
namespace {

struct Record {
  int32_t level;
  std::string area, event, message, fields;
};

std::string text(tsr_str from) { return {from.data, from.len}; }

/// Collects records; counts how often its user data was freed.
struct Sink {
  static void receive(void* user, int32_t level, tsr_str area, tsr_str event, tsr_str message,
                      tsr_str fields) {
    auto* self = static_cast<Sink*>(user);
    self->records.push_back({level, text(area), text(event), text(message), text(fields)});
    if (self->during) self->during();
  }
  static void free(void* user) { ++static_cast<Sink*>(user)->freed; }

  std::vector<Record> records;
  std::function<void()> during;
  int freed = 0;
};

struct Logged : Machine {
  License license = open();
  Sink sink;

  Subscription attach(int32_t level) {
    Subscription subscription;
    Failure failure;
    require_ok(tsr_license_on_log(license.get(), level, &Sink::receive, &sink, &Sink::free,
                                  subscription.out(), failure.out()),
               failure);
    return subscription;
  }
  /// Something that is worth a warning. Asserts nothing: Boost.Test does so on one thread only.
  tsr_status import_damaged() const {
    const std::string damaged = vendor.key_set() + "x";
    return tsr_license_import(license.get(), damaged.data(), damaged.size(), nullptr, nullptr);
  }
  void fail_an_import() const { BOOST_TEST(import_damaged() == TSR_E_LICENSE); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(log, Logged)

BOOST_AUTO_TEST_CASE(receives_structured_records) {
  const Subscription subscription = attach(TSR_LOG_TRACE);
  fail_an_import();
  const auto refused = std::ranges::find(sink.records, std::string("import_refused"), &Record::event);
  BOOST_REQUIRE((refused != sink.records.end()));
  BOOST_TEST(refused->level == TSR_LOG_WARN);
  BOOST_TEST(refused->area == "license");
  BOOST_TEST(refused->message.size() > 0U);
  BOOST_TEST(nlohmann::json::parse(refused->fields).is_object());
}

BOOST_AUTO_TEST_CASE(levels_filter) {
  const Subscription subscription = attach(TSR_LOG_ERROR);
  fail_an_import();
  BOOST_TEST(std::ranges::all_of(sink.records, [](const Record& r) { return r.level >= TSR_LOG_ERROR; }));
}

BOOST_AUTO_TEST_CASE(records_hold_neither_tokens_nor_identifiers) {
  const Subscription subscription = attach(TSR_LOG_TRACE);
  const std::string asked = request(license);
  const std::string file = vendor.license_file(asked, kSpec);
  import(license, file);
  fail_an_import();
  BOOST_TEST(tsr_license_refresh(license.get(), nullptr, nullptr) == TSR_OK);
  std::string everything;
  for (const Record& record : sink.records) everything += record.message + record.fields;
  BOOST_TEST(!sink.records.empty());
  BOOST_TEST(everything.find("eyJ") == std::string::npos);
  BOOST_TEST(everything.find(asked.substr(asked.rfind('.') + 1, 20)) == std::string::npos);
  std::ifstream stream(root.inside("/etc/machine-id"));
  std::string machine_id;
  BOOST_REQUIRE(std::getline(stream, machine_id));
  BOOST_TEST(everything.find(machine_id) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(user_data_is_freed_once_after_the_last_call) {
  Subscription subscription = attach(TSR_LOG_TRACE);
  fail_an_import();
  BOOST_TEST(sink.freed == 0);
  subscription = Subscription();
  BOOST_TEST(sink.freed == 1);
  const size_t seen = sink.records.size();
  fail_an_import();
  BOOST_TEST(sink.records.size() == seen);
}

BOOST_AUTO_TEST_CASE(user_data_is_freed_once_when_attaching_fails) {
  Subscription subscription;
  BOOST_TEST(tsr_license_on_log(nullptr, TSR_LOG_INFO, &Sink::receive, &sink, &Sink::free, subscription.out(),
                                nullptr) == TSR_E_ARG);
  BOOST_TEST(sink.freed == 1);
  BOOST_TEST(tsr_license_on_log(license.get(), TSR_LOG_INFO, nullptr, &sink, &Sink::free, subscription.out(),
                                nullptr) == TSR_E_ARG);
  BOOST_TEST(sink.freed == 2);
  BOOST_TEST(tsr_license_on_log(license.get(), TSR_LOG_INFO, &Sink::receive, &sink, &Sink::free, nullptr,
                                nullptr) == TSR_E_ARG);
  BOOST_TEST(sink.freed == 3);
}

BOOST_AUTO_TEST_CASE(ends_from_inside_its_own_callback) {
  Subscription subscription = attach(TSR_LOG_TRACE);
  sink.during = [&] {
    sink.during = nullptr;
    tsr_sub_free(subscription.release());
    BOOST_TEST(sink.freed == 0);  // still running
  };
  fail_an_import();
  BOOST_TEST(sink.freed == 1);
  BOOST_TEST(sink.records.size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_handle_may_be_freed_inside_a_callback) {
  Subscription subscription = attach(TSR_LOG_TRACE);
  sink.during = [&] {
    sink.during = nullptr;
    tsr_license_free(license.release());
  };
  const std::string damaged = vendor.key_set() + "x";
  BOOST_TEST(tsr_license_import(license.get(), damaged.data(), damaged.size(), nullptr, nullptr) ==
             TSR_E_LICENSE);
}

BOOST_AUTO_TEST_CASE(a_callback_may_make_blocking_calls) {
  const Subscription subscription = attach(TSR_LOG_TRACE);
  sink.during = [&] { BOOST_TEST(tsr_license_refresh(license.get(), nullptr, nullptr) == TSR_OK); };
  fail_an_import();
  BOOST_TEST(sink.records.size() > 0U);
}

BOOST_AUTO_TEST_CASE(a_callback_may_ask_for_the_verdict) {
  const Subscription subscription = attach(TSR_LOG_TRACE);
  int32_t seen = -1;
  sink.during = [&] { seen = tsr_verdict_code(check(license).get()); };
  fail_an_import();
  BOOST_TEST(seen == TSR_LICENSE_NO_LICENSE);
}

BOOST_AUTO_TEST_CASE(a_throwing_callback_changes_nothing) {
  const Subscription subscription = attach(TSR_LOG_TRACE);
  sink.during = [] { throw std::runtime_error("from the application"); };
  fail_an_import();
  BOOST_TEST(sink.records.size() > 0U);
}

BOOST_AUTO_TEST_CASE(free_waits_for_a_callback_on_another_thread) {
  Subscription subscription = attach(TSR_LOG_TRACE);
  std::promise<void> door;
  std::atomic<bool> entered{false}, left{false};
  sink.during = [&, opened = door.get_future().share()] {
    entered = true;
    opened.wait();
    left = true;
  };
  tsr_status refused = TSR_OK;
  std::thread caller([&] { refused = import_damaged(); });
  while (!entered) std::this_thread::yield();
  std::thread opener([&] { door.set_value(); });
  tsr_sub_free(subscription.release());
  BOOST_TEST(left.load());
  caller.join();
  opener.join();
  BOOST_TEST(refused == TSR_E_LICENSE);
  BOOST_TEST(sink.freed == 1);
}

BOOST_AUTO_TEST_CASE(one_call_at_a_time) {
  struct Counter {
    std::atomic<int> inside{0}, calls{0}, overlaps{0}, unexpected{0};
  } counter;
  Subscription subscription;
  const tsr_log_fn count = [](void* user, int32_t, tsr_str, tsr_str, tsr_str, tsr_str) {
    auto* self = static_cast<Counter*>(user);
    if (self->inside++ != 0) ++self->overlaps;
    ++self->calls;
    std::this_thread::yield();
    --self->inside;
  };
  BOOST_REQUIRE(tsr_license_on_log(license.get(), TSR_LOG_TRACE, count, &counter, nullptr, subscription.out(),
                                   nullptr) == TSR_OK);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10; ++n) {
        if (import_damaged() != TSR_E_LICENSE) ++counter.unexpected;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(counter.calls >= 40);
  BOOST_TEST(counter.overlaps == 0);
  BOOST_TEST(counter.unexpected == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
