// Operations in the background: what they give, in which order, and that each tells its end exactly once. No
// case waits for the count of live objects that its fixture compares: what is documented as the end must do.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "machine.hpp"

namespace tessera::test {
namespace {

constexpr uint32_t kLongMs = 60'000;  // for what does happen

/// Counts what the library calls.
class Told {
 public:
  explicit Told(std::function<void(tsr_op*)> in_done = nullptr) : in_done_(std::move(in_done)) {}

  static void done(void* user, tsr_op* op) {
    auto* const self = static_cast<Told*>(user);
    if (self->in_done_) self->in_done_(op);
    const std::lock_guard lock(self->mutex_);
    self->thread_ = std::this_thread::get_id();
    self->freed_before_done_ = self->freed_ > 0;
    ++self->done_;
    self->changed_.notify_all();
  }
  static void free(void* user) {
    auto* const self = static_cast<Told*>(user);
    const std::lock_guard lock(self->mutex_);
    ++self->freed_;
    self->changed_.notify_all();
  }

  /// Until done and free were called.
  bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(kLongMs),
                             [this] { return done_ > 0 && freed_ > 0; });
  }
  int done_calls() {
    const std::lock_guard lock(mutex_);
    return done_;
  }
  int free_calls() {
    const std::lock_guard lock(mutex_);
    return freed_;
  }
  bool freed_before_done() const { return freed_before_done_; }
  std::thread::id thread() const { return thread_; }

 private:
  const std::function<void(tsr_op*)> in_done_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread::id thread_;
  bool freed_before_done_ = false;
  int done_ = 0, freed_ = 0;
};

/// Keeps a worker inside a done function, and with it everything that waits behind that operation.
class Held {
 public:
  explicit Held(const License& license) {
    BOOST_REQUIRE(tsr_license_refresh_async(license.get(), &Held::hold, this, nullptr, op_.out(), nullptr) ==
                  TSR_OK);
    entered_.get_future().wait();
  }
  ~Held() {
    let_go();
    BOOST_CHECK(tsr_op_wait(op_.get(), kLongMs, nullptr) == TSR_OK);
  }
  void let_go() {
    if (!std::exchange(open_, true)) go_on_.set_value();
  }
  tsr_op* op() const { return op_.get(); }

 private:
  static void hold(void* user, tsr_op*) {
    auto* const self = static_cast<Held*>(user);
    self->entered_.set_value();
    self->go_on_.get_future().wait();
  }
  std::promise<void> entered_, go_on_;
  bool open_ = false;
  Operation op_;
};

/// Starts and waits for the end.
template <class Start, class... Args>
Operation ended(Start start, Args... args) {
  Operation op;
  Failure failure;
  require_ok(start(args..., nullptr, nullptr, nullptr, op.out(), failure.out()), failure);
  require_ok(tsr_op_wait(op.get(), kLongMs, failure.out()), failure);
  return op;
}

Verdict verdict_of(const Operation& op) {
  Verdict verdict;
  Failure failure;
  require_ok(tsr_op_verdict(op.get(), verdict.out(), failure.out()), failure);
  return verdict;
}

std::string bytes_of(const Operation& op) {
  return made_text([&](tsr_buf* out, tsr_error** err) { return tsr_op_buf(op.get(), out, err); });
}

tsr_status status_of(const Operation& op) { return tsr_op_verdict(op.get(), nullptr, nullptr); }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(op, Machine)

