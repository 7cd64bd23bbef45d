// Probing a fake machine.
#pragma once

#include <boost/test/unit_test.hpp>
#include <memory>

#include "base/testing.hpp"
#include "fake_root.hpp"
#include "hwid/device_probe.hpp"

namespace tessera::hwid {

inline std::shared_ptr<const DeviceFactors> probe(const test::FakeRoot& root) {
  testing::set_hardware_root(root.path());
  auto factors = make_device_probe({})->probe();
  testing::set_hardware_root({});
  BOOST_REQUIRE(factors.ok());
  return std::move(factors).value();
}

inline const FactorReport& report_of(const DeviceFactors& device, std::string_view kind) {
  for (const FactorReport& factor : device.report().factors)
    if (factor.kind == kind) return factor;
  throw std::logic_error("no such kind in the report");
}

inline FactorReading reading(const DeviceFactors& device, std::string_view kind) {
  return report_of(device, kind).reading;
}

inline FactorState state(const HardwareMatch& match, std::string_view kind) {
  for (const FactorMatch& factor : match.factors)
    if (factor.kind == kind) return factor.state;
  throw std::logic_error("no such kind is bound");
}

}  // namespace tessera::hwid
