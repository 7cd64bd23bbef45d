// A request's body that its caller writes while it is sent.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/result.hpp"
#include "http/client/client.hpp"
#include "http/stream/byte_queue.hpp"

namespace tessera::http {

/// Goes with a call as Request::source. Safe from any thread. Writing waits while more than kHigh bytes are
/// on their way.
class PushSource final : public BodySource, public std::enable_shared_from_this<PushSource> {
 public:
  static constexpr size_t kHigh = size_t{256} << 10;
  static constexpr size_t kLow = size_t{64} << 10;
  using OnWritten = std::function<void(Status)>;

  /// `size`: of the whole body; -1 when it is not known yet.
  explicit PushSource(int64_t size = -1) : size_(size) {}

  /// How much was taken: all, or less when the time was over; TIMEOUT when that is nothing. STATE once the
  /// body or its call has ended and on the client's own thread, ARG beyond the announced size.
  Result<size_t> write(ByteView bytes, int64_t timeout_ms);
  /// Takes all, and tells when there is room for more: at once from inside this call, or on the client's
  /// thread. One at a time: STATE before the last one has been told, and as write(); it is not told then.
  Status write_async(ByteView bytes, OnWritten on_written);
  /// The end of the body. ARG, and the call fails, when it is shorter than announced.
  Status finish();
  /// The body can't be had: the call ends with CALLBACK.
  void fail();

  void attach(const std::shared_ptr<CallHandle>& call) override;
  /// Who writes is told so.
  void detach() override;
  Flow read(std::span<uint8_t> out, size_t* count) override;
  int64_t size() const override { return size_; }

 private:
  enum class End : uint8_t { kOpen, kFinished, kFailed, kDetached };
  Status check(size_t more) const;
  void wake_reader();
  void tell(std::unique_lock<std::mutex>& lock);

  const int64_t size_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  ByteQueue queue_;
  int64_t accepted_ = 0;
  End end_ = End::kOpen;
  bool is_paused_ = false, is_telling_ = false;
  OnWritten on_written_;
  std::thread::id loop_thread_;
  std::shared_ptr<CallHandle> call_;
};

}  // namespace tessera::http
