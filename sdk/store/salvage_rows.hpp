// From a record to a line of JSON: what the schema says about the fields of a table's records.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "store/tree_page.hpp"

namespace tessera::store {

/// Keeps the order of columns.
using RowJson = nlohmann::ordered_json;

enum class TextEncoding { kUtf8 = 1, kUtf16Le = 2, kUtf16Be = 3 };

struct StoredColumn {
  std::string name;
  bool is_real = false;    // whole numbers are stored as integers
  bool is_row_id = false;  // stored as null
  RowJson fill;            // of records older than the column
};

/// A b-tree of the file, in the order in which its records hold their fields.
struct StoredTree {
  std::string name = "?";
  bool is_table = true;         // else an index, whose entries are no rows
  bool is_withheld = false;     // keys, or SQLite's own bookkeeping
  bool without_row_id = false;  // rows lie in an index tree
  std::vector<StoredColumn> columns;
};

struct SchemaRow {
  std::string type, name, table, sql;
  uint32_t root = 0;
};
/// Trees by root page. A table whose definition SQLite does not take has no columns.
std::map<uint32_t, StoredTree> read_schema(const std::vector<SchemaRow>& rows);

/// The line without its end. Fields beyond the known columns are "c0", "c1", ... and the row id is then told.
std::string row_line(const StoredTree& tree, int64_t row_id, const std::vector<Field>& fields,
                     TextEncoding encoding);
/// Text of the database as UTF-8; nothing when it is malformed.
std::optional<std::string> utf8_text(ByteView bytes, TextEncoding encoding);

}  // namespace tessera::store
