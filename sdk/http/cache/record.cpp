#include "http/cache/record.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/big_endian.hpp"
#include "crypto/crypto.hpp"

// version 1 | kind 1 | digest 16 over kind and content | content
//   response: HEAD 1 | status 2 | request ms 8 | response ms 8 | fields 2 | fields | body to the end
//   field: size of the name 2 | size of the value 4 | name | value
//   variants: salt 16 | names to the end

namespace tessera::http {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kResponse = 1;
constexpr uint8_t kVariants = 2;
constexpr size_t kDigestBytes = 16;
constexpr size_t kPrefixBytes = 2 + kDigestBytes;
constexpr size_t kHeadBytes = 21;
constexpr size_t kFieldBytes = 6;
constexpr size_t kMostFieldBytes = size_t{256} << 10;
constexpr size_t kMostFields = 4096;
constexpr int64_t kMostMs = 253'402'300'799'999;  // the last of the year 9999

std::array<uint8_t, kDigestBytes> digest_of(uint8_t kind, ByteView content) {
  const Key256 whole = blake2b_256({}, {{&kind, 1}, content});
  std::array<uint8_t, kDigestBytes> digest{};
  std::copy_n(whole.begin(), digest.size(), digest.begin());
  return digest;
}

Bytes begun(uint8_t kind, size_t content_bytes) {
  Bytes record;
  record.reserve(kPrefixBytes + content_bytes);
  record.push_back(kVersion);
  record.push_back(kind);
  record.resize(kPrefixBytes);
  return record;
}

Bytes finished(Bytes record) {
  const auto digest = digest_of(record[1], ByteView(record).subspan(kPrefixBytes));
  std::ranges::copy(digest, record.begin() + 2);
  return record;
}

void put_text(std::string_view text, Bytes* out) { out->insert(out->end(), text.begin(), text.end()); }

/// Gives zeros and ok() is false once the end was passed.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}
  ByteView take(size_t count) {
    ok_ = ok_ && count <= rest_.size();
    if (!ok_) return {};
    const ByteView taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  uint64_t number(size_t bytes) { return big_endian(take(bytes)); }
  ByteView rest() const { return rest_; }
  bool ok() const { return ok_; }

 private:
  ByteView rest_;
  bool ok_ = true;
};

bool is_sound(const Entry& entry) {
  const auto is_time = [](int64_t ms) { return ms >= 0 && ms <= kMostMs; };
  return entry.status >= 200 && entry.status <= 599 && is_time(entry.request_ms) &&
         is_time(entry.response_ms) && (!entry.is_head || entry.body.empty());
}

std::optional<Entry> read_entry(ByteView content) {
  Reader in(content);
  Entry entry;
  const uint64_t head = in.number(1);
  entry.status = static_cast<int>(in.number(2));
  entry.request_ms = static_cast<int64_t>(in.number(8));
  entry.response_ms = static_cast<int64_t>(in.number(8));
  const size_t fields = in.number(2);
  if (!in.ok() || head > 1 || fields > kMostFields) return std::nullopt;
  entry.is_head = head == 1;
  for (size_t i = 0; i < fields; ++i) {
    const size_t name_bytes = in.number(2);
    const size_t value_bytes = in.number(4);
    const std::string_view name = as_text(in.take(name_bytes));
    const std::string_view value = as_text(in.take(value_bytes));
    if (!in.ok() || !check_field(name, value).ok()) return std::nullopt;
    entry.headers.add(name, value);
  }
  if (content.size() - in.rest().size() > kHeadBytes + kMostFieldBytes) return std::nullopt;
  entry.body.assign(in.rest().begin(), in.rest().end());
  if (!is_sound(entry)) return std::nullopt;
  return entry;
}

std::optional<Variants> read_variants(ByteView content) {
  Reader in(content);
  Variants variants;
  std::ranges::copy(in.take(variants.salt.size()), variants.salt.begin());
  if (!in.ok() || in.rest().empty() || in.rest().size() > kMostVaryBytes) return std::nullopt;
  variants.names = as_text(in.rest());
  return variants;
}

}  // namespace

std::optional<Bytes> write_record(const Entry& entry) {
  size_t field_bytes = 0;
  for (size_t i = 0; i < entry.headers.size(); ++i) {
    const Field field = entry.headers[i];
    if (field.name.size() > UINT16_MAX || !check_field(field.name, field.value).ok()) return std::nullopt;
    field_bytes += kFieldBytes + field.name.size() + field.value.size();
  }
  if (field_bytes > kMostFieldBytes || entry.headers.size() > kMostFields || !is_sound(entry))
    return std::nullopt;
  Bytes record = begun(kResponse, kHeadBytes + field_bytes + entry.body.size());
  record.push_back(entry.is_head ? 1 : 0);
  put_big_endian(static_cast<uint64_t>(entry.status), 2, &record);
  put_big_endian(static_cast<uint64_t>(entry.request_ms), 8, &record);
  put_big_endian(static_cast<uint64_t>(entry.response_ms), 8, &record);
  put_big_endian(entry.headers.size(), 2, &record);
  for (size_t i = 0; i < entry.headers.size(); ++i) {
    const Field field = entry.headers[i];
    put_big_endian(field.name.size(), 2, &record);
    put_big_endian(field.value.size(), 4, &record);
    put_text(field.name, &record);
    put_text(field.value, &record);
  }
  record.insert(record.end(), entry.body.begin(), entry.body.end());
  return finished(std::move(record));
}

Bytes write_record(const Variants& variants) {
  Bytes record = begun(kVariants, variants.salt.size() + variants.names.size());
  record.insert(record.end(), variants.salt.begin(), variants.salt.end());
  put_text(variants.names, &record);
  return finished(std::move(record));
}

Record read_record(ByteView bytes) {
  if (bytes.size() < kPrefixBytes || bytes[0] != kVersion) return {};
  const uint8_t kind = bytes[1];
  const ByteView content = bytes.subspan(kPrefixBytes);
  if (!std::ranges::equal(digest_of(kind, content), bytes.subspan(2, kDigestBytes))) return {};
  if (kind == kResponse) {
    if (auto entry = read_entry(content)) return std::move(*entry);
  } else if (kind == kVariants) {
    if (auto variants = read_variants(content)) return std::move(*variants);
  }
  return {};
}

}  // namespace tessera::http
