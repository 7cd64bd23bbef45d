// Rows on standard output as they come.
#pragma once

#include <memory>
#include <string>
#include <tessera/tessera.hpp>
#include <vector>

namespace tessera::cli {

enum class RowFormat { kTable, kJson, kCsv };

/// Prints one result. finish() after the last row; without it the output is as broken as the work was.
class RowWriter {
 public:
  RowWriter() = default;
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;
  virtual ~RowWriter() = default;
  virtual void add(const Row& row) = 0;
  virtual void finish() = 0;
};

std::unique_ptr<RowWriter> make_row_writer(RowFormat format, std::vector<std::string> columns);

/// Prints all rows.
void print_rows(RowFormat format, const RowSet& rows, std::vector<std::string> columns);

/// Cells in aligned columns under their names, as lines.
std::string table_text(const std::vector<std::string>& columns,
                       const std::vector<std::vector<std::string>>& rows);

}  // namespace tessera::cli
