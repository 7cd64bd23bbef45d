#include "store/meter.hpp"

#include <sqlite3.h>

#include "store/errors.hpp"

namespace tessera::store {
namespace {

constexpr int kStepsBetweenReports = 20'000;  // a few milliseconds of SQL

Error cancelled() {
  return store_error(ErrorCode::kCANCELLED, {}, "the work was cancelled; nothing half made was left");
}

}  // namespace

Status Meter::report(int64_t done) {
  done_ = std::max(done_, std::min(done, total_));
  if (!cancelled_)
    cancelled_ = (progress_ && !progress_(done_, total_)) || (database_ && database_->closed());
  if (cancelled_) return cancelled();
  return {};
}

Error Meter::explain(Error failure) const {
  if (cancelled_) return cancelled();
  if (failure.code != ErrorCode::kARG) return failure;
  return store_error(ErrorCode::kCORRUPT, "DAMAGED",
                     "a page of the database can't be opened (" + failure.text +
                         "); restore a backup, or salvage what can be read");
}

SqlMeter::SqlMeter(sqlite3* database, Meter& meter, std::function<int64_t()> done)
    : database_(database), meter_(meter), done_(std::move(done)) {
  sqlite3_progress_handler(database_, kStepsBetweenReports, &SqlMeter::tick, this);
}

SqlMeter::~SqlMeter() { sqlite3_progress_handler(database_, 0, nullptr, nullptr); }

int SqlMeter::tick(void* self) noexcept {
  auto& meter = *static_cast<SqlMeter*>(self);
  try {
    const Status status = meter.done_ ? meter.meter_.report(meter.done_()) : meter.meter_.check();
    return status.ok() ? 0 : 1;
  } catch (...) {
    return 1;
  }
}

}  // namespace tessera::store
