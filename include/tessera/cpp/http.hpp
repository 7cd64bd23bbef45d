/// @file tessera/cpp/http.hpp  The API client: requests that survive bad networks.
#ifndef TESSERA_CPP_HTTP_HPP
#define TESSERA_CPP_HTTP_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/cpp/detail/call.hpp"
#include "tessera/cpp/http_auth.hpp"
#include "tessera/cpp/http_body.hpp"
#include "tessera/cpp/http_config.hpp"
#include "tessera/cpp/http_hooks.hpp"
#include "tessera/cpp/json_text.hpp"
#include "tessera/cpp/log.hpp"
#include "tessera/cpp/operation.hpp"
#include "tessera/cpp/progress.hpp"
#include "tessera/cpp/store.hpp"
#include "tessera/http.h"

namespace tessera::inline v1 {

/// How a request uses the cache; see max_age() and its like.  @since 1.2
struct HttpCaching {
  std::int32_t mode = TSR_HTTP_CACHE_DEFAULT;
  std::chrono::seconds max_age{};
};

/// From the cache when it is fresh and not older than that.  @threads any  @since 1.2
constexpr HttpCaching max_age(std::chrono::seconds age) noexcept { return {TSR_HTTP_CACHE_DEFAULT, age}; }
/// Neither read nor kept.  @threads any  @since 1.2
constexpr HttpCaching no_store() noexcept { return {TSR_HTTP_CACHE_NO_STORE, {}}; }
/// Asked for again, and kept.  @threads any  @since 1.2
constexpr HttpCaching refresh_cached() noexcept { return {TSR_HTTP_CACHE_REFRESH, {}}; }
/// Never asked for: 504 when it is not there.  @threads any  @since 1.2
constexpr HttpCaching only_if_cached() noexcept { return {TSR_HTTP_CACHE_ONLY_IF_CACHED, {}}; }

/// What a request may say beside method and URL. Borrows its texts for the call; a time of 0 is the client's.
/// @since 1.2
struct HttpOptions {
  std::vector<HttpPair> query{};    ///< Joins the URL's query, percent-encoded.
  std::vector<HttpPair> headers{};  ///< Instead of the client's own of that name.
  std::string_view body{};
  std::string_view json{};                      ///< A body of JSON, with its content type; not beside `body`.
  std::chrono::milliseconds timeout{};          ///< Until it fails for good, retries included.
  std::chrono::milliseconds attempt_timeout{};  ///< For each attempt.
  std::int32_t max_attempts = 0;                ///< 0: as configured.
  std::int32_t max_redirects = 0;               ///< 0: as configured; -1: none is followed.
  std::int64_t max_body_bytes = 0;              ///< Of the response, decoded; 0: as configured.
  HttpCaching cache{};
  std::string_view idempotency_key{};  ///< Makes any method safe to repeat, if the server knows such keys.
  std::string_view cache_partition{};  ///< Whose responses these are, such as an account.
  bool background = false;             ///< Nobody waits: it goes behind requests for which somebody does.
  bool skip_breaker = false;
  bool skip_auth = false;
  bool trace = false;                  ///< Collects what each policy did; see HttpResponse::trace().
  const HttpUpload* upload = nullptr;  ///< Instead of a body, of this request only.
  const HttpForm* form = nullptr;      ///< Instead of both, as it is now.
};

/// What one policy did with a request; borrowed from its response.  @since 1.2
struct HttpTrace {
  std::chrono::microseconds at;
  std::string_view stage;
  std::string_view text;
};

/// An error that the server describes (RFC 9457); borrowed from its response.  @since 1.2
struct HttpProblem {
  std::string_view type;
  std::string_view title;
  std::string_view detail;
  std::string_view instance;
  std::string_view extensions_json;
  std::int32_t status;
};

/// When something had happened in the last attempt.  @since 1.2
enum class HttpPhase : std::int32_t {
  kResolved = TSR_HTTP_RESOLVED,
  kConnected = TSR_HTTP_CONNECTED,
  kSecured = TSR_HTTP_SECURED,
  kSent = TSR_HTTP_SENT,
  kFirstByte = TSR_HTTP_FIRST_BYTE,
  kEnded = TSR_HTTP_ENDED,
};

/// What a request got. Immutable, move-only; outlives its client.  @threads any  @since 1.2
class HttpResponse {
 public:
  using Owner = detail::Handle<tsr_http_response, &tsr_http_response_free>;

