// The format of a slot file (docs/adr/0019-device-slot.md). Two copies of one
// record stand behind each other, so that a damaged block in one leaves the other. Numbers are little-endian.
//
//   record   "TSRSLOTS", u16 version, u32 length of the record, 16 B store, u64 generation, u8 slots,
//   slot...,
//            32 B check, 32 B seal, 32 B digest
//   slot     u8 id, u8 type, u8 kdf, text name, i64 created, u64 generation it was sealed in,
//            u32 passes, u64 memory, 16 B salt, device shares of a type that has them,
//            24 B nonce, XChaCha20-Poly1305(data key, salt of the database)
//   check    keyed BLAKE2b of the data key over the store: the key is the store's
//   seal     keyed BLAKE2b of the data key over all before it: the slots are those its holder wrote
//   digest   BLAKE2b over all before it: the record is as it was written. It stays last in later versions.
#pragma once

#include <string>
#include <vector>

#include "keys/device_shares.hpp"
#include "keys/types.hpp"

namespace tessera::keys {

inline constexpr uint16_t kFormatVersion = 1;
inline constexpr size_t kMaxRecordBytes = size_t{8} << 10;
inline constexpr size_t kMaxSlotFileBytes = 2 * kMaxRecordBytes;
inline constexpr size_t kSealedDataKeyBytes = 24 + 48 + 16;

/// Values are part of the format.
enum class Kdf : uint8_t { kArgon2id = 1, kBlake2b = 2 };

Kdf kdf_of(SlotType type);
bool has_device_shares(SlotType type);
Argon2Cost cost_of(KdfLevel level);

struct Slot {
  uint8_t id = 0;
  SlotType type = SlotType::kPassphrase;
  std::string name;
  int64_t created_ms = 0;
  uint64_t generation = 0;
  Argon2Cost cost{0, 0};  // of Argon2id only
  Salt salt{};
  DeviceShares device;  // where has_device_shares()
  std::array<uint8_t, kSealedDataKeyBytes> sealed{};
};

struct Record {
  Uuid store{};
  uint64_t generation = 0;
  std::vector<Slot> slots;
  Key256 check{};
  Key256 seal{};
};

/// LIMIT when the record would be longer than kMaxRecordBytes.
Result<Bytes> write_slot_file(const Record& record);
/// CORRUPT (DAMAGED).
Error damaged_slots(const std::string& path);
/// The newest copy that is whole. CORRUPT (DAMAGED) when none is, UNSUPPORTED (NEWER_FORMAT) when one is, but
/// of a later version. `path` is named in the error only. Numbers that would make deriving a key weak or
/// endless count as damage.
Result<Record> read_slot_file(ByteView content, const std::string& path);

/// Seals `data_key` into `slot` under `wrap_key`, bound to all other fields of the slot and its store.
void seal_slot(Slot& slot, const Uuid& store, const SecretBytes& wrap_key, const DataKey& data_key,
               Random& random);
/// CRYPTO when `wrap_key` is not the slot's.
Result<DataKey> open_slot(const Slot& slot, const Uuid& store, const SecretBytes& wrap_key);

/// Sets check and seal, after the last change of the record.
void seal_record(Record& record, const DataKey& data_key);
/// False when the slots are not those that a holder of `data_key` wrote.
bool record_fits(const Record& record, const DataKey& data_key);

}  // namespace tessera::keys
