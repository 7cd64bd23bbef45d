// Scheme 1: the kinds of identifiers, their class, weight and tag length, and how a tag is computed.
//
//   kind        class weight tag  Linux                          Windows            macOS
//   machine_id    O     2     64  /etc/machine-id                MachineGuid        -
//   root_fs       O     1     64  UUID of the file system of /   -                  boot volume UUID
//   dmi_uuid      U     4     64  SMBIOS system UUID             SMBIOS             IOPlatformUUID
//   serial        U     3     16  board and product serial       SMBIOS             IOPlatformSerialNumber
//   dt_serial     U     4     16  device tree serial-number      -                  -
//   disk          U     3     16  disks that back /              system disk        -
//   mac           U     2     16  permanent MACs, built in       same               en0
//   cloud         U     4     64  instance id in DMI             same               -
//   cpu           M     1     16  vendor, family, model          same               brand string
//   model         M     1     16  board vendor, name, product    same               model id
//   app:<name>   caller caller 16  supplied by the application
//
// One name stands for one role, so that two systems of one dual-boot machine share what is the same.
// A tag of a guessable value is only 16 bits long: a long hash of a MAC or a serial can be searched
// backwards.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/device.hpp"
#include "crypto/crypto.hpp"

namespace tessera::hwid {

inline constexpr int kScheme = 1;
inline constexpr int kGuessableTagBits = 16;
inline constexpr size_t kMaxValuesPerKind = 64;
inline constexpr size_t kMaxAppFactors = 16;

namespace kind {
inline constexpr std::string_view kMachineId = "machine_id";
inline constexpr std::string_view kRootFs = "root_fs";
inline constexpr std::string_view kDmiUuid = "dmi_uuid";
inline constexpr std::string_view kSerial = "serial";
inline constexpr std::string_view kDtSerial = "dt_serial";
inline constexpr std::string_view kDisk = "disk";
inline constexpr std::string_view kMac = "mac";
inline constexpr std::string_view kCloud = "cloud";
inline constexpr std::string_view kCpu = "cpu";
inline constexpr std::string_view kModel = "model";
inline constexpr std::string_view kAppPrefix = "app:";
}  // namespace kind

struct KindInfo {
  std::string_view name;
  FactorClass cls;
  int weight;
  int tag_bits;
};

std::span<const KindInfo> scheme_kinds();
/// Null for a kind that scheme 1 does not define, such as "app:<name>".
const KindInfo* find_kind(std::string_view name);
int tag_bits(std::string_view kind);

/// An identifier that the application brings, bound as kind "app:<name>".
struct AppFactor {
  std::string name;   // [a-z0-9_.-]{1,32}
  std::string value;  // 1..256 bytes of UTF-8
  FactorClass cls = FactorClass::kUnique;
  int weight = 1;  // 1..10
};

/// ARG naming the rule that `factor` breaks, never its value.
Status check_app_factor(const AppFactor& factor);

/// Tags under one (product, salt). The key schedule is done once.
class Tagger {
 public:
  Tagger(std::string_view product, ByteView salt);
  /// HMAC-SHA256(key, "tessera/hwid/1" 0 kind 0 value), cut to the kind's length: 8 or 2 bytes.
  std::string tag(std::string_view kind, std::string_view value) const;

 private:
  HmacSha256 mac_;
};

}  // namespace tessera::hwid
