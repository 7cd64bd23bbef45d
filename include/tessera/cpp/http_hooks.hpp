/// @file tessera/cpp/http_hooks.hpp  What an application sees of a client at work, and may add to it.
#ifndef TESSERA_CPP_HTTP_HOOKS_HPP
#define TESSERA_CPP_HTTP_HOOKS_HPP

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/cpp/detail/call.hpp"
#include "tessera/cpp/log.hpp"
#include "tessera/cpp/time.hpp"
#include "tessera/http_hooks.h"

namespace tessera::inline v1 {

/// A header field, or a parameter of a query.  @since 1.2
struct HttpPair {
  std::string_view name;
  std::string_view value;
};

namespace detail {

inline std::string_view view_of(tsr_str text) noexcept { return {text.data, text.len}; }

inline std::vector<HttpPair> pairs_of(const tsr_pair* first, std::size_t count) {
  std::vector<HttpPair> all;
  for (const tsr_pair& pair : std::span(first, count)) {
    all.push_back({view_of(pair.name), view_of(pair.value)});
  }
  return all;
}

}  // namespace detail

/// One attempt of a request that is about to be sent. Valid during the call that gets it; what it gives,
/// until a field is changed.  @threads the client's own  @since 1.2
class HttpAttempt {
 public:
  /// For the facade's own use.
  explicit HttpAttempt(tsr_http_attempt* attempt) noexcept : attempt_(attempt) {}
  HttpAttempt(const HttpAttempt&) = delete;
  HttpAttempt& operator=(const HttpAttempt&) = delete;

  std::string_view method() const noexcept { return detail::view_of(tsr_http_attempt_method(attempt_)); }
  std::string_view url() const noexcept { return detail::view_of(tsr_http_attempt_url(attempt_)); }
  /// 1: the first of its request.
  std::int32_t number() const noexcept { return tsr_http_attempt_number(attempt_); }
  /// Of the first field of that name, whatever its case.
  std::optional<std::string_view> header(std::string_view name) const noexcept {
    const tsr_str value = tsr_http_attempt_header(attempt_, detail::borrow(name));
    if (value.data == nullptr) return std::nullopt;
    return detail::view_of(value);
  }
  /// Every field in its order.
  std::vector<HttpPair> headers() const {
    std::size_t count = 0;
    const tsr_pair* const first = tsr_http_attempt_headers(attempt_, &count);
    return detail::pairs_of(first, count);
  }
  /// The bytes that are sent, perhaps none; nothing when they are not known yet, as those of a file.
  std::optional<std::string_view> body() const noexcept {
    const std::uint8_t* data = nullptr;
    std::size_t size = 0;
    if (tsr_http_attempt_body(attempt_, &data, &size) == 0) return std::nullopt;
    return std::string_view(reinterpret_cast<const char*>(data), size);
  }
  /// Instead of all fields of that name.
  /// @errors ErrorCode::kArg (a name or value that can't be sent)
  void set_header(std::string_view name, std::string_view value) {
    detail::run([&](tsr_error** error) {
      return tsr_http_attempt_set_header(attempt_, detail::borrow(name), detail::borrow(value), error);
    }).value();
  }
  void remove_header(std::string_view name) {
    detail::run([&](tsr_error** error) {
      return tsr_http_attempt_remove_header(attempt_, detail::borrow(name), error);
    }).value();
  }

