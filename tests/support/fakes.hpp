// Fakes of the ports in sdk/base: a clock that stands still, a random source that repeats, a machine made up.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/device.hpp"
#include "base/random.hpp"
#include "crypto/keystore.hpp"

namespace tessera::test {

class FakeClock final : public Clock {
 public:
  int64_t wall_ms() const override { return wall; }
  int64_t boot_ms() const override { return boot; }
  /// Time as it passes on a healthy machine.
  void pass(int64_t span_ms) {
    wall += span_ms;
    boot += span_ms;
  }
  void reboot() { boot = 0; }

  int64_t wall = 1'780'000'000'000;
  int64_t boot = 3'600'000;
};

/// SplitMix64: every run of a test sees the same bytes.
class FakeRandom final : public Random {
 public:
  explicit FakeRandom(uint64_t seed = 1) : state_(seed) {}
  void fill(std::span<uint8_t> out) override {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(next() >> 56);
  }

 private:
  uint64_t next() {
    state_ += 0x9E3779B97F4A7C15u;
    uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
  }
  uint64_t state_;
};

/// A machine as a list of kinds with one value each. It compares by the share of weight that matches: 600 per
/// mille are the same machine, 400 a changed one. Real scoring is hwid's and has its own tests.
class FakeDevice final : public DeviceFactors {
 public:
  struct Part {
    FactorClass cls;
    int weight;
    std::string value;  // empty: unreadable
  };
  using Parts = std::map<std::string, Part>;

  explicit FakeDevice(Parts parts, std::string legacy = {}, Environment environment = {})
      : parts_(std::move(parts)), legacy_digest_(std::move(legacy)) {
    report_.environment = std::move(environment);
  }

  static Parts desktop(const std::string& serial = "one") {
    return {{"disk", {FactorClass::kUnique, 3, "disk-" + serial}},
            {"mac", {FactorClass::kUnique, 2, "mac-" + serial}},
            {"machine_id", {FactorClass::kOs, 2, "os-" + serial}},
            {"cpu", {FactorClass::kModel, 1, "cpu"}}};
  }

  BoundHardware bind(std::string_view product, ByteView salt) const override {
    BoundHardware bound;
    bound.salt.assign(salt.begin(), salt.end());
    for (const auto& [kind, part] : parts_) {
      if (!part.value.empty())
        bound.factors.push_back({kind, part.cls, part.weight, {tag(product, salt, part.value)}});
    }
    return bound;
  }

  HardwareMatch match(const BoundHardware& bound, std::string_view product) const override {
    HardwareMatch out;
    int matched = 0, different = 0;
    for (const BoundFactor& factor : bound.factors) {
      const FactorState state = compare(factor, tag_of(factor.kind, product, bound.salt));
      if (state == FactorState::kMatch) matched += factor.weight;
      if (state == FactorState::kMismatch) different += factor.weight;
      out.factors.push_back({factor.kind, factor.cls, factor.weight, state});
    }
    out.score = matched + different == 0 ? 0 : 1000 * matched / (matched + different);
    if (matched + different == 0) {
      out.outcome = MatchOutcome::kUnverifiable;
    } else if (out.score >= bound.ok) {
      out.outcome = MatchOutcome::kOk;
    } else {
      out.outcome = out.score >= bound.drift ? MatchOutcome::kDrift : MatchOutcome::kMismatch;
    }
    return out;
  }

  const Environment& environment() const override { return report_.environment; }
  const DeviceReport& report() const override { return report_; }
  const std::string& legacy_digest() const override { return legacy_digest_; }

 private:
  /// 64 bits that depend on everything a real tag depends on.
  static std::string tag(std::string_view product, ByteView salt, std::string_view value) {
    uint64_t hash = 0xCBF29CE484222325u;
    for (const std::string_view text : {product, as_text(salt), value}) {
      for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001B3u;
      hash = (hash ^ 0xFFu) * 0x100000001B3u;
    }
    std::string out;
    for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(hash >> shift));
    return out;
  }
  std::string tag_of(const std::string& kind, std::string_view product, ByteView salt) const {
    const auto found = parts_.find(kind);
    return found == parts_.end() || found->second.value.empty() ? ""
                                                                : tag(product, salt, found->second.value);
  }
  static FactorState compare(const BoundFactor& factor, const std::string& tag) {
    if (tag.empty()) return FactorState::kUnknown;
    const bool same = std::find(factor.tags.begin(), factor.tags.end(), tag) != factor.tags.end();
    return same ? FactorState::kMatch : FactorState::kMismatch;
  }

  Parts parts_;
  std::string legacy_digest_;
  DeviceReport report_;
};

class FakeProbe final : public DeviceProbe {
 public:
  /// Null: the probe fails.
  std::shared_ptr<const FakeDevice> device = std::make_shared<const FakeDevice>(FakeDevice::desktop());

  Result<std::shared_ptr<const DeviceFactors>> probe() override {
    if (device == nullptr) return Error{ErrorCode::kIO, "hwid", "the probe failed", {}};
    return std::shared_ptr<const DeviceFactors>(device);
  }
};

class FakeKeystore final : public Keystore {
 public:
  Access state = Access::kReady;
  std::map<std::string, Key256> entries;

  Access access() override { return state; }
  Result<std::optional<Key256>> load(const std::string& name) override {
    if (state != Access::kReady) return locked();
    const auto found = entries.find(name);
    return found == entries.end() ? std::optional<Key256>() : std::optional<Key256>(found->second);
  }
  Status save(const std::string& name, const Key256& key) override {
    if (state != Access::kReady) return locked();
    entries[name] = key;
    return {};
  }
  Status remove(const std::string& name) override {
    if (state != Access::kReady) return locked();
    entries.erase(name);
    return {};
  }

 private:
  static Error locked() { return {ErrorCode::kBUSY, "crypto", "the keystore is locked", {}}; }
};

}  // namespace tessera::test
