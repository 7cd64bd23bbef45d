// Responses as files.
#include "call.hpp"
#include "define.hpp"
#include "http_request.hpp"

namespace tessera::node {

/// {bytes, resumedFrom, resumes}
template <>
class Out<tsr_http_download_result> {
 public:
  tsr_http_download_result* slot() { return &result_; }
  Napi::Value take(Napi::Env env) const {
    auto object = Napi::Object::New(env);
    object.Set("bytes", Napi::Number::New(env, static_cast<double>(result_.bytes)));
    object.Set("resumedFrom", Napi::Number::New(env, static_cast<double>(result_.resumed_from)));
    object.Set("resumes", Napi::Number::New(env, result_.resumes));
    return object;
  }

 private:
  tsr_http_download_result result_{};
};

namespace {

/// (http, request, path, sha256, size, maxBytes, listener) => promise
Napi::Value download(const Napi::CallbackInfo& info) {
  const In<tsr_http*> http(info[0]);
  const In<const tsr_http_request*> request(info[1]);
  const In<tsr_str> path(info[2]);
  const In<tsr_str> sha256(info[3]);
  tsr_http_download_opts opts;
  tsr_http_download_opts_init(&opts, sizeof opts);
  opts.path = path.get();
  opts.sha256 = sha256.get();
  opts.size = In<int64_t>(info[4]).get();
  opts.max_bytes = In<int64_t>(info[5]).get();
  opts.progress = &detail::on_progress;
  return detail::start_reporting(info.Env(), &detail::TakerOf<&tsr_op_http_download>::settle, info[6],
                                 [&](Progress* progress, const Start& to) {
                                   opts.user = progress;
                                   return to(&tsr_http_download_async, http.get(), request.get(), &opts);
                                 });
}

}  // namespace

void define_http_download(Napi::Env env, Napi::Object exports) {
  define<&download>(env, exports, "httpDownload");
}

}  // namespace tessera::node
