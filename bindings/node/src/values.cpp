#include "values.hpp"

#include <cmath>

#include "convert.hpp"

namespace tessera::node {

namespace {

bool refuse(napi_env env, const char* text) {
  napi_throw_type_error(env, nullptr, text);
  return false;
}

/// Whether V8 may have had no room for all of a text: it keeps characters of up to four bytes whole.
bool may_be_cut(size_t written, size_t room) { return written + 4 >= room; }

std::vector<std::string> own_names(Napi::Object object) {
  napi_value keys = nullptr;
  const napi_status made =
      napi_get_all_property_names(object.Env(), object, napi_key_own_only,
                                  static_cast<napi_key_filter>(napi_key_enumerable | napi_key_skip_symbols),
                                  napi_key_numbers_to_strings, &keys);
  if (made != napi_ok) throw Napi::Error::New(object.Env());
  std::vector<std::string> names;
  const Napi::Array array(object.Env(), keys);
  for (uint32_t i = 0; i < array.Length(); ++i) names.push_back(array.Get(i).As<Napi::String>());
  return names;
}

}  // namespace

bool Values::add(napi_env env, napi_value value) {
  tsr_value& out = values_[size_];
  out = {};
  napi_valuetype type = napi_undefined;
  napi_typeof(env, value, &type);
  switch (type) {
    case napi_number:
      if (!add_number(env, value, out)) return false;
      break;
    case napi_string:
      if (!add_text(env, value, out)) return false;
      break;
    case napi_null:
      break;
    case napi_boolean: {
      bool flag = false;
      napi_get_value_bool(env, value, &flag);
      out.type = TSR_VALUE_BOOL;
      out.integer = flag ? 1 : 0;
      break;
    }
    case napi_bigint: {
      bool is_exact = false;
      napi_get_value_bigint_int64(env, value, &out.integer, &is_exact);
      if (!is_exact) {
        napi_throw_range_error(env, nullptr, "a bigint needs more than the 64 bits of an INTEGER");
        return false;
      }
      out.type = TSR_VALUE_INTEGER;
      break;
    }
    case napi_object:
      if (!add_bytes(env, value, out)) return false;
      break;
    default:
      return refuse(env,
                    "a value is undefined, a function or a symbol; the store holds null, numbers, bigints, "
                    "booleans, strings and Uint8Arrays");
  }
  ++size_;
  return true;
}

bool Values::add_number(napi_env env, napi_value value, tsr_value& out) {
  double number = 0;
  napi_get_value_double(env, value, &number);
  if (std::abs(number) <= static_cast<double>(kMaxExact)) {
    const auto whole = static_cast<int64_t>(number);
    if (static_cast<double>(whole) == number && (whole != 0 || !std::signbit(number))) {
      out.type = TSR_VALUE_INTEGER;
      out.integer = whole;
      return true;
    }
  }
  if (std::isnan(number)) {
    napi_throw_range_error(env, nullptr, "NaN is no value of the store; give null");
    return false;
  }
  out.type = TSR_VALUE_REAL;
  out.real = number;
  return true;
}

bool Values::add_text(napi_env env, napi_value value, tsr_value& out) {
  char* text = text_ + used_text_;
  const size_t room = kTextBytes - used_text_;
  size_t size = 0;
  if (room > 8) napi_get_value_string_utf8(env, value, text, room, &size);
  if (room > 8 && !may_be_cut(size, room)) {
    used_text_ += size;
  } else {
    napi_get_value_string_utf8(env, value, nullptr, 0, &size);
    long_texts_.push_back(std::make_unique_for_overwrite<char[]>(size + 1));
    text = long_texts_.back().get();
    napi_get_value_string_utf8(env, value, text, size + 1, &size);
  }
  out.type = TSR_VALUE_TEXT;
  out.data = text;
  out.len = size;
  return true;
}

bool Values::add_bytes(napi_env env, napi_value value, tsr_value& out) {
  bool is_array = false;
  napi_is_typedarray(env, value, &is_array);
  napi_typedarray_type type = napi_int8_array;
  void* data = nullptr;
  if (is_array) napi_get_typedarray_info(env, value, &type, &out.len, &data, nullptr, nullptr);
  if (type != napi_uint8_array)
    return refuse(env,
                  "an object is no value of SQL; give null, a number, a bigint, a boolean, a string or a "
                  "Uint8Array");
  out.type = TSR_VALUE_BLOB;
  out.data = data != nullptr ? data : "";
  return true;
}

Parameters::Given Parameters::read(Napi::Value given) {
  Given read;
  if (given.IsUndefined()) return read;
  if (given.IsArray()) {
    const auto array = given.As<Napi::Array>();
    for (uint32_t i = 0; i < array.Length(); ++i) read.values.push_back(array.Get(i));
    return read;
  }
  if (!given.IsObject() || given.IsTypedArray() || given.IsFunction())
    throw Napi::TypeError::New(given.Env(), "parameters are an array, or an object that has them by name");
  const auto object = given.As<Napi::Object>();
  for (const auto& name : own_names(object)) {
    read.names.push_back(name);
    read.values.push_back(object.Get(name));
  }
  return read;
}

Parameters::Parameters(Napi::Env env, Given given)
    : values_(given.values.size()), texts_(std::move(given.names)) {
  for (const Napi::Value& value : given.values)
    if (!values_.add(env, value)) throw Napi::Error::New(env);
  for (const auto& text : texts_) names_.push_back({text.data(), text.size()});
}

}  // namespace tessera::node
