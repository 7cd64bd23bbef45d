#include "store/salvage_rows.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cmath>

#include "store/connection.hpp"
#include "store/copy_check.hpp"
#include "text/base64url.hpp"
#include "text/utf8.hpp"

namespace tessera::store {
namespace {

constexpr int64_t kLargestExact = int64_t{1} << 53;  // what every reader of JSON keeps

std::string base64(ByteView bytes) {
  std::string text = base64url_encode(bytes);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

RowJson real_json(double real) {
  if (std::isfinite(real)) return real;
  return {{"$real", real > 0 ? "Infinity" : "-Infinity"}};
}

RowJson integer_json(int64_t integer) {
  if (integer >= -kLargestExact && integer <= kLargestExact) return integer;
  return {{"$int", std::to_string(integer)}};
}

RowJson value_json(const Value& value, TextEncoding encoding) {
  switch (value.type) {
    case ValueType::kInteger:
      return integer_json(value.integer);
    case ValueType::kReal:
      return real_json(value.real);
    case ValueType::kText: {
      auto text = utf8_text(value.bytes(), encoding);
      if (text) return std::move(*text);
      return {{"$text", base64(value.bytes())}};
    }
    case ValueType::kBlob:
      return {{"$blob", base64(value.bytes())}};
    default:
      return nullptr;
  }
}

RowJson field_json(const Field& field, const StoredColumn* column, int64_t row_id, TextEncoding encoding) {
  if (field.lost) return {{"$lost", field.lost_bytes}};
  if (column != nullptr && column->is_row_id && field.value.is_null()) return integer_json(row_id);
  if (column != nullptr && column->is_real && field.value.type == ValueType::kInteger)
    return real_json(static_cast<double>(field.value.integer));
  return value_json(field.value, encoding);
}

/// SQLite's rule for the affinity REAL.
bool has_real_affinity(std::string_view type) {
  const std::string lower = to_lower_ascii(type);
  const auto contains = [&lower](const char* part) { return lower.find(part) != std::string::npos; };
  for (const char* other : {"int", "char", "clob", "text", "blob"}) {
    if (contains(other)) return false;
  }
  return contains("real") || contains("floa") || contains("doub");
}

/// Runs definitions of a damaged database where they can do no harm.
class Definitions {
 public:
  static std::optional<Definitions> open() {
    auto connection = Connection::open({.path = {}, .role = Role::kTool, .create = true}, nullptr);
    if (!connection) return std::nullopt;
    return Definitions(std::move(*connection));
  }

  /// False when SQLite does not take the definition.
  bool describe(const SchemaRow& row, StoredTree* tree) {
    if (!row.sql.starts_with("CREATE TABLE ") || !connection_->run(row.sql)) return false;
    const std::string name = sql_name(row.name);
    const auto without =
        ask_integer("select wr from pragma_table_list where schema = 'main' and name = ?", row.name);
    tree->without_row_id = without == 1;
    const bool done = tree->without_row_id ? describe_index(row.name, tree) : describe_table(row.name, tree);
    static_cast<void>(connection_->run("drop table " + name));
    return done;
  }

 private:
  explicit Definitions(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  int64_t ask_integer(std::string_view sql, std::string_view name) {
    auto statement = connection_->statement(sql);
    if (!statement || !statement->bind_all(name)) return 0;
    const auto row = statement->step();
    return row && *row ? statement->column(0).integer : 0;
  }

  bool describe_table(const std::string& table, StoredTree* tree) {
    const bool one_key = ask_integer("select count(*) from pragma_table_xinfo(?) where pk > 0", table) == 1;
    // Virtual generated columns (hidden 2) are not stored.
    auto statement = connection_->statement(
        "select name, type, pk, dflt_value from pragma_table_xinfo(?) where hidden <> 2");
    if (!statement || !statement->bind_all(std::string_view(table))) return false;
    while (true) {
      const auto row = statement->step();
      if (!row) return false;
      if (!*row) return true;
      StoredColumn column;
      column.name = statement->column(0).text();
      const std::string_view type = statement->column(1).text();
      column.is_real = has_real_affinity(type);
      column.is_row_id = one_key && statement->column(2).integer > 0 && to_lower_ascii(type) == "integer";
      column.fill = fill_of(statement->column(3));
      tree->columns.push_back(std::move(column));
    }
  }

  /// The primary key's columns come first.
  bool describe_index(const std::string& table, StoredTree* tree) {
    auto statement = connection_->statement(
        "select c.name, c.type, c.dflt_value from pragma_index_list(?1) l, pragma_index_xinfo(l.name) i, "
        "pragma_table_xinfo(?1) c where l.origin = 'pk' and c.cid = i.cid order by i.seqno");
    if (!statement || !statement->bind_all(std::string_view(table))) return false;
    while (true) {
      const auto row = statement->step();
      if (!row) return false;
      if (!*row) return !tree->columns.empty();
      StoredColumn column;
      column.name = statement->column(0).text();
      column.is_real = has_real_affinity(statement->column(1).text());
      column.fill = fill_of(statement->column(2));
      tree->columns.push_back(std::move(column));
    }
  }

  RowJson fill_of(const Value& expression) {
    if (expression.is_null()) return nullptr;
    auto statement = connection_->statement("select " + std::string(expression.text()));
    if (!statement) return nullptr;
    const auto row = statement->step();
    return row && *row ? value_json(statement->column(0), TextEncoding::kUtf8) : RowJson();
  }

  std::unique_ptr<Connection> connection_;
};

void append_utf8(uint32_t code, std::string* text) {
  const auto tail = [&](int shift) { text->push_back(static_cast<char>(0x80U | (code >> shift & 0x3fU))); };
  if (code < 0x80) {
    text->push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    text->push_back(static_cast<char>(0xc0U | code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    text->push_back(static_cast<char>(0xe0U | code >> 12));
    tail(6);
    tail(0);
  } else {
    text->push_back(static_cast<char>(0xf0U | code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

std::optional<std::string> utf8_text(ByteView bytes, TextEncoding encoding) {
  if (encoding == TextEncoding::kUtf8) {
    const std::string_view text = as_text(bytes);
    return is_utf8(text) ? std::optional(std::string(text)) : std::nullopt;
  }
  const size_t high = encoding == TextEncoding::kUtf16Be ? 0 : 1;
  std::string text;
  uint32_t lead = 0;
  if (bytes.size() % 2 != 0) return std::nullopt;
  for (size_t i = 0; i < bytes.size(); i += 2) {
    const uint32_t unit = static_cast<uint32_t>(bytes[i + high]) << 8 | bytes[i + 1 - high];
    const bool is_tail = unit >= 0xdc00 && unit < 0xe000;
    if (is_tail != (lead != 0)) return std::nullopt;
    if (unit >= 0xd800 && unit < 0xdc00) {
      lead = unit;
      continue;
    }
    append_utf8(is_tail ? 0x10000 + ((lead - 0xd800) << 10) + (unit - 0xdc00) : unit, &text);
    lead = 0;
  }
  return lead == 0 ? std::optional(std::move(text)) : std::nullopt;
}

std::map<uint32_t, StoredTree> read_schema(const std::vector<SchemaRow>& rows) {
  std::map<uint32_t, StoredTree> trees;
  std::optional<Definitions> definitions = Definitions::open();
  for (const SchemaRow& row : rows) {
    if (row.root < 2) continue;
    StoredTree tree;
    tree.name = row.name;
    tree.is_table = row.type == "table";
    tree.is_withheld = holds_keys(row.table) || row.name.starts_with("sqlite_");
    if (tree.is_table && !tree.is_withheld && (!definitions || !definitions->describe(row, &tree)))
      tree.columns.clear();
    trees.emplace(row.root, std::move(tree));
  }
  return trees;
}

std::string row_line(const StoredTree& tree, int64_t row_id, const std::vector<Field>& fields,
                     TextEncoding encoding) {
  RowJson row = RowJson::object();
  if (tree.columns.empty()) row["rowid"] = integer_json(row_id);
  for (size_t i = 0; i < fields.size(); ++i) {
    const StoredColumn* column = i < tree.columns.size() ? &tree.columns[i] : nullptr;
    row[column != nullptr ? column->name : "c" + std::to_string(i)] =
        field_json(fields[i], column, row_id, encoding);
  }
  for (size_t i = fields.size(); i < tree.columns.size(); ++i)
    row[tree.columns[i].name] = tree.columns[i].fill;
  RowJson line = RowJson::object();
  line["table"] = tree.name;
  line["row"] = std::move(row);
  return line.dump(-1, ' ', false, RowJson::error_handler_t::replace);
}

}  // namespace tessera::store
