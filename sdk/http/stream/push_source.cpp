#include "http/stream/push_source.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "http/stream/deadline.hpp"

namespace tessera::http {
namespace {

Error ended_error() {
  return {ErrorCode::kSTATE, "http", "the upload takes no more bytes; what its call ended with says why", {}};
}

}  // namespace

Status PushSource::check(size_t more) const {
  if (end_ == End::kFinished)
    return Error{ErrorCode::kSTATE, "http", "the upload was finished; nothing can be added to it", {}};
  if (end_ != End::kOpen) return ended_error();
  if (size_ >= 0 && more > static_cast<uint64_t>(size_ - accepted_)) {
    return Error{
        ErrorCode::kARG, "http", "more bytes than the upload announced (" + std::to_string(size_) + ")", {}};
  }
  return {};
}

Result<size_t> PushSource::write(ByteView bytes, int64_t timeout_ms) {
  const auto until = deadline_in(timeout_ms);
  std::unique_lock lock(mutex_);
  if (loop_thread_ == std::this_thread::get_id()) {
    return Error{ErrorCode::kSTATE,
                 "http",
                 "a blocking write on the client's own thread would wait for itself; use write_async",
                 {}};
  }
  TSR_RETURN_IF_ERROR(check(bytes.size()));
  size_t taken = 0;
  while (taken < bytes.size()) {
    const bool has_room =
        changed_.wait_until(lock, until, [this] { return end_ != End::kOpen || queue_.size() < kHigh; });
    if (end_ != End::kOpen) return ended_error();
    if (!has_room) break;
    const size_t count = std::min(bytes.size() - taken, kHigh - queue_.size());
    queue_.push(bytes.subspan(taken, count));
    taken += count;
    accepted_ += static_cast<int64_t>(count);
    wake_reader();
  }
  if (taken == 0 && !bytes.empty())
    return Error{ErrorCode::kTIMEOUT, "http", "the server takes the upload too slowly; try again", {}};
  return taken;
}

Status PushSource::write_async(ByteView bytes, OnWritten on_written) {
  const auto kept = weak_from_this().lock();  // what is told may drop it
  std::unique_lock lock(mutex_);
  if (on_written_ != nullptr)
    return Error{ErrorCode::kSTATE, "http", "the last write to this upload is not done yet; wait for it", {}};
  TSR_RETURN_IF_ERROR(check(bytes.size()));
  queue_.push(bytes);
  accepted_ += static_cast<int64_t>(bytes.size());
  on_written_ = std::move(on_written);
  wake_reader();
  tell(lock);
  return {};
}

Status PushSource::finish() {
  const auto kept = weak_from_this().lock();  // what is told may drop it
  std::unique_lock lock(mutex_);
  TSR_RETURN_IF_ERROR(check(0));
  const bool is_short = size_ >= 0 && accepted_ != size_;
  end_ = is_short ? End::kFailed : End::kFinished;
  wake_reader();
  changed_.notify_all();
  tell(lock);
  if (is_short) {
    return Error{ErrorCode::kARG,
                 "http",
                 "the upload announced " + std::to_string(size_) + " bytes and has " +
                     std::to_string(accepted_) + "; it was stopped",
                 {}};
  }
  return {};
}

void PushSource::fail() {
  const auto kept = weak_from_this().lock();  // what is told may drop it
  std::unique_lock lock(mutex_);
  if (end_ == End::kDetached) return;
  end_ = End::kFailed;
  queue_.clear();
  wake_reader();
  changed_.notify_all();
  tell(lock);
}

void PushSource::attach(const std::shared_ptr<CallHandle>& call) {
  const std::scoped_lock lock(mutex_);
  if (end_ == End::kDetached) return;
  call_ = call;
}

void PushSource::detach() {
  std::unique_lock lock(mutex_);
  end_ = End::kDetached;
  queue_.clear();
  call_.reset();
  changed_.notify_all();
  tell(lock);
}

Flow PushSource::read(std::span<uint8_t> out, size_t* count) {
  std::unique_lock lock(mutex_);
  *count = 0;
  loop_thread_ = std::this_thread::get_id();
  if (end_ == End::kFailed || end_ == End::kDetached) return Flow::kAbort;
  if (queue_.empty()) {
    if (end_ == End::kFinished) return Flow::kGo;
    is_paused_ = true;
    return Flow::kPause;
  }
  *count = queue_.take(out);
  if (queue_.size() < kHigh) changed_.notify_all();
  tell(lock);
  return Flow::kGo;
}

/// The transport waits for bytes after a pause.
void PushSource::wake_reader() {
  if (std::exchange(is_paused_, false) && call_ != nullptr) call_->resume();
}

/// What is told may write again, which is told in turn by this loop and not from inside.
void PushSource::tell(std::unique_lock<std::mutex>& lock) {
  if (is_telling_) return;
  is_telling_ = true;
  while (on_written_ != nullptr) {
    const bool has_ended = end_ == End::kFailed || end_ == End::kDetached;
    if (!has_ended && queue_.size() > kLow) break;
    const OnWritten told = std::exchange(on_written_, nullptr);
    lock.unlock();
    told(has_ended ? Status(ended_error()) : Status());
    lock.lock();
  }
  is_telling_ = false;
}

}  // namespace tessera::http
