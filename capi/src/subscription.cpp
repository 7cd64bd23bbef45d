#include "subscription.hpp"

#include <atomic>
#include <memory>
#include <mutex>

#include "convert.hpp"
#include "guard.hpp"

using tessera::capi::guard_free;
using tessera::capi::Registration;
using tessera::capi::UserData;

namespace {

tsr_str borrow(std::string_view text) { return {text.data(), text.size()}; }

/// Calls the application's function one call at a time.
class LogTarget {
 public:
  LogTarget(tsr_log_fn fn, UserData user) : fn_(fn), user_(std::move(user)) {}

  void call(const tessera::LogRecord& record) {
    // Held during the callback on purpose: records of other threads wait for their turn. The Logger keeps a
    // sink from being called inside itself.
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    fn_(user_.get(), static_cast<int32_t>(record.level), borrow(record.area), borrow(record.event),
        borrow(record.message), borrow(record.fields_json));
  }
  /// No call starts any more, not even one that already waits for its turn.
  void end() { ended_ = true; }

 private:
  std::mutex mutex_;
  std::atomic<bool> ended_{false};
  const tsr_log_fn fn_;
  const UserData user_;
};

class LogRegistration final : public Registration {
 public:
  LogRegistration(std::shared_ptr<void> owner, tessera::Logger& logger, tessera::LogLevel level,
                  std::shared_ptr<LogTarget> target)
      : owner_(std::move(owner)), logger_(logger), target_(std::move(target)) {
    id_ = logger_.attach(level, [sink = target_](const tessera::LogRecord& record) { sink->call(record); });
  }
  ~LogRegistration() override {
    target_->end();
    logger_.detach(id_);
  }

 private:
  const std::shared_ptr<void> owner_;
  tessera::Logger& logger_;
  const std::shared_ptr<LogTarget> target_;
  uint64_t id_ = 0;
};

}  // namespace

namespace tessera::capi {

Status attach_log(std::shared_ptr<void> owner, Logger& logger, int32_t level, tsr_log_fn fn, UserData user,
                  tsr_sub** out) {
  TSR_RETURN_IF_ERROR(require_out(out));
  if (fn == nullptr) return argument_error("the log function is NULL");
  if (level < TSR_LOG_TRACE || level > TSR_LOG_ERROR) return argument_error("level is not one of TSR_LOG_*");
  *out = new tsr_sub(std::make_unique<LogRegistration>(std::move(owner), logger, static_cast<LogLevel>(level),
                                                       std::make_shared<LogTarget>(fn, std::move(user))));
  return {};
}

}  // namespace tessera::capi

void tsr_sub_free(tsr_sub* sub) noexcept { guard_free(__func__, sub); }
