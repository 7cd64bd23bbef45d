#include "http/policy/breaker.hpp"

#include <boost/test/unit_test.hpp>
#include <ostream>
#include <vector>

namespace tessera::http {

static std::ostream& operator<<(std::ostream& out, BreakerState state) {
  return out << breaker_state_name(state);
}
static std::ostream& operator<<(std::ostream& out, Outcome outcome) {
  return out << static_cast<int>(outcome);
}

namespace {

constexpr int64_t kStart = 1'000'000;  // a whole second
constexpr int64_t kWall = 1'780'000'000'000;
constexpr int64_t kHourMs = 3'600'000;

struct World {
  explicit World(const BreakerConfig& with = BreakerConfig::client()) : breaker(with) {}

  Ticket admitted() {
    const Admission admission = breaker.admit(now);
    BOOST_REQUIRE(admission.is_allowed);
    return admission.ticket;
  }
  void call(Outcome outcome) { breaker.report(outcome, admitted(), now); }
  void calls(int count, Outcome outcome) {
    for (int i = 0; i < count; ++i) call(outcome);
  }
  void trip() { calls(5, Outcome::kFailure); }
  /// The longest wait that a refusal names.
  int64_t refused_ms() {
    const Admission admission = breaker.admit(now);
    BOOST_TEST(!admission.is_allowed);
    BOOST_TEST(!admission.is_probe);
    return admission.retry_after_ms;
  }

