#include "store/salvage_pages.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/big_endian.hpp"
#include "store/copy_check.hpp"
#include "store/salvage_rows.hpp"

namespace tessera::store {
namespace {

constexpr uint32_t kSchemaRoot = 1;
constexpr int64_t kPagesBetweenReports = 64;
constexpr size_t kUsable = PageCipher::kPageBytes - PageCipher::kReservedBytes;

/// Where auto-vacuum keeps each page's kind and parent: a way from a page up to its tree without the pages
/// between.
class PageMap {
 public:
  enum class Kind : uint8_t {
    kUnknown = 0,
    kRoot = 1,
    kFree = 2,
    kFirstOverflow = 3,
    kOverflow = 4,
    kTree = 5
  };
  struct Entry {
    Kind kind = Kind::kUnknown;
    uint32_t parent = 0;
  };

  explicit PageMap(PageSource& pages) : pages_(pages) {}
  /// Whether the file has such a map; when page 1 can't tell, by what its first page looks like.
  void find(const PlainPage* first) {
    constexpr size_t kLargestRootOffset = 52;
    is_there_ = first != nullptr ? big_endian_32(*first, kLargestRootOffset) != 0 : looks_like_map();
  }
  bool is_there() const { return is_there_; }

  Entry entry(uint32_t number) {
    if (!is_there_ || number < 3) return {};
    uint32_t map_page = (number - 2) / (kEntries + 1) * (kEntries + 1) + 2;
    if (PageFile::is_lock_page(map_page)) ++map_page;
    if (number <= map_page) return {};
    if (map_page != loaded_) {
      loaded_ = map_page;
      good_ = pages_.read(map_page, &page_);
    }
    if (!good_) return {};
    const size_t offset = size_t{kEntryBytes} * (number - map_page - 1);
    const uint8_t kind = page_[offset];
    if (kind > static_cast<uint8_t>(Kind::kTree)) return {};
    return {static_cast<Kind>(kind), big_endian_32(page_, offset + 1)};
  }

  /// The root of the tree that a page belongs to, also as an overflow page; 0: not known or free.
  uint32_t root_of(uint32_t number) {
    for (uint32_t steps = 0; steps <= pages_.page_count(); ++steps) {
      if (number == kSchemaRoot) return number;
      const Entry entry = this->entry(number);
      if (entry.kind == Kind::kRoot) return number;
      if (entry.kind == Kind::kUnknown || entry.kind == Kind::kFree) return 0;
      number = entry.parent;
    }
    return 0;
  }

 private:
  static constexpr uint32_t kEntryBytes = 5;
  static constexpr uint32_t kEntries = kUsable / kEntryBytes;

  bool looks_like_map() {
    PlainPage page{};
    if (pages_.page_count() < 3 || !pages_.read(2, &page)) return false;
    const uint32_t entries = std::min(pages_.page_count() - 2, kEntries);
    for (uint32_t i = 0; i < entries; ++i) {
      const uint8_t kind = page[size_t{kEntryBytes} * i];
      const uint32_t parent = big_endian_32(page, size_t{kEntryBytes} * i + 1);
      if (kind < 1 || kind > 5 || parent > pages_.page_count()) return false;
      if ((kind <= 2) != (parent == 0)) return false;
    }
    return true;
  }

  PageSource& pages_;
  PlainPage page_{};
  uint32_t loaded_ = 0;
  bool good_ = false;
  bool is_there_ = false;
};

class Salvager {
 public:
  Salvager(PageSource& pages, Meter& meter, const LineSink& write)
      : pages_(pages), map_(pages), write_(write), meter_(meter), seen_(size_t{pages.page_count()} + 1) {}

  Result<SalvageReport> run() {
    TSR_RETURN_IF_ERROR(find_schema());
    for (const auto& [root, tree] : trees_) TSR_RETURN_IF_ERROR(walk(root, tree));
    skip_free_pages();
    TSR_RETURN_IF_ERROR(sweep());
    report_.tables = static_cast<int64_t>(tables_with_rows_.size());
    report_.damaged_tables.assign(damaged_.begin(), damaged_.end());
    return report_;
  }

