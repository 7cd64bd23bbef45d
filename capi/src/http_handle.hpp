// tsr_http and tsr_http_response.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "app/http_core.hpp"
#include "base/fork_guard.hpp"
#include "convert.hpp"
#include "handle.hpp"
#include "http/fields/problem.hpp"
#include "tessera/http.h"

namespace tessera::capi {

using HttpPtr = std::shared_ptr<HttpCore>;

inline tsr_str borrowed(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace tessera::capi

struct tsr_http : tessera::capi::Handle<tessera::capi::Tag::kHttp> {
  explicit tsr_http(tessera::capi::HttpPtr shared) : core(std::move(shared)) {}
  const tessera::capi::HttpPtr core;
  const tessera::ForkGuard fork;
};

struct tsr_http_response : tessera::capi::Handle<tessera::capi::Tag::kHttpResponse> {
  explicit tsr_http_response(tessera::http::Response got);

  const tessera::http::Response response;
  // Views into it.
  std::vector<tsr_pair> headers;
  std::vector<tsr_http_trace> trace;
  // Read once, by the first who asks.
  mutable std::once_flag problem_read;
  mutable std::optional<tessera::http::Problem> problem;
};

namespace tessera::capi {

using HttpResponsePtr = std::unique_ptr<tsr_http_response>;

/// What `handle` refers to. The copy lives as long as the call, so that a callback may free the handle.
inline Result<HttpPtr> http_of(const tsr_http* handle) {
  TSR_RETURN_IF_ERROR(require_usable(handle, "API client"));
  return handle->core;
}

/// Checked and copied.
Result<http::Request> request_in(const tsr_http_request* request);

}  // namespace tessera::capi
