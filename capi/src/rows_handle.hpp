// tsr_rows: rows as they are read; made by store_sql.cpp and store_tx.cpp, read by rows.cpp.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

#include "store_handle.hpp"
#include "values.hpp"

struct tsr_rows : tessera::capi::KeptHandle<tsr_rows, tessera::capi::Tag::kRows> {
  /// `in_transaction` and its strand are those of the transaction that the rows are read in, or null.
  tsr_rows(tessera::capi::StoreRef of, std::unique_ptr<tessera::store::Rows> opened,
           std::shared_ptr<tessera::store::Transaction> in_transaction = nullptr,
           std::shared_ptr<tessera::Strand> transaction_strand = nullptr)
      : ref(std::move(of)),
        transaction(std::move(in_transaction)),
        rows(std::move(opened)),
        own_strand_(std::move(transaction_strand)) {}

  /// Null at the end, and from then on; after an error the same error. `failure` is empty before.
  const tessera::store::Value* next(std::optional<tessera::Error>* failure);
  void interrupt();
  /// Copies up to `most` rows.
  tessera::Result<std::unique_ptr<tsr_rowset>> fetch(size_t most);
  /// Where fetches in the background wait for their turn; made by the first one.
  tessera::Strand& strand();

  // In the order of their use: rows end before their transaction, and that before its store.
  const tessera::capi::StoreRef ref;
  const std::shared_ptr<tessera::store::Transaction> transaction;
  const std::unique_ptr<tessera::store::Rows> rows;

 private:
  std::atomic<bool> interrupted_{false};
  bool ended_ = false;
  std::optional<tessera::Error> failed_;
  // Read by fetch() to know whether there are more.
  bool has_ahead_ = false;
  const tessera::store::Value* ahead_ = nullptr;
  std::optional<tessera::Error> ahead_failure_;
  std::once_flag strand_made_;
  std::shared_ptr<tessera::Strand> own_strand_;
};

namespace tessera::capi {

using RowsPtr = std::shared_ptr<tsr_rows>;

/// Reads to the end.
Result<RowsetPtr> all_of(store::Rows& rows);

}  // namespace tessera::capi
