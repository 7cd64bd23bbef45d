// Included before anything of node-addon-api: what this addon may not do is an error when it compiles.
#pragma once

#define NAPI_VERSION 9
#define NODE_ADDON_API_CPP_EXCEPTIONS
// A finalizer runs inside the garbage collector, where JavaScript must not.
#define NODE_ADDON_API_REQUIRE_BASIC_FINALIZERS
#define NODE_ADDON_API_DISABLE_DEPRECATED
// In a worker that is being terminated nothing can be thrown any more.
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
// Memory of ours inside a JavaScript buffer is refused by Electron; buffers are copied.
#define NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED

#include <napi.h>
