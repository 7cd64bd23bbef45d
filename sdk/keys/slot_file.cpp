#include "keys/slot_file.hpp"

#include <algorithm>
#include <optional>

#include "keys/failure.hpp"
#include "keys/stack_key.hpp"

namespace tessera::keys {
namespace {

constexpr std::string_view kMagic = "TSRSLOTS";
constexpr size_t kPrefixBytes = kMagic.size() + 2 + 4;
constexpr size_t kDigestBytes = 32;
constexpr std::string_view kCheckDomain = "tessera/slots/check";
constexpr std::string_view kSealDomain = "tessera/slots/seal";

/// SQL integers and JSON numbers hold it.
constexpr uint64_t kMaxGeneration = uint64_t{1} << 53;

// What a stored cost may be: no less than OWASP's floor, no more than a person waits for.
constexpr Argon2Cost kLeastCost{2, uint64_t{19} << 20};
constexpr Argon2Cost kMostCost{10, uint64_t{1} << 30};

void write_prefix(uint32_t length, WireWriter& out) {
  out.bytes(as_bytes(kMagic));
  out.number(kFormatVersion);
  out.number(length);
}

void write_slot_header(const Slot& slot, WireWriter& out) {
  out.number(slot.id);
  out.number(static_cast<uint8_t>(slot.type));
  out.number(static_cast<uint8_t>(kdf_of(slot.type)));
  out.text(slot.name);
  out.number(slot.created_ms);
  out.number(slot.generation);
  out.number(slot.cost.passes);
  out.number(slot.cost.memory_bytes);
  out.bytes(slot.salt);
  if (has_device_shares(slot.type)) write_device_shares(slot.device, out);
}

/// Store, generation and slots.
void write_content(const Record& record, WireWriter& out) {
  out.bytes(record.store);
  out.number(record.generation);
  out.number(static_cast<uint8_t>(record.slots.size()));
  for (const Slot& slot : record.slots) {
    write_slot_header(slot, out);
    out.bytes(slot.sealed);
  }
}

bool is_known(uint8_t type) {
  return type >= static_cast<uint8_t>(SlotType::kPassphrase) &&
         type <= static_cast<uint8_t>(SlotType::kKeystore);
}

bool is_sound(const Argon2Cost& cost, Kdf kdf) {
  if (kdf == Kdf::kBlake2b) return cost.passes == 0 && cost.memory_bytes == 0;
  return cost.passes >= kLeastCost.passes && cost.passes <= kMostCost.passes &&
         cost.memory_bytes >= kLeastCost.memory_bytes && cost.memory_bytes <= kMostCost.memory_bytes;
}

std::optional<Slot> read_slot(WireReader& in) {
  Slot slot;
  slot.id = in.number<uint8_t>();
  const auto type = in.number<uint8_t>();
  if (!in.ok() || !is_known(type)) return std::nullopt;
  slot.type = static_cast<SlotType>(type);
  const auto kdf = in.number<uint8_t>();
  slot.name = in.text();
  slot.created_ms = in.number<int64_t>();
  slot.generation = in.number<uint64_t>();
  slot.cost.passes = in.number<uint32_t>();
  slot.cost.memory_bytes = in.number<uint64_t>();
  slot.salt = in.array<16>();
  const bool plausible = in.ok() && kdf == static_cast<uint8_t>(kdf_of(slot.type)) && slot.id < kMaxSlots &&
                         slot.name.size() <= kMaxSlotName && is_sound(slot.cost, kdf_of(slot.type));
  if (!plausible) return std::nullopt;
  if (has_device_shares(slot.type)) {
    auto device = read_device_shares(in);
    if (!device) return std::nullopt;
    slot.device = std::move(*device);
  }
  slot.sealed = in.array<kSealedDataKeyBytes>();
  return slot;
}

std::optional<Record> read_content(WireReader& in) {
  Record record;
  record.store = in.array<16>();
  record.generation = in.number<uint64_t>();
  const size_t count = in.number<uint8_t>();
  if (count == 0 || count > kMaxSlots || record.generation == 0 || record.generation > kMaxGeneration)
    return std::nullopt;
  for (size_t i = 0; i < count; ++i) {
    auto slot = read_slot(in);
    const auto has_same_id = [&](const Slot& other) { return other.id == slot->id; };
    if (!slot || slot->generation > record.generation || std::ranges::any_of(record.slots, has_same_id))
      return std::nullopt;
    record.slots.push_back(std::move(*slot));
  }
  record.check = in.array<32>();
  record.seal = in.array<32>();
  if (!in.ok() || in.left() != 0) return std::nullopt;
  return record;
}

struct Copy {
  bool is_newer_format = false;
  std::optional<Record> record;
};

Copy read_copy(ByteView bytes) {
  WireReader prefix(bytes);
  const Bytes magic = prefix.bytes(kMagic.size());
  const auto version = prefix.number<uint16_t>();
  const auto length = prefix.number<uint32_t>();
  if (!prefix.ok() || as_text(magic) != kMagic || length < kPrefixBytes + kDigestBytes ||
      length > bytes.size())
    return {};
  const ByteView covered = bytes.first(length - kDigestBytes);
  const Key256 digest = blake2b_256({}, {covered});
  if (!std::ranges::equal(digest, bytes.subspan(covered.size(), kDigestBytes))) return {};
  if (version > kFormatVersion) return {true, std::nullopt};
  if (version != kFormatVersion || length > kMaxRecordBytes) return {};
  WireReader content(covered.subspan(kPrefixBytes));
  return {false, read_content(content)};
}

Bytes associated_data(const Slot& slot, const Uuid& store) {
  WireWriter out;
  out.bytes(as_bytes(kMagic));
  out.number(kFormatVersion);
  out.bytes(store);
  write_slot_header(slot, out);
  return std::move(out).take();
}

Key256 check_of(const Record& record, const DataKey& data_key) {
  return blake2b_256(data_key.key.view(), {as_bytes(kCheckDomain), record.store});
}

Key256 seal_of(const Record& record, const DataKey& data_key) {
  WireWriter content;
  write_content(record, content);
  constexpr uint8_t kVersion[] = {kFormatVersion & 0xFF, kFormatVersion >> 8};
  return blake2b_256(data_key.key.view(), {as_bytes(kSealDomain), kVersion, content.written(), record.check});
}

}  // namespace

Kdf kdf_of(SlotType type) {
  switch (type) {
    case SlotType::kPassphrase:
    case SlotType::kDevice:
    case SlotType::kPassphraseDevice:
      return Kdf::kArgon2id;
    case SlotType::kAppKey:
    case SlotType::kRecovery:
    case SlotType::kKeystore:
      break;
  }
  return Kdf::kBlake2b;  // what it is fed with is random already
}

bool has_device_shares(SlotType type) {
  return type == SlotType::kDevice || type == SlotType::kPassphraseDevice;
}

Argon2Cost cost_of(KdfLevel level) {
  switch (level) {
    case KdfLevel::kLow:
      return kLeastCost;
    case KdfLevel::kHigh:
      return {3, uint64_t{256} << 20};
    case KdfLevel::kDefault:
      break;
  }
  return {3, uint64_t{64} << 20};
}

Result<Bytes> write_slot_file(const Record& record) {
  WireWriter content;
  write_content(record, content);
  const size_t length = kPrefixBytes + content.written().size() + 2 * record.check.size() + kDigestBytes;
  if (length > kMaxRecordBytes)
    return failure(ErrorCode::kLIMIT,
                   "the key slots would need more room than their file offers; remove a slot, or bind fewer "
                   "application factors to the device slot");
  WireWriter out;
  write_prefix(static_cast<uint32_t>(length), out);
  out.bytes(content.written());
  out.bytes(record.check);
  out.bytes(record.seal);
  out.bytes(blake2b_256({}, {out.written()}));
  Bytes file = std::move(out).take();
  file.reserve(2 * length);
  file.insert(file.end(), file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length));
  return file;
}