 private:
  /// Reads a page for the first time; false when it was read before or can't be.
  bool visit(uint32_t number, PlainPage* page) {
    if (number == 0 || number > pages_.page_count() || seen_[number]) return false;
    seen_[number] = true;
    if (pages_.read(number, page)) {
      ++report_.pages_read;
      return true;
    }
    ++report_.pages_damaged;
    return false;
  }
  void note_damage(const StoredTree& tree) {
    if (tree.is_table) damaged_.insert(tree.name);
  }
  Status progress() {
    const int64_t done = report_.pages_read + report_.pages_damaged;
    return done % kPagesBetweenReports == 0 ? meter_.report(done) : Status();
  }

  Status find_schema() {
    PlainPage first{};
    const bool first_is_good = pages_.read(kSchemaRoot, &first);
    if (first_is_good) {
      constexpr size_t kEncodingOffset = 56;
      constexpr size_t kFreeListOffset = 32;
      const uint32_t encoding = big_endian_32(first, kEncodingOffset);
      if (encoding >= 1 && encoding <= 3) encoding_ = static_cast<TextEncoding>(encoding);
      free_list_ = big_endian_32(first, kFreeListOffset);
    }
    map_.find(first_is_good ? &first : nullptr);
    StoredTree schema;
    schema.name = "sqlite_schema";
    std::vector<SchemaRow> rows;
    const auto keep = [&](const Cell& cell) -> Status {
      add_schema_row(cell, &rows);
      return {};
    };
    TSR_RETURN_IF_ERROR(walk_tree(kSchemaRoot, schema, keep));
    if (damaged_.contains(schema.name) && map_.is_there()) {
      for (uint32_t number = 3; number <= pages_.page_count(); ++number) {
        if (seen_[number] || map_.entry(number).kind != PageMap::Kind::kTree ||
            map_.root_of(number) != kSchemaRoot)
          continue;
        TSR_RETURN_IF_ERROR(walk_tree(number, schema, keep));
      }
    }
    trees_ = read_schema(rows);
    return {};
  }

  void add_schema_row(const Cell& cell, std::vector<SchemaRow>* rows) {
    const Bytes payload = gather(cell);
    const auto fields = parse_record(payload);
    if (!fields || fields->size() != 5) return;
    const auto text = [&](size_t index) {
      const Field& field = (*fields)[index];
      if (field.lost || field.value.type != ValueType::kText) return std::string();
      return utf8_text(field.value.bytes(), encoding_).value_or(std::string());
    };
    const Value& root = (*fields)[3].value;
    if (root.type != ValueType::kInteger || root.integer < 2 || root.integer > pages_.page_count()) return;
    rows->push_back({text(0), text(1), text(2), text(4), static_cast<uint32_t>(root.integer)});
  }

  Bytes gather(const Cell& cell) {
    return payload_of(cell, pages_, [this](uint32_t number) {
      if (seen_[number]) return;
      seen_[number] = true;
      ++report_.pages_read;
    });
  }

  /// Every cell with content in the tree below `root`, as far as its pages can be read.
  template <class Use>
  Status walk_tree(uint32_t root, const StoredTree& tree, Use use) {
    std::vector<uint32_t> open = {root};
    PlainPage page{};
    while (!open.empty()) {
      const uint32_t number = open.back();
      open.pop_back();
      TSR_RETURN_IF_ERROR(progress());
      if (number != 0 && number <= pages_.page_count() && seen_[number]) continue;
      const auto parsed = visit(number, &page) ? TreePage::parse(page, number) : std::nullopt;
      if (!parsed) {
        note_damage(tree);
        continue;
      }
      TSR_RETURN_IF_ERROR(use_page(*parsed, tree, &open, use));
    }
    return {};
  }

  template <class Use>
  Status use_page(const TreePage& page, const StoredTree& tree, std::vector<uint32_t>* open, Use use) {
    std::vector<uint32_t> children;
    for (size_t i = 0; i < page.cells(); ++i) {
      const auto cell = page.cell(i);
      if (!cell) {
        note_damage(tree);
        continue;
      }
      if (!page.is_leaf()) children.push_back(cell->left_child);
      if (page.kind() != TreeKind::kTableInterior) TSR_RETURN_IF_ERROR(use(*cell));
    }
    if (page.is_leaf()) return {};
    children.push_back(page.right_child());
    open->insert(open->end(), children.rbegin(), children.rend());  // the first child is next
    return {};
  }

  Status walk(uint32_t root, const StoredTree& tree) {
    return walk_tree(root, tree, [&](const Cell& cell) { return write_row(tree, cell); });
  }

