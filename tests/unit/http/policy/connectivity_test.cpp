#include "http/policy/connectivity.hpp"

#include <boost/test/unit_test.hpp>
#include <ostream>

#include "fixed_random.hpp"

namespace tessera::http {

static std::ostream& operator<<(std::ostream& out, Reach reach) { return out << reach_name(reach); }

namespace {

struct World {
  void report(std::string_view host, const Attempt& attempt, const Ticket& ticket = {}) {
    connectivity.report(host, attempt, ticket, now);
  }
  void fail(std::string_view host, Failure failure) { report(host, {failure}); }
  void answer(std::string_view host) { report(host, {Failure::kNone, 200}); }
  int64_t refused_ms() {
    const Admission admission = connectivity.admit(now);
    BOOST_TEST(!admission.is_allowed);
    return admission.retry_after_ms;
  }
  Ticket probe() {
    const Admission admission = connectivity.admit(now);
    BOOST_REQUIRE(admission.is_allowed);
    BOOST_TEST(admission.is_probe);
    return admission.ticket;
  }

  FixedRandom random;
  Connectivity connectivity{{}, random};
  int64_t now = 1'000'000;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(connectivity)

BOOST_AUTO_TEST_CASE(online_it_stands_in_nobodys_way) {
  World world;
  const Admission admission = world.connectivity.admit(world.now);
  BOOST_TEST(admission.is_allowed);
  BOOST_TEST(!admission.is_probe);
  for (int i = 0; i < 10; ++i) {
    for (const Failure failure : {Failure::kConnect, Failure::kTimeout, Failure::kReset, Failure::kTls,
                                  Failure::kPin, Failure::kProxy, Failure::kCancelled, Failure::kCallback}) {
      world.fail("a.example", failure);
    }
  }
  BOOST_TEST(world.connectivity.reach() == Reach::kOnline);
}

BOOST_AUTO_TEST_CASE(without_a_route_it_is_offline_at_once) {
  World world;
  world.answer("b.example");
  world.fail("a.example", Failure::kNoRoute);
  BOOST_TEST(world.connectivity.reach() == Reach::kOffline);
}

BOOST_AUTO_TEST_CASE(one_name_is_enough_when_no_other_host_is_in_use) {
  World world;
  world.answer("a.example");
  world.fail("A.example", Failure::kResolve);
  BOOST_TEST(world.connectivity.reach() == Reach::kOffline);
}

BOOST_AUTO_TEST_CASE(a_host_is_in_use_for_ten_minutes) {
  for (const int64_t later : {600'000, 600'001}) {
    World world;
    world.answer("b.example");
    world.now += later;
    world.fail("a.example", Failure::kResolve);
    BOOST_TEST(world.connectivity.reach() == (later == 600'000 ? Reach::kOnline : Reach::kOffline));
  }
}

BOOST_AUTO_TEST_CASE(of_several_hosts_two_names_must_fail_without_an_answer_between) {
  World world;
  world.answer("b.example");
  for (int i = 0; i < 10; ++i) world.fail("a.example", Failure::kResolve);
  BOOST_TEST(world.connectivity.reach() == Reach::kOnline);  // that host's name only
  world.answer("b.example");
  world.fail("b.example", Failure::kResolve);
  BOOST_TEST(world.connectivity.reach() == Reach::kOnline);
  world.fail("c.example", Failure::kTimeout);  // no answer
  world.fail("a.example", Failure::kResolve);
  BOOST_TEST(world.connectivity.reach() == Reach::kOffline);
}

BOOST_AUTO_TEST_CASE(any_answer_ends_it) {
  const Attempt answers[] = {{Failure::kNone, 200},  {Failure::kNone, 503},   {Failure::kNone, 429},
                             {Failure::kRefused, 0}, {Failure::kProtocol, 0}, {Failure::kTooLarge, 0}};
  for (const Attempt& answer : answers) {
    World world;
    world.fail("a.example", Failure::kNoRoute);
    world.report("b.example", answer);  // of a call that was under way
    BOOST_TEST(world.connectivity.reach() == Reach::kOnline);
    BOOST_TEST(!world.connectivity.admit(world.now).is_probe);
  }
}

BOOST_AUTO_TEST_CASE(probes_come_one_at_a_time_after_a_pause_that_doubles_to_a_minute) {
  World world;
  world.fail("a.example", Failure::kNoRoute);
  for (const int64_t span : {1'000, 2'000, 4'000, 8'000, 16'000, 32'000, 60'000, 60'000}) {
    BOOST_TEST(world.refused_ms() == span / 2);
    world.now += span / 2 - 1;
    BOOST_TEST(world.refused_ms() == 1);
    world.now += 1;
    const Ticket probe = world.probe();
    BOOST_TEST(world.refused_ms() == 60'000);    // the probe's lease
    world.fail("a.example", Failure::kNoRoute);  // a call from before changes nothing
    BOOST_TEST(world.refused_ms() == 60'000);
    world.report("a.example", {Failure::kTimeout}, probe);
    BOOST_TEST(world.connectivity.reach() == Reach::kOffline);
  }
}

BOOST_AUTO_TEST_CASE(the_pause_has_jitter_above_its_half) {
  World world;
  world.random.value = 500;
  world.fail("a.example", Failure::kNoRoute);
  BOOST_TEST(world.refused_ms() == 1'000);
}

BOOST_AUTO_TEST_CASE(the_pause_begins_anew_when_the_network_was_there) {
  World world;
  world.fail("a.example", Failure::kNoRoute);
  world.now += 500;
  world.report("a.example", {Failure::kNoRoute}, world.probe());
  BOOST_TEST(world.refused_ms() == 1'000);
  world.answer("a.example");
  world.fail("a.example", Failure::kNoRoute);
  BOOST_TEST(world.refused_ms() == 500);
}

BOOST_AUTO_TEST_CASE(a_cancelled_probe_gives_its_place_to_the_next_at_once) {
  World world;
  world.fail("a.example", Failure::kNoRoute);
  world.now += 500;
  world.report("a.example", {Failure::kCancelled}, world.probe());
  const Ticket next = world.probe();
  world.report("a.example", {Failure::kConnect}, next);
  BOOST_TEST(world.refused_ms() == 1'000);
}

BOOST_AUTO_TEST_CASE(a_lost_probe_does_not_keep_it_offline) {
  World world;
  world.fail("a.example", Failure::kNoRoute);
  world.now += 500;
  (void)world.probe();
  world.now += 60'000;
  (void)world.probe();
}

BOOST_AUTO_TEST_CASE(a_portal_is_told_or_says_so_itself) {
  World told;
  told.connectivity.on_captive({}, told.now);
  BOOST_TEST(told.connectivity.reach() == Reach::kCaptive);
  told.now += told.refused_ms();
  told.connectivity.on_captive(told.probe(), told.now);
  BOOST_TEST(told.refused_ms() == 1'000);
  told.answer("a.example");
  BOOST_TEST(told.connectivity.reach() == Reach::kOnline);

  World says;
  says.report("a.example", {Failure::kNone, 511});
  BOOST_TEST(says.connectivity.reach() == Reach::kCaptive);
  says.fail("a.example", Failure::kNoRoute);
  BOOST_TEST(says.connectivity.reach() == Reach::kOffline);
  BOOST_TEST(says.refused_ms() == 500);  // no fresh pause
}

BOOST_AUTO_TEST_CASE(a_change_of_network_is_tried_at_once) {
  World world;
  world.fail("a.example", Failure::kNoRoute);
  world.now += 500;
  world.report("a.example", {Failure::kNoRoute}, world.probe());
  world.connectivity.on_network_change(world.now);
  const Ticket first = world.probe();
  world.connectivity.on_network_change(world.now);  // the probe under way went over the old one
  const Ticket second = world.probe();
  world.report("a.example", {Failure::kConnect}, first);
  BOOST_TEST(world.refused_ms() == 60'000);
  world.report("a.example", {Failure::kConnect}, second);
  BOOST_TEST(world.refused_ms() == 500);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
