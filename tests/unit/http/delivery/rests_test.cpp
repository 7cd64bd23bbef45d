// Hosts that rest: for how long, and how it is found out that they need not any more.
#include "http/delivery/rests.hpp"

#include "delivery_fixture.hpp"

namespace tessera::http {
namespace {

using Names = std::vector<std::string>;

constexpr Rest kHost{PauseReason::kUnavailable, 1'000, false};
constexpr Rest kAll{PauseReason::kOffline, 1'000, true};

}  // namespace

BOOST_AUTO_TEST_SUITE(rests)

BOOST_AUTO_TEST_CASE(a_host_is_what_comes_before_the_path) {
  BOOST_TEST(host_part("https://a.example:8443/x/y?z") == "https://a.example:8443/");
  BOOST_TEST(host_part("https://a.example") == "https://a.example");
  BOOST_TEST(host_part("/x/y") == "/");
  BOOST_TEST(host_part("x") == "x");
}

BOOST_AUTO_TEST_CASE(a_host_rests_to_the_millisecond_while_others_go_on) {
  Rests rests;
  rests.begin("https://a/", kHost, "why", 0);
  BOOST_TEST(rests.may_send(0));
  BOOST_TEST(rests.held(999) == Names{"https://a/"});
  BOOST_TEST(!rests.wants_probe(999));
  BOOST_TEST(rests.next_ms(999).value() == 1'000);
  BOOST_TEST(rests.held(1'000).empty());
  BOOST_TEST(rests.wants_probe(1'000));
}

BOOST_AUTO_TEST_CASE(two_requests_find_out_one_after_the_other) {
  Rests rests;
  rests.begin("https://a/", kHost, "why", 0);
  BOOST_TEST(!rests.on_sent("https://b/", 1'000));
  BOOST_TEST(rests.on_sent("https://a/", 1'000));
  BOOST_TEST(rests.held(5'000) == Names{"https://a/"});
  BOOST_TEST(!rests.wants_probe(5'000));
  BOOST_TEST(!rests.next_ms(5'000).has_value());
  rests.on_probed("https://a/", 5'000);
  BOOST_TEST(rests.held(5'000).empty());
  BOOST_TEST(rests.wants_probe(5'000));
  BOOST_TEST(rests.on_sent("https://a/", 5'000));
  rests.on_probed("https://a/", 5'000);
  BOOST_TEST(!rests.wants_probe(5'000));
  BOOST_TEST(!rests.on_sent("https://a/", 5'000));
  const auto changes = rests.take_changes();
  BOOST_REQUIRE(changes.size() == 2U);
  BOOST_TEST(changes[0].is_paused);
  BOOST_TEST(changes[0].text == "why");
  BOOST_TEST(!changes[1].is_paused);
  BOOST_TEST(changes[1].host == "https://a/");
}

BOOST_AUTO_TEST_CASE(a_probe_that_meets_the_same_again_rests_on_without_a_word) {
  Rests rests;
  rests.begin("https://a/", kHost, "why", 0);
  BOOST_TEST(rests.on_sent("https://a/", 1'000));
  rests.begin("https://a/", kHost, "why", 2'000);
  rests.on_probed("https://a/", 2'000);
  BOOST_TEST(rests.held(2'999) == Names{"https://a/"});
  BOOST_TEST(rests.wants_probe(3'000));
  BOOST_TEST(rests.take_changes().size() == 1U);
}

BOOST_AUTO_TEST_CASE(all_rest_until_one_came_through) {
  Rests rests;
  rests.begin("https://a/", kAll, "why", 0);
  BOOST_TEST(!rests.may_send(999));
  BOOST_TEST(rests.held(999).empty());
  BOOST_TEST(rests.may_send(1'000));
  BOOST_TEST(rests.on_sent("https://b/", 1'000));
  BOOST_TEST(!rests.may_send(9'000));
  rests.on_probed("https://b/", 9'000);
  BOOST_TEST(rests.may_send(9'000));
  BOOST_TEST(rests.on_sent("https://a/", 9'000));
  rests.on_probed("https://a/", 9'000);
  BOOST_TEST(!rests.wants_probe(9'000));
}

BOOST_AUTO_TEST_CASE(a_longer_rest_counts_and_an_other_reason_is_told) {
  Rests rests;
  rests.begin("https://a/", {PauseReason::kUnavailable, 5'000, false}, "", 0);
  rests.begin("https://a/", kHost, "", 0);
  BOOST_TEST(rests.next_ms(0).value() == 5'000);
  rests.begin("https://a/", {PauseReason::kBusy, 1'000, false}, "", 0);
  BOOST_TEST(rests.take_changes().size() == 2U);
}

BOOST_AUTO_TEST_CASE(waits_can_be_cut_short) {
  Rests rests;
  rests.begin("", kAll, "", 0);
  rests.cut_short(10);
  BOOST_TEST(rests.may_send(10));
  BOOST_TEST(rests.wants_probe(10));
}

BOOST_AUTO_TEST_CASE(without_a_request_that_finds_out_it_is_over) {
  Rests rests;
  rests.begin("https://a/", kHost, "", 0);
  rests.begin("https://b/", {PauseReason::kUnavailable, 9'000, false}, "", 0);
  rests.on_idle(1'000);
  BOOST_TEST(!rests.wants_probe(1'000));
  BOOST_TEST(rests.held(1'000) == Names{"https://b/"});
}

BOOST_AUTO_TEST_CASE(many_hosts_rest_as_one) {
  Rests rests;
  for (size_t i = 0; i < Rests::kMostHosts; ++i)
    rests.begin("https://" + std::to_string(i) + "/", kHost, "", 0);
  BOOST_TEST(rests.may_send(0));
  BOOST_TEST(rests.held(0).size() == Rests::kMostHosts);
  rests.begin("https://0/", kHost, "", 0);
  BOOST_TEST(rests.may_send(0));
  rests.begin("https://one-more/", kHost, "", 0);
  BOOST_TEST(!rests.may_send(0));
  BOOST_TEST(rests.held(0).size() == Rests::kMostHosts);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
