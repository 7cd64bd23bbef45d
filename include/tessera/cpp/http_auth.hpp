/// @file tessera/cpp/http_auth.hpp  Credentials of an API client.
#ifndef TESSERA_CPP_HTTP_AUTH_HPP
#define TESSERA_CPP_HTTP_AUTH_HPP

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tessera/cpp/detail/call.hpp"
#include "tessera/cpp/json_text.hpp"
#include "tessera/cpp/license.hpp"
#include "tessera/cpp/operation.hpp"
#include "tessera/cpp/store.hpp"
#include "tessera/cpp/time.hpp"
#include "tessera/http_auth.h"

namespace tessera::inline v1 {

/// How the credentials of a client stand.  @since 1.2
enum class HttpAuthState : std::int32_t {
  kNone = TSR_HTTP_AUTH_NONE,
  kReady = TSR_HTTP_AUTH_READY,
  kReauthorise = TSR_HTTP_AUTH_REAUTHORISE,  ///< The account has to be authorised again.
};

/// A token that the application has fetched.  @since 1.2
struct HttpToken {
  std::string token;
  std::optional<TimePoint> expires_at{};  ///< Nothing: unknown.
};

/// Gives a token. Called on a thread of the library, one call at a time; what it throws fails the requests
/// that wait with ErrorCode::kCallback.  @since 1.2
using HttpTokenSource = std::function<HttpToken()>;

/// Where the tokens of an account are kept by the application, also for several processes. Called on threads
/// of the library, also several at once; what it throws is ErrorCode::kCallback.  @since 1.2
class HttpTokenStore {
 public:
  virtual ~HttpTokenStore() = default;
  /// What compare_and_swap() kept; nothing when that was nothing.
  virtual std::optional<std::string> load() = 0;
  /// Keeps `record` durably instead of that whose "version" is `expected` (0: of none), in one step; false,
  /// and no change, when another is kept. `record` is a JSON object, and a secret.
  virtual bool compare_and_swap(std::int64_t expected, std::string_view record) = 0;
};

/// The account has to be authorised again; told once until it was, on a thread of the library. What it throws
/// is dropped.  @since 1.2
using HttpReauthorise = std::function<void(std::string_view why)>;

/// An OAuth 2.0 account beside its configuration. Borrows texts and store for the call; without a store the
/// tokens live in memory.  @since 1.2
struct HttpOAuth {
  std::string_view client_secret{};
  const Store* store = nullptr;                   ///< Keeps the tokens encrypted, under `account`.
  std::string_view account{};                     ///< Required with `store`.
  std::shared_ptr<HttpTokenStore> token_store{};  ///< Instead of `store`.
  HttpReauthorise reauthorise{};
};

namespace detail {

struct OAuthBox {
  std::shared_ptr<HttpTokenStore> store;
  HttpReauthorise reauthorise;
};

inline tsr_status forward_token(void* user, tsr_http_token* token) noexcept {
  try {
    const HttpToken given = (*static_cast<const HttpTokenSource*>(user))();
    return tsr_http_token_set(token, given.token.data(), given.token.size(),
                              given.expires_at ? given.expires_at->time_since_epoch().count() : 0, nullptr);
  } catch (...) {
    return TSR_E_CALLBACK;
  }
}

inline void free_token_source(void* user) noexcept { delete static_cast<HttpTokenSource*>(user); }

inline tsr_status load_tokens(void* user, tsr_http_token* token) noexcept {
  try {
    const std::optional<std::string> kept = static_cast<OAuthBox*>(user)->store->load();
    if (!kept) return TSR_OK;
    return tsr_http_token_set(token, kept->data(), kept->size(), 0, nullptr);
  } catch (...) {
    return TSR_E_CALLBACK;
  }
}

inline tsr_status swap_tokens(void* user, std::int64_t expected, const void* record, std::size_t len,
                              std::int32_t* swapped) noexcept {
  try {
    const std::string_view json(static_cast<const char*>(record), len);
    *swapped = static_cast<OAuthBox*>(user)->store->compare_and_swap(expected, json) ? 1 : 0;
    return TSR_OK;
  } catch (...) {
    return TSR_E_CALLBACK;
  }
}

inline void forward_reauthorise(void* user, tsr_str why) noexcept {
  try {
    static_cast<const OAuthBox*>(user)->reauthorise({why.data, why.len});
  } catch (...) {  // ignored, see HttpReauthorise
  }
}

inline void free_oauth_box(void* user) noexcept { delete static_cast<OAuthBox*>(user); }

}  // namespace detail

/// The credentials of one client; see http_auth.h. A view: it must not outlive its HttpClient.
///
/// @code
/// http.auth().set_token(api_key, "X-Api-Key");
/// http.auth().set_oauth(JsonText(R"({"token_url": "https://id.example.com/token", "client_id": "pos"})"),
///                       {.client_secret = secret, .store = &store, .account = "ana"});
/// @endcode
/// @threads any  @since 1.2
class HttpAuth {
 public:
  /// For the facade's own use.
  explicit HttpAuth(tsr_http* http) noexcept : http_(http) {}

