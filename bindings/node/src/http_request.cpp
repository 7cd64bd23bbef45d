#include "http_request.hpp"

namespace tessera::node {

namespace {

/// Members of kOptions by position; lib/http_request.ts has the same order.
enum Option : uint32_t {
  kFlags,
  kCache,
  kTotalMs,
  kAttemptMs,
  kMaxBodyBytes,
  kMaxAgeS,
  kMaxAttempts,
  kMaxRedirects,
  kIdempotencyKey,
  kPartition,
  kUpload,
  kForm
};

bool is_undefined(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  napi_typeof(env, value, &type);
  return type == napi_undefined;
}

uint32_t length_of(napi_env env, napi_value array) {
  uint32_t length = 0;
  if (!is_undefined(env, array) && napi_get_array_length(env, array, &length) != napi_ok)
    throw Napi::TypeError::New(env, "expected an array");
  return length;
}

}  // namespace

HttpRequestIn::HttpRequestIn(napi_env env, const napi_value* given)
    : env_(env),
      header_count_(length_of(env, given[kHeaders]) / 2),
      query_count_(length_of(env, given[kQuery]) / 2),
      values_(kOwnValues + 2 * (header_count_ + query_count_)) {
  tsr_http_request_init(&request_, sizeof request_);
  request_.method = text_in(given[kMethod]);
  request_.url = text_in(given[kUrl]);
  if (!is_undefined(env, given[kOptions])) read_options(Napi::Array(env, given[kOptions]));
  pairs_.reserve(header_count_ + query_count_);
  request_.headers = pairs_in(given[kHeaders], header_count_);
  request_.header_count = header_count_;
  request_.query = pairs_in(given[kQuery], query_count_);
  request_.query_count = query_count_;
  if (is_undefined(env, given[kBody])) return;
  const tsr_value& body = value_in(given[kBody]);
  if (body.type != TSR_VALUE_TEXT && body.type != TSR_VALUE_BLOB)
    refuse("a body is a string or a Uint8Array");
  request_.body = body.data;
  request_.body_len = body.len;
}

void HttpRequestIn::refuse(const char* text) const { throw Napi::TypeError::New(env_, text); }

const tsr_value& HttpRequestIn::value_in(napi_value value) {
  if (!values_.add(env_, value)) throw Napi::Error::New(env_);
  return values_.data()[values_.size() - 1];
}

tsr_str HttpRequestIn::text_in(napi_value value) {
  const tsr_value& text = value_in(value);
  if (text.type != TSR_VALUE_TEXT) refuse("expected a string");
  return {static_cast<const char*>(text.data), text.len};
}

tsr_str HttpRequestIn::optional_text_in(Napi::Value value) {
  return value.IsUndefined() ? tsr_str{nullptr, 0} : text_in(value);
}

const tsr_pair* HttpRequestIn::pairs_in(napi_value array, size_t count) {
  const size_t first = pairs_.size();
  for (uint32_t i = 0; i < count; ++i) {
    const tsr_str name = text_at(array, 2 * i);
    pairs_.push_back({name, text_at(array, 2 * i + 1)});
  }
  return pairs_.data() + first;
}

tsr_str HttpRequestIn::text_at(napi_value array, uint32_t at) {
  napi_value value = nullptr;
  if (napi_get_element(env_, array, at, &value) != napi_ok) throw Napi::Error::New(env_);
  return text_in(value);
}

void HttpRequestIn::read_options(const Napi::Array& options) {
  const auto number = [&options]<class T>(Option at, T* out) { *out = In<T>(options.Get(at)).get(); };
  number(kFlags, &request_.flags);
  number(kCache, &request_.cache);
  number(kTotalMs, &request_.total_ms);
  number(kAttemptMs, &request_.attempt_ms);
  number(kMaxBodyBytes, &request_.max_body_bytes);
  number(kMaxAgeS, &request_.max_age_s);
  number(kMaxAttempts, &request_.max_attempts);
  number(kMaxRedirects, &request_.max_redirects);
  request_.idempotency_key = optional_text_in(options.Get(kIdempotencyKey));
  request_.cache_partition = optional_text_in(options.Get(kPartition));
  const Napi::Value upload = options.Get(kUpload);
  if (!upload.IsUndefined()) request_.upload = In<const tsr_http_upload*>(upload).get();
  const Napi::Value form = options.Get(kForm);
  if (!form.IsUndefined()) request_.form = In<const tsr_http_form*>(form).get();
}

In<const tsr_http_request*>::Members::Members(Napi::Value value) {
  if (!value.IsArray()) throw Napi::TypeError::New(value.Env(), "a request is an array");
  const auto array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < kHttpGivenCount; ++i) values[i] = array.Get(i);
}

}  // namespace tessera::node
