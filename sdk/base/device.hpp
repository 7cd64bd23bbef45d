// What licensing needs to know of the machine. `hwid/` implements it; raw identifiers never pass here.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tessera {

enum class FactorClass : char { kUnique = 'U', kOs = 'O', kModel = 'M' };
enum class Strength : int32_t { kNone = 0, kWeak = 1, kMedium = 2, kStrong = 3 };
enum class MatchOutcome : int32_t { kOk = 0, kDrift = 1, kUnverifiable = 2, kMismatch = 3 };
enum class FactorState : int32_t { kMatch = 0, kMismatch = 1, kUnknown = 2 };

/// One kind of hardware identifier as salted, truncated tags (raw bytes of 8 or 2).
struct BoundFactor {
  std::string kind;  // "disk", "mac", "app:<name>", ...
  FactorClass cls = FactorClass::kModel;
  int weight = 0;
  std::vector<std::string> tags;
};

/// A machine as a licence or an activation request describes it.
struct BoundHardware {
  int scheme = 1;
  Bytes salt;
  std::vector<BoundFactor> factors;
  int ok = 600;      // score that counts as the same machine
  int drift = 400;   // score that counts as a changed one
  int ufloor = 200;  // least share of unique weight that must match, per mille
};

// What must match at the least, whatever is bound: a score over little says nothing.
inline constexpr int kLeastMatchedWeight = 3;
inline constexpr int kLeastMatchedKinds = 2;

struct FactorMatch {
  std::string kind;
  FactorClass cls;
  int weight;
  FactorState state;
};

struct HardwareMatch {
  MatchOutcome outcome = MatchOutcome::kMismatch;
  int score = 0;          // 0..1000
  int unique_ratio = -1;  // 0..1000, or -1 when no unique factor was comparable
  std::vector<FactorMatch> factors;
};

struct Environment {
  std::string vm;         // "kvm", "vmware", ...; empty on bare metal
  std::string container;  // "docker", "wsl", ...; empty outside
};

/// What the probe found for one kind of identifier.
enum class FactorReading : int32_t { kReadable = 0, kUnreadable = 1, kAbsent = 2, kRejected = 3 };

struct FactorReport {
  std::string kind;
  FactorClass cls = FactorClass::kModel;
  int weight = 0;
  FactorReading reading = FactorReading::kAbsent;
  int tag_bits = 0;    // length of its tags: 64 or 16
  std::string reason;  // why it is not used ("placeholder", "no permission", ...); empty when readable
};

/// The machine for people: what identifies it and what does not, without any raw value.
struct DeviceReport {
  Strength strength = Strength::kNone;
  Environment environment;
  std::vector<FactorReport> factors;  // every kind of the scheme in its order, then the application's
};

/// Weights of `factors` that a clone can't share decide: STRONG, MEDIUM or WEAK; NONE when nothing is bound.
Strength strength_of(const std::vector<BoundFactor>& factors);

/// Immutable snapshot of this machine's identifiers. Safe from any thread.
class DeviceFactors {
 public:
  virtual ~DeviceFactors() = default;
  /// Hashes every readable factor under (product, salt).
  virtual BoundHardware bind(std::string_view product, ByteView salt) const = 0;
  virtual HardwareMatch match(const BoundHardware& bound, std::string_view product) const = 0;
  virtual const Environment& environment() const = 0;
  virtual const DeviceReport& report() const = 0;
  /// SHA-256 hex over sorted CPU names and MAC addresses (TT-25). Legacy: for RS256 tokens of that shape.
  virtual const std::string& legacy_digest() const = 0;
};

class DeviceProbe {
 public:
  virtual ~DeviceProbe() = default;
  virtual Result<std::shared_ptr<const DeviceFactors>> probe() = 0;
};

}  // namespace tessera
