// tessera.HttpClient: responses as files.
#include <pybind11/stl.h>

#include <limits>

#include "http_request.hpp"
#include "interruptible.hpp"
#include "progress.hpp"
#include "secrets.hpp"

namespace tessera::python {
namespace {

struct Download {
  const Text& path;
  const MaybeText& sha256;
  std::optional<int64_t> size, max_bytes;

  tsr_http_download_opts opts(tsr_progress_fn progress, void* user) const {
    tsr_http_download_opts made;
    tsr_http_download_opts_init(&made, sizeof made);
    made.path = path.str();
    made.sha256 = borrow_if_any(sha256);
    made.size = size.value_or(0);
    made.max_bytes = max_bytes.value_or(0);
    made.progress = progress;
    made.user = user;
    return made;
  }
};

py::object downloaded(const tsr_http_download_result& result) {
  return from_python("tessera._http_values", "HttpDownloaded")(result.bytes, result.resumed_from,
                                                               result.resumes);
}

py::object take_download(tsr_op* op) {
  tsr_http_download_result result{};
  run<Lock::kKept>([&](tsr_error** err) { return tsr_op_http_download(op, &result, err); });
  return downloaded(result);
}

/// Waits in any case until the download does not call what it was given any more.
py::object download_interruptibly(tsr_http* http, const HttpRequest& request,
                                  const tsr_http_download_opts& opts, Callback* progress) {
  const auto op = obtain<OpPtr, Lock::kKept>([&](tsr_op** out, tsr_error** err) {
    return tsr_http_download_async(http, request.get(), &opts, nullptr, nullptr, nullptr, out, err);
  });
  try {
    wait_interruptibly(op.get());
  } catch (py::error_already_set&) {
    call_sdk<Lock::kReleased>(
        [&] { return tsr_op_wait(op.get(), std::numeric_limits<uint32_t>::max(), nullptr); });
    throw;
  }
  progress->rethrow();
  return take_download(op.get());
}

py::object download(const HttpClient& self, const py::object& url, const py::object& options,
                    const Download& what, py::object progress) {
  const py::str method("GET");
  const HttpRequest request(method.ptr(), url.ptr(), options.ptr());
  Callback callback(std::move(progress));
  const auto forward = [](void* user, int64_t done, int64_t total) -> tsr_status {
    return static_cast<Callback*>(user)->run([&](const py::object& function) { function(done, total); })
               ? TSR_OK
               : TSR_E_CALLBACK;
  };
  const tsr_http_download_opts opts =
      what.opts(callback.is_none() ? nullptr : tsr_progress_fn{forward}, &callback);
  if (is_main_thread()) return download_interruptibly(self.handle.get(), request, opts, &callback);
  tsr_http_download_result result{};
  Failure failure;
  const tsr_status status = call_sdk<Lock::kReleased>(
      [&] { return tsr_http_download(self.handle.get(), request.get(), &opts, &result, failure.out()); });
  callback.rethrow();
  if (status != TSR_OK) failure.raise(status);
  return downloaded(result);
}

}  // namespace

void define_http_download(py::class_<HttpClient>& client) {
  client
      .def(
          "_download",
          [](const HttpClient& self, const py::object& url, const py::object& options, const Text& path,
             const MaybeText& sha256, std::optional<int64_t> size, std::optional<int64_t> max_bytes,
             py::object progress) {
            return download(self, url, options, {path, sha256, size, max_bytes}, std::move(progress));
          },
          py::arg("url"), py::arg("options"), py::arg("path"), py::arg("sha256"), py::arg("size"),
          py::arg("max_bytes"), py::arg("progress"))
      .def(
          "_start_download",
          [](const HttpClient& self, const py::object& url, const py::object& options, const Text& path,
             const MaybeText& sha256, std::optional<int64_t> size, std::optional<int64_t> max_bytes,
             py::object progress, Ending done) {
            const py::str method("GET");
            const HttpRequest request(method.ptr(), url.ptr(), options.ptr());
            const Download what{path, sha256, size, max_bytes};
            return start_reporting(std::move(progress), done, &take_download,
                                   [&](tsr_progress_fn report, void* user, tsr_done_fn end, auto... rest) {
                                     const tsr_http_download_opts opts = what.opts(report, user);
                                     return tsr_http_download_async(self.handle.get(), request.get(), &opts,
                                                                    end, user, rest...);
                                   });
          },
          py::arg("url"), py::arg("options"), py::arg("path"), py::arg("sha256"), py::arg("size"),
          py::arg("max_bytes"), py::arg("progress"), py::arg("done"));
}

}  // namespace tessera::python
