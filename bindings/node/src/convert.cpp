#include "convert.hpp"

#include <cmath>
#include <cstring>

#include "addon.hpp"

namespace tessera::node {

namespace {

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

Napi::Value bytes_out(Napi::Env env, const uint8_t* data, size_t size) {
  auto array = Napi::Uint8Array::New(env, size);
  if (size > 0) std::memcpy(array.Data(), data, size);
  return array;
}

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

SecretText::SecretText(Napi::Value value) {
  if (value.IsUndefined()) return;
  if (!value.IsString()) throw Napi::TypeError::New(value.Env(), "expected a string");
  napi_get_value_string_utf8(value.Env(), value, nullptr, 0, &size_);
  text_ = std::make_unique<char[]>(size_ + 1);
  napi_get_value_string_utf8(value.Env(), value, text_.get(), size_ + 1, &size_);
}

SecretText::~SecretText() {
  for (volatile char* byte = text_.get(); byte < text_.get() + size_; ++byte) *byte = 0;
}

In<SecretBytes>::In(Napi::Value value) : text_(value.IsString() ? value : value.Env().Undefined()) {
  if (value.IsString()) {
    view_ = {text_.data(), text_.size()};
  } else if (!value.IsUndefined()) {
    view_ = In<Bytes>(value).get();
    if (view_.data == nullptr) view_.data = "";  // empty is not absent
  }
}

namespace {

Napi::Value member_of(Napi::Value object, const char* name) {
  if (object.IsUndefined()) return object;
  if (!object.IsObject()) throw Napi::TypeError::New(object.Env(), "secrets are an object");
  return object.As<Napi::Object>().Get(name);
}

}  // namespace

In<const tsr_store_secrets*>::In(Napi::Value value)
    : passphrase_(member_of(value, "passphrase")),
      app_key_(member_of(value, "appKey")),
      recovery_key_(member_of(value, "recoveryKey")) {
  tsr_store_secrets_init(&secrets_, sizeof secrets_);
  secrets_.passphrase = passphrase_.get().data;
  secrets_.passphrase_len = passphrase_.get().len;
  secrets_.app_key = app_key_.get().data;
  secrets_.app_key_len = app_key_.get().len;
  secrets_.recovery_key = {recovery_key_.data(), recovery_key_.size()};
}

In<const tsr_value*>::In(Napi::Value value) : values_(1) {
  if (!values_.add(value.Env(), value)) throw Napi::Error::New(value.Env());
}

Napi::Value Out<Changes>::take(Napi::Env env) {
  auto changes = Napi::Object::New(env);
  changes.Set("changes", Napi::Number::New(env, static_cast<double>(changes_.count)));
  changes.Set("rowId", Napi::BigInt::New(env, changes_.row_id));
  return changes;
}

Napi::Value Out<Meter>::take(Napi::Env env) {
  auto reading = Napi::Object::New(env);
  reading.Set("used", Napi::BigInt::New(env, meter_.used));
  reading.Set("limit", Napi::BigInt::New(env, meter_.limit));
  return reading;
}

}  // namespace tessera::node
