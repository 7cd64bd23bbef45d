// A request as JavaScript gives it.
#pragma once

#include <vector>

#include "convert.hpp"

namespace tessera::node {

/// Members of a request by position; lib/http_request.ts has the same order.
enum HttpGiven : size_t { kMethod, kUrl, kBody, kHeaders, kQuery, kOptions, kHttpGivenCount };

/// A request, whose texts live as long as this, and whose upload and form as long as the values.
class HttpRequestIn {
 public:
  HttpRequestIn(napi_env env, const napi_value* given);
  HttpRequestIn(const HttpRequestIn&) = delete;
  HttpRequestIn& operator=(const HttpRequestIn&) = delete;

  const tsr_http_request* get() const { return &request_; }

 private:
  /// Method, URL, body, key and partition.
  static constexpr size_t kOwnValues = 5;

  [[noreturn]] void refuse(const char* text) const;
  const tsr_value& value_in(napi_value value);
  tsr_str text_in(napi_value value);
  tsr_str optional_text_in(Napi::Value value);
  const tsr_pair* pairs_in(napi_value array, size_t count);
  tsr_str text_at(napi_value array, uint32_t at);
  void read_options(const Napi::Array& options);

  const napi_env env_;
  const size_t header_count_;
  const size_t query_count_;
  Values values_;
  std::vector<tsr_pair> pairs_;
  tsr_http_request request_;
};

/// The same as an array.
template <>
class In<const tsr_http_request*> {
 public:
  explicit In(Napi::Value value) : members_(value), request_(value.Env(), members_.values) {}
  const tsr_http_request* get() const { return request_.get(); }

 private:
  struct Members {
    explicit Members(Napi::Value value);
    napi_value values[kHttpGivenCount];
  };
  Members members_;
  HttpRequestIn request_;
};

}  // namespace tessera::node
