// Responses that are read in steps.
#include "tessera/http_stream.h"

#include <memory>
#include <string>
#include <utility>

#include "begun_operation.hpp"
#include "guard.hpp"
#include "http/stream/body_stream.hpp"
#include "http_handle.hpp"

using tessera::Bytes;
using tessera::Result;
using tessera::Status;
using tessera::capi::Begun;
using tessera::capi::bytes_out;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::guard_free_kept;
using tessera::capi::http_of;
using tessera::capi::HttpPtr;
using tessera::capi::request_in;
using tessera::capi::require_out;
using tessera::capi::require_usable;
using tessera::capi::start;
using tessera::capi::take;
using tessera::http::BodyStream;

struct tsr_http_stream : tessera::capi::KeptHandle<tsr_http_stream, tessera::capi::Tag::kHttpStream> {
  tsr_http_stream(HttpPtr of, BodyStream opened)
      : core(std::move(of)), stream(std::make_unique<BodyStream>(std::move(opened))) {}
  ~tsr_http_stream() {
    if (fork.in_child()) static_cast<void>(stream.release());  // its locks may be held for ever
  }

  // In the order of their use: the stream ends before its client.
  const HttpPtr core;
  std::unique_ptr<BodyStream> stream;
};

namespace {

using HttpStreamPtr = std::shared_ptr<tsr_http_stream>;

Result<HttpStreamPtr> stream_of(const tsr_http_stream* stream) {
  TSR_RETURN_IF_ERROR(require_usable(stream, "stream"));
  return stream->self;
}

Result<Begun<HttpStreamPtr>> opening(tsr_http* http, const tsr_http_request* request) {
  using Opening = Begun<HttpStreamPtr>;
  TSR_ASSIGN_OR_RETURN(const HttpPtr core, http_of(http));
  TSR_ASSIGN_OR_RETURN(auto copy, request_in(request));
  return Opening{
      core, [core, copy = std::move(copy)](const Opening::Done& done) mutable -> Result<Opening::Cancel> {
        const auto on_open = [core, done](Result<BodyStream> opened) {
          if (!opened.ok()) return done(std::move(opened).error());
          done(std::make_shared<tsr_http_stream>(core, std::move(opened).value()));
        };
        TSR_ASSIGN_OR_RETURN(const auto call,
                             BodyStream::open_async(core->client(), std::move(copy), on_open));
        return Opening::Cancel([call] { call->cancel(); });
      }};
}

Result<Begun<std::string>> reading(tsr_http_stream* stream, size_t max) {
  using Reading = Begun<std::string>;
  TSR_ASSIGN_OR_RETURN(const HttpStreamPtr kept, stream_of(stream));
  return Reading{kept, [kept, max](const Reading::Done& done) -> Result<Reading::Cancel> {
                   TSR_RETURN_IF_ERROR(kept->stream->read_async(max, [done](Result<Bytes> bytes) {
                     if (!bytes.ok()) return done(std::move(bytes).error());
                     done(std::string(tessera::as_text(*bytes)));
                   }));
                   return Reading::Cancel();
                 }};
}

}  // namespace

tsr_status tsr_http_stream_open(tsr_http* http, const tsr_http_request* request, tsr_http_stream** out,
                                tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const HttpPtr core, http_of(http));
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(auto copy, request_in(request));
    TSR_ASSIGN_OR_RETURN(auto opened, BodyStream::open(core->client(), std::move(copy)));
    auto made = std::make_shared<tsr_http_stream>(core, std::move(opened));
    return tessera::capi::hand_out(made, out);
  });
}

tsr_status tsr_http_stream_open_async(tsr_http* http, const tsr_http_request* request, tsr_done_fn done,
                                      void* user, void (*user_free)(void*), tsr_op** out,
                                      tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return opening(http, request); });
}

tsr_status tsr_op_http_stream(tsr_op* op, tsr_http_stream** out, tsr_error** err) noexcept {
  return take<HttpStreamPtr>(__func__, op, err, out);
}

tsr_status tsr_http_stream_head(tsr_http_stream* stream, tsr_http_response** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const HttpStreamPtr kept, stream_of(stream));
    TSR_RETURN_IF_ERROR(require_out(out));
    *out = new tsr_http_response(kept->stream->head());
    return {};
  });
}

tsr_status tsr_http_stream_read(tsr_http_stream* stream, size_t max, uint32_t timeout_ms, tsr_buf* out,
                                tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const HttpStreamPtr kept, stream_of(stream));
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const Bytes bytes, kept->stream->read(max, timeout_ms));
    return bytes_out(tessera::as_text(bytes), out);
  });
}

tsr_status tsr_http_stream_read_async(tsr_http_stream* stream, size_t max, tsr_done_fn done, void* user,
                                      void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return reading(stream, max); });
}

tsr_status tsr_http_stream_close(tsr_http_stream* stream, tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const HttpStreamPtr kept, stream_of(stream));
    kept->stream->close();
    return {};
  });
}

void tsr_http_stream_free(tsr_http_stream* stream) noexcept { guard_free_kept(__func__, stream); }
