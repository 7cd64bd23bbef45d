#include "base/thread.hpp"

#include <pthread.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <latch>
#include <stdexcept>
#include <string>

#include "child_process.hpp"

namespace tessera {
namespace {

size_t own_stack_bytes() {
  pthread_attr_t attributes;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  pthread_attr_getstacksize(&attributes, &size);
  pthread_attr_destroy(&attributes);
  return size;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(thread)

BOOST_AUTO_TEST_CASE(has_the_stack_it_asks_for) {
  for (const size_t wanted : {size_t{1}, kThreadStackBytes, size_t{3} << 20}) {
    size_t size = 0;
    Result<Thread> thread = Thread::start("stack", [&] { size = own_stack_bytes(); }, wanted);
    BOOST_REQUIRE(thread.ok());
    thread->join();
    BOOST_TEST(size >= wanted);
  }
}

BOOST_AUTO_TEST_CASE(carries_a_name_of_at_most_15_bytes) {
  std::array<char, 32> name{};
  Thread::start("tessera-0123456789", [&] { pthread_getname_np(pthread_self(), name.data(), name.size()); })
      .value()
      .join();
  BOOST_TEST(std::string(name.data()) == "tessera-0123456");
}

BOOST_AUTO_TEST_CASE(runs_with_every_signal_blocked_and_leaves_the_callers_mask) {
  sigset_t before;
  sigset_t inside;
  sigset_t after;
  sigemptyset(&inside);
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  Thread::start("signals", [&] { pthread_sigmask(SIG_SETMASK, nullptr, &inside); }).value().join();
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGUSR1, SIGALRM}) {
    BOOST_TEST(sigismember(&inside, signal) == 1);
    BOOST_TEST(sigismember(&after, signal) == sigismember(&before, signal));
  }
}

BOOST_AUTO_TEST_CASE(an_escaping_exception_ends_only_the_thread) {
  bool ran = false;
  Thread::start("throws",
                [&] {
                  ran = true;
                  throw std::runtime_error("escaping");
                })
      .value()
      .join();
  BOOST_TEST(ran);
}

BOOST_AUTO_TEST_CASE(moving_over_a_running_thread_joins_it) {
  bool first_done = false;
  bool second_done = false;
  {
    Thread thread = Thread::start("first", [&] { first_done = true; }).value();
    thread = Thread::start("second", [&] { second_done = true; }).value();
    BOOST_TEST(first_done);
  }
  BOOST_TEST(second_done);
}

BOOST_AUTO_TEST_CASE(a_forked_child_joins_nothing) {
  std::latch finish(1);
  Thread thread = Thread::start("waits", [&] { finish.wait(); }).value();
  test::ChildProcess child([&] {
    thread.join();
    return 0;
  });
  BOOST_TEST(child.wait() == 0);
  finish.count_down();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
