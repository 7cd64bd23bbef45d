#include <algorithm>

#include "guard.hpp"
#include "http_handle.hpp"

using tessera::capi::borrowed;
using tessera::capi::clear;
using tessera::capi::guard_free;
using tessera::capi::guard_value;
using tessera::capi::is_live;
using tessera::http::HttpVersion;

namespace {

constexpr std::string_view kProblemType = "application/problem+json";

/// `read` of a live response, else `neutral`.
template <class T, class Read>
T value_of(const char* function, const tsr_http_response* response, T neutral, Read read) noexcept {
  return guard_value(function, neutral,
                     [&] { return is_live(response) ? static_cast<T>(read(*response)) : neutral; });
}

int32_t number_of(HttpVersion version) {
  switch (version) {
    case HttpVersion::k10:
      return 10;
    case HttpVersion::k2:
      return 20;
    case HttpVersion::k11:
      break;
  }
  return 11;
}

int64_t time_of(const tessera::http::WireTimings& timings, int32_t what) {
  switch (what) {
    case TSR_HTTP_RESOLVED:
      return timings.resolved;
    case TSR_HTTP_CONNECTED:
      return timings.connected;
    case TSR_HTTP_SECURED:
      return timings.secured;
    case TSR_HTTP_SENT:
      return timings.sent;
    case TSR_HTTP_FIRST_BYTE:
      return timings.first_byte;
    case TSR_HTTP_ENDED:
      return timings.total;
    default:
      return 0;
  }
}

/// A pointer to the entries of a list and their number; NULL when there are none.
template <class Entry>
const Entry* list_out(const std::vector<Entry>& entries, size_t* count_out) {
  if (count_out != nullptr) *count_out = entries.size();
  return entries.empty() ? nullptr : entries.data();
}

const tessera::http::Problem* problem_of(const tsr_http_response& response) {
  std::call_once(response.problem_read, [&response] {
    const std::string_view type = response.response.headers.get("Content-Type").value_or("");
    if (!tessera::http::same_name(type.substr(0, kProblemType.size()), kProblemType)) return;
    auto parsed = tessera::http::parse_problem(tessera::as_text(response.response.body));
    if (parsed.ok()) response.problem = std::move(parsed).value();
  });
  return response.problem ? &*response.problem : nullptr;
}

/// Absent when empty.
tsr_str text_out(const std::string& text) { return text.empty() ? tsr_str{nullptr, 0} : borrowed(text); }

}  // namespace

tsr_http_response::tsr_http_response(tessera::http::Response got) : response(std::move(got)) {
  headers.reserve(response.headers.size());
  for (size_t i = 0; i < response.headers.size(); ++i) {
    const tessera::http::Field field = response.headers[i];
    headers.push_back({borrowed(field.name), borrowed(field.value)});
  }
  trace.reserve(response.trace.size());
  for (const auto& event : response.trace) {
    trace.push_back({event.at_us, borrowed(event.stage), borrowed(event.text)});
  }
}

int32_t tsr_http_response_status(const tsr_http_response* response) noexcept {
  return value_of(__func__, response, int32_t{0}, [](const auto& live) { return live.response.status; });
}

const uint8_t* tsr_http_response_body(const tsr_http_response* response, size_t* len_out) noexcept {
  clear(len_out);
  using Pointer = const uint8_t*;
  return value_of(__func__, response, Pointer{nullptr}, [&](const auto& live) {
    if (len_out != nullptr) *len_out = live.response.body.size();
    return live.response.body.empty() ? nullptr : live.response.body.data();
  });
}

tsr_str tsr_http_response_header(const tsr_http_response* response, tsr_str name) noexcept {
  return value_of(__func__, response, tsr_str{nullptr, 0}, [&](const auto& live) {
    if (name.data == nullptr) return tsr_str{nullptr, 0};
    const auto value = live.response.headers.get({name.data, name.len});
    return value ? borrowed(*value) : tsr_str{nullptr, 0};
  });
}

const tsr_pair* tsr_http_response_headers(const tsr_http_response* response, size_t* count_out) noexcept {
  clear(count_out);
  using Pointer = const tsr_pair*;
  return value_of(__func__, response, Pointer{nullptr},
                  [&](const auto& live) { return list_out(live.headers, count_out); });
}

tsr_str tsr_http_response_url(const tsr_http_response* response) noexcept {
  return value_of(__func__, response, tsr_str{nullptr, 0},
                  [](const auto& live) { return borrowed(live.response.url); });
}

int32_t tsr_http_response_version(const tsr_http_response* response) noexcept {
  return value_of(__func__, response, int32_t{0},
                  [](const auto& live) { return number_of(live.response.version); });
}

int32_t tsr_http_response_from_cache(const tsr_http_response* response) noexcept {
  return value_of(__func__, response, int32_t{0},
                  [](const auto& live) { return live.response.is_from_cache ? 1 : 0; });
}

int32_t tsr_http_response_attempts(const tsr_http_response* response) noexcept {
  return value_of(__func__, response, int32_t{0}, [](const auto& live) { return live.response.attempts; });
}

int64_t tsr_http_response_time_us(const tsr_http_response* response, int32_t what) noexcept {
  return value_of(__func__, response, int64_t{0},
                  [what](const auto& live) { return time_of(live.response.timings, what); });
}

const tsr_http_trace* tsr_http_response_trace(const tsr_http_response* response, size_t* count_out) noexcept {
  clear(count_out);
  using Pointer = const tsr_http_trace*;
  return value_of(__func__, response, Pointer{nullptr},
                  [&](const auto& live) { return list_out(live.trace, count_out); });
}

int32_t tsr_http_response_problem(const tsr_http_response* response, tsr_http_problem* out) noexcept {
  clear(out);
  return value_of(__func__, response, int32_t{0}, [out](const auto& live) {
    const tessera::http::Problem* const problem = problem_of(live);
    if (problem == nullptr) return 0;
    if (out != nullptr) {
      *out = {text_out(problem->type),
              text_out(problem->title),
              text_out(problem->detail),
              text_out(problem->instance),
              text_out(problem->extensions_json),
              problem->status.value_or(0),
              0};
    }
    return 1;
  });
}

void tsr_http_response_free(tsr_http_response* response) noexcept { guard_free(__func__, response); }