  /// For the facade's own use.
  explicit HttpResponse(Owner owner) noexcept : owner_(std::move(owner)) {}

  std::int32_t status() const noexcept { return tsr_http_response_status(owner_.get()); }
  /// A status from 200 to 299.
  bool ok() const noexcept { return status() / 100 == 2; }
  /// Decoded. Valid as long as this.
  std::string_view body() const noexcept {
    std::size_t size = 0;
    const std::uint8_t* const data = tsr_http_response_body(owner_.get(), &size);
    return {reinterpret_cast<const char*>(data), size};
  }
  /// Of the first field of that name, whatever its case.
  std::optional<std::string_view> header(std::string_view name) const noexcept {
    const tsr_str value = tsr_http_response_header(owner_.get(), detail::borrow(name));
    if (value.data == nullptr) return std::nullopt;
    return std::string_view(value.data, value.len);
  }
  /// Every field in its order.
  std::vector<HttpPair> headers() const {
    std::size_t count = 0;
    const tsr_pair* const first = tsr_http_response_headers(owner_.get(), &count);
    return detail::pairs_of(first, count);
  }
  /// Where it came from, after redirects.
  std::string_view url() const noexcept { return view(tsr_http_response_url(owner_.get())); }
  /// 10, 11 or 20.
  std::int32_t version() const noexcept { return tsr_http_response_version(owner_.get()); }
  bool from_cache() const noexcept { return tsr_http_response_from_cache(owner_.get()) != 0; }
  /// How often the request was sent.
  std::int32_t attempts() const noexcept { return tsr_http_response_attempts(owner_.get()); }
  /// From the start of the last attempt; 0 for what did not happen.
  std::chrono::microseconds time(HttpPhase phase) const noexcept {
    return std::chrono::microseconds(
        tsr_http_response_time_us(owner_.get(), static_cast<std::int32_t>(phase)));
  }
  /// Of a request with HttpOptions::trace.
  std::vector<HttpTrace> trace() const {
    std::size_t count = 0;
    const tsr_http_trace* const first = tsr_http_response_trace(owner_.get(), &count);
    std::vector<HttpTrace> all;
    for (const tsr_http_trace& event : std::span(first, count)) {
      all.push_back({std::chrono::microseconds(event.at_us), view(event.stage), view(event.text)});
    }
    return all;
  }
  /// Of a body of application/problem+json.
  std::optional<HttpProblem> problem() const noexcept {
    tsr_http_problem problem;
    if (tsr_http_response_problem(owner_.get(), &problem) == 0) return std::nullopt;
    return HttpProblem{view(problem.type),     view(problem.title),           view(problem.detail),
                       view(problem.instance), view(problem.extensions_json), problem.status};
  }

 private:
  static std::string_view view(tsr_str text) noexcept { return {text.data, text.len}; }

  Owner owner_;
};

/// Secrets of HttpClient::open() by name: "private_key", "private_key:<match>", "proxy:<host>:<port>".
/// @since 1.2
using HttpSecrets = std::map<std::string, std::string_view>;

namespace detail {

/// A request as the C ABI has it, and what it refers to.
class HttpCall {
 public:
  HttpCall(std::string_view method, std::string_view url, const HttpOptions& options) {
    tsr_http_request_init(&request_, sizeof request_);
    request_.method = borrow_if_any(method);
    request_.url = borrow(url);
    add(options.query, query_);
    add(options.headers, headers_);
    std::string_view body = options.body;
    if (!options.json.empty()) {
      headers_.push_back({borrow("Content-Type"), borrow("application/json")});
      body = options.json;
    }
    request_.query = query_.data();
    request_.query_count = query_.size();
    request_.headers = headers_.data();
    request_.header_count = headers_.size();
    request_.body = body.data();
    request_.body_len = body.size();
    request_.total_ms = options.timeout.count();
    request_.attempt_ms = options.attempt_timeout.count();
    request_.max_attempts = options.max_attempts;
    request_.max_redirects = options.max_redirects;
    request_.max_body_bytes = options.max_body_bytes;
    request_.cache = options.cache.mode;
    request_.max_age_s = options.cache.max_age.count();
    request_.idempotency_key = borrow_if_any(options.idempotency_key);
    request_.cache_partition = borrow_if_any(options.cache_partition);
    if (options.upload != nullptr) request_.upload = options.upload->get();
    if (options.form != nullptr) request_.form = options.form->get();
    request_.flags = (options.background ? std::uint32_t{TSR_HTTP_BACKGROUND} : 0U) |
                     (options.skip_breaker ? std::uint32_t{TSR_HTTP_SKIP_BREAKER} : 0U) |
                     (options.skip_auth ? std::uint32_t{TSR_HTTP_SKIP_AUTH} : 0U) |
                     (options.trace ? std::uint32_t{TSR_HTTP_TRACE} : 0U);
  }
  HttpCall(const HttpCall&) = delete;
  HttpCall& operator=(const HttpCall&) = delete;

