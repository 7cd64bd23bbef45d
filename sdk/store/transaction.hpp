// A transaction of the application: the writer for one owner, until it ends or has held it for too long.
#pragma once

#include <memory>

#include "store/core.hpp"

namespace tessera::store {

Result<std::unique_ptr<Transaction>> begin_transaction(const std::shared_ptr<Core>& core,
                                                       const TransactionOptions& options);

}  // namespace tessera::store