Error damaged_slots(const std::string& path) {
  return failure(ErrorCode::kCORRUPT,
                 "the key slots in " + path + " are damaged; restore the file from a backup of the store",
                 reason::kDamaged);
}

Result<Record> read_slot_file(ByteView content, const std::string& path) {
  Copy first = read_copy(content);
  Copy second = read_copy(content.subspan(content.size() / 2));
  const bool takes_second =
      second.record && (!first.record || second.record->generation > first.record->generation);
  if (takes_second) return std::move(*second.record);
  if (first.record) return std::move(*first.record);
  if (first.is_newer_format || second.is_newer_format)
    return failure(
        ErrorCode::kUNSUPPORTED,
        "the key slots in " + path + " are of a later format than this version knows; update the application",
        reason::kNewerFormat);
  return damaged_slots(path);
}

void seal_slot(Slot& slot, const Uuid& store, const SecretBytes& wrap_key, const DataKey& data_key,
               Random& random) {
  SecretBytes plain(kKeyBytes + data_key.salt.size());
  const auto end_of_key = std::ranges::copy(data_key.key.view(), plain.writable().begin()).out;
  std::ranges::copy(data_key.salt, end_of_key);
  const StackKey key(wrap_key);
  const Bytes sealed = aead_seal(key.bytes, plain.view(), associated_data(slot, store), random);
  std::ranges::copy(sealed, slot.sealed.begin());
}

Result<DataKey> open_slot(const Slot& slot, const Uuid& store, const SecretBytes& wrap_key) {
  const StackKey key(wrap_key);
  TSR_ASSIGN_OR_RETURN(Bytes plain, aead_open(key.bytes, slot.sealed, associated_data(slot, store)));
  DataKey data_key{SecretBytes(ByteView(plain).first(kKeyBytes)), {}};
  std::ranges::copy(ByteView(plain).subspan(kKeyBytes), data_key.salt.begin());
  wipe(plain.data(), plain.size());
  return data_key;
}

void seal_record(Record& record, const DataKey& data_key) {
  record.check = check_of(record, data_key);
  record.seal = seal_of(record, data_key);
}

bool record_fits(const Record& record, const DataKey& data_key) {
  return equal_constant_time(record.check, check_of(record, data_key)) &&
         equal_constant_time(record.seal, seal_of(record, data_key));
}

}  // namespace tessera::keys