 private:
  tsr_http_attempt* attempt_;
};

/// The head of a response, also of one that the caller does not get, as when the request is sent again.
/// Borrowed for the call.  @since 1.2
struct HttpHead {
  std::string_view method;
  std::string_view url;
  std::vector<HttpPair> headers;
  std::int32_t attempt;  ///< 1: the first of its request.
  std::int32_t status;
};

/// Functions that see every attempt, on the client's own thread, which does all of its I/O: what takes long
/// belongs elsewhere. Either may be empty.  @since 1.2
struct HttpHooks {
  /// An exception ends the request with ErrorCode::kCallback; nothing is sent.
  std::function<void(HttpAttempt&)> before{};
  /// An exception is dropped.
  std::function<void(const HttpHead&)> after{};
  bool signer = false;  ///< After everybody else: it sees what is sent.
};

/// What changed for a client.  @since 1.2
enum class HttpEventKind : std::int32_t {
  kConnectivity = TSR_HTTP_CONNECTIVITY,  ///< "online", "offline", "captive".
  kBreaker = TSR_HTTP_BREAKER,            ///< Of an origin: "closed", "open" (until when), "half_open".
  kLimiter = TSR_HTTP_LIMITER,            ///< Of an origin: "throttled", "background_throttled" (until when).
  kQueue = TSR_HTTP_QUEUE,                ///< Requests under way: "above" a mark, "below" half of it.
  kAuth = TSR_HTTP_AUTH,                  ///< "reauthorise".
  kProxy = TSR_HTTP_PROXY,                ///< "bad" (until when), "good".
};

/// One change; borrowed for the call.  @since 1.2
struct HttpClientEvent {
  HttpEventKind kind;
  std::string_view subject;  ///< An origin, or a proxy's URL; empty: the client as a whole.
  std::string_view state;
  std::optional<TimePoint> until;
  std::int64_t mark;  ///< Of HttpEventKind::kQueue, else 0.
};

/// Called in order on a thread of the library that does no I/O: it may call any function, also those that
/// wait. An exception is dropped.  @since 1.2
using HttpEventSink = std::function<void(const HttpClientEvent&)>;

namespace detail {

inline tsr_status forward_before(void* user, tsr_http_attempt* attempt) noexcept {
  try {
    HttpAttempt shown(attempt);
    static_cast<HttpHooks*>(user)->before(shown);
    return TSR_OK;
  } catch (...) {
    return TSR_E_CALLBACK;
  }
}

inline void forward_after(void* user, const tsr_http_head* head) noexcept {
  try {
    static_cast<HttpHooks*>(user)->after({view_of(head->method), view_of(head->url),
                                          pairs_of(head->headers, head->header_count), head->attempt,
                                          head->status});
  } catch (...) {  // ignored, see HttpHooks
  }
}

inline void forward_event(void* user, const tsr_http_event_info* event) noexcept {
  try {
    (*static_cast<HttpEventSink*>(user))({static_cast<HttpEventKind>(event->kind), view_of(event->subject),
                                          view_of(event->state), to_time(event->until_ms), event->mark});
  } catch (...) {  // ignored, see HttpEventSink
  }
}

template <typename T>
void free_user(void* user) noexcept {
  delete static_cast<T*>(user);
}

inline Expected<Subscription> attach_hooks(tsr_http* http, HttpHooks hooks) {
  const tsr_http_before_fn before = hooks.before ? &forward_before : nullptr;
  const tsr_http_after_fn after = hooks.after ? &forward_after : nullptr;
  const std::uint32_t flags = hooks.signer ? std::uint32_t{TSR_HTTP_SIGNER} : 0U;
  auto user = std::make_unique<HttpHooks>(std::move(hooks));
  return obtain_as<Subscription, Subscription::Owner>([&](tsr_sub** out, tsr_error** error) {
    return tsr_http_on_attempt(http, before, after, flags, user.release(), &free_user<HttpHooks>, out, error);
  });
}

inline Expected<Subscription> attach_events(tsr_http* http, HttpEventSink sink) {
  auto user = std::make_unique<HttpEventSink>(std::move(sink));
  return obtain_as<Subscription, Subscription::Owner>([&](tsr_sub** out, tsr_error** error) {
    return tsr_http_on_event(http, &forward_event, user.release(), &free_user<HttpEventSink>, out, error);
  });
}

}  // namespace detail
}  // namespace tessera::inline v1

#endif
