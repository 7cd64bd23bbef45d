// tsr_http: the API client.
#include <deque>
#include <new>
#include <vector>

#include "call.hpp"
#include "define.hpp"
#include "http_request.hpp"
#include "http_response.hpp"
#include "sink.hpp"
#include "work.hpp"

namespace tessera::node {

/// The store or undefined, then names and secrets, one after another.
template <>
class In<const tsr_http_opts*> {
 public:
  explicit In(Napi::Value value) {
    tsr_http_opts_init(&opts_, sizeof opts_);
    const auto given = value.As<Napi::Array>();
    const Napi::Value store = given.Get(0U);
    if (!store.IsUndefined()) opts_.store = In<tsr_store*>(store).get();
    for (uint32_t i = 1; i + 1 < given.Length(); i += 2) {
      const tsr_str name = names_.emplace_back(Napi::Value(given.Get(i))).get();
      const SecretBytes secret = bytes_.emplace_back(Napi::Value(given.Get(i + 1))).get();
      secrets_.push_back({name, secret.data, secret.len});
    }
    opts_.secrets = secrets_.data();
    opts_.secret_count = secrets_.size();
  }
  const tsr_http_opts* get() const { return &opts_; }

 private:
  std::deque<In<tsr_str>> names_;
  std::deque<In<SecretBytes>> bytes_;
  std::vector<tsr_http_secret> secrets_;
  tsr_http_opts opts_;
};

namespace {

/// Behind the requests of one HttpClient.
class Sender {
 public:
  explicit Sender(Napi::Value http)
      : http_(unwrap<tsr_http>(http)), keeper_(Napi::Persistent(http.As<Napi::Object>())) {}

  napi_value send(napi_env env, const napi_value* given) {
    const HttpRequestIn request(env, given);
    return detail::start_with(env, &detail::TakerOf<&tsr_op_http_response>::settle, [&](const Start& to) {
      return to(&tsr_http_send_async, http_.get(), request.get());
    });
  }

 private:
  Box<tsr_http>& http_;
  Napi::ObjectReference keeper_;  // of http_
};

/// By hand, as the function behind a prepared statement.
napi_value send(napi_env env, napi_callback_info info) {
  napi_value given[kHttpGivenCount];
  size_t count = kHttpGivenCount;
  void* sender = nullptr;
  napi_get_cb_info(env, info, &count, given, nullptr, &sender);
  try {
    return static_cast<Sender*>(sender)->send(env, given);
  } catch (const Napi::Error& error) {
    error.ThrowAsJavaScriptException();
  } catch (const std::bad_alloc&) {
    napi_throw_range_error(env, nullptr, "memory is exhausted");
  }
  return nullptr;
}

/// (http) => (method, url, body, headers, query, options) => promise
Napi::Value sender(const Napi::CallbackInfo& info) {
  auto sender = std::make_unique<Sender>(info[0]);
  napi_value value = nullptr;
  if (napi_create_function(info.Env(), "send", NAPI_AUTO_LENGTH, send, sender.get(), &value) != napi_ok)
    throw Napi::Error::New(info.Env());
  const Napi::Function function(info.Env(), value);
  function.AddFinalizer([](Napi::BasicEnv, Sender* owned) { delete owned; }, sender.get());
  static_cast<void>(sender.release());
  return function;
}

// They wait for the client's own thread, which may wait for a function of JavaScript.
constexpr auto kState = [](tsr_http* http, tsr_buf* out, tsr_error** error) noexcept -> tsr_status {
  return tsr_http_state(http, out, error);
};
constexpr auto kResetBreaker = [](tsr_http* http, tsr_str host, Nothing*,
                                  tsr_error** error) noexcept -> tsr_status {
  return tsr_http_reset_breaker(http, host, error);
};
constexpr auto kNetworkChanged = [](tsr_http* http, Nothing*, tsr_error** error) noexcept -> tsr_status {
  return tsr_http_network_changed(http, error);
};

}  // namespace

void define_http(Napi::Env env, Napi::Object exports) {
  define<&call<&tsr_http_open>>(env, exports, "httpOpen");
  define<&call<&tsr_app_http>>(env, exports, "appHttp");
  define<&sender>(env, exports, "httpSender");
  define<&call<&tsr_http_metrics>>(env, exports, "httpMetrics");
  define<&on_log<&tsr_http_on_log, tsr_http>>(env, exports, "httpOnLog");
  define<&work<kState>>(env, exports, "httpState");
  define<&work<kResetBreaker>>(env, exports, "httpResetBreaker");
  define<&work<kNetworkChanged>>(env, exports, "httpNetworkChanged");
  define<&start<&tsr_http_close_async, kTakeNothing>>(env, exports, "httpClose");
}

}  // namespace tessera::node
