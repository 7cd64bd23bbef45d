// This machine's identifiers behind the DeviceFactors port: raw values go in, only tags and verdicts come
// out.
#pragma once

#include <memory>
#include <mutex>

#include "hwid/raw_device.hpp"
#include "hwid/scheme.hpp"

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
  /// Remembers the last one: a licence is matched many times under one salt, and the key costs as much as
  /// some tags.
  std::shared_ptr<const Tagger> tagger(std::string_view product, ByteView salt) const;

  std::vector<RawFactor> factors_;
  DeviceReport report_;
  std::string legacy_digest_;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  mutable std::string last_product_;
  mutable Bytes last_salt_;
  mutable std::shared_ptr<const Tagger> last_tagger_;
};

}  // namespace tessera::hwid
