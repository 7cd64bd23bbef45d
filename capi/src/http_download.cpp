// Responses as files.
#include "tessera/http_download.h"

#include <algorithm>
#include <string>
#include <utility>

#include "begun_operation.hpp"
#include "guard.hpp"
#include "http/download/download.hpp"
#include "http_handle.hpp"
#include "options.hpp"
#include "tessera/error.h"

namespace tessera::capi {
namespace {

constexpr size_t kFirst = offsetof(tsr_http_download_opts, user) + sizeof(void*);

/// A type of this namespace, so that hand_out() is found for it.
struct Downloaded {
  tsr_http_download_result result;
};

Downloaded downloaded(const http::DownloadResult& from) {
  return {{from.bytes, from.resumed_from, from.resumes, 0}};
}

Status hand_out(const Downloaded& made, tsr_http_download_result* out) {
  if (out != nullptr) *out = made.result;
  return {};
}

struct Ordered {
  HttpPtr core;
  http::Request request;
  http::DownloadConfig config;
  http::DownloadProgress progress;
};

http::DownloadProgress progress_in(tsr_progress_fn report, void* user) {
  if (report == nullptr) return {};
  return [report, user](int64_t done, int64_t total) {
    try {
      return report(user, done, std::max<int64_t>(total, 0)) == TSR_OK;
    } catch (...) {
      return false;
    }
  };
}

Result<http::DownloadConfig> config_in(const tsr_http_download_opts& from) {
  http::DownloadConfig config;
  if (from.flags != 0) return argument_error("opts.flags has an unknown bit");
  TSR_ASSIGN_OR_RETURN(config.path, path_in(from.path));
  TSR_ASSIGN_OR_RETURN(config.sha256, optional_text_in(from.sha256, "sha256"));
  if (from.size < 0 || from.max_bytes < 0) return argument_error("size or max_bytes is negative");
  if (from.size > 0) config.size = from.size;
  if (from.max_bytes > 0) config.max_bytes = from.max_bytes;
  return config;
}

Result<Ordered> order_in(tsr_http* http, const tsr_http_request* request,
                         const tsr_http_download_opts* opts) {
  Ordered order;
  TSR_ASSIGN_OR_RETURN(order.core, http_of(http));
  TSR_ASSIGN_OR_RETURN(const auto from, options_in(opts, kFirst, "opts", "tsr_http_download_opts_init"));
  TSR_ASSIGN_OR_RETURN(order.config, config_in(from));
  order.progress = progress_in(from.progress, from.user);
  TSR_ASSIGN_OR_RETURN(order.request, request_in(request));
  return order;
}

Result<Begun<Downloaded>> downloading(tsr_http* http, const tsr_http_request* request,
                                      const tsr_http_download_opts* opts) {
  using Downloading = Begun<Downloaded>;
  TSR_ASSIGN_OR_RETURN(Ordered order, order_in(http, request, opts));
  const HttpPtr core = order.core;
  return Downloading{
      core, [order = std::move(order)](const Downloading::Done& done) mutable -> Result<Downloading::Cancel> {
        const auto on_done = [done](const Result<http::DownloadResult>& made) {
          if (!made.ok()) return done(made.error());
          done(downloaded(*made));
        };
        TSR_ASSIGN_OR_RETURN(
            const auto handle,
            http::download_async(order.core->client(), std::move(order.request), std::move(order.config),
                                 std::move(order.progress), on_done));
        return Downloading::Cancel([handle] { handle->cancel(); });
      }};
}

Status download_now(tsr_http* http, const tsr_http_request* request, const tsr_http_download_opts* opts,
                    tsr_http_download_result* out) {
  TSR_ASSIGN_OR_RETURN(Ordered order, order_in(http, request, opts));
  TSR_ASSIGN_OR_RETURN(const auto made, http::download(order.core->client(), std::move(order.request),
                                                       std::move(order.config), std::move(order.progress)));
  return hand_out(downloaded(made), out);
}

}  // namespace
}  // namespace tessera::capi

using tessera::capi::clear;
using tessera::capi::Downloaded;
using tessera::capi::guard;
using tessera::capi::start;
using tessera::capi::take;

tsr_status tsr_http_download(tsr_http* http, const tsr_http_request* request,
                             const tsr_http_download_opts* opts, tsr_http_download_result* out,
                             tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&] { return tessera::capi::download_now(http, request, opts, out); });
}

tsr_status tsr_http_download_async(tsr_http* http, const tsr_http_request* request,
                                   const tsr_http_download_opts* opts, tsr_done_fn done, void* user,
                                   void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return tessera::capi::downloading(http, request, opts); });
}

tsr_status tsr_op_http_download(tsr_op* op, tsr_http_download_result* out, tsr_error** err) noexcept {
  return take<Downloaded>(__func__, op, err, out);
}
