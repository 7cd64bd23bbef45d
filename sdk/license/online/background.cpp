#include "license/online/background.hpp"

#include <chrono>
#include <mutex>
#include <utility>

#include "base/executor.hpp"
#include "license/online/online_license.hpp"

namespace tessera {
namespace {

constexpr int64_t kAfterDefectMs = int64_t{60} * 60 * 1000;

}  // namespace

/// Owns itself while it is scheduled.
class BackgroundSync::Beat final : public Task {
 public:
  explicit Beat(std::weak_ptr<OnlineLicense> license) : license_(std::move(license)) {}

  Status begin(const std::shared_ptr<Beat>& self, int64_t in_ms) {
    const std::lock_guard lock(mutex_);
    self_ = self;
    Status submitted = submit_in(in_ms);
    if (!submitted) self_ = nullptr;
    return submitted;
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      is_stopped_ = true;
    }
    Executor::advance(*this);  // to let go of itself
  }

  void run() noexcept override {
    const int64_t in_ms = look();
    std::shared_ptr<Beat> last;  // goes after the lock on what it owns
    const std::lock_guard lock(mutex_);
    if (!is_stopped_ && in_ms >= 0 && submit_in(in_ms).ok()) return;
    last = std::move(self_);
  }

 private:
  /// With mutex_ held.
  Status submit_in(int64_t in_ms) {
    return Executor::submit_at(*this, std::chrono::steady_clock::now() + std::chrono::milliseconds(in_ms));
  }

  /// The time until the next look, or -1 when there will be none.
  int64_t look() noexcept {
    {
      const std::lock_guard lock(mutex_);
      if (is_stopped_) return -1;
    }
    const std::shared_ptr<OnlineLicense> license = license_.lock();
    if (license == nullptr) return -1;
    try {
      return license->keep_fresh();
    } catch (...) {
      return kAfterDefectMs;  // memory may come back
    }
  }

  const std::weak_ptr<OnlineLicense> license_;
  std::mutex mutex_;
  std::shared_ptr<Beat> self_;
  bool is_stopped_ = false;
};

Result<std::unique_ptr<BackgroundSync>> BackgroundSync::start(std::weak_ptr<OnlineLicense> license,
                                                              int64_t first_ms) {
  auto beat = std::make_shared<Beat>(std::move(license));
  TSR_RETURN_IF_ERROR(beat->begin(beat, first_ms));
  return std::unique_ptr<BackgroundSync>(new BackgroundSync(std::move(beat)));
}

BackgroundSync::~BackgroundSync() {
  // The parent's task never runs in a child, and its locks may be held for ever.
  if (!fork_.in_child()) beat_->stop();
}

}  // namespace tessera
