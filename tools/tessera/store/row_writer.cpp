#include "store/row_writer.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "console.hpp"
#include "store/cell_text.hpp"

namespace tessera::cli {
namespace {

constexpr size_t kFlushBytes = 16384;

/// Collects output and prints it in large pieces.
class Output {
 public:
  void add(std::string_view text) {
    pending_ += text;
    if (pending_.size() > kFlushBytes) flush();
  }
  void flush() {
    if (!pending_.empty()) print(pending_);
    pending_.clear();
  }

 private:
  std::string pending_;
};

class TableLayout {
 public:
  explicit TableLayout(std::vector<std::string> columns) : columns_(std::move(columns)) {
    for (const std::string& column : columns_) widths_.push_back(display_width(column));
  }
  void measure(const std::vector<std::string>& cells) {
    for (size_t index = 0; index < widths_.size(); ++index)
      widths_[index] = std::max(widths_[index], display_width(cells[index]));
  }
  std::string head() const {
    std::vector<std::string> rules;
    rules.reserve(widths_.size());
    for (const size_t width : widths_) rules.emplace_back(width, '-');
    return line(columns_, {}) + line(rules, {});
  }
  /// Cells whose place is in `right` are aligned there.
  std::string line(const std::vector<std::string>& cells, const std::vector<bool>& right) const {
    constexpr size_t kGap = 2;
    std::string out;
    for (size_t index = 0; index < cells.size(); ++index) {
      const size_t taken = display_width(cells[index]);
      const std::string space(widths_[index] - std::min(widths_[index], taken), ' ');
      const bool is_right = index < right.size() && right[index];
      out += is_right ? space + cells[index] : cells[index] + space;
      out.append(kGap, ' ');
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out + '\n';
  }

 private:
  std::vector<std::string> columns_;
  std::vector<size_t> widths_;
};

/// The first rows say how wide columns are, so that a long result needs little memory.
class TableWriter : public RowWriter {
 public:
  explicit TableWriter(std::vector<std::string> columns) : layout_(std::move(columns)) {}

  void add(const Row& row) override {
    Line line;
    for (size_t index = 0; index < row.size(); ++index) {
      line.cells.push_back(cell_in_line(row[index]));
      line.right.push_back(row[index].type() == ValueType::kInteger || row[index].type() == ValueType::kReal);
    }
    if (is_laid_out_) {
      output_.add(layout_.line(line.cells, line.right));
      return;
    }
    layout_.measure(line.cells);
    first_.push_back(std::move(line));
    if (first_.size() == kMeasuredRows) lay_out();
  }

  void finish() override {
    if (!is_laid_out_) lay_out();
    output_.flush();
  }

 private:
  static constexpr size_t kMeasuredRows = 1000;
  struct Line {
    std::vector<std::string> cells;
    std::vector<bool> right;
  };
  void lay_out() {
    is_laid_out_ = true;
    output_.add(layout_.head());
    for (const Line& line : first_) output_.add(layout_.line(line.cells, line.right));
    first_.clear();
  }

  TableLayout layout_;
  std::vector<Line> first_;
  bool is_laid_out_ = false;
  Output output_;
};

class JsonWriter : public RowWriter {
 public:
  /// A name that comes again gets a number.
  explicit JsonWriter(std::vector<std::string> columns) : columns_(std::move(columns)) {
    std::set<std::string> taken;
    for (std::string& column : columns_) {
      std::string name = column;
      for (int number = 2; !taken.insert(name).second; ++number) name = column + ':' + std::to_string(number);
      column = name;
    }
  }
  void add(const Row& row) override {
    Json object = Json::object();
    for (size_t index = 0; index < row.size(); ++index) object[columns_[index]] = cell_json(row[index]);
    output_.add(is_first_ ? "[\n  " : ",\n  ");
    output_.add(object.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace));
    is_first_ = false;
  }
  void finish() override {
    output_.add(is_first_ ? "[]\n" : "\n]\n");
    output_.flush();
  }

 private:
  std::vector<std::string> columns_;
  bool is_first_ = true;
  Output output_;
};

std::string csv_field(std::string text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

class CsvWriter : public RowWriter {
 public:
  explicit CsvWriter(std::vector<std::string> columns) { add_line(std::move(columns)); }
  void add(const Row& row) override {
    std::vector<std::string> cells;
    cells.reserve(row.size());
    for (size_t index = 0; index < row.size(); ++index)
      cells.push_back(row[index].is_null() ? "" : cell_text(row[index]));
    add_line(std::move(cells));
  }
  void finish() override { output_.flush(); }

 private:
  void add_line(std::vector<std::string> cells) {
    for (size_t index = 0; index < cells.size(); ++index) {
      output_.add(index == 0 ? "" : ",");
      output_.add(csv_field(std::move(cells[index])));
    }
    output_.add("\n");
  }
  Output output_;
};

}  // namespace

std::unique_ptr<RowWriter> make_row_writer(RowFormat format, std::vector<std::string> columns) {
  switch (format) {
    case RowFormat::kJson:
      return std::make_unique<JsonWriter>(std::move(columns));
    case RowFormat::kCsv:
      return std::make_unique<CsvWriter>(std::move(columns));
    case RowFormat::kTable:
      break;
  }
  return std::make_unique<TableWriter>(std::move(columns));
}

void print_rows(RowFormat format, const RowSet& rows, std::vector<std::string> columns) {
  const auto writer = make_row_writer(format, std::move(columns));
  for (const Row row : rows) writer->add(row);
  writer->finish();
}

std::string table_text(const std::vector<std::string>& columns,
                       const std::vector<std::vector<std::string>>& rows) {
  TableLayout layout(columns);
  for (const auto& row : rows) layout.measure(row);
  std::string text = layout.head();
  for (const auto& row : rows) text += layout.line(row, {});
  return text;
}

}  // namespace tessera::cli
