// Each area adds its functions to the object that JavaScript sees as the raw library.
#pragma once

#include "setup.hpp"

namespace tessera::node {

template <Napi::Value (*kFunction)(const Napi::CallbackInfo&)>
void define(Napi::Env env, Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New<kFunction>(env, name));
}

void define_library(Napi::Env env, Napi::Object exports);
void define_license(Napi::Env env, Napi::Object exports);
void define_verdict(Napi::Env env, Napi::Object exports);
void define_hwid(Napi::Env env, Napi::Object exports);
void define_issuer(Napi::Env env, Napi::Object exports);
void define_rows(Napi::Env env, Napi::Object exports);
void define_statement(Napi::Env env, Napi::Object exports);
void define_store(Napi::Env env, Napi::Object exports);
void define_tx(Napi::Env env, Napi::Object exports);
void define_store_keys(Napi::Env env, Napi::Object exports);
void define_store_care(Napi::Env env, Napi::Object exports);
void define_cache(Napi::Env env, Napi::Object exports);
void define_outbox(Napi::Env env, Napi::Object exports);
void define_sealed(Napi::Env env, Napi::Object exports);

}  // namespace tessera::node
