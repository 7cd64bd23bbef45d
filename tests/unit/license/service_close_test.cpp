// Closing while another thread is at work.
#include <boost/test/unit_test.hpp>
#include <future>
#include <latch>
#include <thread>

#include "fakes.hpp"
#include "fault_files.hpp"
#include "license/service.hpp"
#include "temp_dir.hpp"

namespace tessera {
namespace {

/// From its second probe on it waits until the test lets it go.
class SlowProbe final : public DeviceProbe {
 public:
  Result<std::shared_ptr<const DeviceFactors>> probe() override {
    if (probes_++ > 0) {
      entered.count_down();
      leave.wait();
    }
    return inner_.probe();
  }
  std::latch entered{1};
  std::latch leave{1};

 private:
  test::FakeProbe inner_;
  int probes_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(service_close)

BOOST_AUTO_TEST_CASE(waits_no_longer_than_it_was_told) {
  const test::TempDir folder;
  test::FakeClock clock;
  test::FakeRandom random;
  test::FaultFiles disk;
  SlowProbe probe;
  Logger logger;
  LicenseConfig config;
  config.product = "player";
  config.data_dir = folder / "data";
  const auto service =
      std::move(LicenseService::open(
                    config,
                    {.clock = &clock, .random = &random, .files = &disk, .probe = &probe, .logger = &logger}))
          .value();
  auto refreshed = std::async(std::launch::async, [&] { return service->refresh().ok(); });
  probe.entered.wait();

  BOOST_TEST((service->close(1).error().code == ErrorCode::kBUSY));
  BOOST_TEST((service->check().error().code == ErrorCode::kSTATE));  // closed all the same
  probe.leave.count_down();
  BOOST_TEST(refreshed.get());
  BOOST_TEST(service->close(1000).ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
