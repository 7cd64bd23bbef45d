// Progress and cancelling of long work.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>

#include "store/care.hpp"

struct sqlite3;

namespace tessera::store {

/// Counts only forward. One thread.
class Meter {
 public:
  /// With `database` the work also ends when that is closed.
  explicit Meter(const Progress& progress, const Database* database = nullptr)
      : progress_(progress), database_(database) {}
  void expect(int64_t total) { total_ = total; }
  /// CANCELLED when the caller or the end of the database wants it.
  Status report(int64_t done);
  /// The same without a step forward.
  Status check() { return report(done_); }
  int64_t done() const { return done_; }
  int64_t total() const { return total_; }
  /// What to say of `failure` of SQL that is right: CANCELLED when it comes from the meter's own interrupt;
  /// SQLCipher tells a page that it can't open by the error of wrong SQL.
  Error explain(Error failure) const;

 private:
  const Progress& progress_;
  const Database* database_;
  int64_t total_ = 0;
  int64_t done_ = 0;
  bool cancelled_ = false;
};

/// While it lives, statements on `database` report to `meter` and end when it is cancelled. `done` may give
/// how far they are.
class SqlMeter {
 public:
  SqlMeter(sqlite3* database, Meter& meter, std::function<int64_t()> done = {});
  SqlMeter(const SqlMeter&) = delete;
  SqlMeter& operator=(const SqlMeter&) = delete;
  ~SqlMeter();

 private:
  static int tick(void* self) noexcept;
  sqlite3* database_;
  Meter& meter_;
  std::function<int64_t()> done_;
};

}  // namespace tessera::store
