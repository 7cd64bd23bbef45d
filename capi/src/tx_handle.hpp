// tsr_tx: a write transaction or a savepoint inside one; made by store_tx.cpp, also used by outbox.cpp.
#pragma once

#include <memory>

#include "store_handle.hpp"

struct tsr_tx : tessera::capi::KeptHandle<tsr_tx, tessera::capi::Tag::kTx> {
  using Transaction = tessera::store::Transaction;
  enum class State { kOpen, kCommitted, kRolledBack };

  tsr_tx(tessera::capi::StoreRef of, std::unique_ptr<Transaction> begun)
      : ref(std::move(of)), transaction(std::move(begun)), strand(std::make_shared<tessera::Strand>()) {}
  tsr_tx(const tsr_tx& outer, std::unique_ptr<Transaction> nested)
      : ref(outer.ref), parent(outer.transaction), transaction(std::move(nested)), strand(outer.strand) {}
  /// Rolls back what has not ended, also when rows or a nested transaction still refer to it.
  ~tsr_tx();

  // In the order of their use: what is inside ends first.
  const tessera::capi::StoreRef ref;
  const std::shared_ptr<Transaction> parent;
  const std::shared_ptr<Transaction> transaction;
  const std::shared_ptr<tessera::Strand> strand;  // operations inside wait here for their turn
  State state = State::kOpen;
};

namespace tessera::capi {

using TxPtr = std::shared_ptr<tsr_tx>;

inline Result<TxPtr> tx_of(const tsr_tx* tx) {
  TSR_RETURN_IF_ERROR(require_usable(tx, "transaction"));
  return tx->self;
}

/// For operations inside the transaction, in the order of their start.
inline Place place_of(const TxPtr& tx) { return {tx, tx->strand.get(), nullptr}; }

}  // namespace tessera::capi
