// What an application sees of an API client at work.
#include "call.hpp"
#include "define.hpp"
#include "http_response.hpp"
#include "sink.hpp"

namespace tessera::node {

namespace {

std::string lines_of(const tsr_pair* headers, size_t count) {
  std::string lines;
  add_lines(lines, headers, count);
  return lines;
}

/// Undefined when it is not known yet.
Argument body_of(const tsr_http_attempt* attempt) {
  const uint8_t* data = nullptr;
  size_t size = 0;
  if (tsr_http_attempt_body(attempt, &data, &size) == 0) return std::monostate();
  return std::vector<uint8_t>(data, data + size);
}

/// Names, each with "=" and the value that it gets, or with nothing where it goes.
tsr_status apply(tsr_http_attempt* attempt, const Answer& answer) {
  for (size_t i = 0; i + 1 < answer.texts.size(); i += 2) {
    const tsr_str name{answer.texts[i].data(), answer.texts[i].size()};
    const std::string& value = answer.texts[i + 1];
    const tsr_status status =
        value.empty()
            ? tsr_http_attempt_remove_header(attempt, name, nullptr)
            : tsr_http_attempt_set_header(attempt, name, {value.data() + 1, value.size() - 1}, nullptr);
    if (status != TSR_OK) return status;
  }
  return TSR_OK;
}

/// On the client's own thread, which waits for JavaScript.
template <bool kWantsBody>
tsr_status on_before(void* user, tsr_http_attempt* attempt) {
  size_t count = 0;
  const tsr_pair* const headers = tsr_http_attempt_headers(attempt, &count);
  Argument body;
  if constexpr (kWantsBody) body = body_of(attempt);
  const auto answer =
      detail::ask(user, {std::string("before"), detail::text_of(tsr_http_attempt_method(attempt)),
                         detail::text_of(tsr_http_attempt_url(attempt)),
                         static_cast<double>(tsr_http_attempt_number(attempt)), lines_of(headers, count),
                         body});
  return answer ? apply(attempt, *answer) : tsr_status{TSR_E_CALLBACK};
}

void on_after(void* user, const tsr_http_head* head) {
  detail::tell(*static_cast<const detail::Waiter*>(user),
               {std::monostate(), std::string("after"), detail::text_of(head->method),
                detail::text_of(head->url), static_cast<double>(head->attempt),
                Latin1{lines_of(head->headers, head->header_count)}, static_cast<double>(head->status)});
}

/// (http, flags, hasBefore, hasAfter, wantsBody, timeoutMs, function) => id
Napi::Value on_attempt(const Napi::CallbackInfo& info) {
  const In<tsr_http*> http(info[0]);
  const In<uint32_t> flags(info[1]);
  const tsr_http_before_fn first = In<bool>(info[4]).get() ? &on_before<true> : &on_before<false>;
  const tsr_http_before_fn before = In<bool>(info[2]).get() ? first : nullptr;
  const tsr_http_after_fn after = In<bool>(info[3]).get() ? &on_after : nullptr;
  const std::chrono::milliseconds most(In<uint32_t>(info[5]).get());
  return detail::add_sink(
      info.Env(), info[6],
      [&](auto... registration) {
        return tsr_http_on_attempt(http.get(), before, after, flags.get(), registration...);
      },
      most);
}

void on_event_info(void* user, const tsr_http_event_info* event) {
  detail::tell(
      *static_cast<const detail::Waiter*>(user),
      {static_cast<double>(event->kind), detail::text_of(event->subject), detail::text_of(event->state),
       static_cast<double>(event->until_ms), static_cast<double>(event->mark)});
}

/// (http, function) => id
Napi::Value on_event(const Napi::CallbackInfo& info) {
  const In<tsr_http*> http(info[0]);
  return detail::add_sink(info.Env(), info[1], [&](auto... registration) {
    return tsr_http_on_event(http.get(), &on_event_info, registration...);
  });
}

}  // namespace

void define_http_hooks(Napi::Env env, Napi::Object exports) {
  define<&on_attempt>(env, exports, "httpOnAttempt");
  define<&on_event>(env, exports, "httpOnEvent");
}

}  // namespace tessera::node
