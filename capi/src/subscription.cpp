#include "subscription.hpp"

#include <atomic>
#include <memory>
#include <mutex>

#include "convert.hpp"
#include "guard.hpp"

using tessera::capi::CorePtr;
using tessera::capi::guard_free;
using tessera::capi::Handle;
using tessera::capi::Tag;
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

}  // namespace

struct tsr_sub : Handle<Tag::kSub> {
  tsr_sub(CorePtr owner, std::shared_ptr<LogTarget> sink) : core(std::move(owner)), target(std::move(sink)) {}
  ~tsr_sub() {
    target->end();
    core->logger().detach(id);
  }
  const CorePtr core;
  const std::shared_ptr<LogTarget> target;
  uint64_t id = 0;  // no registration has it
};

namespace tessera::capi {

Status attach_log(CorePtr core, int32_t level, tsr_log_fn fn, UserData user, tsr_sub** out) {
  TSR_RETURN_IF_ERROR(require_out(out));
  if (fn == nullptr) return argument_error("the log function is NULL");
  if (level < TSR_LOG_TRACE || level > TSR_LOG_ERROR) return argument_error("level is not one of TSR_LOG_*");
  const auto target = std::make_shared<LogTarget>(fn, std::move(user));
  auto sub = std::make_unique<tsr_sub>(std::move(core), target);
  sub->id = sub->core->logger().attach(static_cast<LogLevel>(level),
                                       [target](const LogRecord& record) { target->call(record); });
  *out = sub.release();
  return {};
}

}  // namespace tessera::capi

void tsr_sub_free(tsr_sub* sub) noexcept { guard_free(__func__, sub); }
