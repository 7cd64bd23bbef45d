#include "http/stream/body_stream.hpp"

#include <condition_variable>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "http/stream/byte_queue.hpp"
#include "http/stream/deadline.hpp"

namespace tessera::http {
namespace {

Error closed_stream_error() { return {ErrorCode::kCANCELLED, "http", "the response was closed", {}}; }

Error own_thread_error() {
  return {ErrorCode::kSTATE,
          "http",
          "a blocking call on the client's own thread would wait for itself; use the one that does not wait",
          {}};
}

Error other_read_error() {
  return {ErrorCode::kSTATE, "http", "another read of this response waits; one at a time", {}};
}

}  // namespace

/// Lives until the call is done and the stream is gone, whichever comes last.
class BodyStream::State final : public Receiver, public std::enable_shared_from_this<State> {
 public:
  explicit State(OnOpen on_open) : on_open_(std::move(on_open)) {}

  Result<std::shared_ptr<CallHandle>> send(Client& client, Request request) {
    if (!request.max_body_bytes) request.max_body_bytes = std::numeric_limits<int64_t>::max();
    self_ = shared_from_this();
    Result<std::shared_ptr<CallHandle>> sent = client.send(std::move(request), *this);
    if (!sent.ok()) {
      self_.reset();
      return sent;
    }
    const std::scoped_lock lock(mutex_);
    if (end_) return sent;
    call_ = *sent;
    // What was asked of it before it was known.
    if (is_closed_) call_->cancel();
    resume_if_drained();
    return sent;
  }

  const Response& head() const { return head_; }

  Result<Bytes> read(size_t max, int64_t timeout_ms) {
    const auto until = deadline_in(timeout_ms);
    std::unique_lock lock(mutex_);
    if (loop_thread_ == std::this_thread::get_id()) return own_thread_error();
    TSR_RETURN_IF_ERROR(check(max));
    is_reading_ = true;
    const bool came = changed_.wait_until(lock, until, [this] { return is_ready(); });
    is_reading_ = false;
    if (!came) {
      return Error{ErrorCode::kTIMEOUT, "http", "no part of the response came in time; read it again", {}};
    }
    return next(max);
  }

  Status read_async(size_t max, OnRead on_read) {
    const std::shared_ptr<State> kept = shared_from_this();  // what is told may drop the stream
    std::unique_lock lock(mutex_);
    TSR_RETURN_IF_ERROR(check(max));
    max_ = max;
    on_read_ = std::move(on_read);
    tell(lock);
    return {};
  }

  void close() {
    const std::shared_ptr<State> kept = shared_from_this();  // as above
    std::unique_lock lock(mutex_);
    if (std::exchange(is_closed_, true)) return;
    queue_.clear();
    if (call_ != nullptr) call_->cancel();
    changed_.notify_all();
    tell(lock);
  }

  bool takes_body() const override { return true; }

  Flow on_head(const Response& head) override {
    open_with(head, {});  // a stored one has its body already, and it comes again
    return Flow::kGo;
  }

  Flow on_body(ByteView piece) override {
    std::unique_lock lock(mutex_);
    if (is_closed_) return Flow::kPause;  // until it is cancelled
    if (!head_.is_from_cache && !queue_.empty() && queue_.size() + piece.size() > kHigh) {
      is_paused_ = true;
      return Flow::kPause;
    }
    queue_.push(piece);
    changed_.notify_all();
    tell(lock);
    return Flow::kGo;
  }

  void on_done(Result<Response> response) override {
    const std::shared_ptr<State> kept = std::exchange(self_, nullptr);
    OnOpen failed;
    {
      std::unique_lock lock(mutex_);
      call_.reset();
      end_ = response.ok() ? Status() : Status(response.error());
      if (!response.ok()) failed = std::exchange(on_open_, nullptr);
      changed_.notify_all();
      tell(lock);
    }
    if (failed != nullptr) return failed(std::move(response).error());
    // One that was never on the wire has no body to come.
    if (response.ok()) open_with(*response, response->body);
  }

