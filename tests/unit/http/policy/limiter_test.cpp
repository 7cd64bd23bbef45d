#include "http/policy/limiter.hpp"

#include <boost/test/unit_test.hpp>

#include "fixed_random.hpp"

namespace tessera::http {
namespace {

constexpr int64_t kStart = 777;
constexpr int64_t kHourMs = 3'600'000;
constexpr Lane kFore = Lane::kForeground, kBack = Lane::kBackground;

struct World {
  explicit World(const LimiterConfig& with = {}) : config(with) {}

  /// Calls that go at `now` without waiting.
  int go(int most = 1'000'000) {
    int gone = 0;
    while (gone < most) {
      const Limiter::Turn turn = limiter.reserve(kFore, now);
      if (turn.wait_ms > 0) limiter.leave(kFore);
      if (turn.wait_ms > 0 || turn.is_full) break;
      ++gone;
    }
    return gone;
  }
  /// How long a call would wait.
  int64_t wait_ms(Lane lane = kFore) {
    const Limiter::Turn turn = limiter.reserve(lane, now);
    BOOST_TEST(!turn.is_full);
    if (turn.wait_ms > 0) limiter.leave(lane);
    return turn.wait_ms;
  }

  LimiterConfig config;
  FixedRandom random;
  Limiter limiter{config, random};
  int64_t now = kStart;
};

LimiterConfig rate(int64_t count, int64_t period_ms, int64_t burst) {
  LimiterConfig config;
  config.rate = count;
  config.period_ms = period_ms;
  config.burst = burst;
  return config;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(limiter)

BOOST_AUTO_TEST_CASE(off_until_configured) {
  World world;
  BOOST_TEST(world.go(100'000) == 100'000);
  BOOST_TEST(world.limiter.pending() == 0);
}

BOOST_AUTO_TEST_CASE(ten_a_second_for_an_hour_are_36000_and_the_burst) {
  World world(rate(10, 1'000, 20));
  int64_t gone = 0;
  for (world.now = kStart; world.now < kStart + kHourMs; ++world.now) gone += world.go();
  BOOST_TEST(gone == 36'000 + 20 - 1);  // one falls on the end itself
  gone += world.go();
  BOOST_TEST(gone == 36'000 + 20);
}

BOOST_AUTO_TEST_CASE(rates_that_no_millisecond_divides_do_not_drift) {
  struct Case {
    int64_t rate, period_ms;
  };
  const Case cases[] = {{3, 1'000},    {7, 1'000},   {999, 1'000}, {1'000, 60'000},
                        {100, 60'000}, {10, 60'000}, {7, kHourMs}};
  for (const Case& one : cases) {
    World world(rate(one.rate, one.period_ms, 1));
    int64_t gone = 0;
    // As the client would: sleeping exactly as long as it was told.
    while (world.now <= kStart + kHourMs) {
      const int64_t wait = world.limiter.reserve(kFore, world.now).wait_ms;
      if (wait > 0) world.limiter.leave(kFore);
      gone += wait == 0 ? 1 : 0;
      world.now += wait;
    }
    BOOST_TEST_INFO(one.rate << " in " << one.period_ms);
    BOOST_TEST(gone == one.rate * (kHourMs / one.period_ms) + 1);
  }
}

BOOST_AUTO_TEST_CASE(more_than_a_token_each_millisecond_still_has_its_burst) {
  World world(rate(1'000'000, 1'000, 20));
  BOOST_TEST(world.go() == 20);
  BOOST_TEST(world.wait_ms() == 1);
  world.now += 10'000;
  BOOST_TEST(world.go() == 20);
}

BOOST_AUTO_TEST_CASE(a_burst_is_saved_up_and_never_more_than_it) {
  World world(rate(10, 1'000, 20));
  BOOST_TEST(world.go() == 20);
  BOOST_TEST(world.wait_ms() == 100);
  world.now += 99;
  BOOST_TEST(world.wait_ms() == 1);
  world.now += 1;
  BOOST_TEST(world.go() == 1);
  world.now += 1'999;
  BOOST_TEST(world.go() == 19);
  world.now += 1;
  BOOST_TEST(world.go() == 1);
  world.now += 24 * kHourMs;
  BOOST_TEST(world.go() == 20);
}

BOOST_AUTO_TEST_CASE(the_wait_is_told_for_a_place_in_the_queue) {
  World world(rate(10, 1'000, 1));
  BOOST_TEST(world.go() == 1);
  for (int64_t place = 1; place <= 50; ++place) {
    BOOST_TEST(world.limiter.reserve(kFore, world.now).wait_ms == 100 * place);
  }
  BOOST_TEST(world.limiter.pending() == 50);
  world.now += 250;
  BOOST_TEST(world.limiter.advance(kFore, world.now) == 0);
  BOOST_TEST(world.limiter.advance(kFore, world.now) == 100);  // a burst of one saves up one
  BOOST_TEST(world.limiter.pending() == 49);
}

BOOST_AUTO_TEST_CASE(nobody_overtakes_the_queue) {
  World world(rate(10, 1'000, 5));
  BOOST_TEST(world.go() == 5);
  BOOST_TEST(world.limiter.reserve(kFore, world.now).wait_ms == 100);
  world.now += 500;  // the whole burst is there, and one still has not asked for it
  BOOST_TEST(world.limiter.reserve(kFore, world.now).wait_ms == 1);
  BOOST_TEST(world.limiter.advance(kFore, world.now) == 0);
  BOOST_TEST(world.limiter.advance(kFore, world.now) == 0);
  BOOST_TEST(world.limiter.pending() == 0);
  BOOST_TEST(world.go() == 3);
}

BOOST_AUTO_TEST_CASE(a_cancelled_wait_costs_nobody_a_token) {
  World world(rate(10, 1'000, 1));
  BOOST_TEST(world.go() == 1);
  for (int i = 0; i < 1'000; ++i) (void)world.limiter.reserve(kFore, world.now);
  for (int i = 0; i < 1'000; ++i) world.limiter.leave(kFore);
  BOOST_TEST(world.limiter.pending() == 0);
  BOOST_TEST(world.wait_ms() == 100);
  world.limiter.leave(kFore);
  BOOST_TEST(world.limiter.pending() == 0);
}

BOOST_AUTO_TEST_CASE(the_ten_thousandth_may_wait_and_the_next_is_refused) {
  World world(rate(1, 1'000, 1));
  BOOST_TEST(world.go() == 1);
  for (int i = 0; i < 10'000; ++i)
    BOOST_REQUIRE(!world.limiter.reserve(i % 2 == 0 ? kFore : kBack, world.now).is_full);
  const Limiter::Turn refused = world.limiter.reserve(kFore, world.now);
  BOOST_TEST(refused.is_full);
  BOOST_TEST(world.limiter.pending() == 10'000);
  world.limiter.leave(kBack);
  BOOST_TEST(!world.limiter.reserve(kFore, world.now).is_full);

  LimiterConfig none = rate(1, 1'000, 1);
  none.max_pending = 0;
  World strict(none);
  BOOST_TEST(!strict.limiter.reserve(kFore, strict.now).is_full);
  BOOST_TEST(strict.limiter.reserve(kFore, strict.now).is_full);
}

BOOST_AUTO_TEST_CASE(calls_keep_a_random_distance) {
  LimiterConfig config;
  config.spacing_least_ms = 2'000;
  config.spacing_most_ms = 5'000;
  World world(config);
  BOOST_TEST(world.go() == 1);
  BOOST_TEST(world.wait_ms() == 2'000);
  world.now += 2'000;
  world.random.value = 3'000;
  BOOST_TEST(world.go() == 1);
  BOOST_TEST(world.wait_ms() == 5'000);
  BOOST_TEST(world.limiter.reserve(kFore, world.now).wait_ms == 5'000);
  BOOST_TEST(world.limiter.reserve(kFore, world.now).wait_ms == 8'500);  // 3.5 s behind it, on average
  world.now += 4'999;
  BOOST_TEST(world.limiter.advance(kFore, world.now) == 1);
}

BOOST_AUTO_TEST_CASE(a_bucket_and_a_distance_hold_both) {
  LimiterConfig config = rate(2, 60'000, 2);
  config.spacing_least_ms = config.spacing_most_ms = 1'000;
  World world(config);
  BOOST_TEST(world.go() == 1);
  BOOST_TEST(world.wait_ms() == 1'000);
  world.now += 1'000;
  BOOST_TEST(world.go() == 1);
  BOOST_TEST(world.wait_ms() == 29'000);
}

BOOST_AUTO_TEST_CASE(a_gate_holds_all_back_and_only_moves_on) {
  World world;
  world.limiter.gate_until(world.now + 30'000, false);
  world.limiter.gate_until(world.now + 10'000, false);
  BOOST_TEST(world.wait_ms(kFore) == 30'000);
  BOOST_TEST(world.wait_ms(kBack) == 30'000);
  world.now += 29'999;
  BOOST_TEST(world.wait_ms() == 1);
  world.now += 1;
  BOOST_TEST(world.wait_ms() == 0);
}

BOOST_AUTO_TEST_CASE(a_gate_reaches_those_who_wait_already) {
  World world(rate(10, 1'000, 1));
  BOOST_TEST(world.go() == 1);
  BOOST_TEST(world.limiter.reserve(kFore, world.now).wait_ms == 100);
  world.limiter.gate_until(world.now + 60'000, false);
  world.now += 100;
  BOOST_TEST(world.limiter.advance(kFore, world.now) == 59'900);
  world.now += 59'900;
  BOOST_TEST(world.limiter.advance(kFore, world.now) == 0);
}

BOOST_AUTO_TEST_CASE(background_work_waits_apart_and_behind) {
  World world;
  world.limiter.gate_until(world.now + 60'000, true);
  BOOST_TEST(world.limiter.reserve(kBack, world.now).wait_ms == 60'000);
  BOOST_TEST(world.wait_ms(kFore) == 0);
  BOOST_TEST(world.limiter.advance(kBack, world.now) == 60'000);
  world.now += 60'000;
  BOOST_TEST(world.limiter.advance(kBack, world.now) == 0);

  World busy(rate(10, 1'000, 1));
  BOOST_TEST(busy.go() == 1);
  BOOST_TEST(busy.limiter.reserve(kBack, busy.now).wait_ms == 100);
  BOOST_TEST(busy.limiter.reserve(kFore, busy.now).wait_ms == 100);
  BOOST_TEST(busy.limiter.reserve(kBack, busy.now).wait_ms == 300);
}

BOOST_AUTO_TEST_CASE(what_the_server_has_left_is_all_there_is) {
  World world;
  world.limiter.apply_remote(3, 10'000, world.now);
  BOOST_TEST(world.go() == 3);
  BOOST_TEST(world.wait_ms() == 10'000);
  world.now += 9'999;
  BOOST_TEST(world.wait_ms() == 1);
  world.now += 1;
  BOOST_TEST(world.go(100) == 100);
}

BOOST_AUTO_TEST_CASE(nothing_left_is_a_wait_of_a_day_at_most) {
  World world;
  world.limiter.apply_remote(0, 5'000, world.now);
  BOOST_TEST(world.wait_ms() == 5'000);
  world.limiter.apply_remote(0, INT64_MAX, world.now);
  BOOST_TEST(world.wait_ms() == 24 * kHourMs);
}

BOOST_AUTO_TEST_CASE(numbers_that_mean_nothing_change_nothing) {
  World world;
  world.limiter.apply_remote(-1, 5'000, world.now);
  world.limiter.apply_remote(0, 0, world.now);
  world.limiter.apply_remote(0, -5, world.now);
  world.limiter.apply_remote(0, INT64_MIN, world.now);
  BOOST_TEST(world.wait_ms() == 0);
}

BOOST_AUTO_TEST_CASE(answers_out_of_order_give_nothing_back_within_a_span) {
  World world;
  world.limiter.apply_remote(10, 60'000, world.now);
  BOOST_TEST(world.go(8) == 8);
  world.now += 1'000;
  world.limiter.apply_remote(9, 59'000, world.now);  // the answer to the first of them
  BOOST_TEST(world.go() == 2);
  world.limiter.apply_remote(5, 60'000, world.now);  // rounded to a second
  BOOST_TEST(world.go() == 0);
  world.limiter.apply_remote(5, 60'001, world.now);  // a new span
  BOOST_TEST(world.go() == 5);
  world.now += 60'001;
  world.limiter.apply_remote(7, 100, world.now);
  BOOST_TEST(world.go() == 7);
}

BOOST_AUTO_TEST_CASE(the_server_may_be_stricter_than_the_configuration_and_not_laxer) {
  World world(rate(10, 1'000, 5));
  world.limiter.apply_remote(1'000, 1'000, world.now);
  BOOST_TEST(world.go() == 5);
  BOOST_TEST(world.wait_ms() == 100);
}

BOOST_AUTO_TEST_CASE(keys_have_a_bucket_of_their_own) {
  FixedRandom random;
  LimiterTable table(random);
  const LimiterConfig config = rate(10, 60'000, 10);
  for (const std::string_view user : {"ana", "rui"}) {
    for (int i = 0; i < 10; ++i)
      BOOST_TEST(table.at(user, config, kStart)->reserve(kFore, kStart).wait_ms == 0);
    BOOST_TEST(table.at(user, config, kStart)->reserve(kFore, kStart).wait_ms == 6'000);
  }
  BOOST_TEST(table.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_full_table_drops_only_what_is_idle) {
  FixedRandom random;
  LimiterTable table(random, 3);
  const LimiterConfig config = rate(1, 1'000, 1);
  (void)table.at("untouched", config, kStart);
  BOOST_TEST(table.at("used", config, kStart)->reserve(kFore, kStart).wait_ms == 0);
  table.at("gated", {}, kStart)->gate_until(kStart + kHourMs, false);
  BOOST_TEST(table.at("fourth", config, kStart) != nullptr);
  BOOST_TEST(table.size() == 3U);
  BOOST_TEST(table.at("fourth", config, kStart)->reserve(kFore, kStart).wait_ms == 0);
  BOOST_TEST(table.at("fifth", config, kStart) == nullptr);
  BOOST_TEST(table.at("fifth", config, kStart + 999) == nullptr);
  BOOST_TEST(table.at("fourth", config, kStart)->reserve(kFore, kStart).wait_ms == 1'000);  // one waits
  BOOST_TEST(table.at("fifth", config, kStart + 1'000) != nullptr);  // in the place of "used"
  BOOST_TEST(table.at("fourth", config, kStart)->pending() == 1);
  BOOST_TEST(table.at("gated", {}, kStart + 1'000)->reserve(kFore, kStart + 1'000).wait_ms ==
             kHourMs - 1'000);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
