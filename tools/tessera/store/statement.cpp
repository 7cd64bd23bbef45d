#include "store/statement.hpp"

#include <chrono>

#include "console.hpp"
#include "exit_code.hpp"
#include "store/sql_text.hpp"

namespace tessera::cli {
namespace {

/// Asks SQLite, which compiles a statement into a program: one that writes says so in its opcodes.
bool is_write(const Store& store, const std::string& sql, const ArgumentList& arguments) {
  if (first_word(sql) == "explain") return false;
  for (const Row operation : store.query_all("explain " + sql, arguments)) {
    const auto opcode = operation.get<std::string_view>("opcode");
    if (opcode == "Transaction" && operation.get<std::int64_t>("p2") != 0) return true;
    for (const std::string_view other : {"AutoCommit", "Savepoint", "Checkpoint", "JournalMode", "Vacuum"}) {
      if (opcode == other) return true;
    }
  }
  return false;
}

class Watched {
 public:
  Watched(Stopper& stopper, Rows& rows) : stopper_(stopper) { stopper_.watch(&rows); }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  ~Watched() { stopper_.watch(nullptr); }

 private:
  Stopper& stopper_;
};

void print_changes(const Changes& changes, RowFormat format) {
  if (format == RowFormat::kJson) return print_json({{"changes", changes.count}, {"row_id", changes.row_id}});
  if (format == RowFormat::kTable)
    print(std::to_string(changes.count) + (changes.count == 1 ? " row changed\n" : " rows changed\n"));
}

}  // namespace

void Stopper::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (rows_ != nullptr) return rows_->interrupt();
    closed_ = true;
  }
  // It may wait for a thread that waits for the lock.
  [[maybe_unused]] const auto ignored = store_.try_close(std::chrono::milliseconds::zero());
}

bool Stopper::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

void Stopper::watch(Rows* rows) {
  const std::lock_guard lock(mutex_);
  rows_ = rows;
}

void run_statement(Store& store, Stopper& stopper, const std::string& sql, const ArgumentList& arguments,
                   RowFormat format, Writes writes) {
  const bool writing = is_write(store, sql, arguments);
  if (writing && writes == Writes::kRefused)
    throw Failure(kExitUsage, "the statement writes", "add --write when it shall");
  if (writing && !has_word(sql, "returning")) return print_changes(store.execute(sql, arguments), format);
  Rows rows = store.query(sql, arguments);
  const Watched watched(stopper, rows);
  std::vector<std::string> columns;
  columns.reserve(rows.column_count());
  for (size_t index = 0; index < rows.column_count(); ++index) columns.emplace_back(rows.column(index));
  if (columns.empty()) return;
  const auto writer = make_row_writer(format, std::move(columns));
  while (const auto row = rows.next()) writer->add(*row);
  writer->finish();
}

}  // namespace tessera::cli
