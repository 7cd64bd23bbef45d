#include "tessera/http_sse.h"

#include <limits>

#include "guard.hpp"
#include "http_series.hpp"

using tessera::Result;
using tessera::Status;
using tessera::capi::borrowed;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::guard_free;
using tessera::capi::guard_value;
using tessera::capi::Handle;
using tessera::capi::http_of;
using tessera::capi::HttpNext;
using tessera::capi::HttpPtr;
using tessera::capi::HttpSeries;
using tessera::capi::HttpSeriesHandle;
using tessera::capi::HttpSeriesPtr;
using tessera::capi::is_live;
using tessera::capi::next_out;
using tessera::capi::optional_text_in;
using tessera::capi::request_in;
using tessera::capi::require_out;
using tessera::capi::require_usable;
using tessera::capi::start;
using tessera::capi::Tag;
using tessera::capi::take;
using tessera::http::EventStream;
using tessera::http::ServerEvent;

struct tsr_http_events : HttpSeriesHandle<EventStream, Tag::kHttpEvents> {
  using HttpSeriesHandle::HttpSeriesHandle;
};

struct tsr_http_event : Handle<Tag::kHttpEvent> {
  explicit tsr_http_event(ServerEvent came) : event(std::move(came)) {}
  const ServerEvent event;
};

namespace {

/// The copy lives as long as the call, so that a callback may free the handle.
Result<HttpSeriesPtr<EventStream>> events_of(const tsr_http_events* handle) {
  TSR_RETURN_IF_ERROR(require_usable(handle, "event stream"));
  return handle->series;
}

tsr_str text_of(const char* function, const tsr_http_event* event, std::string ServerEvent::* text) noexcept {
  return guard_value(function, tsr_str{nullptr, 0},
                     [&] { return is_live(event) ? borrowed(event->event.*text) : tsr_str{nullptr, 0}; });
}

}  // namespace

tsr_status tsr_http_events_open(tsr_http* http, const tsr_http_request* request, tsr_str config_json,
                                tsr_http_events** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(HttpPtr core, http_of(http));
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const auto config, optional_text_in(config_json, "config_json"));
    TSR_ASSIGN_OR_RETURN(auto copy, request_in(request));
    TSR_ASSIGN_OR_RETURN(auto stream, tessera::open_events(*core, std::move(copy), config));
    *out = new tsr_http_events(std::make_shared<HttpSeries<EventStream>>(
        HttpSeries<EventStream>{std::move(core), std::move(stream)}));
    return {};
  });
}

tsr_status tsr_http_events_next(tsr_http_events* events, uint32_t timeout_ms, tsr_http_event** out,
                                tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const auto series, events_of(events));
    TSR_RETURN_IF_ERROR(require_out(out));
    const bool is_endless = timeout_ms == std::numeric_limits<uint32_t>::max();
    TSR_ASSIGN_OR_RETURN(auto event, next_out<tsr_http_event>(
                                         series->walk->next(is_endless ? int64_t{-1} : int64_t{timeout_ms})));
    *out = event.release();
    return {};
  });
}

tsr_status tsr_http_events_next_async(tsr_http_events* events, tsr_done_fn done, void* user,
                                      void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  using Next = HttpNext<EventStream, tsr_http_event>;
  return start(__func__, {done, {user, user_free}}, out, err, [&]() -> Result<Next> {
    TSR_ASSIGN_OR_RETURN(auto series, events_of(events));
    return Next{{}, std::move(series)};
  });
}

tsr_status tsr_op_http_event(tsr_op* op, tsr_http_event** out, tsr_error** err) noexcept {
  return take<std::unique_ptr<tsr_http_event>>(__func__, op, err, out);
}

tsr_status tsr_http_events_close(tsr_http_events* events, tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const auto series, events_of(events));
    series->walk->close();
    return {};
  });
}

void tsr_http_events_free(tsr_http_events* events) noexcept { guard_free(__func__, events); }

tsr_str tsr_http_event_id(const tsr_http_event* event) noexcept {
  const tsr_str id = text_of(__func__, event, &ServerEvent::id);
  return id.len == 0 ? tsr_str{nullptr, 0} : id;
}

tsr_str tsr_http_event_type(const tsr_http_event* event) noexcept {
  return text_of(__func__, event, &ServerEvent::type);
}

tsr_str tsr_http_event_data(const tsr_http_event* event) noexcept {
  return text_of(__func__, event, &ServerEvent::data);
}

int64_t tsr_http_event_retry_ms(const tsr_http_event* event) noexcept {
  return guard_value(__func__, int64_t{-1},
                     [&] { return is_live(event) ? event->event.retry_ms.value_or(-1) : int64_t{-1}; });
}

void tsr_http_event_free(tsr_http_event* event) noexcept { guard_free(__func__, event); }
