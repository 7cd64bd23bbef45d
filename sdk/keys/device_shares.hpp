// The key of a device slot, shared among the machine's kinds of hardware so that it survives what the licence
// calls drift (docs/adr/0019-device-slot.md).
//
// Three secrets are shared, and all three are needed:
//   weight   a kind has as many shares as it weighs; threshold where the score reaches DRIFT
//   unique   the same over class U alone; threshold at the licence's floor of unique weight
//   kinds    one share a kind; threshold two kinds
// The shares of a kind are sealed under a random key of that kind, which is sealed once for each of its
// values under HMAC(stretched, kind 0 tag).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/device.hpp"
#include "crypto/crypto.hpp"
#include "keys/wire.hpp"

namespace tessera::keys {

inline constexpr size_t kSealedKindKeyBytes = 48;
/// A machine with more disks or network cards is bound to the first ones.
inline constexpr size_t kMaxTagsPerKind = 8;

/// As the slot file stores it.
struct DeviceShares {
  struct Kind {
    std::string name;
    FactorClass cls = FactorClass::kModel;
    uint8_t weight = 0;
    std::vector<std::array<uint8_t, kSealedKindKeyBytes>> keys;  // one for each value
    Bytes shares;                                                // sealed: weight, unique, kinds
  };
  uint8_t weight_threshold = 0;
  uint8_t unique_threshold = 0;  // 0: no kind of class U is bound
  uint8_t kinds_threshold = 0;
  std::vector<Kind> kinds;
};

void write_device_shares(const DeviceShares& shares, WireWriter& out);
/// Nothing when it can't have been written by write_device_shares().
std::optional<DeviceShares> read_device_shares(WireReader& in);

struct BoundDevice {
  DeviceShares shares;
  SecretBytes key;
};
/// `stretched` must be new for each call: it seals with fixed nonces. STATE when nothing identifies the
/// machine, LIMIT when its kinds weigh more than 255 in all.
Result<BoundDevice> bind_device(const BoundHardware& hardware, ByteView stretched, Random& random);

struct DeviceOpening {
  SecretBytes key;                 // empty when too little fits
  bool any_kind_fits = false;      // also tells that `stretched` is right
  bool some_kind_differs = false;  // readable, but of another value
};
DeviceOpening open_device(const DeviceShares& shares, const BoundHardware& hardware, ByteView stretched);

}  // namespace tessera::keys
