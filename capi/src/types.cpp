#include "tessera/types.h"

#include <cstdlib>

#include "crypto/crypto.hpp"
#include "guard.hpp"
#include "handle.hpp"

using tessera::capi::guard_value;
using tessera::capi::guard_void;
using tessera::capi::live_objects;

void tsr_buf_free(tsr_buf* buf) noexcept {
  guard_void(__func__, [&] {
    if (buf == nullptr) return;
    if (buf->data != nullptr) {
      tessera::wipe(buf->data, buf->len);
      std::free(buf->data);
    }
    *buf = {};
  });
}

uint64_t tsr_live_objects() noexcept {
  return guard_value(__func__, uint64_t{0}, [] { return live_objects.load(std::memory_order_relaxed); });
}