 private:
  Status check(size_t max) const {
    if (max == 0) return Error{ErrorCode::kARG, "http", "a read of no bytes; ask for one at least", {}};
    if (is_reading_ || on_read_ != nullptr) return other_read_error();
    return {};
  }

  void resume_if_drained() {
    if (!is_paused_ || call_ == nullptr || queue_.size() >= kLow) return;
    is_paused_ = false;
    call_->resume();
  }

  bool is_ready() const { return is_closed_ || end_ || !queue_.empty(); }

  /// Once it is ready.
  Result<Bytes> next(size_t max) {
    if (is_closed_) return closed_stream_error();
    if (!queue_.empty()) {
      Bytes bytes = queue_.take(max);
      resume_if_drained();
      return bytes;
    }
    if (!end_->ok()) return end_->error();
    return Bytes();
  }

  /// What is told may read again, which is told in turn by this loop and not from inside.
  void tell(std::unique_lock<std::mutex>& lock) {
    if (is_telling_) return;
    is_telling_ = true;
    while (on_read_ != nullptr && is_ready()) {
      const OnRead told = std::exchange(on_read_, nullptr);
      Result<Bytes> bytes = next(max_);
      lock.unlock();
      told(std::move(bytes));
      lock.lock();
    }
    is_telling_ = false;
  }

  void open_with(const Response& head, ByteView body) {
    OnOpen opened;
    {
      const std::scoped_lock lock(mutex_);
      opened = std::exchange(on_open_, nullptr);
      if (opened == nullptr) return;
      loop_thread_ = std::this_thread::get_id();
      head_ = head;
      head_.body = {};
      queue_.push(body);
    }
    opened(BodyStream(shared_from_this()));
  }

  std::shared_ptr<State> self_;  // while the call runs
  Response head_;                // set before the stream is given out
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  OnOpen on_open_;
  std::thread::id loop_thread_;
  std::shared_ptr<CallHandle> call_;
  ByteQueue queue_;
  std::optional<Status> end_;
  bool is_paused_ = false, is_closed_ = false, is_reading_ = false, is_telling_ = false;
  size_t max_ = 0;
  OnRead on_read_;
};

namespace {

/// Between the client's thread and the one that waits for a head.
class Opening {
 public:
  void set(Result<BodyStream> stream) {
    const std::scoped_lock lock(mutex_);
    stream_ = std::move(stream);
    changed_.notify_all();
  }
  Result<BodyStream> wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stream_.has_value(); });
    return std::move(*stream_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Result<BodyStream>> stream_;
};

}  // namespace

BodyStream::BodyStream(std::shared_ptr<State> state) : state_(std::move(state)) {}

BodyStream::~BodyStream() {
  if (state_ != nullptr) state_->close();
}

BodyStream& BodyStream::operator=(BodyStream&& other) noexcept {
  if (this == &other) return *this;
  if (state_ != nullptr) state_->close();
  state_ = std::move(other.state_);
  return *this;
}

Result<BodyStream> BodyStream::open(Client& client, Request request) {
  if (client.is_current()) return own_thread_error();
  Opening opening;
  TSR_ASSIGN_OR_RETURN(const std::shared_ptr<CallHandle> sent,
                       open_async(client, std::move(request),
                                  [&opening](Result<BodyStream> stream) { opening.set(std::move(stream)); }));
  return opening.wait();
}

Result<std::shared_ptr<CallHandle>> BodyStream::open_async(Client& client, Request request, OnOpen on_open) {
  const auto state = std::make_shared<State>(std::move(on_open));
  return state->send(client, std::move(request));
}

const Response& BodyStream::head() const { return state_->head(); }
Result<Bytes> BodyStream::read(size_t max, int64_t timeout_ms) { return state_->read(max, timeout_ms); }
Status BodyStream::read_async(size_t max, OnRead on_read) {
  return state_->read_async(max, std::move(on_read));
}
void BodyStream::close() { state_->close(); }

}  // namespace tessera::http
