// One installation without files: what importing documents does to its state.
#pragma once

#include <algorithm>

#include "license/import.hpp"
#include "license/install.hpp"
#include "license_fixture.hpp"

namespace tessera::license_test {

struct Installation {
  Installation() {
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
  std::string request(const std::string& license_key = {}) {
    return require(make_request({license_key, {}}, snapshot(), context(), clock.wall, random, &state));
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
