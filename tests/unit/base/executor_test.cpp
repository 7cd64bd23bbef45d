#include "base/executor.hpp"

#include <array>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <future>
#include <memory>

namespace tessera {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Deletes itself.
class Work final : public Task {
 public:
  explicit Work(std::function<void()> does) : does_(std::move(does)) {}
  void run() noexcept override {
    const std::unique_ptr<Work> self(this);
    does_();
  }

 private:
  const std::function<void()> does_;
};

void at(Clock::time_point due, std::function<void()> does) {
  BOOST_REQUIRE(Executor::submit_at(*new Work(std::move(does)), due).ok());
}

void now(std::function<void()> does) { BOOST_REQUIRE(Executor::submit(*new Work(std::move(does))).ok()); }

}  // namespace

BOOST_AUTO_TEST_SUITE(executor)

BOOST_AUTO_TEST_CASE(tasks_for_later_run_in_the_order_of_their_time) {
  const auto order = std::make_shared<std::array<std::promise<int>, 4>>();
  const auto place = std::make_shared<std::atomic<size_t>>(0);
  const auto note = [=](int which) { return [=] { order->at((*place)++).set_value(which); }; };
  const auto start = Clock::now();
  at(start + milliseconds(90), note(3));
  at(start + milliseconds(30), note(1));
  at(start + milliseconds(60), note(2));
  now(note(0));
  for (int which = 0; which < 4; ++which)
    BOOST_TEST(order->at(static_cast<size_t>(which)).get_future().get() == which);
  BOOST_TEST((Clock::now() - start >= milliseconds(90)));
}

BOOST_AUTO_TEST_CASE(a_task_for_later_outlasts_idle_workers_and_needs_none_that_is_busy) {
  const auto ran = std::make_shared<std::promise<void>>();
  std::promise<void> released;
  const auto release = released.get_future().share();
  const auto due = Clock::now() + std::chrono::seconds(4);  // longer than a worker stays idle
  at(due, [ran] { ran->set_value(); });
  now([release] { release.wait(); });
  auto done = ran->get_future();
  BOOST_TEST((done.wait_until(due - milliseconds(100)) == std::future_status::timeout));
  BOOST_TEST((done.wait_for(std::chrono::seconds(5)) == std::future_status::ready));
  released.set_value();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