  /// Sends a secret until another is set. Empty `header`: "Authorization: Bearer ..."; another has the secret
  /// behind `prefix`.
  /// @errors ErrorCode::kArg, kState (closed), kForked  @threads any  @since 1.2
  void set_token(std::string_view secret, std::string_view header = {}, std::string_view prefix = {}) {
    try_set_token(secret, header, prefix).value();
  }
  Expected<void> try_set_token(std::string_view secret, std::string_view header = {},
                               std::string_view prefix = {}) noexcept {
    return detail::run([&](tsr_error** error) {
      return tsr_http_set_token(http_, detail::borrow_if_any(header), detail::borrow_if_any(prefix),
                                secret.data(), secret.size(), error);
    });
  }

  /// Has bearer tokens fetched when there is none, before the last one ends, and after a 401.
  /// @errors ErrorCode::kArg (empty), kState (closed), kForked  @threads any  @since 1.2
  void set_token_source(HttpTokenSource source) { try_set_token_source(std::move(source)).value(); }
  Expected<void> try_set_token_source(HttpTokenSource source) noexcept {
    const bool is_there = static_cast<bool>(source);
    auto user = std::make_unique<HttpTokenSource>(std::move(source));
    return detail::run([&](tsr_error** error) {
      return tsr_http_set_token_source(http_, is_there ? &detail::forward_token : nullptr, user.release(),
                                       &detail::free_token_source, error);
    });
  }

  /// Sends the access tokens of an OAuth 2.0 account, renewed before they end and kept before they are used.
  /// `config` as docs/reference/http-config.md has it under "OAuth".
  /// @errors ErrorCode::kArg, kState (closed), kForked, kUnsupported  @threads any  @since 1.2
  void set_oauth(const JsonText& config, const HttpOAuth& account = {}) {
    try_set_oauth(config, account).value();
  }
  Expected<void> try_set_oauth(const JsonText& config, const HttpOAuth& account = {}) noexcept {
    tsr_http_oauth_opts opts;
    tsr_http_oauth_opts_init(&opts, sizeof opts);
    opts.client_secret = account.client_secret.data();
    opts.client_secret_len = account.client_secret.size();
    opts.store = account.store == nullptr ? nullptr : account.store->owner_.get();
    opts.account = detail::borrow_if_any(account.account);
    if (account.token_store != nullptr) {
      opts.load = &detail::load_tokens;
      opts.swap = &detail::swap_tokens;
    }
    if (account.reauthorise) opts.reauthorise = &detail::forward_reauthorise;
    auto user =
        std::make_unique<detail::OAuthBox>(detail::OAuthBox{account.token_store, account.reauthorise});
    const std::string json = config.to_json();
    return detail::run([&](tsr_error** error) {
      return tsr_http_set_oauth(http_, detail::borrow(json), &opts, user.release(), &detail::free_oauth_box,
                                error);
    });
  }

  /// Keeps and uses the tokens that a new authorisation gave: {"access_token", "refresh_token",
  /// "expires_at_ms", "scope"}.
  /// @errors ErrorCode::kArg, kState (without set_oauth(), or on the client's own thread), kCallback, kBusy,
  /// kIo, kDiskFull, kCorrupt, kForked  @threads any  @blocks disk  @since 1.2
  void set_oauth_tokens(std::string_view record) { try_set_oauth_tokens(record).value(); }
  Expected<void> try_set_oauth_tokens(std::string_view record) noexcept {
    return detail::run([&](tsr_error** error) {
      return tsr_http_set_oauth_tokens(http_, record.data(), record.size(), error);
    });
  }

  /// set_oauth_tokens() in the background; see Completion.
  /// @errors ErrorCode::kArg, kForked, kBusy  @threads any  @since 1.2
  Operation set_oauth_tokens_async(std::string_view record, Completion<void> done) {
    return try_set_oauth_tokens_async(record, std::move(done)).value();
  }
  Expected<Operation> try_set_oauth_tokens_async(std::string_view record, Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_http_set_oauth_tokens_async(http_, record.data(), record.size(), op...);
    });
  }

  /// Sends the licence's own token: the one that is installed when a request is sent.
  /// @errors ErrorCode::kArg, kState (closed), kForked  @threads any  @since 1.2
  void set_license(const License& license) { try_set_license(license).value(); }
  Expected<void> try_set_license(const License& license) noexcept {
    return detail::run(
        [&](tsr_error** error) { return tsr_http_set_license_auth(http_, license.owner_.get(), error); });
  }

  /// How they stand.
  /// @errors ErrorCode::kForked  @threads any  @since 1.2
  HttpAuthState state() const { return try_state().value(); }
  Expected<HttpAuthState> try_state() const noexcept {
    std::int32_t state = TSR_HTTP_AUTH_NONE;
    Expected<void> told =
        detail::run([&](tsr_error** error) { return tsr_http_auth_state(http_, &state, error); });
    if (!told) return told.error();
    return static_cast<HttpAuthState>(state);
  }

  /// Sends none from now on; kept tokens stay in their store.
  /// @errors ErrorCode::kState (closed), kForked  @threads any  @since 1.2
  void clear() { try_clear().value(); }
  Expected<void> try_clear() noexcept {
    return detail::run([&](tsr_error** error) { return tsr_http_clear_auth(http_, error); });
  }

 private:
  tsr_http* http_;
};

}  // namespace tessera::inline v1

#endif
