// Handles of the library as tagged externals: JavaScript can hold one and pass it back, and nothing else.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "setup.hpp"
#include "tessera/tessera.h"

namespace tessera::node {

/// Tells the handles' externals apart from each other and from those of other addons.
template <class T>
struct HandleType;

#define TESSERA_NODE_HANDLE(name, number)                                                            \
  template <>                                                                                        \
  struct HandleType<tsr_##name> {                                                                    \
    static constexpr const char* kNoun = #name;                                                      \
    static constexpr napi_type_tag kTag = {0x7f3c1d0a5b8e4926ULL, 0x9a41c7e2d05f8300ULL + (number)}; \
    static void free(tsr_##name* handle) { tsr_##name##_free(handle); }                              \
  };
TESSERA_NODE_HANDLE(app, 1)
TESSERA_NODE_HANDLE(license, 2)
TESSERA_NODE_HANDLE(verdict, 3)
TESSERA_NODE_HANDLE(hwid, 4)
TESSERA_NODE_HANDLE(key, 5)
TESSERA_NODE_HANDLE(issuer, 6)
TESSERA_NODE_HANDLE(store, 7)
TESSERA_NODE_HANDLE(rows, 8)
TESSERA_NODE_HANDLE(rowset, 9)
TESSERA_NODE_HANDLE(tx, 10)
TESSERA_NODE_HANDLE(sealed_writer, 11)
TESSERA_NODE_HANDLE(sealed_reader, 12)
TESSERA_NODE_HANDLE(sealed_log, 13)
#undef TESSERA_NODE_HANDLE

template <class T>
struct FreeHandle {
  void operator()(T* handle) const { HandleType<T>::free(handle); }
};

/// What an external points to. Empty once JavaScript has released the handle; the library then says so.
template <class T>
using Box = std::unique_ptr<T, FreeHandle<T>>;

template <class T>
Napi::Value wrap(Napi::Env env, T* handle) {
  auto box = std::make_unique<Box<T>>(handle);
  auto external =
      Napi::External<Box<T>>::New(env, box.get(), [](Napi::BasicEnv, Box<T>* owned) { delete owned; });
  static_cast<void>(box.release());
  external.TypeTag(&HandleType<T>::kTag);
  return external;
}

template <class T>
Box<T>& unwrap(Napi::Value value) {
  if (value.IsExternal()) {
    const auto external = value.As<Napi::External<Box<T>>>();
    if (external.CheckTypeTag(&HandleType<T>::kTag)) return *external.Data();
  }
  throw Napi::TypeError::New(value.Env(), std::string("not a ") + HandleType<T>::kNoun + " of Tessera");
}

}  // namespace tessera::node
