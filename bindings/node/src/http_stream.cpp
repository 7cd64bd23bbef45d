// Bodies that do not fit in memory: responses in steps, uploads, forms.
#include "call.hpp"
#include "define.hpp"
#include "http_request.hpp"
#include "http_response.hpp"
#include "work.hpp"

namespace tessera::node {

namespace {

constexpr auto kRead = [](tsr_http_stream* stream, uint32_t most, const Start& to) noexcept -> tsr_status {
  return to(&tsr_http_stream_read_async, stream, size_t{most});
};

constexpr auto kTakeBytes = [](tsr_op* op, BytesBuf* out, tsr_error** error) noexcept -> tsr_status {
  return tsr_op_buf(op, &out->buf, error);
};

constexpr auto kClose = [](tsr_http_stream* stream, Nothing*, tsr_error** error) noexcept -> tsr_status {
  return tsr_http_stream_close(stream, error);
};

constexpr auto kWrite = [](tsr_http_upload* upload, Bytes data, const Start& to) noexcept -> tsr_status {
  return to(&tsr_http_upload_write_async, upload, data.data, data.len);
};

constexpr auto kFinish = [](tsr_http_upload* upload, Nothing*, tsr_error** error) noexcept -> tsr_status {
  return tsr_http_upload_finish(upload, error);
};

constexpr auto kFail = [](tsr_http_upload* upload, Nothing*, tsr_error** error) noexcept -> tsr_status {
  return tsr_http_upload_fail(upload, error);
};

constexpr auto kAddField = [](tsr_http_form* form, tsr_str name, tsr_str value, Nothing*,
                              tsr_error** error) noexcept -> tsr_status {
  return tsr_http_form_add_field(form, name, value, error);
};

constexpr auto kAddBytes = [](tsr_http_form* form, tsr_str name, Bytes data, tsr_str file_name,
                              tsr_str content_type, Nothing*, tsr_error** error) noexcept -> tsr_status {
  return tsr_http_form_add_bytes(form, name, data.data, data.len, file_name, content_type, error);
};

constexpr auto kAddFile = [](tsr_http_form* form, tsr_str name, tsr_str path, tsr_str file_name,
                             tsr_str content_type, Nothing*, tsr_error** error) noexcept -> tsr_status {
  return tsr_http_form_add_file(form, name, path, file_name, content_type, error);
};

}  // namespace

void define_http_stream(Napi::Env env, Napi::Object exports) {
  define<&start<&tsr_http_stream_open_async, &tsr_op_http_stream>>(env, exports, "httpStreamOpen");
  define<&call<&tsr_http_stream_head>>(env, exports, "httpStreamHead");
  define<&start<kRead, kTakeBytes>>(env, exports, "httpStreamRead");
  define<&call<kClose>>(env, exports, "httpStreamClose");
  define<&call<&tsr_http_upload_new>>(env, exports, "httpUploadNew");
  define<&start<kWrite, kTakeNothing>>(env, exports, "httpUploadWrite");
  define<&call<kFinish>>(env, exports, "httpUploadFinish");
  define<&call<kFail>>(env, exports, "httpUploadFail");
  define<&call<&tsr_http_form_new>>(env, exports, "httpFormNew");
  define<&call<kAddField>>(env, exports, "httpFormAddField");
  define<&call<kAddBytes>>(env, exports, "httpFormAddBytes");
  define<&work<kAddFile>>(env, exports, "httpFormAddFile");
}

}  // namespace tessera::node
