// A process that delivers is killed with SIGKILL at any moment: nothing is lost, and no order is changed.
#include <boost/test/unit_test.hpp>
#include <csignal>

#include "ledger.hpp"
#include "program.hpp"
#include "rig.hpp"
#include "temp_dir.hpp"

namespace tessera::delivery_proof {

BOOST_AUTO_TEST_SUITE(killed)

BOOST_AUTO_TEST_CASE(a_sender_that_is_killed_loses_nothing) {
  constexpr int kOrders = 6, kOfEach = 80, kRounds = 6;
  const test::TempDir folder;
  Ledger ledger(20'261'130);
  test::Origin origin;
  origin.on("POST", "/", [&](const test::Seen& seen) { return ledger.take(seen); });
  {
    const auto store = open_store(folder.path().string());
    for (int number = 1; number <= kOfEach; ++number) {
      for (int order = 0; order < kOrders; ++order)
        require(store->outbox().enqueue(numbered(origin.url("/"), "order" + std::to_string(order), number)));
    }
    require(store->close(60'000));
  }
  std::mt19937 random(7);
  for (int round = 0; round < kRounds; ++round) {
    const size_t before = origin.seen().size();
    test::Program sender({TESSERA_DELIVERY_SENDER, folder.path().string()});
    BOOST_REQUIRE_EQUAL(sender.read_line().value_or("nothing"), "ready");
    origin.wait_for(before + 1 + random() % 12);
    sender.kill_now();
    BOOST_TEST(sender.wait() == -SIGKILL);
  }
  test::Program sender({TESSERA_DELIVERY_SENDER, folder.path().string()});
  BOOST_REQUIRE_EQUAL(sender.read_line().value_or("nothing"), "ready");
  BOOST_REQUIRE_EQUAL(sender.read_line().value_or("nothing"), "empty");
  BOOST_TEST(sender.wait() == 0);
  for (int order = 0; order < kOrders; ++order) {
    const std::string complaint = ledger.complaint("order" + std::to_string(order), kOfEach);
    BOOST_TEST(complaint.empty(), complaint);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::delivery_proof