  Breaker breaker;
  int64_t now = kStart;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(breaker)

BOOST_AUTO_TEST_CASE(what_counts_against_a_host) {
  struct Case {
    Failure failure;
    Outcome outcome, strict;
  };
  constexpr Outcome kGood = Outcome::kSuccess, kBad = Outcome::kFailure, kNone = Outcome::kNeutral;
  const Case cases[] = {
      {Failure::kNoRoute, kNone, kBad},   {Failure::kResolve, kNone, kBad},
      {Failure::kConnect, kBad, kBad},    {Failure::kTimeout, kBad, kBad},
      {Failure::kReset, kBad, kBad},      {Failure::kRefused, kBad, kBad},
      {Failure::kProtocol, kBad, kBad},   {Failure::kTls, kNone, kNone},
      {Failure::kPin, kNone, kNone},      {Failure::kProxy, kNone, kNone},
      {Failure::kTooLarge, kNone, kNone}, {Failure::kCancelled, kNone, kNone},
      {Failure::kCallback, kNone, kNone},
  };
  BOOST_TEST(std::size(cases) == static_cast<size_t>(Failure::kCallback));
  for (const Case& one : cases) {
    BOOST_TEST_INFO(failure_name(one.failure));
    BOOST_TEST(outcome_of({one.failure}, false) == one.outcome);
    BOOST_TEST_INFO(failure_name(one.failure));
    BOOST_TEST(outcome_of({one.failure}, true) == one.strict);
  }
  for (const int status : {100, 200, 204, 301, 304, 400, 401, 403, 404, 408, 409, 425, 428, 430, 499}) {
    BOOST_TEST(outcome_of({Failure::kNone, status}, true) == kGood);
  }
  for (const int status : {500, 501, 503, 599, 600, 999}) {
    BOOST_TEST(outcome_of({Failure::kNone, status}, false) == kBad);
  }
  BOOST_TEST(outcome_of({Failure::kNone, 429}, true) == kNone);
}

BOOST_AUTO_TEST_CASE(the_fifth_failure_in_a_row_trips_and_not_the_fourth) {
  World world;
  world.calls(4, Outcome::kFailure);
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
  world.call(Outcome::kFailure);
  BOOST_TEST(world.breaker.state() == BreakerState::kOpen);
  BOOST_TEST(world.breaker.trips() == 1);
  BOOST_TEST(world.refused_ms() == 30'000);
}

BOOST_AUTO_TEST_CASE(a_success_begins_the_row_anew_and_a_neutral_outcome_does_not) {
  World world;
  world.calls(4, Outcome::kFailure);
  world.call(Outcome::kSuccess);
  world.calls(4, Outcome::kFailure);
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
  world.calls(10, Outcome::kNeutral);
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
  world.call(Outcome::kFailure);
  BOOST_TEST(world.breaker.state() == BreakerState::kOpen);
}

BOOST_AUTO_TEST_CASE(a_row_may_take_days) {
  World world;
  for (int i = 0; i < 4; ++i) {
    world.call(Outcome::kFailure);
    world.now += 24 * kHourMs;
  }
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
  world.call(Outcome::kFailure);
  BOOST_TEST(world.breaker.state() == BreakerState::kOpen);
}

BOOST_AUTO_TEST_CASE(exactly_a_fifth_of_the_calls_may_fail) {
  World world;
  world.calls(16, Outcome::kSuccess);
  world.calls(4, Outcome::kFailure);  // 4 of 20
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
  world.calls(4, Outcome::kSuccess);
  world.call(Outcome::kFailure);  // 5 of 25
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
  world.call(Outcome::kFailure);  // 6 of 26
  BOOST_TEST(world.breaker.state() == BreakerState::kOpen);
}

BOOST_AUTO_TEST_CASE(nineteen_calls_say_nothing_about_the_rate) {
  for (const int successes_at_the_end : {1, 2}) {
    World world;
    // 15 of 18 fail, never five in a row.
    for (int i = 0; i < 3; ++i) {
      world.calls(4, Outcome::kFailure);
      world.call(Outcome::kSuccess);
    }
    world.calls(3, Outcome::kFailure);
    BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
    world.calls(successes_at_the_end, Outcome::kSuccess);
    BOOST_TEST(world.breaker.state() ==
               (successes_at_the_end == 1 ? BreakerState::kClosed : BreakerState::kOpen));
  }
}

// The success that makes the sample large enough trips as well: denoland/std#7308.
BOOST_AUTO_TEST_CASE(a_success_that_lifts_the_sample_over_the_floor_trips) {
  World world;
  world.calls(4, Outcome::kFailure);
  world.calls(14, Outcome::kSuccess);
  world.call(Outcome::kFailure);  // 5 of 19
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
  world.call(Outcome::kSuccess);  // 5 of 20
  BOOST_TEST(world.breaker.state() == BreakerState::kOpen);
  BOOST_TEST(world.refused_ms() == 30'000);
}

BOOST_AUTO_TEST_CASE(neutral_outcomes_are_no_part_of_the_sample) {
  World world;
  world.calls(4, Outcome::kFailure);
  world.call(Outcome::kSuccess);
  world.calls(4, Outcome::kFailure);  // 8 of 9
  world.calls(30, Outcome::kNeutral);
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
}

BOOST_AUTO_TEST_CASE(a_call_leaves_the_window_after_a_minute) {
  for (const int64_t later : {58'999, 59'000, 60'000, 200'000}) {
    World world;
    world.now += 999;  // at the end of its slice of a second
    world.calls(4, Outcome::kFailure);
    world.call(Outcome::kSuccess);
    world.call(Outcome::kFailure);  // 5 of 6
    world.now += 1;
    world.calls(13, Outcome::kSuccess);  // 5 of 19
    world.now = kStart + 999 + later;
    world.call(Outcome::kSuccess);
    // One slice before the whole minute is over, the five are still there.
    BOOST_TEST_INFO(later);
    BOOST_TEST(world.breaker.state() == (later < 59'001 ? BreakerState::kOpen : BreakerState::kClosed));
  }
  // At the start of a slice it counts for the whole minute but a millisecond.
  for (const int64_t later : {59'999, 60'000}) {
    World world;
    world.calls(4, Outcome::kFailure);
    world.call(Outcome::kSuccess);
    world.call(Outcome::kFailure);
    world.now += 1'000;
    world.calls(13, Outcome::kSuccess);
    world.now = kStart + later;
    world.call(Outcome::kSuccess);
    BOOST_TEST_INFO(later);
    BOOST_TEST(world.breaker.state() == (later < 60'000 ? BreakerState::kOpen : BreakerState::kClosed));
  }
}

BOOST_AUTO_TEST_CASE(the_window_forgets_slice_by_slice) {
  CallWindow window(60'000);
  for (int64_t second = 0; second < 150; ++second) {
    window.add(second * 1'000 + 500, second % 2 == 0);
    BOOST_TEST(window.calls() == std::min<int64_t>(second + 1, 60));
    BOOST_TEST(window.failures() == (std::min<int64_t>(second + 1, 60) + (second % 2 == 0 ? 1 : 0)) / 2);
  }
  window.add(0, true);  // time does not go back
  BOOST_TEST(window.calls() == 61);
  window.add(1'000'000, false);
  BOOST_TEST(window.calls() == 1);
  BOOST_TEST(window.failures() == 0);
}

BOOST_AUTO_TEST_CASE(a_slice_is_at_least_a_millisecond) {
  CallWindow window(1);
  window.add(10, true);
  window.add(69, false);
  BOOST_TEST(window.calls() == 2);
  window.add(70, false);
  BOOST_TEST(window.failures() == 0);
}

BOOST_AUTO_TEST_CASE(after_the_cooldown_exactly_one_of_a_hundred_is_let_through) {
  World world;
  world.trip();
  world.now += 29'999;
  BOOST_TEST(world.refused_ms() == 1);
  world.now += 1;
  std::vector<Admission> admissions;
  for (int i = 0; i < 100; ++i) admissions.push_back(world.breaker.admit(world.now));
  BOOST_TEST(admissions[0].is_allowed);
  BOOST_TEST(admissions[0].is_probe);
  BOOST_TEST(world.breaker.state() == BreakerState::kHalfOpen);
  for (int i = 1; i < 100; ++i) {
    BOOST_TEST(!admissions[static_cast<size_t>(i)].is_allowed);
    BOOST_TEST(admissions[static_cast<size_t>(i)].retry_after_ms == 60'000);
  }
}

BOOST_AUTO_TEST_CASE(two_successes_one_after_the_other_close_it_and_everything_counts_anew) {
  World world;
  world.trip();
  world.now += 30'000;
  world.call(Outcome::kSuccess);
  BOOST_TEST(world.breaker.state() == BreakerState::kHalfOpen);
  const Admission second = world.breaker.admit(world.now);
  BOOST_TEST(second.is_probe);
  BOOST_TEST(!world.breaker.admit(world.now).is_allowed);
  world.breaker.report(Outcome::kSuccess, second.ticket, world.now);
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
  BOOST_TEST(world.breaker.trips() == 0);
  BOOST_TEST(!world.breaker.admit(world.now).is_probe);
  world.calls(4, Outcome::kFailure);
  world.calls(14, Outcome::kSuccess);  // with the five that tripped it, it would be 9 of 23
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
}

BOOST_AUTO_TEST_CASE(a_failed_probe_reopens_with_a_fresh_timer_that_doubles_up_to_ten_minutes) {
  World world;
  world.trip();
  for (const int64_t cooldown : {30'000, 60'000, 120'000, 240'000, 480'000, 600'000, 600'000}) {
    BOOST_TEST(world.refused_ms() == cooldown);
    world.now += cooldown - 1;
    BOOST_TEST(world.refused_ms() == 1);
    world.now += 7;
    const Ticket probe = world.admitted();
    world.now += 5'000;
    world.breaker.report(Outcome::kFailure, probe, world.now);
    BOOST_TEST(world.breaker.state() == BreakerState::kOpen);
  }
  world.now += 600'000;
  world.calls(2, Outcome::kSuccess);
  world.trip();
  BOOST_TEST(world.refused_ms() == 30'000);
}

BOOST_AUTO_TEST_CASE(a_failure_after_one_success_reopens) {
  World world;
  world.trip();
  world.now += 30'000;
  world.call(Outcome::kSuccess);
  world.call(Outcome::kFailure);
  BOOST_TEST(world.breaker.state() == BreakerState::kOpen);
  BOOST_TEST(world.refused_ms() == 60'000);
  world.now += 60'000;
  world.call(Outcome::kSuccess);  // the one before is forgotten
  BOOST_TEST(world.breaker.state() == BreakerState::kHalfOpen);
}

BOOST_AUTO_TEST_CASE(a_neutral_probe_gives_its_place_back_and_decides_nothing) {
  World world;
  world.trip();
  world.now += 30'000;
  world.call(Outcome::kSuccess);
  world.calls(50, Outcome::kNeutral);
  BOOST_TEST(world.breaker.state() == BreakerState::kHalfOpen);
  world.call(Outcome::kSuccess);
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
}

BOOST_AUTO_TEST_CASE(a_probe_that_never_reports_loses_its_place_after_its_lease) {
  World world;
  world.trip();
  world.now += 30'000;
  const Ticket lost = world.admitted();
  world.now += 59'999;
  BOOST_TEST(world.refused_ms() == 1);
  world.now += 1;
  const Ticket next = world.admitted();
  BOOST_TEST(!world.breaker.admit(world.now).is_allowed);
  // The lost one comes back too late to say anything, or to free the place.
  world.breaker.report(Outcome::kFailure, lost, world.now);
  world.breaker.report(Outcome::kNeutral, lost, world.now);
  BOOST_TEST(world.breaker.state() == BreakerState::kHalfOpen);
  BOOST_TEST(!world.breaker.admit(world.now).is_allowed);
  world.breaker.report(Outcome::kSuccess, next, world.now);
  world.breaker.report(Outcome::kSuccess, next, world.now);  // one report for each call
  BOOST_TEST(world.breaker.state() == BreakerState::kHalfOpen);
}

BOOST_AUTO_TEST_CASE(a_slow_probe_counts_as_long_as_no_other_took_its_place) {
  World world;
  world.trip();
  world.now += 30'000;
  const Ticket slow = world.admitted();
  world.now += 90'000;
  world.breaker.report(Outcome::kFailure, slow, world.now);
  BOOST_TEST(world.refused_ms() == 60'000);
}

BOOST_AUTO_TEST_CASE(late_failures_do_not_restart_the_clock) {
  World world;
  std::vector<Ticket> under_way;
  for (int i = 0; i < 20; ++i) under_way.push_back(world.admitted());
  world.trip();
  world.now += 10'000;
  for (size_t i = 0; i < 10; ++i) world.breaker.report(Outcome::kFailure, under_way[i], world.now);
  BOOST_TEST(world.refused_ms() == 20'000);
  BOOST_TEST(world.breaker.trips() == 1);
  world.now += 20'000;
  const Ticket probe = world.admitted();
  // Neither do they end the probe's test, nor pass for it.
  world.breaker.report(Outcome::kFailure, under_way[10], world.now);
  world.breaker.report(Outcome::kSuccess, under_way[11], world.now);
  world.breaker.report(Outcome::kNeutral, under_way[12], world.now);
  BOOST_TEST(world.breaker.state() == BreakerState::kHalfOpen);
  BOOST_TEST(!world.breaker.admit(world.now).is_allowed);
  world.breaker.report(Outcome::kSuccess, probe, world.now);
  world.call(Outcome::kSuccess);
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
  for (size_t i = 13; i < 20; ++i) world.breaker.report(Outcome::kFailure, under_way[i], world.now);
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
}

BOOST_AUTO_TEST_CASE(a_probe_from_before_a_reset_says_nothing) {
  World world;
  world.trip();
  world.now += 30'000;
  const Ticket probe = world.admitted();
  world.breaker.reset();
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
  world.breaker.report(Outcome::kFailure, probe, world.now);
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
  BOOST_TEST(world.breaker.trips() == 0);
  world.calls(4, Outcome::kFailure);
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
}

BOOST_AUTO_TEST_CASE(the_safety_switch_stays_open_for_an_hour_each_time) {
  World world(BreakerConfig::safety_switch());
  world.calls(4, Outcome::kFailure);
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
  world.call(Outcome::kFailure);
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(world.refused_ms() == kHourMs);
    world.now += kHourMs - 1;
    BOOST_TEST(world.refused_ms() == 1);
    world.now += 1;
    world.call(Outcome::kFailure);
  }
  world.now += kHourMs;
  world.calls(2, Outcome::kSuccess);
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
}

BOOST_AUTO_TEST_CASE(a_change_of_network_brings_the_probe_forward_if_configured) {
  World off;
  off.trip();
  off.breaker.on_network_change();
  BOOST_TEST(off.refused_ms() == 30'000);

  BreakerConfig config;
  config.probes_on_network_change = true;
  World on(config);
  on.breaker.on_network_change();
  BOOST_TEST(on.breaker.state() == BreakerState::kClosed);
  on.trip();
  on.breaker.on_network_change();
  const Ticket probe = on.admitted();
  on.breaker.on_network_change();  // does not take the place away
  BOOST_TEST(!on.breaker.admit(on.now).is_allowed);
  on.breaker.report(Outcome::kFailure, probe, on.now);
  BOOST_TEST(on.refused_ms() == 60'000);
}

BOOST_AUTO_TEST_CASE(switched_off_it_lets_everything_through) {
  BreakerConfig config;
  config.is_enabled = false;
  World world(config);
  world.calls(100, Outcome::kFailure);
  world.breaker.restore({true, kWall, 30'000, 1}, world.now, kWall);
  BOOST_TEST(world.breaker.state() == BreakerState::kClosed);
}

BOOST_AUTO_TEST_CASE(what_is_left_of_a_cooldown_outlives_a_restart) {
  World first;
  first.trip();
  first.now += 30'000;
  first.call(Outcome::kFailure);  // 60 s from here
  first.now += 15'000;
  const BreakerRecord record = first.breaker.record(first.now, kWall);
  BOOST_TEST(record.is_open);
  BOOST_TEST(record.opened_wall_ms == kWall - 15'000);
  BOOST_TEST(record.cooldown_ms == 60'000);
  BOOST_TEST(record.trips == 2);

  World second;
  second.now = 5'000;  // the machine has just started
  second.breaker.restore(record, second.now, kWall + 20'000);
  BOOST_TEST(second.refused_ms() == 25'000);
  second.now += 25'000;
  second.call(Outcome::kFailure);
  BOOST_TEST(second.refused_ms() == 120'000);
}

BOOST_AUTO_TEST_CASE(a_closed_breaker_leaves_nothing_behind) {
  World world;
  world.calls(4, Outcome::kFailure);
  const BreakerRecord record = world.breaker.record(world.now, kWall);
  BOOST_TEST(!record.is_open);
  World second;
  second.breaker.restore(record, second.now, kWall);
  BOOST_TEST(second.breaker.state() == BreakerState::kClosed);
  BOOST_TEST(second.breaker.trips() == 0);
}

BOOST_AUTO_TEST_CASE(a_probe_under_way_at_the_end_is_made_again) {
  World world;
  world.trip();
  world.now += 30'000;
  (void)world.admitted();
  World second;
  second.breaker.restore(world.breaker.record(world.now, kWall), second.now, kWall);
  BOOST_TEST(second.breaker.admit(second.now).is_probe);
}

BOOST_AUTO_TEST_CASE(no_clock_keeps_it_open_longer_than_its_cooldown_or_an_hour) {
  struct Case {
    BreakerRecord record;
    int64_t left_ms;
  };
  const Case cases[] = {
      {{true, kWall, 30'000, 1}, 30'000},
      {{true, kWall - 29'999, 30'000, 1}, 1},
      {{true, kWall - 30'000, 30'000, 1}, 0},
      {{true, kWall + 1, 30'000, 1}, 30'000},  // the clock was set back
      {{true, INT64_MAX, 30'000, 1}, 30'000},
      {{true, INT64_MIN, 30'000, 1}, 0},
      {{true, kWall, kHourMs, 1}, kHourMs},
      {{true, kWall, kHourMs + 1, 1}, kHourMs},
      {{true, kWall, INT64_MAX, 1}, kHourMs},
      {{true, kWall, -1, 1}, 0},
      {{true, kWall, INT64_MIN, INT64_MIN}, 0},
  };
  for (const Case& one : cases) {
    World world;
    world.now = 10;
    world.breaker.restore(one.record, world.now, kWall);
    const Admission admission = world.breaker.admit(world.now);
    BOOST_TEST(admission.is_allowed == (one.left_ms == 0));
    BOOST_TEST(admission.retry_after_ms == one.left_ms);
  }
  World world;
  world.breaker.restore({true, kWall, 30'000, INT64_MAX}, world.now, kWall);
  world.now += 30'000;
  world.call(Outcome::kFailure);
  BOOST_TEST(world.refused_ms() == 600'000);
}

BOOST_AUTO_TEST_CASE(states_have_names) {
  BOOST_TEST(breaker_state_name(BreakerState::kClosed) == "closed");
  BOOST_TEST(breaker_state_name(BreakerState::kOpen) == "open");
  BOOST_TEST(breaker_state_name(BreakerState::kHalfOpen) == "half_open");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
