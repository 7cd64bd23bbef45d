#include "http_response.hpp"

#include <cstring>

namespace tessera::node {

namespace {

void add_line(std::string& facts, tsr_str text) { facts.append(text.data, text.len).push_back('\n'); }

void add_line(std::string& facts, int64_t number) { facts.append(std::to_string(number)).push_back('\n'); }

}  // namespace

void add_lines(std::string& lines, const tsr_pair* headers, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    add_line(lines, headers[i].name);
    add_line(lines, headers[i].value);
  }
}

namespace {

/// All that is seldom asked for in one text, a line each: neither an address nor a header field has more than
/// one, and their bytes are Latin-1 as those of fetch are. lib/http_response.ts has the same order.
Napi::Value facts_of(Napi::Env env, const tsr_http_response* response) {
  std::string facts;
  facts.reserve(1024);
  add_line(facts, tsr_http_response_url(response));
  add_line(facts, tsr_http_response_version(response));
  add_line(facts, tsr_http_response_from_cache(response));
  add_line(facts, tsr_http_response_attempts(response));
  for (int32_t what = TSR_HTTP_RESOLVED; what <= TSR_HTTP_ENDED; ++what)
    add_line(facts, tsr_http_response_time_us(response, what));
  size_t count = 0;
  const tsr_pair* const headers = tsr_http_response_headers(response, &count);
  add_lines(facts, headers, count);
  napi_value text = nullptr;
  if (napi_create_string_latin1(env, facts.data(), facts.size(), &text) != napi_ok)
    throw Napi::Error::New(env);
  return {env, text};
}

Napi::Value body_of(Napi::Env env, const tsr_http_response* response) {
  size_t size = 0;
  const uint8_t* const body = tsr_http_response_body(response, &size);
  if (size == 0) return env.Undefined();
  auto buffer = Napi::ArrayBuffer::New(env, size);
  std::memcpy(buffer.Data(), body, size);
  return buffer;
}

Napi::Value text_out(Napi::Env env, tsr_str text) {
  return text.data == nullptr ? env.Undefined() : Napi::String::New(env, text.data, text.len);
}

/// Time, stage and text of each, one after another.
Napi::Value trace_of(Napi::Env env, const tsr_http_trace* trace, size_t count) {
  auto all = Napi::Array::New(env);
  uint32_t at = 0;
  for (size_t i = 0; i < count; ++i) {
    all.Set(at++, Napi::Number::New(env, static_cast<double>(trace[i].at_us)));
    all.Set(at++, text_out(env, trace[i].stage));
    all.Set(at++, text_out(env, trace[i].text));
  }
  return all;
}

Napi::Value problem_out(Napi::Env env, const tsr_http_problem& problem) {
  auto object = Napi::Object::New(env);
  object.Set("type", text_out(env, problem.type));
  object.Set("title", text_out(env, problem.title));
  object.Set("status", Napi::Number::New(env, problem.status));
  object.Set("detail", text_out(env, problem.detail));
  object.Set("instance", text_out(env, problem.instance));
  object.Set("extensions", text_out(env, problem.extensions_json));
  return object;
}

}  // namespace

template <>
Napi::Value Out<tsr_http_response*>::take(Napi::Env env) {
  if (handle_ == nullptr) return env.Undefined();
  auto raw = Napi::Array::New(env, 3);
  raw.Set(0U, Napi::Number::New(env, tsr_http_response_status(handle_)));
  raw.Set(1U, facts_of(env, handle_));
  raw.Set(2U, body_of(env, handle_));
  size_t count = 0;
  const tsr_http_trace* const trace = tsr_http_response_trace(handle_, &count);
  if (count > 0) raw.Set(3U, trace_of(env, trace, count));
  tsr_http_problem problem;
  if (tsr_http_response_problem(handle_, &problem) != 0) raw.Set(4U, problem_out(env, problem));
  return raw;
}

}  // namespace tessera::node
