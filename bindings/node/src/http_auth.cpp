// Credentials of an API client.
#include "call.hpp"
#include "define.hpp"
#include "sink.hpp"

namespace tessera::node {

namespace {

/// For functions that may ask a server: for ever would hold a thread of the library.
constexpr std::chrono::minutes kMostOfATokenFunction{1};

constexpr auto kSetToken = [](tsr_http* http, tsr_str header, tsr_str prefix, SecretBytes token, Nothing*,
                              tsr_error** error) noexcept -> tsr_status {
  return tsr_http_set_token(http, header, prefix, token.data, token.len, error);
};

/// What JavaScript said; nothing when there is none.
tsr_status give(tsr_http_token* token, const std::optional<Answer>& answer) {
  if (!answer) return TSR_E_CALLBACK;
  if (answer->texts.empty()) return TSR_OK;
  const std::string& text = answer->texts.front();
  return tsr_http_token_set(token, text.data(), text.size(), answer->number, nullptr);
}

tsr_status on_token(void* user, tsr_http_token* token) {
  return give(token, detail::ask(user, {std::string("token")}));
}

tsr_status on_load(void* user, tsr_http_token* token) {
  return give(token, detail::ask(user, {std::string("load")}));
}

tsr_status on_swap(void* user, int64_t expected, const void* record, size_t size, int32_t* swapped) {
  const auto answer = detail::ask(user, {std::string("swap"), static_cast<double>(expected),
                                         std::string(static_cast<const char*>(record), size)});
  if (!answer) return TSR_E_CALLBACK;
  *swapped = answer->number != 0 ? 1 : 0;
  return TSR_OK;
}

void on_reauthorise(void* user, tsr_str why) {
  detail::tell(*static_cast<const detail::Waiter*>(user),
               {std::monostate(), std::string("reauthorise"), detail::text_of(why)});
}

/// (http, function) => id
Napi::Value set_token_source(const Napi::CallbackInfo& info) {
  const In<tsr_http*> http(info[0]);
  return detail::add_sink(
      info.Env(), info[1],
      [&](void* user, auto user_free, tsr_sub**, tsr_error** error) {
        return tsr_http_set_token_source(http.get(), &on_token, user, user_free, error);
      },
      kMostOfATokenFunction);
}

/// (http, config, clientSecret, store, account, keepsTokens, hearsOfEnd, function) => id
Napi::Value set_oauth(const Napi::CallbackInfo& info) {
  const In<tsr_http*> http(info[0]);
  const In<tsr_str> config(info[1]);
  const In<SecretBytes> secret(info[2]);
  const In<tsr_str> account(info[4]);
  tsr_http_oauth_opts opts;
  tsr_http_oauth_opts_init(&opts, sizeof opts);
  opts.client_secret = secret.get().data;
  opts.client_secret_len = secret.get().len;
  if (!info[3].IsUndefined()) opts.store = In<tsr_store*>(info[3]).get();
  opts.account = account.get();
  if (In<bool>(info[5]).get()) {
    opts.load = &on_load;
    opts.swap = &on_swap;
  }
  if (In<bool>(info[6]).get()) opts.reauthorise = &on_reauthorise;
  return detail::add_sink(
      info.Env(), info[7],
      [&](void* user, auto user_free, tsr_sub**, tsr_error** error) {
        return tsr_http_set_oauth(http.get(), config.get(), &opts, user, user_free, error);
      },
      kMostOfATokenFunction);
}

constexpr auto kSetOauthTokens = [](tsr_http* http, SecretBytes record,
                                    const Start& to) noexcept -> tsr_status {
  return to(&tsr_http_set_oauth_tokens_async, http, record.data, record.len);
};

constexpr auto kSetLicense = [](tsr_http* http, tsr_license* license, Nothing*,
                                tsr_error** error) noexcept -> tsr_status {
  return tsr_http_set_license_auth(http, license, error);
};

constexpr auto kClear = [](tsr_http* http, Nothing*, tsr_error** error) noexcept -> tsr_status {
  return tsr_http_clear_auth(http, error);
};

Napi::Value auth_state(const Napi::CallbackInfo& info) {
  int32_t state = TSR_HTTP_AUTH_NONE;
  tsr_error* error = nullptr;
  const tsr_status status = tsr_http_auth_state(In<tsr_http*>(info[0]).get(), &state, &error);
  check(info.Env(), status, error);
  return Napi::Number::New(info.Env(), state);
}

}  // namespace

void define_http_auth(Napi::Env env, Napi::Object exports) {
  define<&call<kSetToken>>(env, exports, "httpSetToken");
  define<&set_token_source>(env, exports, "httpSetTokenSource");
  define<&set_oauth>(env, exports, "httpSetOauth");
  define<&start<kSetOauthTokens, kTakeNothing>>(env, exports, "httpSetOauthTokens");
  define<&call<kSetLicense>>(env, exports, "httpSetLicenseAuth");
  define<&call<kClear>>(env, exports, "httpClearAuth");
  define<&auth_state>(env, exports, "httpAuthState");
}

}  // namespace tessera::node
