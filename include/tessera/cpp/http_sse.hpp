/// @file tessera/cpp/http_sse.hpp  Server-sent events: a stream that a server keeps open.
#ifndef TESSERA_CPP_HTTP_SSE_HPP
#define TESSERA_CPP_HTTP_SSE_HPP

#include <chrono>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tessera/cpp/detail/next.hpp"
#include "tessera/cpp/http.hpp"
#include "tessera/http_sse.h"

namespace tessera::inline v1 {

/// How a stream of events is kept up. Members left alone keep the library's defaults;
/// docs/reference/http-config.md has them, and what each does.  @since 1.2
struct HttpEventsConfig {
  std::optional<bool> reconnects{};
  std::optional<std::chrono::milliseconds> retry{};
  std::optional<std::chrono::milliseconds> max_retry{};
  std::optional<std::chrono::milliseconds> reset_after{};
  std::optional<std::chrono::milliseconds> idle{};
  std::optional<std::int64_t> max_event_bytes{};
  std::optional<std::int32_t> max_queued{};
  std::string last_event_id{};  ///< To go on after.

  std::string to_json() const {
    return detail::JsonObject()
        .add("reconnects", reconnects)
        .add("retry_ms", detail::milliseconds(retry))
        .add("max_retry_ms", detail::milliseconds(max_retry))
        .add("reset_after_ms", detail::milliseconds(reset_after))
        .add("idle_ms", detail::milliseconds(idle))
        .add("max_event_bytes", max_event_bytes)
        .add("max_queued", max_queued)
        .add_if_any("last_event_id", last_event_id)
        .text();
  }
};

/// One event. Immutable, move-only; outlives its stream.  @threads any  @since 1.2
class HttpEvent {
 public:
  using Owner = detail::Handle<tsr_http_event, &tsr_http_event_free>;

  /// For the facade's own use.
  explicit HttpEvent(Owner owner) noexcept : owner_(std::move(owner)) {}

  /// The last id that the server gave, with this event or before it; empty when it gave none.
  std::string_view id() const noexcept { return view(tsr_http_event_id(owner_.get())); }
  /// "message" unless the server says otherwise.
  std::string_view type() const noexcept { return view(tsr_http_event_type(owner_.get())); }
  /// UTF-8, lines separated by "\n".
  std::string_view data() const noexcept { return view(tsr_http_event_data(owner_.get())); }
  /// For how long the server wants its clients to wait before they come back; the stream keeps to it.
  std::optional<std::chrono::milliseconds> retry() const noexcept {
    const std::int64_t time = tsr_http_event_retry_ms(owner_.get());
    if (time < 0) return std::nullopt;
    return std::chrono::milliseconds(time);
  }

 private:
  static std::string_view view(tsr_str text) noexcept { return {text.data, text.len}; }

  Owner owner_;
};

/// A stream of server-sent events. It comes back when its connection breaks and goes on after the last event;
/// events that nobody takes stay with the server. Move-only; keeps its client alive; the destructor closes
/// it.
///
/// @code
/// for (const tessera::HttpEvent& event : tessera::HttpEvents::open(http, "GET", "/updates"))
///   show(event.data());
/// @endcode
/// @threads any  @since 1.2
class HttpEvents {
 public:
  using Owner = detail::Handle<tsr_http_events, &tsr_http_events_free>;

  /// For the facade's own use.
  explicit HttpEvents(Owner owner) noexcept : owner_(std::move(owner)) {}

  /// Asks for the stream at once; whether that works is told by the first call for an event. Of `options` the
  /// time-out, the limit of the body and the use of the cache do not count.
  /// @errors ErrorCode::kArg, kState (closed), kForked, kBusy  @threads any  @since 1.2
  static HttpEvents open(const HttpClient& http, std::string_view method, std::string_view url,
                         const HttpOptions& options = {}, const HttpEventsConfig& config = {}) {
    return try_open(http, method, url, options, config).value();
  }
  static Expected<HttpEvents> try_open(const HttpClient& http, std::string_view method, std::string_view url,
                                       const HttpOptions& options = {},
                                       const HttpEventsConfig& config = {}) noexcept {
    const detail::HttpCall call(method, url, options);
    const std::string json = config.to_json();
    return detail::obtain_as<HttpEvents, Owner>([&](auto** out, tsr_error** error) {
      return tsr_http_events_open(http.handle(), call.get(), detail::borrow(json), out, error);
    });
  }

  /// The next event; nothing at the end of the stream. One call waits at a time.
  /// @errors ErrorCode::kTimeout (none came; the stream goes on), kBusy, kCancelled (closed meanwhile),
  /// kState (closed, or called on the client's own thread), kProtocol, kLimit, those of a status that another
  /// try would not change, those of HttpClient::send()
  /// @threads any  @blocks network  @since 1.2
  std::optional<HttpEvent> next(std::chrono::milliseconds timeout = std::chrono::milliseconds::max()) {
    return try_next(timeout).value();
  }
  Expected<std::optional<HttpEvent>> try_next(
      std::chrono::milliseconds timeout = std::chrono::milliseconds::max()) noexcept {
    return detail::obtain_next<HttpEvent>([&](auto** out, tsr_error** error) {
      return tsr_http_events_next(owner_.get(), detail::to_timeout(timeout), out, error);
    });
  }

  /// next() without waiting, and without a thread that does; see Completion. Operation::cancel() ends it
  /// while no event is there.
  /// @errors ErrorCode::kArg, kState (closed), kBusy (another call waits), kForked  @threads any  @since 1.2
  Operation next_async(Completion<std::optional<HttpEvent>> done) {
    return try_next_async(std::move(done)).value();
  }
  Expected<Operation> try_next_async(Completion<std::optional<HttpEvent>> done) noexcept {
    return detail::start_op<std::optional<HttpEvent>, &detail::take_next<HttpEvent, &tsr_op_http_event>>(
        std::move(done), [&](auto... op) { return tsr_http_events_next_async(owner_.get(), op...); });
  }

  /// Ends the stream, and a call that waits with ErrorCode::kCancelled. Again is fine.
  /// @errors ErrorCode::kForked  @threads any  @since 1.2
  void close() { try_close().value(); }
  Expected<void> try_close() noexcept {
    return detail::run([&](tsr_error** error) { return tsr_http_events_close(owner_.get(), error); });
  }

  /// Waits for each event once.
  using Iterator = detail::NextIterator<HttpEvents, HttpEvent>;
  Iterator begin() { return Iterator(this); }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  Owner owner_;
};

}  // namespace tessera::inline v1

#endif
