// A response whose body is read by its caller, at the caller's pace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "http/client/client.hpp"

namespace tessera::http {

/// At most kHigh bytes wait here: the transfer pauses then, and goes on below kLow. A response from the cache
/// is here at once. One who reads; close() and the destructor from any thread.
class BodyStream {
 public:
  static constexpr size_t kHigh = size_t{256} << 10;
  static constexpr size_t kLow = size_t{64} << 10;
  using OnOpen = std::function<void(Result<BodyStream>)>;
  using OnRead = std::function<void(Result<Bytes>)>;

  /// Sends, and waits for the head of the response, whatever its status; who writes the request's source does
  /// so on another thread. Without `max_body_bytes` the body may have any size. STATE on the
  /// client's own thread.
  static Result<BodyStream> open(Client& client, Request request);
  /// The same without waiting: `on_open` is told once, on the client's thread, never from inside this call.
  /// The handle cancels until then. Not told when this fails.
  static Result<std::shared_ptr<CallHandle>> open_async(Client& client, Request request, OnOpen on_open);

  BodyStream(BodyStream&& other) noexcept = default;
  BodyStream& operator=(BodyStream&& other) noexcept;
  /// As close().
  ~BodyStream();

  /// All of the response but its body.
  const Response& head() const;
  /// At least a byte and at most `max`; none at the end of the body. What had come before an error is given
  /// before it. TIMEOUT: nothing came, try again. ARG for `max` 0; STATE while another read waits, and on the
  /// client's own thread.
  Result<Bytes> read(size_t max, int64_t timeout_ms);
  /// The same without waiting: `on_read` is told at once from inside this call, or on the client's thread.
  /// Not told when this fails.
  Status read_async(size_t max, OnRead on_read);
  /// Cancels what still runs. A read that waits, and later ones, end with CANCELLED.
  void close();

 private:
  class State;
  explicit BodyStream(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace tessera::http
