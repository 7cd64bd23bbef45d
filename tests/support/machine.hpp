// Fixture: a fake desktop machine with a fixed clock, a folder of its own and a vendor. Leaves no live
// object.
#pragma once

#include "fake_root.hpp"
#include "live_objects.hpp"
#include "temp_dir.hpp"
#include "tessera_testing.h"
#include "vendor.hpp"

namespace tessera::test {

inline constexpr int64_t kDayMs = int64_t{24} * 3600 * 1000;

class Machine : public LiveObjects {
 public:
  Machine() {
    tsr_testing_set_hardware_root(str(root.path()));
    set_time(kStartMs);
  }
  ~Machine() {
    tsr_testing_set_hardware_root(tsr_str_of(nullptr));
    tsr_testing_reset_clock();
  }

  /// Moves wall and boot time together.
  void set_time(int64_t wall_ms) const { tsr_testing_set_clock(wall_ms, wall_ms - kStartMs + kBootMs); }

  License open() const { return vendor.open_license(folder.path().string()); }
  /// An open handle with a licence of 30 days and two entitlements for this machine.
  License licensed() const {
    License license = open();
    import(license, vendor.license_file(request(license), kSpec));
    return license;
  }

  static constexpr int64_t kStartMs = 1'780'000'000'000;
  static constexpr int64_t kBootMs = 3'600'000;
  const nlohmann::json kSpec{{"sku", "pro"},
                             {"subject", "ana@example.com"},
                             {"edition", "studio"},
                             {"days", 30},
                             {"entitlements",
                              {{"export", true},
                               {"copies", {{"value", 50}, {"per", "month"}}},
                               {"region", "south"},
                               {"old", {{"value", true}, {"expires_at", kStartMs / 1000 + 60}}}}}};

  FakeRoot root{"desktop"};
  TempDir folder;
  Vendor vendor;
};

}  // namespace tessera::test
