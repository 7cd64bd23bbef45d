#include "hwid/scheme.hpp"

#include <algorithm>

#include "text/utf8.hpp"

namespace tessera::hwid {

namespace {

constexpr KindInfo kKinds[] = {
    {kind::kMachineId, FactorClass::kOs, 2, 64},
    {kind::kRootFs, FactorClass::kOs, 1, 64},
    {kind::kDmiUuid, FactorClass::kUnique, 4, 64},
    {kind::kSerial, FactorClass::kUnique, 3, kGuessableTagBits},
    {kind::kDtSerial, FactorClass::kUnique, 4, kGuessableTagBits},
    {kind::kDisk, FactorClass::kUnique, 3, kGuessableTagBits},
    {kind::kMac, FactorClass::kUnique, 2, kGuessableTagBits},
    {kind::kCloud, FactorClass::kUnique, 4, 64},
    {kind::kCpu, FactorClass::kModel, 1, kGuessableTagBits},
    {kind::kModel, FactorClass::kModel, 1, kGuessableTagBits},
};

constexpr std::string_view kTagDomain("tessera/hwid/1\0", 15);
constexpr std::string_view kKeyInfo = "tessera/hwid/1/key";

Bytes tag_key(std::string_view product, ByteView salt) {
  return hkdf_sha256(salt, as_bytes(product), as_bytes(kKeyInfo), 32).value();
}

/// HmacSha256 is neither copied nor moved, so the key is wiped by a guard that outlives its construction.
struct WipedKey {
  Bytes bytes;
  ~WipedKey() { wipe(bytes.data(), bytes.size()); }
};

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

Error bad_app_factor(std::string text) { return {ErrorCode::kARG, "hwid", std::move(text), {}}; }

}  // namespace

std::span<const KindInfo> scheme_kinds() { return kKinds; }

const KindInfo* find_kind(std::string_view name) {
  const auto* found = std::ranges::find(kKinds, name, &KindInfo::name);
  return found == std::end(kKinds) ? nullptr : found;
}

int tag_bits(std::string_view kind) {
  const KindInfo* info = find_kind(kind);
  return info != nullptr ? info->tag_bits : kGuessableTagBits;
}

Status check_app_factor(const AppFactor& factor) {
  if (factor.name.empty() || factor.name.size() > 32 || !std::ranges::all_of(factor.name, is_name_char))
    return bad_app_factor("the name of a custom hardware factor needs 1 to 32 characters of a-z, 0-9, _ . -");
  if (factor.value.empty() || factor.value.size() > 256 || !is_utf8(factor.value))
    return bad_app_factor("the value of a custom hardware factor needs 1 to 256 bytes of UTF-8");
  if (factor.weight < 1 || factor.weight > 10)
    return bad_app_factor("the weight of a custom hardware factor must be 1 to 10");
  if (factor.cls != FactorClass::kUnique && factor.cls != FactorClass::kOs &&
      factor.cls != FactorClass::kModel)
    return bad_app_factor("the class of a custom hardware factor must be U, O or M");
  return {};
}

Tagger::Tagger(std::string_view product, ByteView salt) : mac_(WipedKey{tag_key(product, salt)}.bytes) {}

std::string Tagger::tag(std::string_view kind, std::string_view value) const {
  constexpr uint8_t kSeparator[] = {0};
  const Sha256 full = mac_.tag({as_bytes(kTagDomain), as_bytes(kind), kSeparator, as_bytes(value)});
  return std::string(as_text(full).substr(0, static_cast<size_t>(tag_bits(kind)) / 8));
}

}  // namespace tessera::hwid
