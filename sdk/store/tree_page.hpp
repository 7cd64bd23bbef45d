// SQLite's b-tree pages, cells and records, read without trust: nothing here looks outside its page, follows
// a chain longer than what it should hold, or allocates what is not there. See sqlite.org/fileformat2.html.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "store/page_file.hpp"
#include "store/value.hpp"

namespace tessera::store {

enum class TreeKind : uint8_t { kIndexInterior = 2, kTableInterior = 5, kIndexLeaf = 10, kTableLeaf = 13 };

/// A cell's place and what it says before its content.
struct Cell {
  uint32_t left_child = 0;    // interior pages
  int64_t row_id = 0;         // table pages
  uint64_t payload_size = 0;  // 0 in interior table cells
  ByteView local;             // the part of the payload on this page
  uint32_t overflow = 0;      // first page of the rest, 0: none
};

class TreePage {
 public:
  /// Nothing when `page` (number `number`) is no b-tree page. Borrows it.
  static std::optional<TreePage> parse(const PlainPage& page, uint32_t number);

  TreeKind kind() const { return kind_; }
  bool is_leaf() const { return kind_ == TreeKind::kTableLeaf || kind_ == TreeKind::kIndexLeaf; }
  bool is_table() const { return kind_ == TreeKind::kTableLeaf || kind_ == TreeKind::kTableInterior; }
  size_t cells() const { return cells_; }
  uint32_t right_child() const { return right_child_; }  // 0 in leaves
  /// Nothing when the cell does not lie inside the page.
  std::optional<Cell> cell(size_t index) const;

 private:
  explicit TreePage(ByteView content) : content_(content) {}
  ByteView content_;
  size_t pointers_ = 0;  // where the cell pointers begin
  size_t cells_ = 0;
  uint32_t right_child_ = 0;
  TreeKind kind_ = TreeKind::kTableLeaf;
};

/// The payload of `cell`, as far as its overflow pages can be read. Calls `used(page)` for each of them.
template <class Used>
Bytes payload_of(const Cell& cell, PageSource& pages, Used used);

struct Field {
  Value value;        // borrows the payload; text is in the database's encoding
  bool lost = false;  // its content is not there any more; `value` has its type
  uint64_t lost_bytes = 0;
};
/// The fields of a record of which `payload` is what is left. Nothing when its header is not complete.
std::optional<std::vector<Field>> parse_record(ByteView payload);

/// Bytes of an overflow page that hold content.
inline constexpr size_t kOverflowBytes = PageCipher::kPageBytes - PageCipher::kReservedBytes - 4;
/// Next page of an overflow page, and its content.
uint32_t next_overflow(const PlainPage& page);
ByteView overflow_content(const PlainPage& page);

template <class Used>
Bytes payload_of(const Cell& cell, PageSource& pages, Used used) {
  Bytes payload(cell.local.begin(), cell.local.end());
  PlainPage page{};
  for (uint32_t number = cell.overflow; number != 0 && payload.size() < cell.payload_size;) {
    // A chain that comes back to itself ends with the size of the payload, or with the pages there are.
    if (payload.size() / kOverflowBytes > pages.page_count() || !pages.read(number, &page)) break;
    used(number);
    const uint64_t missing = cell.payload_size - payload.size();
    const ByteView content = overflow_content(page);
    const ByteView part =
        content.first(missing < content.size() ? static_cast<size_t>(missing) : content.size());
    payload.insert(payload.end(), part.begin(), part.end());
    number = next_overflow(page);
  }
  return payload;
}

}  // namespace tessera::store