BOOST_AUTO_TEST_CASE(a_licence_lives_in_the_background) {
  const std::string config = vendor.config(folder.path().string()).dump();
  License license;
  BOOST_REQUIRE(tsr_op_license(ended(tsr_license_open_async, str(config)).get(), license.out(), nullptr) ==
                TSR_OK);
  const std::string request = bytes_of(
      ended(tsr_license_request_async, license.get(), static_cast<const tsr_request_opts*>(nullptr)));
  const std::string file = vendor.license_file(request, kSpec);
  const void* const data = file.data();
  BOOST_TEST(tsr_verdict_usable(
                 verdict_of(ended(tsr_license_verify_async, license.get(), data, file.size())).get()) == 1);
  BOOST_TEST(tsr_verdict_usable(check(license).get()) == 0);  // verifying stored nothing
  BOOST_TEST(
      tsr_verdict_sku(verdict_of(ended(tsr_license_import_async, license.get(), data, file.size())).get()) ==
      "pro");
  BOOST_TEST(tsr_verdict_usable(verdict_of(ended(tsr_license_refresh_async, license.get())).get()) == 1);

  int64_t used = -1, limit = -1;
  const Operation metered = ended(tsr_license_meter_add_async, license.get(), TSR_LIT("copies"), int64_t{3});
  BOOST_TEST(tsr_op_meter(metered.get(), &used, &limit, nullptr) == TSR_OK);
  BOOST_TEST(used == 3);
  BOOST_TEST(limit == 50);

  const std::string proof = bytes_of(ended(tsr_license_deactivate_async, license.get()));
  BOOST_TEST(!made_text([&](tsr_buf* out, tsr_error** err) {
                return tsr_issuer_read_deactivation(vendor.issuer(), str(proof), out, err);
              }).empty());
  BOOST_TEST(tsr_op_void(ended(tsr_license_close_async, license.get(), 1000U).get(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_license_check(license.get(), Verdict().out(), nullptr) == TSR_E_STATE);
}

BOOST_AUTO_TEST_CASE(a_trial_an_application_a_probe_and_a_key) {
  const std::string config = vendor.config(folder.path().string()).dump();
  App app;
  BOOST_REQUIRE(tsr_op_app(ended(tsr_app_open_async, str(config)).get(), app.out(), nullptr) == TSR_OK);
  License license;
  BOOST_REQUIRE(tsr_app_license(app.get(), license.out(), nullptr) == TSR_OK);
  import(license, vendor.key_set());
  const std::string token = made_text([&](tsr_buf* out, tsr_error** err) {
    return tsr_issuer_trial(vendor.issuer(), TSR_LIT("{\"sku\":\"pro\",\"days\":14}"), out, err);
  });
  const void* const data = token.data();
  BOOST_TEST(tsr_verdict_code(
                 verdict_of(ended(tsr_license_start_trial_async, license.get(), data, token.size())).get()) ==
             TSR_LICENSE_OK_TRIAL);
  BOOST_TEST(tsr_op_void(ended(tsr_app_close_async, app.get(), 1000U).get(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_app_license(app.get(), license.out(), nullptr) == TSR_E_STATE);

  Hardware hardware;
  BOOST_TEST(tsr_op_hwid(ended(tsr_hwid_probe_async, tsr_str_of(nullptr)).get(), hardware.out(), nullptr) ==
             TSR_OK);
  BOOST_TEST(tsr_hwid_strength(hardware.get()) == TSR_STRENGTH_STRONG);
  Key key;
  BOOST_TEST(tsr_op_key(ended(tsr_key_generate_async, int32_t{TSR_KEY_RS256}).get(), key.out(), nullptr) ==
             TSR_OK);
  BOOST_TEST(tsr_key_type(key.get()) == TSR_KEY_RS256);
}

BOOST_AUTO_TEST_CASE(tells_its_end_once_on_another_thread_with_the_result) {
  const License license = licensed();
  tsr_op* told_of = nullptr;
  int32_t ended_inside = 0;
  Verdict verdict;
  tsr_status status = TSR_E_INTERNAL;
  Told told([&](tsr_op* op) {
    told_of = op;
    ended_inside = tsr_op_ended(op);
    status = tsr_op_verdict(op, verdict.out(), nullptr);
  });
  Operation op;
  BOOST_REQUIRE(
      tsr_license_refresh_async(license.get(), &Told::done, &told, &Told::free, op.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
  // The wait covers both.
  BOOST_TEST(told.done_calls() == 1);
  BOOST_TEST(told.free_calls() == 1);
  BOOST_TEST(!told.freed_before_done());
  BOOST_TEST((told.thread() != std::this_thread::get_id()));
  BOOST_TEST(told_of == op.get());
  BOOST_TEST(ended_inside == 1);
  BOOST_TEST(status == TSR_OK);
  BOOST_TEST(tsr_verdict_usable(verdict.get()) == 1);
}

BOOST_AUTO_TEST_CASE(a_start_that_fails_frees_its_user_data_and_starts_nothing) {
  const License license = open();
  Told told;
  Failure failure;
  auto* op = reinterpret_cast<tsr_op*>(1);
  BOOST_TEST(tsr_license_meter_add_async(license.get(), TSR_LIT("copies"), -1, &Told::done, &told,
                                         &Told::free, &op, failure.out()) == TSR_E_ARG);
  BOOST_TEST(op == nullptr);
  BOOST_TEST(told.free_calls() == 1);
  BOOST_TEST(tsr_key_generate_async(77, &Told::done, &told, &Told::free, &op, failure.out()) == TSR_E_ARG);
  BOOST_TEST(told.free_calls() == 2);
  BOOST_TEST(tsr_license_refresh_async(license.get(), nullptr, &told, &Told::free, nullptr, failure.out()) ==
             TSR_E_ARG);
  BOOST_TEST(std::string(tsr_error_text(failure.get())).find("done and out") != std::string::npos);
  BOOST_TEST(told.free_calls() == 3);
  BOOST_TEST(told.done_calls() == 0);
}

BOOST_AUTO_TEST_CASE(a_failure_is_the_one_of_the_blocking_twin) {
  const License license = open();
  const void* const data = "damaged";
  Failure direct, failure;
  BOOST_REQUIRE(tsr_license_import(license.get(), data, 7, nullptr, direct.out()) == TSR_E_LICENSE);
  const Operation op = ended(tsr_license_import_async, license.get(), data, size_t{7});
  Verdict verdict;
  BOOST_TEST(tsr_op_verdict(op.get(), verdict.out(), failure.out()) == TSR_E_LICENSE);
  BOOST_TEST(!verdict);
  BOOST_TEST(license_code(failure) == license_code(direct));
  BOOST_TEST(tsr_error_text(failure.get()) == std::string(tsr_error_text(direct.get())));
  BOOST_TEST(status_of(op) == TSR_E_STATE);  // taken
}

BOOST_AUTO_TEST_CASE(a_result_is_taken_once_and_only_as_what_it_is) {
  const License license = open();
  const Operation op = ended(tsr_license_refresh_async, license.get());
  Buffer out;
  Key key;
  Failure failure;
  BOOST_TEST(tsr_op_buf(op.get(), out.out(), failure.out()) == TSR_E_STATE);
  BOOST_TEST(tsr_op_key(op.get(), key.out(), failure.out()) == TSR_E_STATE);
  BOOST_TEST(tsr_op_void(op.get(), failure.out()) == TSR_E_STATE);
  BOOST_TEST(tsr_error_domain(failure.get()) == "abi");
  BOOST_TEST(tsr_verdict_code(verdict_of(op).get()) == TSR_LICENSE_NO_LICENSE);
  BOOST_TEST(status_of(op) == TSR_E_STATE);
  BOOST_TEST(tsr_op_ended(op.get()) == 1);
}

BOOST_AUTO_TEST_CASE(another_handle_is_refused) {
  const License license = open();
  auto* const other = reinterpret_cast<tsr_op*>(license.get());
  BOOST_TEST(tsr_op_wait(other, 0, nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_op_void(other, nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_op_ended(other) == 0);
  tsr_op_cancel(other);
  tsr_op_free(other);
  BOOST_TEST(tsr_verdict_code(check(license).get()) == TSR_LICENSE_NO_LICENSE);
}

BOOST_AUTO_TEST_CASE(operations_of_one_application_run_in_the_order_of_their_start) {
  const std::string config = vendor.config(folder.path().string()).dump();
  App app;
  License one, other;
  BOOST_REQUIRE(tsr_app_open(str(config), app.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_app_license(app.get(), one.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_app_license(app.get(), other.out(), nullptr) == TSR_OK);
  struct Order {
    std::atomic<int> inside{0}, overlaps{0};
    std::vector<int> seen;  // guarded by the promise that nothing overlaps
  } order;
  struct Entry {
    Order* order;
    int number;
  };
  constexpr int kOperations = 40;
  std::vector<Entry> entries;
  for (int i = 0; i < kOperations; ++i) entries.push_back({&order, i});
  std::vector<Operation> ops(kOperations);
  const auto note = [](void* user, tsr_op*) {
    const auto* const entry = static_cast<Entry*>(user);
    if (entry->order->inside.fetch_add(1) != 0) ++entry->order->overlaps;
    entry->order->seen.push_back(entry->number);
    --entry->order->inside;
  };
  for (size_t i = 0; i < ops.size(); ++i) {
    const License& license = i % 2 == 0 ? one : other;
    BOOST_REQUIRE(tsr_license_refresh_async(license.get(), note, &entries[i], nullptr, ops[i].out(),
                                            nullptr) == TSR_OK);
  }
  BOOST_REQUIRE(tsr_op_wait(ops.back().get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(order.overlaps == 0);
  BOOST_TEST(order.seen.size() == ops.size());
  BOOST_TEST(std::ranges::is_sorted(order.seen));
}

BOOST_AUTO_TEST_CASE(a_licence_that_waits_for_its_lock_holds_up_nobody_else) {
  const License waiting = open();
  const License other = vendor.open_license(folder / "other");
  const int lock = ::open((folder / "data/license.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  struct flock whole{};
  whole.l_type = F_WRLCK;
  BOOST_REQUIRE(fcntl(lock, F_OFD_SETLK, &whole) == 0);

  std::vector<Operation> ops(8);  // twice the workers there are
  for (Operation& op : ops) {
    BOOST_REQUIRE(tsr_license_request_async(waiting.get(), nullptr, nullptr, nullptr, nullptr, op.out(),
                                            nullptr) == TSR_OK);
  }
  BOOST_TEST(status_of(ended(tsr_license_refresh_async, other.get())) == TSR_OK);
  BOOST_TEST(tsr_op_ended(ops.back().get()) == 0);

  close(lock);
  for (const Operation& op : ops) {
    BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
    BOOST_TEST(!bytes_of(op).empty());
  }
}

BOOST_AUTO_TEST_CASE(four_run_at_a_time) {
  struct Crowd {
    std::mutex mutex;
    std::condition_variable changed;
    int inside = 0, most = 0, left = 0;
    bool four_met = false;
  } crowd;
  const auto meet = [](void* user, tsr_op*) {
    auto* const self = static_cast<Crowd*>(user);
    std::unique_lock lock(self->mutex);
    self->most = std::max(self->most, ++self->inside);
    if (self->inside == 4) self->four_met = true;
    self->changed.notify_all();
    self->changed.wait_for(lock, std::chrono::milliseconds(kLongMs), [&] { return self->four_met; });
    --self->inside;
  };
  const auto leave = [](void* user) {
    auto* const self = static_cast<Crowd*>(user);
    const std::lock_guard lock(self->mutex);
    ++self->left;
    self->changed.notify_all();
  };
  constexpr int kOperations = 32;
  for (int i = 0; i < kOperations; ++i) {
    BOOST_REQUIRE(tsr_key_generate_async(TSR_KEY_ED25519, meet, &crowd, leave, nullptr, nullptr) == TSR_OK);
  }
  std::unique_lock lock(crowd.mutex);
  BOOST_TEST(crowd.changed.wait_for(lock, std::chrono::milliseconds(kLongMs),
                                    [&] { return crowd.left == kOperations; }));
  BOOST_TEST(crowd.four_met);
  BOOST_TEST(crowd.most == 4);
}

BOOST_AUTO_TEST_CASE(one_that_waits_is_cancelled_without_waiting_for_its_turn) {
  const License license = open();
  const std::string file = vendor.license_file({}, {{"sku", "site"}, {"kind", "site"}});
  Held held(license);
  Told told;
  Operation op;
  BOOST_REQUIRE(tsr_license_import_async(license.get(), file.data(), file.size(), &Told::done, &told,
                                         &Told::free, op.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_wait(op.get(), 0, nullptr) == TSR_E_TIMEOUT);
  BOOST_TEST(status_of(op) == TSR_E_STATE);
  tsr_op_cancel(op.get());
  tsr_op_cancel(op.get());
  // The one before it still holds the strand.
  BOOST_TEST(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(told.done_calls() == 1);
  BOOST_TEST(told.free_calls() == 1);
  Failure failure;
  BOOST_TEST(tsr_op_verdict(op.get(), nullptr, failure.out()) == TSR_E_CANCELLED);
  BOOST_TEST(std::string(tsr_error_text(failure.get())).find("cancelled") != std::string::npos);
  held.let_go();
  BOOST_TEST(status_of(ended(tsr_license_refresh_async, license.get())) == TSR_OK);
  BOOST_TEST(tsr_verdict_code(check(license).get()) == TSR_LICENSE_NO_LICENSE);
}

BOOST_AUTO_TEST_CASE(one_that_runs_or_has_ended_keeps_its_result) {
  const License license = open();
  Held held(license);
  tsr_op_cancel(held.op());
  BOOST_TEST(tsr_op_verdict(held.op(), nullptr, nullptr) == TSR_OK);
}

BOOST_AUTO_TEST_CASE(freeing_does_not_stop_it) {
  License license = open();
  const std::string file = vendor.license_file({}, {{"sku", "site"}, {"kind", "site"}});
  Told told;
  {
    Held held(license);
    Operation op;
    BOOST_REQUIRE(tsr_license_import_async(license.get(), file.data(), file.size(), &Told::done, &told,
                                           &Told::free, op.out(), nullptr) == TSR_OK);
    op = Operation();
    license = License();
    BOOST_TEST(told.done_calls() == 0);
  }
  BOOST_TEST(told.wait());
  BOOST_TEST(tsr_verdict_sku(check(open()).get()) == "site");
}

BOOST_AUTO_TEST_CASE(its_owner_may_free_it_in_done_and_still_take_the_result) {
  const License license = open();
  Held held(license);
  Operation op;
  tsr_status status = TSR_E_INTERNAL;
  Verdict verdict;
  Told told([&](tsr_op* borrowed) {
    op = Operation();
    status = tsr_op_verdict(borrowed, verdict.out(), nullptr);
  });
  BOOST_REQUIRE(
      tsr_license_refresh_async(license.get(), &Told::done, &told, &Told::free, op.out(), nullptr) == TSR_OK);
  held.let_go();
  BOOST_TEST(told.wait());
  BOOST_TEST(status == TSR_OK);
  BOOST_TEST(tsr_verdict_code(verdict.get()) == TSR_LICENSE_NO_LICENSE);
}

BOOST_AUTO_TEST_CASE(freeing_one_that_is_only_borrowed_does_nothing) {
  const License license = open();
  tsr_status status = TSR_E_INTERNAL;
  Told told([&](tsr_op* op) {
    tsr_op_free(op);
    status = tsr_op_verdict(op, nullptr, nullptr);
  });
  BOOST_REQUIRE(tsr_license_refresh_async(license.get(), &Told::done, &told, &Told::free, nullptr, nullptr) ==
                TSR_OK);
  BOOST_TEST(told.wait());
  BOOST_TEST(status == TSR_OK);
}

BOOST_AUTO_TEST_CASE(counts_until_it_ended_and_was_freed) {
  const License license = open();
  const uint64_t live = tsr_live_objects();
  Operation op = ended(tsr_key_generate_async, int32_t{TSR_KEY_ED25519});
  BOOST_TEST(tsr_live_objects() == live + 2);  // and the key that nobody took
  op = Operation();
  BOOST_TEST(tsr_live_objects() == live);
}

BOOST_AUTO_TEST_CASE(a_close_ends_what_was_started_after_it) {
  const License license = licensed();
  Operation earlier, closing, later;
  {
    Held held(license);
    BOOST_REQUIRE(tsr_license_refresh_async(license.get(), nullptr, nullptr, nullptr, earlier.out(),
                                            nullptr) == TSR_OK);
    BOOST_REQUIRE(tsr_license_close_async(license.get(), 1000, nullptr, nullptr, nullptr, closing.out(),
                                          nullptr) == TSR_OK);
    BOOST_REQUIRE(tsr_license_refresh_async(license.get(), nullptr, nullptr, nullptr, later.out(), nullptr) ==
                  TSR_OK);
  }
  BOOST_REQUIRE(tsr_op_wait(later.get(), kLongMs, nullptr) == TSR_OK);
  Failure failure;
  BOOST_TEST(status_of(earlier) == TSR_OK);
  BOOST_TEST(tsr_op_void(closing.get(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_verdict(later.get(), nullptr, failure.out()) == TSR_E_STATE);
  BOOST_TEST(tsr_error_domain(failure.get()) == "license");
}

BOOST_AUTO_TEST_CASE(a_thread_of_the_library_does_not_wait_for_its_own_work) {
  const License license = open();
  Held held(license);
  Operation behind;
  tsr_status status = TSR_OK;
  Told told([&](tsr_op*) { status = tsr_op_wait(behind.get(), kLongMs, nullptr); });
  Operation op;
  BOOST_REQUIRE(
      tsr_license_refresh_async(license.get(), &Told::done, &told, &Told::free, op.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_license_refresh_async(license.get(), nullptr, nullptr, nullptr, behind.out(), nullptr) ==
                TSR_OK);
  held.let_go();
  BOOST_TEST(told.wait());
  BOOST_TEST(status == TSR_E_STATE);
  BOOST_TEST(tsr_op_wait(behind.get(), kLongMs, nullptr) == TSR_OK);
}

BOOST_AUTO_TEST_CASE(done_may_start_more) {
  const License license = open();
  Told second;
  tsr_status started = TSR_E_INTERNAL;
  Told first([&](tsr_op*) {
    started = tsr_license_refresh_async(license.get(), &Told::done, &second, &Told::free, nullptr, nullptr);
  });
  BOOST_REQUIRE(
      tsr_license_refresh_async(license.get(), &Told::done, &first, &Told::free, nullptr, nullptr) == TSR_OK);
  BOOST_TEST(first.wait());
  BOOST_TEST(started == TSR_OK);
  BOOST_TEST(second.wait());
}

BOOST_AUTO_TEST_CASE(an_exception_inside_becomes_its_error) {
  const License license = open();
  Held held(license);
  Operation op;
  BOOST_REQUIRE(tsr_license_refresh_async(license.get(), nullptr, nullptr, nullptr, op.out(), nullptr) ==
                TSR_OK);
  tsr_testing_throw_in(TSR_LIT("tsr_license_refresh_async"));
  held.let_go();
  BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
  Failure failure;
  BOOST_TEST(tsr_op_verdict(op.get(), nullptr, failure.out()) == TSR_E_INTERNAL);
  BOOST_TEST(std::string(tsr_error_text(failure.get())).find("tsr_license_refresh_async") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_exception_of_done_harms_nobody) {
  const License license = open();
  Operation op;
  BOOST_REQUIRE(tsr_license_refresh_async(
                    license.get(), [](void*, tsr_op*) { throw std::runtime_error("of the application"); },
                    nullptr, nullptr, op.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(status_of(op) == TSR_OK);
}

BOOST_AUTO_TEST_CASE(many_threads_start_cancel_wait_and_free) {
  const License license = licensed();
  std::atomic<int> wrong{0}, told{0};
  constexpr int kThreads = 6, kEach = 60;
  const auto count = [](void* user, tsr_op*) { ++*static_cast<std::atomic<int>*>(user); };
  const auto work = [&](int which) {
    for (int i = 0; i < kEach; ++i) {
      Operation op;
      if (tsr_license_refresh_async(license.get(), count, &told, nullptr, op.out(), nullptr) != TSR_OK)
        ++wrong;
      if ((i + which) % 3 == 0) continue;  // freed while it may run
      if ((i + which) % 3 == 1) tsr_op_cancel(op.get());
      if (tsr_op_wait(op.get(), kLongMs, nullptr) != TSR_OK) ++wrong;
      const tsr_status status = status_of(op);
      if (status != TSR_OK && status != TSR_E_CANCELLED) ++wrong;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
  // Last in line: those that were not waited for are over by then.
  BOOST_TEST(status_of(ended(tsr_license_refresh_async, license.get())) == TSR_OK);
  BOOST_TEST(told == kThreads * kEach);
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
