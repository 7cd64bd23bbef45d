#include "rows_handle.hpp"

#include "call.hpp"
#include "guard.hpp"
#include "op.hpp"
#include "values.hpp"

using tessera::Error;
using tessera::ErrorCode;
using tessera::Result;
using tessera::Status;
using tessera::Strand;
using tessera::capi::argument_error;
using tessera::capi::as_c;
using tessera::capi::Call;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::guard_free_kept;
using tessera::capi::guard_value;
using tessera::capi::guard_void;
using tessera::capi::is_live;
using tessera::capi::require_out;
using tessera::capi::require_usable;
using tessera::capi::RowsetPtr;
using tessera::capi::RowsPtr;
using tessera::capi::run_now;
using tessera::capi::start;
using tessera::capi::take;
using tessera::store::RowSet;
using tessera::store::Value;

namespace {

constexpr const char* kNoun = "rows";

Error interruption() {
  return {ErrorCode::kCANCELLED, "abi", "the reading of the rows was interrupted; start it again", {}};
}

Result<Call<RowsetPtr>> fetching(tsr_rows* rows, size_t max_rows) {
  TSR_RETURN_IF_ERROR(require_usable(rows, kNoun));
  if (max_rows == 0) return argument_error("max_rows is 0");
  const RowsPtr kept = rows->self;
  return Call<RowsetPtr>{{kept, &kept->strand(), nullptr},
                         [kept, max_rows] { return kept->fetch(max_rows); }};
}

}  // namespace

namespace tessera::capi {

Result<RowsetPtr> all_of(store::Rows& rows) {
  RowSet copied(rows.columns());
  for (;;) {
    TSR_ASSIGN_OR_RETURN(const Value* const row, rows.next());
    if (row == nullptr) return std::make_unique<tsr_rowset>(std::move(copied));
    copied.add(row);
  }
}

}  // namespace tessera::capi

const Value* tsr_rows::next(std::optional<Error>* failure) {
  if (has_ahead_ && !interrupted_.load(std::memory_order_relaxed)) {
    has_ahead_ = false;
    failure->swap(ahead_failure_);
    return ahead_;
  }
  if (ended_) {
    *failure = failed_;
    return nullptr;
  }
  // The engine ends what runs; between two calls nothing does.
  const Value* const row = interrupted_.load(std::memory_order_relaxed) ? nullptr : rows->next(failure);
  if (row != nullptr) return row;
  if (interrupted_.load(std::memory_order_relaxed) && !*failure) *failure = interruption();
  failed_ = *failure;
  ended_ = true;
  return nullptr;
}

void tsr_rows::interrupt() {
  interrupted_ = true;
  rows->interrupt();
}

Result<RowsetPtr> tsr_rows::fetch(size_t most) {
  RowSet copied(rows->columns());
  std::optional<Error> failure;
  while (copied.size() < most) {
    const Value* const row = next(&failure);
    if (failure) return *std::move(failure);
    if (row == nullptr) return std::make_unique<tsr_rowset>(std::move(copied));
    copied.add(row);
  }
  ahead_ = next(&ahead_failure_);
  has_ahead_ = true;
  const bool more = ahead_failure_.has_value() || ahead_ != nullptr;
  return std::make_unique<tsr_rowset>(std::move(copied), more);
}

Strand& tsr_rows::strand() {
  std::call_once(strand_made_, [this] {
    if (own_strand_ == nullptr) own_strand_ = std::make_shared<Strand>();
  });
  return *own_strand_;
}

size_t tsr_rows_column_count(const tsr_rows* rows) noexcept {
  return guard_value(__func__, size_t{0}, [&] {
    return is_live(rows) && !rows->fork.in_child() ? rows->rows->columns().size() : 0;
  });
}

tsr_str tsr_rows_column(const tsr_rows* rows, size_t column) noexcept {
  return guard_value(__func__, tsr_str{}, [&]() -> tsr_str {
    if (!is_live(rows) || rows->fork.in_child()) return {};
    const auto& columns = rows->rows->columns();
    if (column >= columns.size()) return {};
    return {columns[column].data(), columns[column].size()};
  });
}

tsr_status tsr_rows_next(tsr_rows* rows, const tsr_value** row_out, tsr_error** err) noexcept {
  clear(row_out);
  return guard(__func__, err, [&]() -> Status {
    // Without the cost of two more Results for each row.
    if (!is_live(rows) || rows->fork.in_child() || row_out == nullptr) {
      TSR_RETURN_IF_ERROR(require_usable(rows, kNoun));
      return require_out(row_out);
    }
    std::optional<Error> failure;
    *row_out = as_c(rows->next(&failure));
    if (failure) return *std::move(failure);
    return {};
  });
}

tsr_status tsr_rows_fetch(tsr_rows* rows, size_t max_rows, tsr_rowset** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(fetching(rows, max_rows), out);
  });
}

tsr_status tsr_rows_fetch_async(tsr_rows* rows, size_t max_rows, tsr_done_fn done, void* user,
                                void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return fetching(rows, max_rows); });
}

tsr_status tsr_op_rows(tsr_op* op, tsr_rows** out, tsr_error** err) noexcept {
  return take<RowsPtr>(__func__, op, err, out);
}

void tsr_rows_interrupt(tsr_rows* rows) noexcept {
  guard_void(__func__, [&] {
    if (is_live(rows) && !rows->fork.in_child()) rows->interrupt();
  });
}

void tsr_rows_free(tsr_rows* rows) noexcept { guard_free_kept(__func__, rows); }