  const tsr_http_request* get() const noexcept { return &request_; }

 private:
  static void add(const std::vector<HttpPair>& from, std::vector<tsr_pair>& to) {
    for (const HttpPair& pair : from) to.push_back({borrow(pair.name), borrow(pair.value)});
  }

  std::vector<tsr_pair> query_;
  std::vector<tsr_pair> headers_;
  tsr_http_request request_;
};

/// Runs `open(opts)` with the secrets as the C ABI has them.
template <typename Open>
auto with_secrets(const HttpSecrets& secrets, Open&& open, tsr_store* store = nullptr) {
  std::vector<tsr_http_secret> given;
  for (const auto& [name, secret] : secrets) given.push_back({borrow(name), secret.data(), secret.size()});
  tsr_http_opts opts;
  tsr_http_opts_init(&opts, sizeof opts);
  opts.secrets = given.data();
  opts.secret_count = given.size();
  opts.store = store;
  return std::forward<Open>(open)(&opts);
}

}  // namespace detail

class HttpStream;
struct HttpDownload;
struct HttpDownloaded;

/// An API client: one per backend, for the life of the application. Move-only.
///
/// @code
/// tessera::HttpClient http = tessera::HttpClient::open({.base_url = "https://api.example.com"});
/// tessera::HttpResponse page = http.get("/products", {.query = {{"q", "capa"}}});
/// if (page.ok()) show(page.body());
/// @endcode
///
/// An answer of the server is a response, also 404 and 500; an error means that there is none:
/// ErrorCode::kNetwork, kTimeout, kUntrusted, kProtocol, kUnavailable, kUnauthorized, kLimit.
/// @threads any  @since 1.2
class HttpClient {
 public:
  using Owner = detail::Handle<tsr_http, &tsr_http_free>;

  /// For the facade's own use.
  explicit HttpClient(Owner owner) noexcept : owner_(std::move(owner)) {}
  tsr_http* handle() const noexcept { return owner_.get(); }

  /// No network, no thread. In `store`, which it keeps, responses and what the breakers learnt survive a
  /// restart, encrypted; not one for_tenant().
  /// @errors ErrorCode::kArg, kState, kIo (of the store), kForked  @threads any  @blocks disk  @since 1.2
  static HttpClient open(const HttpConfig& config = {}, const HttpSecrets& secrets = {},
                         const Store* store = nullptr) {
    return try_open(config, secrets, store).value();
  }
  static Expected<HttpClient> try_open(const HttpConfig& config = {}, const HttpSecrets& secrets = {},
                                       const Store* store = nullptr) noexcept {
    return open_json(config.to_json(), secrets, store);
  }

  /// The same with the configuration as JSON: docs/reference/http-config.md.
  static HttpClient open(const JsonText& config, const HttpSecrets& secrets = {},
                         const Store* store = nullptr) {
    return try_open(config, secrets, store).value();
  }
  static Expected<HttpClient> try_open(const JsonText& config, const HttpSecrets& secrets = {},
                                       const Store* store = nullptr) noexcept {
    return open_json(config.to_json(), secrets, store);
  }

  /// Sends a request and waits for its response.
  /// @errors ErrorCode::kArg, kState (closed, or called on the client's own thread), kNetwork, kTimeout,
  /// kUntrusted, kProtocol, kUnavailable, kUnauthorized, kLimit, kCallback, kBusy, kForked
  /// @threads any  @blocks network  @since 1.2
  HttpResponse send(std::string_view method, std::string_view url, const HttpOptions& options = {}) const {
    return try_send(method, url, options).value();
  }
  Expected<HttpResponse> try_send(std::string_view method, std::string_view url,
                                  const HttpOptions& options = {}) const noexcept {
    const detail::HttpCall call(method, url, options);
    return detail::obtain_as<HttpResponse, HttpResponse::Owner>(
        [&](auto** out, tsr_error** error) { return tsr_http_send(owner_.get(), call.get(), out, error); });
  }

