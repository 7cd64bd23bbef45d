// Requests that come in.
#include <string>

#include "http_body.hpp"
#include "http_handle.hpp"
#include "options.hpp"

namespace tessera::capi {
namespace {

constexpr uint32_t kFlags = TSR_HTTP_BACKGROUND | TSR_HTTP_SKIP_BREAKER | TSR_HTTP_SKIP_AUTH | TSR_HTTP_TRACE;
constexpr size_t kFirst = offsetof(tsr_http_request, form) + sizeof(void*);
constexpr size_t kMostPairs = 1024;

Status require_pairs(const tsr_pair* pairs, size_t count, const char* name) {
  if (pairs == nullptr && count > 0) return argument_error(std::string(name) + " is NULL but has a count");
  if (count > kMostPairs) return argument_error(std::string(name) + " has more than 1024 entries");
  return {};
}

Status headers_in(const tsr_http_request& from, http::Headers* out) {
  TSR_RETURN_IF_ERROR(require_pairs(from.headers, from.header_count, "headers"));
  for (size_t i = 0; i < from.header_count; ++i) {
    TSR_ASSIGN_OR_RETURN(const auto name,
                         bytes_in(from.headers[i].name.data, from.headers[i].name.len, "a header's name"));
    TSR_ASSIGN_OR_RETURN(const auto value,
                         bytes_in(from.headers[i].value.data, from.headers[i].value.len, "a header's value"));
    TSR_RETURN_IF_ERROR(http::check_field(name, value));
    out->add(name, value);
  }
  if (from.max_age_s < 0) return argument_error("max_age_s is negative");
  if (from.max_age_s > 0) out->set("Cache-Control", "max-age=" + std::to_string(from.max_age_s));
  return {};
}

Status query_in(const tsr_http_request& from, http::Request* out) {
  TSR_RETURN_IF_ERROR(require_pairs(from.query, from.query_count, "query"));
  for (size_t i = 0; i < from.query_count; ++i) {
    TSR_ASSIGN_OR_RETURN(const auto name, text_in(from.query[i].name, "a name in query"));
    TSR_ASSIGN_OR_RETURN(const auto value, text_in(from.query[i].value, "a value in query"));
    out->query.emplace_back(name, value);
  }
  return {};
}

template <class T>
Status limit_in(int64_t value, const char* name, std::optional<T>* out) {
  if (value < 0) return argument_error(std::string(name) + " is negative");
  if (value > 0) *out = static_cast<T>(value);
  return {};
}

Status limits_in(const tsr_http_request& from, http::Request* out) {
  TSR_RETURN_IF_ERROR(limit_in(from.total_ms, "total_ms", &out->total_ms));
  TSR_RETURN_IF_ERROR(limit_in(from.attempt_ms, "attempt_ms", &out->attempt_ms));
  TSR_RETURN_IF_ERROR(limit_in(from.max_body_bytes, "max_body_bytes", &out->max_body_bytes));
  TSR_RETURN_IF_ERROR(limit_in(from.max_attempts, "max_attempts", &out->max_attempts));
  if (from.max_redirects == -1) {
    out->max_redirects = 0;
    return {};
  }
  return limit_in(from.max_redirects, "max_redirects", &out->max_redirects);
}

/// The last that is read: an upload goes with the first request that has it.
Status source_in(const tsr_http_request& from, http::Request* out) {
  if ((out->body.empty() ? 0 : 1) + (from.upload == nullptr ? 0 : 1) + (from.form == nullptr ? 0 : 1) > 1) {
    return argument_error("the request has more than one of body, upload and form");
  }
  if (from.form != nullptr) {
    TSR_RETURN_IF_ERROR(require_usable(from.form, "form"));
    const std::lock_guard lock(from.form->mutex);
    out->headers.set("Content-Type", from.form->form.content_type());
    TSR_ASSIGN_OR_RETURN(out->source, from.form->form.source());
  }
  if (from.upload != nullptr) {
    TSR_RETURN_IF_ERROR(require_usable(from.upload, "upload"));
    if (from.upload->is_given.exchange(true)) {
      return Error{ErrorCode::kSTATE, "http", "the upload went with another request; make one for each", {}};
    }
    out->source = from.upload->source;
  }
  return {};
}

}  // namespace

Result<http::Request> request_in(const tsr_http_request* request) {
  if (request == nullptr) return argument_error("the request is NULL");
  TSR_ASSIGN_OR_RETURN(const tsr_http_request from,
                       options_in(request, kFirst, "the request", "tsr_http_request_init"));
  if ((from.flags & ~kFlags) != 0) return argument_error("the request's flags have an unknown bit");
  if (from.cache < TSR_HTTP_CACHE_DEFAULT || from.cache > TSR_HTTP_CACHE_ONLY_IF_CACHED) {
    return argument_error("the request's cache is not one of TSR_HTTP_CACHE_*");
  }
  http::Request out;
  TSR_ASSIGN_OR_RETURN(const auto method, optional_text_in(from.method, "the method"));
  TSR_ASSIGN_OR_RETURN(const auto url, text_in(from.url, "the URL"));
  TSR_ASSIGN_OR_RETURN(const auto body, bytes_in(from.body, from.body_len, "the body"));
  TSR_ASSIGN_OR_RETURN(const auto key, optional_text_in(from.idempotency_key, "idempotency_key"));
  TSR_ASSIGN_OR_RETURN(const auto partition, optional_text_in(from.cache_partition, "cache_partition"));
  if (!method.empty()) out.method = method;
  out.url = url;
  out.body = to_bytes(body);
  out.idempotency_key = key;
  out.cache_partition = partition;
  out.cache = static_cast<http::CacheMode>(from.cache);
  out.is_background = (from.flags & TSR_HTTP_BACKGROUND) != 0;
  out.skips_breaker = (from.flags & TSR_HTTP_SKIP_BREAKER) != 0;
  out.skips_auth = (from.flags & TSR_HTTP_SKIP_AUTH) != 0;
  out.is_traced = (from.flags & TSR_HTTP_TRACE) != 0;
  TSR_RETURN_IF_ERROR(query_in(from, &out));
  TSR_RETURN_IF_ERROR(headers_in(from, &out.headers));
  TSR_RETURN_IF_ERROR(limits_in(from, &out));
  TSR_RETURN_IF_ERROR(source_in(from, &out));
  return out;
}

}  // namespace tessera::capi
