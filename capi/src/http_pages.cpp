#include "tessera/http_pages.h"

#include "guard.hpp"
#include "http_series.hpp"

using tessera::Result;
using tessera::Status;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::guard_free;
using tessera::capi::http_of;
using tessera::capi::HttpNext;
using tessera::capi::HttpPtr;
using tessera::capi::HttpSeries;
using tessera::capi::HttpSeriesHandle;
using tessera::capi::HttpSeriesPtr;
using tessera::capi::next_out;
using tessera::capi::optional_text_in;
using tessera::capi::request_in;
using tessera::capi::require_out;
using tessera::capi::require_usable;
using tessera::capi::start;
using tessera::capi::Tag;
using tessera::http::Pages;

struct tsr_http_pages : HttpSeriesHandle<Pages, Tag::kHttpPages> {
  using HttpSeriesHandle::HttpSeriesHandle;
};

namespace {

/// The copy lives as long as the call, so that a callback may free the handle.
Result<HttpSeriesPtr<Pages>> pages_of(const tsr_http_pages* handle) {
  TSR_RETURN_IF_ERROR(require_usable(handle, "pages"));
  return handle->series;
}

}  // namespace

tsr_status tsr_http_pages_open(tsr_http* http, const tsr_http_request* request, tsr_str config_json,
                               tsr_http_pages** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(HttpPtr core, http_of(http));
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const auto config, optional_text_in(config_json, "config_json"));
    TSR_ASSIGN_OR_RETURN(auto copy, request_in(request));
    TSR_ASSIGN_OR_RETURN(auto pages, tessera::open_pages(*core, std::move(copy), config));
    *out = new tsr_http_pages(
        std::make_shared<HttpSeries<Pages>>(HttpSeries<Pages>{std::move(core), std::move(pages)}));
    return {};
  });
}

tsr_status tsr_http_pages_next(tsr_http_pages* pages, tsr_http_response** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const auto series, pages_of(pages));
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(auto page, next_out<tsr_http_response>(series->walk->next()));
    *out = page.release();
    return {};
  });
}

tsr_status tsr_http_pages_next_async(tsr_http_pages* pages, tsr_done_fn done, void* user,
                                     void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  using Next = HttpNext<Pages, tsr_http_response>;
  return start(__func__, {done, {user, user_free}}, out, err, [&]() -> Result<Next> {
    TSR_ASSIGN_OR_RETURN(auto series, pages_of(pages));
    return Next{{}, std::move(series)};
  });
}

tsr_status tsr_http_pages_close(tsr_http_pages* pages, tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const auto series, pages_of(pages));
    series->walk->close();
    return {};
  });
}

void tsr_http_pages_free(tsr_http_pages* pages) noexcept { guard_free(__func__, pages); }
