// What comes one after another: events of a server, pages of a list.
#include "call.hpp"
#include "define.hpp"
#include "http_request.hpp"
#include "http_response.hpp"

namespace tessera::node {

/// [type, data, id, retryMs]; it needs the library no more. Undefined at the end.
template <>
inline Napi::Value Out<tsr_http_event*>::take(Napi::Env env) {
  if (handle_ == nullptr) return env.Undefined();
  const auto text = [env](tsr_str from) -> Napi::Value {
    return from.data == nullptr ? env.Undefined() : Napi::String::New(env, from.data, from.len);
  };
  auto event = Napi::Array::New(env, 4);
  event.Set(0U, text(tsr_http_event_type(handle_)));
  event.Set(1U, text(tsr_http_event_data(handle_)));
  event.Set(2U, text(tsr_http_event_id(handle_)));
  event.Set(3U, Napi::Number::New(env, static_cast<double>(tsr_http_event_retry_ms(handle_))));
  return event;
}

namespace {

constexpr auto kCloseEvents = [](tsr_http_events* events, Nothing*,
                                 tsr_error** error) noexcept -> tsr_status {
  return tsr_http_events_close(events, error);
};

constexpr auto kClosePages = [](tsr_http_pages* pages, Nothing*, tsr_error** error) noexcept -> tsr_status {
  return tsr_http_pages_close(pages, error);
};

}  // namespace

void define_http_series(Napi::Env env, Napi::Object exports) {
  define<&call<&tsr_http_events_open>>(env, exports, "httpEventsOpen");
  define<&start<&tsr_http_events_next_async, &tsr_op_http_event>>(env, exports, "httpEventsNext");
  define<&call<kCloseEvents>>(env, exports, "httpEventsClose");
  define<&call<&tsr_http_pages_open>>(env, exports, "httpPagesOpen");
  define<&start<&tsr_http_pages_next_async, &tsr_op_http_response>>(env, exports, "httpPagesNext");
  define<&call<kClosePages>>(env, exports, "httpPagesClose");
}

}  // namespace tessera::node
