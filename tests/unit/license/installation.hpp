// One installation without files: what importing documents does to its state.
#pragma once

#include <algorithm>

#include "license/import.hpp"
#include "license/install.hpp"
#include "license_fixture.hpp"

namespace tessera::license_test {

struct Installation {
  /// Another `seed` is another installation on the same machine.
  explicit Installation(uint64_t seed = 1) : random(seed) {
    config.product = Vendor::kProduct;
    config.trusted_keys = {vendor.root().public_key()};
  }

  LicenseContext context() const { return {&config, device.get(), 0}; }
  Snapshot snapshot() const { return take_snapshot(state, context(), memory); }
  Verdict verdict() const { return judge(snapshot(), context(), clock.wall); }

  /// Changes the state only when the whole bundle is accepted.
  Code import(const std::string& bundle) {
    LicenseState changed = state;
    const auto result = import_documents(bundle, context(), memory, clock.wall, &changed);
    if (result) state = std::move(changed);
    return code_of(result);
  }
  /// What this machine takes the time to be.
  int64_t now_ms() const { return std::max(clock.wall, snapshot().floor_ms); }
  std::string request(const std::string& license_key = {}) {
    return require(make_request({license_key, {}}, snapshot(), context(), now_ms(), random, &state));
  }
  /// A licence that answers a request of this installation, with the vendor's key set.
  std::string license_file(const Json& spec) {
    return vendor.key_set() + "\n" + vendor.license(request(), spec) + "\n";
  }

  /// The same machine with another installation key: the state is lost.
  void reinstall() { state = new_installation(random); }
  void move_to(const test::FakeDevice::Parts& parts) {
    device = std::make_shared<const test::FakeDevice>(parts);
  }

  test::FakeClock clock;
  test::FakeRandom random;
  Vendor vendor{clock};
  LicenseConfig config;
  std::shared_ptr<const test::FakeDevice> device =
      std::make_shared<const test::FakeDevice>(test::FakeDevice::desktop());
  DeviceMemory memory;
  LicenseState state = new_installation(random);
};

inline bool has_reason(const Verdict& verdict, Code code) {
  return std::any_of(verdict.reasons.begin(), verdict.reasons.end(),
                     [code](const Reason& reason) { return reason.code == code; });
}

inline std::vector<Code> reason_codes(const Verdict& verdict) {
  std::vector<Code> codes;
  for (const Reason& reason : verdict.reasons) codes.push_back(reason.code);
  return codes;
}

}  // namespace tessera::license_test
