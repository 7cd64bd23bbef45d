// Rows of a query: streamed from a reader, or copied.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>

#include "store/core.hpp"

namespace tessera::store {

class CopiedRows final : public Rows {
 public:
  explicit CopiedRows(RowSet rows) : rows_(std::move(rows)) {}
  const std::vector<std::string>& columns() const override { return rows_.columns(); }
  using Rows::next;
  const Value* next(std::optional<Error>* /*failure*/) override {
    return next_ < rows_.size() ? rows_.row(next_++) : static_cast<const Value*>(nullptr);
  }
  void interrupt() override {}

 private:
  RowSet rows_;
  size_t next_ = 0;
};

/// Steps SQLite directly; its cells point into SQLite's memory.
class ReaderRows final : public Rows {
 public:
  explicit ReaderRows(std::shared_ptr<Core> core) : core_(std::move(core)) {}
  ReaderRows(const ReaderRows&) = delete;
  ReaderRows& operator=(const ReaderRows&) = delete;
  ~ReaderRows() override;

  /// Reads the first row, so that the snapshot is the one of now. False: the statement writes, nothing ran.
  Result<bool> open(std::string_view sql, const Parameters& parameters, const CallOptions& options);

  const std::vector<std::string>& columns() const override { return *names_; }
  using Rows::next;
  const Value* next(std::optional<Error>* failure) override;
  void interrupt() override;

 private:
  static constexpr size_t kFewColumns = 8;

  Result<bool> start(std::string_view sql, const Parameters& parameters, const CallOptions& options,
                     int64_t deadline_ns);
  char* place_of(int index) const;
  void measure();
  void fill();
  void finish(bool broken);

  std::shared_ptr<Core> core_;
  Reader* reader_ = nullptr;
  std::optional<PolicyScope> policy_;
  std::optional<Statement> statement_;
  sqlite3_stmt* stepped_ = nullptr;
  bool has_first_ = false;
  bool is_limited_ = false;
  int count_ = 0;
  std::ptrdiff_t stride_ = 0;  // from one value of a row to the next; 0: unknown
  Value* cells_ = nullptr;
  std::array<Value, kFewColumns> few_;
  std::vector<Value> many_;
  std::shared_ptr<const std::vector<std::string>> names_;
  std::mutex interrupt_mutex_;
  sqlite3* interruptible_ = nullptr;
};

/// The rows of a statement that was not stepped yet.
Result<RowSet> copy_rows(Statement& statement);

}  // namespace tessera::store
