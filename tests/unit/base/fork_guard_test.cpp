#include "base/fork_guard.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "child_process.hpp"

namespace tessera {

BOOST_AUTO_TEST_SUITE(fork_guard)

BOOST_AUTO_TEST_CASE(a_token_is_not_zero_and_stays_the_same) {
  BOOST_TEST(process_token() != 0U);
  BOOST_TEST(process_token() == process_token());
}

BOOST_AUTO_TEST_CASE(children_differ_from_all_ancestors) {
  const ForkGuard guard;
  BOOST_TEST(!guard.in_child());
  test::ChildProcess child([&] {
    if (!guard.in_child()) return 1;
    const ForkGuard own;
    if (own.in_child() || !guard.in_child()) return 2;
    test::ChildProcess grandchild([&] { return own.in_child() && guard.in_child() ? 0 : 3; });
    return grandchild.wait();
  });
  BOOST_TEST(child.wait() == 0);
  BOOST_TEST(!guard.in_child());
}

BOOST_AUTO_TEST_CASE(threads_share_one_token) {
  std::array<uint64_t, 8> tokens{};
  {
    std::array<std::jthread, 8> threads;
    for (size_t i = 0; i < threads.size(); ++i) {
      threads[i] = std::jthread([&tokens, i] { tokens[i] = process_token(); });
    }
  }
  for (const uint64_t token : tokens) BOOST_TEST(token == process_token());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
