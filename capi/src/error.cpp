#include "tessera/error.h"

#include <new>
#include <string>
#include <utility>

#include "guard.hpp"
#include "handle.hpp"

using tessera::capi::guard_value;
using tessera::capi::guard_void;
using tessera::capi::is_live;
using tessera::capi::live_objects;
using tessera::capi::Tag;
using tessera::capi::TypeTag;

static_assert(TSR_OK == static_cast<tsr_status>(tessera::ErrorCode::kOk));
#define TSR_ERROR(name, value, retryable, python_base, text) \
  static_assert(TSR_E_##name == (value), "error.h and errors.def disagree on " #name);
#include "base/errors.def"
#undef TSR_ERROR

/// Plain pointers, so that the one for exhausted memory needs neither constructor nor destructor.
struct tsr_error {
  static constexpr Tag kType = Tag::kError;
  TypeTag tag{kType};
  tsr_status code = TSR_E_NO_MEMORY;
  const char* domain = "base";
  const char* text = "memory is exhausted; free some and try again";
  const char* detail = "{}";
};

namespace {

struct OwnedError : tsr_error {
  explicit OwnedError(tessera::Error content) : error(std::move(content)) {
    code = static_cast<tsr_status>(error.code);
    domain = error.domain.c_str();
    text = error.text.c_str();
    if (!error.detail_json.empty()) detail = error.detail_json.c_str();
  }
  tessera::Error error;
};

constinit tsr_error no_memory;

tsr_status report_no_memory(tsr_error** err) noexcept {
  if (err != nullptr) {
    live_objects.fetch_add(1, std::memory_order_relaxed);
    *err = &no_memory;
  }
  return TSR_E_NO_MEMORY;
}

}  // namespace

namespace tessera::capi {

tsr_status report(Error failure, tsr_error** err) noexcept {
  const auto status = static_cast<tsr_status>(failure.code);
  if (err == nullptr || failure.text.empty()) return status;  // no text: an outcome, see absent()
  try {
    *err = new OwnedError(std::move(failure));
  } catch (const std::bad_alloc&) {
    return report_no_memory(err);
  }
  live_objects.fetch_add(1, std::memory_order_relaxed);
  return status;
}

tsr_status report_exception(const char* function, tsr_error** err) noexcept {
  try {
    try {
      throw;
    } catch (const std::bad_alloc&) {
      return report_no_memory(err);
    } catch (...) {
      // Not what(): it may quote input, and input may be secret.
      return report({ErrorCode::kINTERNAL,
                     "abi",
                     std::string("a defect in Tessera stopped ") + function + "; please report it",
                     {}},
                    err);
    }
  } catch (const std::bad_alloc&) {
    return report_no_memory(err);
  }
}

}  // namespace tessera::capi

tsr_status tsr_error_code(const tsr_error* err) noexcept {
  return guard_value(__func__, tsr_status{TSR_OK}, [&] { return is_live(err) ? err->code : TSR_OK; });
}

const char* tsr_error_text(const tsr_error* err) noexcept {
  return guard_value(__func__, "", [&] { return is_live(err) ? err->text : ""; });
}

const char* tsr_error_domain(const tsr_error* err) noexcept {
  return guard_value(__func__, "", [&] { return is_live(err) ? err->domain : ""; });
}

int32_t tsr_error_retryable(const tsr_error* err) noexcept {
  return guard_value(__func__, int32_t{0}, [&] {
    return is_live(err) && tessera::error_retryable(static_cast<tessera::ErrorCode>(err->code)) ? 1 : 0;
  });
}

const char* tsr_error_detail(const tsr_error* err) noexcept {
  return guard_value(__func__, "{}", [&] { return is_live(err) ? err->detail : "{}"; });
}

void tsr_error_free(tsr_error* err) noexcept {
  guard_void(__func__, [&] {
    if (!is_live(err)) return;
    live_objects.fetch_sub(1, std::memory_order_relaxed);
    if (err == &no_memory) return;
    err->tag.clear();
    delete static_cast<OwnedError*>(err);
  });
}

const char* tsr_status_name(tsr_status status) noexcept {
  // error_name() gives literals, which end with a NUL.
  return guard_value(__func__, "unknown",
                     [&] { return tessera::error_name(static_cast<tessera::ErrorCode>(status)).data(); });
}