  /// send() without waiting: many run beside each other, on no thread of their own. `done` runs on the
  /// client's I/O thread, so it hands on what takes long. Operation::cancel() ends it also while it runs.
  /// @errors ErrorCode::kArg, kState (closed), kForked, kBusy  @threads any  @since 1.2
  Operation send_async(std::string_view method, std::string_view url, const HttpOptions& options,
                       Completion<HttpResponse> done) const {
    return try_send_async(method, url, options, std::move(done)).value();
  }
  Expected<Operation> try_send_async(std::string_view method, std::string_view url,
                                     const HttpOptions& options,
                                     Completion<HttpResponse> done) const noexcept {
    const detail::HttpCall call(method, url, options);
    return detail::start_op<HttpResponse, &detail::take_as<HttpResponse, &tsr_op_http_response>>(
        std::move(done), [&](auto... op) { return tsr_http_send_async(owner_.get(), call.get(), op...); });
  }

  /// send() of the usual methods.
  /// @errors as send()  @threads any  @blocks network  @since 1.2
  HttpResponse get(std::string_view url, const HttpOptions& options = {}) const {
    return send("GET", url, options);
  }
  HttpResponse head(std::string_view url, const HttpOptions& options = {}) const {
    return send("HEAD", url, options);
  }
  HttpResponse post(std::string_view url, const HttpOptions& options = {}) const {
    return send("POST", url, options);
  }
  HttpResponse put(std::string_view url, const HttpOptions& options = {}) const {
    return send("PUT", url, options);
  }
  HttpResponse patch(std::string_view url, const HttpOptions& options = {}) const {
    return send("PATCH", url, options);
  }
  HttpResponse remove(std::string_view url, const HttpOptions& options = {}) const {
    return send("DELETE", url, options);
  }

  /// Whose requests these are. Must not outlive this.  @threads any  @since 1.2
  HttpAuth auth() const noexcept { return HttpAuth(owner_.get()); }

  /// Sends a request and waits for the head of its response, whose body is then read in steps. Declared here,
  /// there for who includes tessera/cpp/http_stream.hpp.
  /// @errors as send()  @threads any  @blocks network  @since 1.2
  HttpStream open_stream(std::string_view method, std::string_view url,
                         const HttpOptions& options = {}) const;
  Expected<HttpStream> try_open_stream(std::string_view method, std::string_view url,
                                       const HttpOptions& options = {}) const noexcept;
  /// @errors as send_async()  @threads any  @since 1.2
  Operation open_stream_async(std::string_view method, std::string_view url, const HttpOptions& options,
                              Completion<HttpStream> done) const;
  Expected<Operation> try_open_stream_async(std::string_view method, std::string_view url,
                                            const HttpOptions& options,
                                            Completion<HttpStream> done) const noexcept;

  /// Gets a file, and goes on with what an earlier download left. It gets its name when size and digest fit.
  /// HttpOptions::timeout holds for all; without one there is no limit. There for who includes
  /// tessera/cpp/http_download.hpp.
  /// @errors as send(), ErrorCode::kNotFound, kPermission, kDiskFull, kIo, kBusy (another download writes the
  /// same file), kCancelled (by `progress`)  @threads any  @blocks network  @since 1.2
  HttpDownloaded download(std::string_view url, const HttpDownload& to, const HttpOptions& options = {},
                          const Progress& progress = {}) const;
  Expected<HttpDownloaded> try_download(std::string_view url, const HttpDownload& to,
                                        const HttpOptions& options = {},
                                        const Progress& progress = {}) const noexcept;
  /// Operation::cancel() ends it also while it runs.
  /// @errors ErrorCode::kArg, kForked, kBusy  @threads any  @since 1.2
  Operation download_async(std::string_view url, const HttpDownload& to, const HttpOptions& options,
                           Completion<HttpDownloaded> done, Progress progress = {}) const;
  Expected<Operation> try_download_async(std::string_view url, const HttpDownload& to,
                                         const HttpOptions& options, Completion<HttpDownloaded> done,
                                         Progress progress = {}) const noexcept;

  /// Counters and latencies of each route.
  /// @errors ErrorCode::kForked  @threads any  @since 1.2
  std::string metrics_json() const { return metrics(TSR_HTTP_METRICS_JSON).value(); }
  std::string metrics_prometheus() const { return metrics(TSR_HTTP_METRICS_PROMETHEUS).value(); }

