// Bodies that are written while they are sent.
#include <string>
#include <utility>

#include "begun_operation.hpp"
#include "convert.hpp"
#include "guard.hpp"
#include "http_body.hpp"

using tessera::Result;
using tessera::Status;
using tessera::capi::argument_error;
using tessera::capi::Begun;
using tessera::capi::bytes_in;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::guard_free;
using tessera::capi::require_out;
using tessera::capi::require_usable;
using tessera::capi::start;

namespace {

Result<Begun<void>> writing(const tsr_http_upload* upload, const void* data, size_t len) {
  using Writing = Begun<void>;
  TSR_RETURN_IF_ERROR(require_usable(upload, "upload"));
  TSR_ASSIGN_OR_RETURN(const auto bytes, bytes_in(data, len, "data"));
  // It begins inside the call that has the bytes.
  return Writing{nullptr,
                 [source = upload->source, bytes](const Writing::Done& done) -> Result<Writing::Cancel> {
                   TSR_RETURN_IF_ERROR(source->write_async(tessera::as_bytes(bytes), done));
                   return Writing::Cancel();
                 }};
}

}  // namespace

tsr_status tsr_http_upload_new(int64_t size, tsr_http_upload** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    if (size < -1) return argument_error("size is negative; pass -1 when it is not known");
    *out = new tsr_http_upload(size);
    return {};
  });
}

tsr_status tsr_http_upload_write(tsr_http_upload* upload, const void* data, size_t len, uint32_t timeout_ms,
                                 size_t* taken_out, tsr_error** err) noexcept {
  clear(taken_out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_usable(upload, "upload"));
    TSR_ASSIGN_OR_RETURN(const auto bytes, bytes_in(data, len, "data"));
    TSR_ASSIGN_OR_RETURN(const size_t taken, upload->source->write(tessera::as_bytes(bytes), timeout_ms));
    if (taken_out != nullptr) *taken_out = taken;
    return {};
  });
}

tsr_status tsr_http_upload_write_async(tsr_http_upload* upload, const void* data, size_t len,
                                       tsr_done_fn done, void* user, void (*user_free)(void*), tsr_op** out,
                                       tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return writing(upload, data, len); });
}

tsr_status tsr_http_upload_finish(tsr_http_upload* upload, tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_usable(upload, "upload"));
    TSR_RETURN_IF_ERROR(upload->source->finish());
    upload->is_finished = true;
    return {};
  });
}

tsr_status tsr_http_upload_fail(tsr_http_upload* upload, tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_usable(upload, "upload"));
    upload->source->fail();
    return {};
  });
}

void tsr_http_upload_free(tsr_http_upload* upload) noexcept { guard_free(__func__, upload); }
