// What a call into an addon costs at least: a function that returns an object made before.
#include <node_api.h>

namespace {

napi_ref prebuilt;  // of the one environment that the benchmark has

napi_value get(napi_env env, napi_callback_info) {
  napi_value object = nullptr;
  napi_get_reference_value(env, prebuilt, &object);
  return object;
}

napi_value init(napi_env env, napi_value) {
  napi_value object = nullptr;
  napi_value usable = nullptr;
  napi_value function = nullptr;
  napi_create_object(env, &object);
  napi_get_boolean(env, true, &usable);
  napi_set_named_property(env, object, "usable", usable);
  napi_create_reference(env, object, 1, &prebuilt);
  napi_create_function(env, "get", NAPI_AUTO_LENGTH, get, nullptr, &function);
  return function;
}

}  // namespace

NAPI_MODULE(bare, init)
