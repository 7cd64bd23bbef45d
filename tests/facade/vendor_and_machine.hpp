// Fixture: a fake desktop machine with a fixed clock, and a vendor of its own. Leaves no live object.
#pragma once

#include <tessera/tessera.hpp>

#include "fake_root.hpp"
#include "live_objects.hpp"
#include "temp_dir.hpp"
#include "tessera_testing.h"

namespace tessera::facade_test {

using namespace std::chrono_literals;

inline constexpr TimePoint kStart{std::chrono::milliseconds(1'780'000'000'000)};

class VendorAndMachine : public test::LiveObjects {
 public:
  VendorAndMachine() {
    const std::string path = root_.path();
    tsr_testing_set_hardware_root({path.data(), path.size()});
    set_time(kStart);
  }
  ~VendorAndMachine() {
    tsr_testing_set_hardware_root(tsr_str_of(nullptr));
    tsr_testing_reset_clock();
  }

  /// Moves wall and boot time together.
  static void set_time(TimePoint wall) {
    constexpr std::chrono::milliseconds kBoot = 1h;
    tsr_testing_set_clock(wall.time_since_epoch().count(), (wall - kStart + kBoot).count());
  }

  AppConfig config() const {
    return {.product = "player",
            .data_dir = folder_ / "data",
            .trusted_keys = {root_key.public_key()},
            .keystore = Keystore::kFile,
            .memory_dir = folder_ / "memory"};
  }

  std::string key_set() const {
    return root_issuer.keyset({.seq = 1, .keys = {{.public_key = signing_key.public_key()}}});
  }

  /// What a customer gets: key set and licence, one a line.
  std::string license_file(std::string_view request, const LicenseSpec& spec = plan()) const {
    return key_set() + '\n' + issuer.issue(request, spec) + '\n';
  }

  static LicenseSpec plan() {
    return {.sku = "pro",
            .subject = "ana@example.com",
            .edition = "studio",
            .days = 30,
            .entitlements = {{"copies", EntitlementSpec(50).per(MeterPeriod::kMonth)},
                             {"export", true},
                             {"old", EntitlementSpec(7).until(kStart + 1min)},
                             {"region", "south"}}};
  }

 private:
  test::FakeRoot root_{"desktop"};
  test::TempDir folder_;

 public:
  const Key root_key = Key::generate();
  const Key signing_key = Key::generate();
  const Issuer root_issuer = Issuer::open({.issuer = "acme", .product = "player"}, root_key);
  const Issuer issuer = Issuer::open({.issuer = "acme", .product = "player"}, signing_key);
};

}  // namespace tessera::facade_test
