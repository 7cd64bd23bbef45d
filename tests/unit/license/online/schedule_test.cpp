// When the service is asked; that two who ask at once ask once; and what runs in the background.
#include "license/online/schedule.hpp"

#include <thread>

#include "license/online/background.hpp"
#include "online_fixture.hpp"

namespace tessera {

inline std::ostream& operator<<(std::ostream& out, Contact what) { return out << static_cast<int>(what); }

namespace {

using namespace license_test;

constexpr int64_t kRefreshMs = 12 * kHourMs;
constexpr int64_t kMinuteMs = 60'000;

ContactState licensed() {
  ContactState state;
  state.has_license = true;
  state.now_ms = 1000 * kHourMs;
  state.last_sync_ms = state.now_ms;
  state.expires_at_ms = state.now_ms + 30 * kDayMs;
  return state;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(online_schedule)

BOOST_AUTO_TEST_CASE(twelve_hours_after_the_last_confirmation) {
  ContactState state = licensed();
  BOOST_TEST(next_contact(state, {}, kRefreshMs, 0).what == Contact::kSync);
  BOOST_TEST(next_contact(state, {}, kRefreshMs, 0).in_ms == kRefreshMs);
  BOOST_TEST(next_contact(state, {}, kRefreshMs, 999).in_ms < kRefreshMs);
  BOOST_TEST(next_contact(state, {}, kRefreshMs, 999).in_ms >= kRefreshMs * 9 / 10);
  state.sync_every_ms = kHourMs;
  BOOST_TEST(next_contact(state, {}, kRefreshMs, 0).in_ms == kHourMs);
  state.now_ms += 2 * kHourMs;
  BOOST_TEST(next_contact(state, {}, kRefreshMs, 0).in_ms == 0);
}

BOOST_AUTO_TEST_CASE(a_licence_without_end_or_rule_tells_nobody_of_the_machine) {
  ContactState state = licensed();
  state.expires_at_ms = 0;
  BOOST_TEST(next_contact(state, {}, kRefreshMs, 0).what == Contact::kLists);
  state.has_license = false;
  BOOST_TEST(next_contact(state, {}, kRefreshMs, 0).what == Contact::kNone);
}

BOOST_AUTO_TEST_CASE(a_lease_is_renewed_about_half_way) {
  ContactState state = licensed();
  state.is_floating = true;
  state.lease_from_ms = state.now_ms;
  state.lease_until_ms = state.now_ms + kHourMs;
  ContactHistory history;
  history.last_sync_ms = state.now_ms;
  BOOST_TEST(next_contact(state, history, kRefreshMs, 0).what == Contact::kHeartbeat);
  BOOST_TEST(next_contact(state, history, kRefreshMs, 0).in_ms == 24 * kMinuteMs);
  BOOST_TEST(next_contact(state, history, kRefreshMs, 999).in_ms < 36 * kMinuteMs);
  BOOST_TEST(next_contact(state, history, kRefreshMs, 999).in_ms > 35 * kMinuteMs);
  history.last_sync_ms = state.now_ms - kDayMs;
  BOOST_TEST(next_contact(state, history, kRefreshMs, 0).what == Contact::kSync);  // leases don't put it off
  history.last_sync_ms = state.now_ms;
  BOOST_TEST(next_contact(state, history, kRefreshMs, 0).what == Contact::kHeartbeat);
  state.lease_from_ms = state.lease_until_ms = 0;
  BOOST_TEST(next_contact(state, history, kRefreshMs, 500).in_ms == 0);
}

BOOST_AUTO_TEST_CASE(failures_double_the_pause_and_the_service_may_ask_for_more) {
  ContactState state = licensed();
  state.last_sync_ms -= kDayMs;
  ContactHistory history{
      .last_sync_ms = 0, .last_failure_ms = state.now_ms, .failures = 1, .retry_after_ms = {}};
  BOOST_TEST(next_contact(state, history, kRefreshMs, 0).in_ms == kMinuteMs / 2);
  BOOST_TEST(next_contact(state, history, kRefreshMs, 999).in_ms <= kMinuteMs);
  history.failures = 4;
  BOOST_TEST(next_contact(state, history, kRefreshMs, 0).in_ms == 4 * kMinuteMs);
  history.failures = 1'000'000;
  BOOST_TEST(next_contact(state, history, kRefreshMs, 999).in_ms <= kHourMs);
  history.retry_after_ms = 2 * kHourMs;
  BOOST_TEST(next_contact(state, history, kRefreshMs, 0).in_ms == 2 * kHourMs);
}

BOOST_FIXTURE_TEST_CASE(what_is_due_is_done_and_only_then, OnlineMachine) {
  open();
  BOOST_TEST(online->keep_fresh() > kMinuteMs);
  BOOST_TEST(transport.calls().empty());
  activate(synced_spec());
  const size_t before = transport.calls().size();
  BOOST_TEST(online->keep_fresh() <= kHourMs);
  BOOST_TEST(transport.calls().size() == before);
  pass(13 * kHourMs);
  BOOST_TEST(online->keep_fresh() <= kHourMs);
  BOOST_TEST(transport.calls().size() == before + 1);
  BOOST_TEST(transport.calls().back().path == "/sync");
  pass(kHourMs);
  online->keep_fresh();
  BOOST_TEST(transport.calls().size() == before + 1);

  transport.script = [](const ScriptedTransport::Call&) -> Result<ServiceAnswer> {
    return Error{ErrorCode::kNETWORK, "http", "no", {}};
  };
  pass(13 * kHourMs);
  const int64_t pause_ms = online->keep_fresh();
  BOOST_TEST(pause_ms >= kMinuteMs / 2);
  BOOST_TEST(pause_ms <= kMinuteMs);
  BOOST_TEST(verdict().usable());
  online->keep_fresh();
  BOOST_TEST(transport.calls().size() == before + 2);
  BOOST_TEST(service->close(1000).ok());
  BOOST_TEST(online->keep_fresh() == kHourMs);
}

BOOST_FIXTURE_TEST_CASE(two_at_once_are_one, OnlineMachine) {
  activate(synced_spec());
  const size_t before = transport.calls().size();
  std::mutex mutex;
  std::condition_variable opened;
  bool is_open = false;
  transport.script = [&](const ScriptedTransport::Call& call) -> Result<ServiceAnswer> {
    std::unique_lock lock(mutex);
    opened.wait(lock, [&] { return is_open; });
    return good(answer_to(call, synced_spec()));
  };
  std::atomic<int> begun = 0, worked = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      ++begun;
      if (online->sync().ok()) ++worked;
    });
  }
  transport.wait_for(before + 1);
  // The others come while it waits; one that is slower than all of them makes a second call, and no more.
  while (begun != 4) std::this_thread::yield();
  BOOST_TEST(verdict().usable());  // a check waits for none of them
  {
    const std::lock_guard lock(mutex);
    is_open = true;
  }
  opened.notify_all();
  for (std::thread& caller : callers) caller.join();
  BOOST_TEST(worked == 4);
  BOOST_TEST(transport.calls().size() >= before + 1);
  BOOST_TEST(transport.calls().size() <= before + 4);
}

BOOST_FIXTURE_TEST_CASE(in_the_background_a_due_licence_is_confirmed, OnlineMachine) {
  activate(synced_spec());
  pass(25 * kHourMs);
  BOOST_TEST(check() == Code::kWARN_SYNC_DUE);
  const size_t before = transport.calls().size();
  {
    const auto background = require(BackgroundSync::start(online, 0));
    transport.wait_for(before + 1);
  }
  // Destroying it waits for nothing; the call that came does its work.
  while (online.use_count() != 1) std::this_thread::yield();
  BOOST_TEST(check() == Code::kOK);
  const auto gone = require(BackgroundSync::start({}, 0));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
