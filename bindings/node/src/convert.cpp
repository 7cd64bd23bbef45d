#include "convert.hpp"

#include <cmath>

#include "addon.hpp"

namespace tessera::node {

namespace {

constexpr int64_t kMaxExact = (int64_t{1} << 53) - 1;

std::string text_of(Napi::Value value) {
  if (!value.IsString()) throw Napi::TypeError::New(value.Env(), "expected a string");
  return value.As<Napi::String>().Utf8Value();
}

}  // namespace

void check(Napi::Env env, tsr_status status, tsr_error* error) {
  if (status == TSR_OK) return;
  const std::unique_ptr<tsr_error, decltype(&tsr_error_free)> owned(error, &tsr_error_free);
  throw Napi::Error(env, Addon::of(env).make_error(error, status));
}

int64_t integer_in(Napi::Value value, int64_t low, int64_t high) {
  bool is_exact = false;
  int64_t number = 0;
  if (value.IsBigInt()) {
    number = value.As<Napi::BigInt>().Int64Value(&is_exact);
  } else if (value.IsNumber()) {
    const double given = value.As<Napi::Number>().DoubleValue();
    is_exact = std::trunc(given) == given && std::abs(given) <= static_cast<double>(kMaxExact);
    if (is_exact) number = static_cast<int64_t>(given);
  } else {
    throw Napi::TypeError::New(value.Env(), "expected a number or a bigint");
  }
  if (is_exact && number >= low && number <= high) return number;
  throw Napi::RangeError::New(value.Env(), value.ToString().Utf8Value() + " is not a whole number from " +
                                               std::to_string(low) + " to " + std::to_string(high) +
                                               "; give a bigint beyond 2^53");
}

Napi::Value time_out(Napi::Env env, int64_t epoch_ms) {
  if (epoch_ms == 0) return env.Undefined();
  return Napi::Number::New(env, static_cast<double>(epoch_ms));
}

Napi::Value text_out(Napi::Env env, const char* text) { return Napi::String::New(env, text); }

In<tsr_str>::In(Napi::Value value)
    : is_absent_(value.IsUndefined()), text_(is_absent_ ? std::string() : text_of(value)) {}

In<Bytes>::In(Napi::Value value) : is_text_(value.IsString()) {
  if (is_text_) {
    text_ = text_of(value);
  } else if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array) {
    const auto array = value.As<Napi::Uint8Array>();
    view_ = {array.Data(), array.ByteLength()};
  } else {
    throw Napi::TypeError::New(value.Env(), "expected a string or a Uint8Array");
  }
}

Napi::Value Out<Meter>::take(Napi::Env env) {
  auto reading = Napi::Object::New(env);
  reading.Set("used", Napi::BigInt::New(env, meter_.used));
  reading.Set("limit", Napi::BigInt::New(env, meter_.limit));
  return reading;
}

}  // namespace tessera::node