  Status write_row(const StoredTree& tree, const Cell& cell) {
    const Bytes payload = gather(cell);
    if (!tree.is_table || tree.is_withheld) return {};
    const auto fields = parse_record(payload);
    if (!fields || payload.size() < cell.payload_size) note_damage(tree);
    if (!fields) return {};
    ++report_.rows;
    tables_with_rows_.insert(tree.name);
    return write_(row_line(tree, cell.row_id, *fields, encoding_));
  }

  /// They hold nothing, or what was deleted.
  void skip_free_pages() {
    PlainPage page{};
    for (uint32_t trunk = free_list_; visit(trunk, &page);) {
      constexpr size_t kEntryBytes = 4;
      const size_t count = std::min<size_t>(big_endian_32(page, 4), kUsable / kEntryBytes - 2);
      for (size_t i = 0; i < count; ++i) {
        const uint32_t leaf = big_endian_32(page, 8 + kEntryBytes * i);
        if (leaf > 1 && leaf <= pages_.page_count()) free_.insert(leaf);
      }
      trunk = big_endian_32(page, 0);
    }
  }

  /// What no tree led to: behind a page that can't be read.
  Status sweep() {
    PlainPage page{};
    for (uint32_t number = 1; number <= pages_.page_count(); ++number) {
      TSR_RETURN_IF_ERROR(progress());
      if (seen_[number] || PageFile::is_lock_page(number)) continue;
      if (!visit(number, &page)) {
        note_damaged_page(number);
        continue;
      }
      if (free_.contains(number) || map_.entry(number).kind == PageMap::Kind::kFree) continue;
      const auto parsed = TreePage::parse(page, number);
      if (!parsed || !may_hold_rows(*parsed, number)) continue;
      const StoredTree& tree = owner_of(number, *parsed);
      // Entries of an index look like rows of a table without row ids: only a known owner makes them rows.
      if (parsed->kind() != TreeKind::kTableLeaf && !tree.without_row_id) continue;
      note_damage(tree);
      std::vector<uint32_t> children;  // swept by themselves
      TSR_RETURN_IF_ERROR(
          use_page(*parsed, tree, &children, [&](const Cell& cell) { return write_row(tree, cell); }));
    }
    return {};
  }

  bool may_hold_rows(const TreePage& page, uint32_t number) {
    if (page.kind() == TreeKind::kTableInterior) return false;
    const PageMap::Kind kind = map_.entry(number).kind;
    if (kind == PageMap::Kind::kOverflow || kind == PageMap::Kind::kFirstOverflow) return false;
    return map_.root_of(number) != kSchemaRoot;
  }

  void note_damaged_page(uint32_t number) {
    if (free_.contains(number)) return;
    const auto tree = trees_.find(map_.root_of(number));
    if (tree != trees_.end()) note_damage(tree->second);
  }

  /// By the map of pages; else the one table that lost pages and whose records have as many fields.
  const StoredTree& owner_of(uint32_t number, const TreePage& page) {
    if (const uint32_t root = map_.root_of(number); root != 0) {
      const auto tree = trees_.find(root);
      return tree == trees_.end() ? unknown_ : tree->second;
    }
    const StoredTree* fitting = nullptr;
    const auto cell = page.cell(0);
    const Bytes payload = cell ? gather(*cell) : Bytes();
    const auto fields = parse_record(payload);
    if (!fields) return unknown_;
    for (const auto& [root, tree] : trees_) {
      if (!tree.is_table || tree.without_row_id || !damaged_.contains(tree.name)) continue;
      if (holds_keys(tree.name)) return tree;  // rather a row too few than a key
      if (tree.is_withheld || tree.columns.size() != fields->size()) continue;
      if (fitting != nullptr) return unknown_;
      fitting = &tree;
    }
    return fitting == nullptr ? unknown_ : *fitting;
  }

  PageSource& pages_;
  PageMap map_;
  const LineSink& write_;
  Meter& meter_;
  std::vector<bool> seen_;
  std::map<uint32_t, StoredTree> trees_;
  const StoredTree unknown_;
  TextEncoding encoding_ = TextEncoding::kUtf8;
  uint32_t free_list_ = 0;
  std::set<uint32_t> free_;
  std::set<std::string> damaged_;
  std::set<std::string> tables_with_rows_;
  SalvageReport report_;
};

}  // namespace

Result<SalvageReport> salvage_pages(PageSource& pages, Meter& meter, const LineSink& write) {
  return Salvager(pages, meter, write).run();
}

}  // namespace tessera::store
