// This machine's identifiers behind the DeviceFactors port: raw values go in, only tags and verdicts come
// out.
#pragma once

#include "hwid/raw_device.hpp"

namespace tessera::hwid {

class LocalFactors final : public DeviceFactors {
 public:
  explicit LocalFactors(RawDevice raw);

  BoundHardware bind(std::string_view product, ByteView salt) const override;
  /// Tags are computed for the bound kinds only. A scheme other than kScheme leaves every kind unknown.
  HardwareMatch match(const BoundHardware& bound, std::string_view product) const override;
  const Environment& environment() const override { return report_.environment; }
  const DeviceReport& report() const override { return report_; }
  const std::string& legacy_digest() const override { return legacy_digest_; }

 private:
  std::vector<RawFactor> factors_;
  DeviceReport report_;
  std::string legacy_digest_;
};

}  // namespace tessera::hwid
