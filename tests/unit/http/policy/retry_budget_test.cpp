#include "http/policy/retry_budget.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(retry_budget)

BOOST_AUTO_TEST_CASE(the_fifth_failure_ends_the_retries) {
  RetryBudget budget({});
  for (int i = 0; i < 4; ++i) budget.on_failure();
  BOOST_TEST(budget.thousandths() == 6'000);
  BOOST_TEST(budget.has_retry());
  budget.on_failure();
  BOOST_TEST(budget.thousandths() == 5'000);
  BOOST_TEST(!budget.has_retry());
  budget.on_success();
  BOOST_TEST(budget.thousandths() == 5'100);
  BOOST_TEST(budget.has_retry());
}

BOOST_AUTO_TEST_CASE(ten_successes_pay_for_a_failure_exactly) {
  RetryBudget budget({});
  budget.on_success();
  BOOST_TEST(budget.thousandths() == 10'000);  // never more than at the start
  for (int round = 0; round < 100'000; ++round) {
    budget.on_failure();
    for (int i = 0; i < 10; ++i) budget.on_success();
  }
  BOOST_TEST(budget.thousandths() == 10'000);
}

BOOST_AUTO_TEST_CASE(it_does_not_fall_below_nothing) {
  RetryBudget budget({});
  for (int i = 0; i < 1'000; ++i) budget.on_failure();
  BOOST_TEST(budget.thousandths() == 0);
  for (int i = 0; i < 50; ++i) budget.on_success();
  BOOST_TEST(!budget.has_retry());
  budget.on_success();
  BOOST_TEST(budget.has_retry());
}

BOOST_AUTO_TEST_CASE(an_odd_number_has_its_middle_between_two_tokens) {
  RetryBudget budget({.tokens = 1, .success_thousandths = 1});
  BOOST_TEST(budget.has_retry());
  budget.on_failure();
  for (int i = 0; i < 500; ++i) budget.on_success();
  BOOST_TEST(!budget.has_retry());
  budget.on_success();
  BOOST_TEST(budget.has_retry());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
