// One SQL statement: runs it and prints what it gives.
#pragma once

#include <mutex>
#include <string>
#include <tessera/tessera.hpp>

#include "store/row_writer.hpp"

namespace tessera::cli {

/// Ends what a store does for this process, from another thread.
class Stopper {
 public:
  explicit Stopper(Store& store) : store_(store) {}
  /// Interrupts the rows that are being read. Until there are some, only closing the store ends a statement.
  void stop();
  /// Whether stop() closed the store.
  bool closed() const;
  /// Null when they end.
  void watch(Rows* rows);

 private:
  Store& store_;
  mutable std::mutex mutex_;
  Rows* rows_ = nullptr;
  bool closed_ = false;
};

enum class Writes { kRefused, kAllowed };

/// Throws Failure when the statement writes and must not.
void run_statement(Store& store, Stopper& stopper, const std::string& sql, const ArgumentList& arguments,
                   RowFormat format, Writes writes);

}  // namespace tessera::cli
