/// @file tessera/cpp/http_stream.hpp  Responses that are read in steps.
#ifndef TESSERA_CPP_HTTP_STREAM_HPP
#define TESSERA_CPP_HTTP_STREAM_HPP

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "tessera/cpp/http.hpp"
#include "tessera/http_stream.h"

namespace tessera::inline v1 {

/// A response whose body is read at its reader's pace; HttpClient::open_stream() makes it. Move-only; the
/// destructor cancels what still runs. Keeps its client alive. One who reads.
///
/// @code
/// tessera::HttpStream stream = http.open_stream("GET", "/export");
/// for (std::string piece = stream.read(); !piece.empty(); piece = stream.read()) consume(piece);
/// @endcode
/// @threads any  @since 1.2
class HttpStream {
 public:
  using Owner = detail::Handle<tsr_http_stream, &tsr_http_stream_free>;
  static constexpr std::size_t kStep = std::size_t{64} << 10;

  /// For the facade's own use.
  explicit HttpStream(Owner owner) noexcept : owner_(std::move(owner)) {}

  /// All of the response but its body.
  /// @errors ErrorCode::kForked  @threads any  @since 1.2
  HttpResponse head() const { return try_head().value(); }
  Expected<HttpResponse> try_head() const noexcept {
    return detail::obtain_as<HttpResponse, HttpResponse::Owner>(
        [&](auto** out, tsr_error** error) { return tsr_http_stream_head(owner_.get(), out, error); });
  }

  /// A byte at least and `max` at most; empty at the end of the body.
  /// @errors ErrorCode::kArg, kTimeout (nothing came; read again), kState (another read waits, or called on
  /// the client's own thread), kCancelled (closed), kNetwork, kProtocol, kLimit, kForked
  /// @threads any  @blocks network  @since 1.2
  std::string read(std::size_t max = kStep,
                   std::chrono::milliseconds timeout = std::chrono::milliseconds::max()) {
    return try_read(max, timeout).value();
  }
  Expected<std::string> try_read(std::size_t max = kStep, std::chrono::milliseconds timeout =
                                                              std::chrono::milliseconds::max()) noexcept {
    return detail::obtain_text([&](tsr_buf* out, tsr_error** error) {
      return tsr_http_stream_read(owner_.get(), max, detail::to_timeout(timeout), out, error);
    });
  }

  /// read() without waiting; close() ends it.
  /// @errors ErrorCode::kArg, kState (another read waits), kForked, kBusy  @threads any  @since 1.2
  Operation read_async(std::size_t max, Completion<std::string> done) {
    return try_read_async(max, std::move(done)).value();
  }
  Expected<Operation> try_read_async(std::size_t max, Completion<std::string> done) noexcept {
    return detail::start_op<std::string, &detail::take_text>(
        std::move(done), [&](auto... op) { return tsr_http_stream_read_async(owner_.get(), max, op...); });
  }

  /// Cancels what still runs. Again is fine.
  /// @errors ErrorCode::kForked  @threads any  @since 1.2
  void close() { try_close().value(); }
  Expected<void> try_close() noexcept {
    return detail::run([&](tsr_error** error) { return tsr_http_stream_close(owner_.get(), error); });
  }

 private:
  Owner owner_;
};

inline HttpStream HttpClient::open_stream(std::string_view method, std::string_view url,
                                          const HttpOptions& options) const {
  return try_open_stream(method, url, options).value();
}
inline Expected<HttpStream> HttpClient::try_open_stream(std::string_view method, std::string_view url,
                                                        const HttpOptions& options) const noexcept {
  const detail::HttpCall call(method, url, options);
  return detail::obtain_as<HttpStream, HttpStream::Owner>([&](auto** out, tsr_error** error) {
    return tsr_http_stream_open(owner_.get(), call.get(), out, error);
  });
}

inline Operation HttpClient::open_stream_async(std::string_view method, std::string_view url,
                                               const HttpOptions& options,
                                               Completion<HttpStream> done) const {
  return try_open_stream_async(method, url, options, std::move(done)).value();
}
inline Expected<Operation> HttpClient::try_open_stream_async(std::string_view method, std::string_view url,
                                                             const HttpOptions& options,
                                                             Completion<HttpStream> done) const noexcept {
  const detail::HttpCall call(method, url, options);
  return detail::start_op<HttpStream, &detail::take_as<HttpStream, &tsr_op_http_stream>>(
      std::move(done),
      [&](auto... op) { return tsr_http_stream_open_async(owner_.get(), call.get(), op...); });
}

}  // namespace tessera::inline v1

#endif
