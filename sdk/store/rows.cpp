#include "store/rows.hpp"

#include <sqlite3.h>

#include "store/binding.hpp"
#include "store/connection_state.hpp"
#include "store/errors.hpp"

namespace tessera::store {

ReaderRows::~ReaderRows() {
  if (!core_->in_child()) {
    finish(false);
    return;
  }
  // The parent's: nothing behind it may be touched.
  if (statement_) leak(std::move(*statement_));
  if (policy_) policy_->abandon();
  leak(std::move(core_));
}

Result<bool> ReaderRows::open(std::string_view sql, const Parameters& parameters,
                              const CallOptions& options) {
  const int64_t deadline_ns = core_->query_deadline(options.timeout_ms);
  TSR_ASSIGN_OR_RETURN(reader_, core_->readers.acquire(deadline_ns, options.cancel));
  auto started = start(sql, parameters, options, deadline_ns);
  if (!started)
    finish(started.error().code == ErrorCode::kIO || started.error().code == ErrorCode::kCORRUPT);
  else if (!*started || !has_first_)
    finish(false);
  else
    reader_->stepping.store(false, std::memory_order_relaxed);
  return started;
}

Result<bool> ReaderRows::start(std::string_view sql, const Parameters& parameters, const CallOptions& options,
                               int64_t deadline_ns) {
  Connection& connection = *reader_->connection;
  is_limited_ = deadline_ns != kNoDeadline || options.cancel != nullptr;
  if (is_limited_) set_limit(connection, deadline_ns, options.cancel);
  if (core_->policy != nullptr) {
    policy_.emplace(core_->policy, connection, options.tenant);
    TSR_ASSIGN_OR_RETURN(sql, policy_->rewrite(sql));
  }
  {
    TSR_ASSIGN_OR_RETURN(Statement prepared, connection.statement(sql, Origin::kApplication));
    statement_.emplace(std::move(prepared));
  }
  stepped_ = statement_->get();
  if (sqlite3_stmt_readonly(stepped_) == 0) return false;
  // The caller's texts may go before the rows do.
  TSR_RETURN_IF_ERROR(bind_parameters(*statement_, parameters, Lifetime::kCopied));
  interruptible_ = connection.get();
  TSR_ASSIGN_OR_RETURN(has_first_, statement_->step());
  names_ = statement_->names();
  count_ = static_cast<int>(names_->size());
  if (!has_first_) return true;
  if (names_->size() > few_.size()) many_.resize(names_->size());
  cells_ = many_.empty() ? few_.data() : many_.data();
  measure();
  fill();
  return true;
}

char* ReaderRows::place_of(int index) const {
  return reinterpret_cast<char*>(sqlite3_column_value(stepped_, index));
}

/// SQLite keeps the values of a row side by side: where that is so, two calls find them all.
void ReaderRows::measure() {
  if (count_ < 3) return;
  const char* const first = place_of(0);
  stride_ = place_of(1) - first;
  for (int index = 2; index < count_; ++index)
    if (place_of(index) - first != index * stride_) stride_ = 0;
}

void ReaderRows::fill() {
  char* value = place_of(0);
  // Asked of each row, for no SQLite promises it.
  if (stride_ == 0 || place_of(count_ - 1) != value + (count_ - 1) * stride_) {
    for (int index = 0; index < count_; ++index) read_column(stepped_, index, &cells_[index]);
    return;
  }
  for (int index = 0; index < count_; ++index, value += stride_)
    read_value(reinterpret_cast<sqlite3_value*>(value), &cells_[index]);
}

const Value* ReaderRows::next(std::optional<Error>* failure) {
  if (core_->in_child()) {
    *failure = core_->usable().error();
    return nullptr;
  }
  if (reader_ == nullptr) return nullptr;
  reader_->stepping.store(true);
  if (core_->closed()) {
    finish(false);
    *failure = core_->usable().error();
    return nullptr;
  }
  if (has_first_) {
    has_first_ = false;
    reader_->stepping.store(false, std::memory_order_relaxed);
    return cells_;
  }
  const int code = sqlite3_step(stepped_);
  if (code == SQLITE_ROW) {
    reader_->stepping.store(false, std::memory_order_relaxed);
    fill();
    return cells_;
  }
  if (code == SQLITE_DONE) {
    finish(false);
    return nullptr;
  }
  *failure = error_of(reader_->connection->get(), code, "read the rows");
  finish((*failure)->code == ErrorCode::kIO || (*failure)->code == ErrorCode::kCORRUPT);
  return nullptr;
}

void ReaderRows::interrupt() {
  if (core_->in_child()) return;
  const std::lock_guard lock(interrupt_mutex_);
  if (interruptible_ != nullptr) sqlite3_interrupt(interruptible_);
}

void ReaderRows::finish(bool broken) {
  if (reader_ == nullptr) return;
  {
    const std::lock_guard lock(interrupt_mutex_);
    interruptible_ = nullptr;
  }
  statement_.reset();
  policy_.reset();
  if (is_limited_) clear_limit(*reader_->connection);
  core_->readers.release(*reader_, broken);
  reader_ = nullptr;
}

Result<RowSet> copy_rows(Statement& statement) {
  TSR_ASSIGN_OR_RETURN(bool has_row, statement.step());
  RowSet rows(*statement.names());
  std::vector<Value> cells(rows.columns().size());
  while (has_row) {
    for (size_t index = 0; index < cells.size(); ++index)
      read_column(statement.get(), static_cast<int>(index), &cells[index]);
    rows.add(cells.data());
    TSR_ASSIGN_OR_RETURN(has_row, statement.step());
  }
  return rows;
}

}  // namespace tessera::store