  /// Registers a sink for log records; see LogSink.
  /// @errors ErrorCode::kForked  @threads any  @since 1.2
  [[nodiscard]] Subscription on_log(LogLevel level, LogSink sink) {
    return try_on_log(level, std::move(sink)).value();
  }
  Expected<Subscription> try_on_log(LogLevel level, LogSink sink) noexcept {
    return detail::attach_sink(&tsr_http_on_log, owner_.get(), level, std::move(sink));
  }

  /// Registers functions that see every attempt of every request, and may add header fields to it.
  /// @errors ErrorCode::kArg (neither is there), kForked  @threads any  @since 1.2
  [[nodiscard]] Subscription on_attempt(HttpHooks hooks) { return try_on_attempt(std::move(hooks)).value(); }
  Expected<Subscription> try_on_attempt(HttpHooks hooks) noexcept {
    return detail::attach_hooks(owner_.get(), std::move(hooks));
  }

  /// Registers a function that is told what changes: the network, breakers, limits, the queue, proxies.
  /// @errors ErrorCode::kForked  @threads any  @since 1.2
  [[nodiscard]] Subscription on_event(HttpEventSink sink) { return try_on_event(std::move(sink)).value(); }
  Expected<Subscription> try_on_event(HttpEventSink sink) noexcept {
    return detail::attach_events(owner_.get(), std::move(sink));
  }

  /// How the client stands, as JSON; see tsr_http_state().
  /// @errors ErrorCode::kState (closed), kForked  @threads any  @blocks callback  @since 1.2
  std::string state_json() const { return try_state_json().value(); }
  Expected<std::string> try_state_json() const noexcept {
    return detail::obtain_text(
        [&](tsr_buf* out, tsr_error** error) { return tsr_http_state(owner_.get(), out, error); });
  }

  /// Closes the breakers of a name or an origin, or all of them when empty, and forgets what they counted.
  /// @errors as state_json()  @threads any  @blocks callback  @since 1.2
  void reset_breaker(std::string_view host = {}) { try_reset_breaker(host).value(); }
  Expected<void> try_reset_breaker(std::string_view host = {}) noexcept {
    return detail::run([&](tsr_error** error) {
      return tsr_http_reset_breaker(owner_.get(), detail::borrow_if_any(host), error);
    });
  }

  /// For when the system says that the machine has another network: requests may try at once.
  /// @errors as state_json()  @threads any  @blocks callback  @since 1.2
  void network_changed() { try_network_changed().value(); }
  Expected<void> try_network_changed() noexcept {
    return detail::run([&](tsr_error** error) { return tsr_http_network_changed(owner_.get(), error); });
  }

  /// Lets requests that run end within `timeout`, then cancels them; later ones give ErrorCode::kState. Again
  /// is fine.
  /// @errors ErrorCode::kTimeout (some were cancelled), kState, kForked  @threads any  @blocks network
  /// @since 1.2
  void close(std::chrono::milliseconds timeout = kCloseTimeout) { try_close(timeout).value(); }
  Expected<void> try_close(std::chrono::milliseconds timeout = kCloseTimeout) noexcept {
    return detail::run(
        [&](tsr_error** error) { return tsr_http_close(owner_.get(), detail::to_timeout(timeout), error); });
  }

  /// close() in the background; see Completion.
  /// @errors ErrorCode::kArg, kForked, kBusy  @threads any  @since 1.2
  Operation close_async(std::chrono::milliseconds timeout, Completion<void> done) {
    return try_close_async(timeout, std::move(done)).value();
  }
  Expected<Operation> try_close_async(std::chrono::milliseconds timeout, Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_http_close_async(owner_.get(), detail::to_timeout(timeout), op...);
    });
  }

 private:
  static Expected<HttpClient> open_json(const std::string& json, const HttpSecrets& secrets,
                                        const Store* store) noexcept {
    const auto open_with = [&](const tsr_http_opts* opts) {
      return detail::obtain_as<HttpClient, HttpClient::Owner>([&](auto** out, tsr_error** error) {
        return tsr_http_open(detail::borrow(json), opts, out, error);
      });
    };
    return detail::with_secrets(secrets, open_with, store == nullptr ? nullptr : store->handle());
  }
  Expected<std::string> metrics(std::int32_t format) const {
    return detail::obtain_text(
        [&](tsr_buf* out, tsr_error** error) { return tsr_http_metrics(owner_.get(), format, out, error); });
  }

  Owner owner_;
};

}  // namespace tessera::inline v1

#endif
