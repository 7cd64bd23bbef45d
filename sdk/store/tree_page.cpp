#include "store/tree_page.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/big_endian.hpp"

namespace tessera::store {
namespace {

constexpr size_t kUsable = PageCipher::kPageBytes - PageCipher::kReservedBytes;
constexpr size_t kFileHeaderBytes = 100;  // before the b-tree header of page 1
constexpr size_t kLeafHeaderBytes = 8;
constexpr size_t kInteriorHeaderBytes = 12;
constexpr uint64_t kMostPayload = uint64_t{1} << 31;
constexpr size_t kMostFields = 32'767;

/// Reads forward through bytes; after the end everything is zero and failed() true.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  /// SQLite's number of 1 to 9 bytes, most significant first.
  uint64_t varint() {
    uint64_t value = 0;
    for (int i = 0; i < 9; ++i) {
      const uint8_t byte = next();
      if (i == 8) return value << 8 | byte;
      value = value << 7 | (byte & 0x7fU);
      if ((byte & 0x80U) == 0) break;
    }
    return value;
  }
  uint32_t number_32() {
    if (rest_.size() < 4) return fail();
    const uint32_t value = big_endian_32(rest_, 0);
    rest_ = rest_.subspan(4);
    return value;
  }
  ByteView take(size_t count) {
    if (rest_.size() < count) {
      fail();
      return {};
    }
    const ByteView taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  bool at_end() const { return rest_.empty(); }
  bool failed() const { return failed_; }

 private:
  uint8_t fail() {
    failed_ = true;
    rest_ = {};
    return 0;
  }
  uint8_t next() {
    if (rest_.empty()) return fail();
    const uint8_t byte = rest_.front();
    rest_ = rest_.subspan(1);
    return byte;
  }
  ByteView rest_;
  bool failed_ = false;
};

/// How much of a payload lies on the page itself.
size_t local_size(uint64_t payload, bool table_leaf) {
  const uint64_t most = table_leaf ? kUsable - 35 : (kUsable - 12) * 64 / 255 - 23;
  if (payload <= most) return static_cast<size_t>(payload);
  const uint64_t least = (kUsable - 12) * 32 / 255 - 23;
  const uint64_t fitting = least + (payload - least) % (kUsable - 4);
  return static_cast<size_t>(fitting <= most ? fitting : least);
}

int64_t big_endian_signed(ByteView bytes) {
  uint64_t value = (bytes.front() & 0x80U) != 0 ? ~uint64_t{0} : 0;
  for (const uint8_t byte : bytes) value = value << 8 | byte;
  return static_cast<int64_t>(value);
}

ValueType type_of(uint64_t serial) {
  switch (serial) {
    case 0:
    case 10:  // reserved: SQLite never writes them
    case 11:
      return ValueType::kNull;
    case 7:
      return ValueType::kReal;
    default:
      if (serial < 12) return ValueType::kInteger;
      return serial % 2 == 0 ? ValueType::kBlob : ValueType::kText;
  }
}

uint64_t size_of(uint64_t serial) {
  constexpr std::array<uint8_t, 12> kSizes = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
  return serial < kSizes.size() ? kSizes[static_cast<size_t>(serial)] : (serial - 12) / 2;
}

Value value_of(uint64_t serial, ByteView bytes) {
  switch (type_of(serial)) {
    case ValueType::kNull:
      return {};
    case ValueType::kReal: {
      const auto real = std::bit_cast<double>(big_endian_signed(bytes));
      return std::isnan(real) ? Value{} : Value::of(real);
    }
    case ValueType::kInteger:
      return Value::of(bytes.empty() ? static_cast<int64_t>(serial - 8) : big_endian_signed(bytes));
    case ValueType::kText:
      return Value::of(as_text(bytes));
    default:
      return Value::of(bytes);
  }
}

}  // namespace

std::optional<TreePage> TreePage::parse(const PlainPage& page, uint32_t number) {
  const ByteView content = ByteView(page).first(kUsable);
  const size_t header = number == 1 ? kFileHeaderBytes : 0;
  const uint8_t kind = content[header];
  if (kind != 2 && kind != 5 && kind != 10 && kind != 13) return std::nullopt;
  TreePage tree(content);
  tree.kind_ = static_cast<TreeKind>(kind);
  tree.cells_ = big_endian_16(content, header + 3);
  tree.pointers_ = header + (tree.is_leaf() ? kLeafHeaderBytes : kInteriorHeaderBytes);
  if (tree.pointers_ + 2 * tree.cells_ > kUsable) return std::nullopt;
  if (!tree.is_leaf()) tree.right_child_ = big_endian_32(content, header + 8);
  return tree;
}

std::optional<Cell> TreePage::cell(size_t index) const {
  if (index >= cells_) return std::nullopt;
  const size_t offset = big_endian_16(content_, pointers_ + 2 * index);
  if (offset < pointers_ + 2 * cells_ || offset >= kUsable) return std::nullopt;
  Reader reader(content_.subspan(offset));
  Cell cell;
  if (!is_leaf()) cell.left_child = reader.number_32();
  if (kind_ != TreeKind::kTableInterior) cell.payload_size = reader.varint();
  if (is_table()) cell.row_id = static_cast<int64_t>(reader.varint());
  if (cell.payload_size > kMostPayload) return std::nullopt;
  const size_t local = local_size(cell.payload_size, kind_ == TreeKind::kTableLeaf);
  cell.local = reader.take(local);
  if (local < cell.payload_size) cell.overflow = reader.number_32();
  if (reader.failed()) return std::nullopt;
  return cell;
}

uint32_t next_overflow(const PlainPage& page) { return big_endian_32(page, 0); }

ByteView overflow_content(const PlainPage& page) { return ByteView(page).subspan(4, kOverflowBytes); }

std::optional<std::vector<Field>> parse_record(ByteView payload) {
  Reader size_reader(payload);
  const uint64_t header_size = size_reader.varint();
  if (size_reader.failed() || header_size == 0 || header_size > payload.size()) return std::nullopt;
  Reader header(payload.first(static_cast<size_t>(header_size)));
  header.varint();
  uint64_t offset = header_size;
  std::vector<Field> fields;
  while (!header.at_end()) {
    const uint64_t serial = header.varint();
    if (header.failed() || fields.size() == kMostFields) return std::nullopt;
    const uint64_t size = size_of(serial);
    Field field;
    if (offset <= payload.size() && size <= payload.size() - offset) {
      field.value = value_of(serial, payload.subspan(static_cast<size_t>(offset), static_cast<size_t>(size)));
    } else {
      field.value.type = type_of(serial);
      field.lost = true;
      field.lost_bytes = size;
    }
    if (size > kMostPayload) return std::nullopt;
    offset += size;
    fields.push_back(field);
  }
  return fields;
}

}  // namespace tessera::store
