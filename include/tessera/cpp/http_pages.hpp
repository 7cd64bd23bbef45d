/// @file tessera/cpp/http_pages.hpp  A list that an API spreads over several responses.
#ifndef TESSERA_CPP_HTTP_PAGES_HPP
#define TESSERA_CPP_HTTP_PAGES_HPP

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tessera/cpp/detail/next.hpp"
#include "tessera/cpp/http.hpp"
#include "tessera/http_pages.h"

namespace tessera::inline v1 {

/// How a page says which one follows.  @since 1.2
enum class HttpPaging : std::int32_t {
  kLink,    ///< The header field Link with rel=next.
  kCursor,  ///< A text or integer in the body, "next_cursor", goes into the next query as "cursor".
  kToken,   ///< The same with "next_page_token" and "page_token".
  kPage,    ///< The query counts "page" until the array "items" is empty.
};

/// As configurations spell it.  @threads any  @since 1.2
constexpr std::string_view name(HttpPaging paging) noexcept {
  switch (paging) {
    case HttpPaging::kCursor:
      return "cursor";
    case HttpPaging::kToken:
      return "token";
    case HttpPaging::kPage:
      return "page";
    case HttpPaging::kLink:
      break;
  }
  return "link";
}

/// How an API spreads a list. Members left alone keep the library's defaults; docs/reference/http-config.md
/// has them, and what each does.  @since 1.2
struct HttpPagesConfig {
  HttpPaging kind = HttpPaging::kLink;
  std::string parameter{};              ///< Of the query.
  std::optional<std::string> cursor{};  ///< JSON pointer to the next cursor, of kCursor and kToken.
  std::optional<std::string> items{};   ///< JSON pointer to the array, of kPage; "": the whole body.
  std::optional<std::int64_t> start{};  ///< Number of the first page, of kPage.
  std::optional<std::int32_t> max_pages{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("kind", kind)
        .add_if_any("parameter", parameter)
        .add("cursor", cursor)
        .add("items", items)
        .add("start", start)
        .add("max_pages", max_pages)
        .text();
  }
};

/// The pages of a list: nothing is asked for before it is wanted. Pages of another origin, and all after
/// them, get no credentials. Move-only; keeps its client alive; the destructor closes it.
///
/// @code
/// for (const tessera::HttpResponse& page : tessera::HttpPages::open(http, "GET", "/users"))
/// add(page.body());
/// @endcode
/// @threads any  @since 1.2
class HttpPages {
 public:
  using Owner = detail::Handle<tsr_http_pages, &tsr_http_pages_free>;

  /// For the facade's own use.
  explicit HttpPages(Owner owner) noexcept : owner_(std::move(owner)) {}

  /// The request is that of the first page; of the others only the URL differs. No network.
  /// @errors ErrorCode::kArg, kForked  @threads any  @since 1.2
  static HttpPages open(const HttpClient& http, std::string_view method, std::string_view url,
                        const HttpOptions& options = {}, const HttpPagesConfig& config = {}) {
    return try_open(http, method, url, options, config).value();
  }
  static Expected<HttpPages> try_open(const HttpClient& http, std::string_view method, std::string_view url,
                                      const HttpOptions& options = {},
                                      const HttpPagesConfig& config = {}) noexcept {
    const detail::HttpCall call(method, url, options);
    const std::string json = config.to_json();
    return detail::obtain_as<HttpPages, Owner>([&](auto** out, tsr_error** error) {
      return tsr_http_pages_open(http.handle(), call.get(), detail::borrow(json), out, error);
    });
  }

  /// The next page; nothing when there are no more. One call at a time. After a request that failed, and a
  /// status that is not 2xx, the next call asks for the same page again.
  /// @errors those of HttpClient::send(), those of a status that is not 2xx, ErrorCode::kProtocol (a page
  /// does not say what it should, or names one that was there before), kLimit (too many), kBusy, kCancelled
  /// (closed meanwhile), kState (closed, or called on the client's own thread)
  /// @threads any  @blocks network  @since 1.2
  std::optional<HttpResponse> next() { return try_next().value(); }
  Expected<std::optional<HttpResponse>> try_next() noexcept {
    return detail::obtain_next<HttpResponse>(
        [&](auto** out, tsr_error** error) { return tsr_http_pages_next(owner_.get(), out, error); });
  }

  /// next() without waiting, and without a thread that does; see Completion. Operation::cancel() ends it also
  /// while it runs.
  /// @errors ErrorCode::kArg, kState (closed), kBusy, kForked  @threads any  @since 1.2
  Operation next_async(Completion<std::optional<HttpResponse>> done) {
    return try_next_async(std::move(done)).value();
  }
  Expected<Operation> try_next_async(Completion<std::optional<HttpResponse>> done) noexcept {
    return detail::start_op<std::optional<HttpResponse>,
                            &detail::take_next<HttpResponse, &tsr_op_http_response>>(
        std::move(done), [&](auto... op) { return tsr_http_pages_next_async(owner_.get(), op...); });
  }

  /// Ends a call that runs with ErrorCode::kCancelled; later ones give ErrorCode::kState. Again is fine.
  /// @errors ErrorCode::kForked  @threads any  @since 1.2
  void close() { try_close().value(); }
  Expected<void> try_close() noexcept {
    return detail::run([&](tsr_error** error) { return tsr_http_pages_close(owner_.get(), error); });
  }

  /// Asks for each page once.
  using Iterator = detail::NextIterator<HttpPages, HttpResponse>;
  Iterator begin() { return Iterator(this); }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  Owner owner_;
};

}  // namespace tessera::inline v1

#endif
