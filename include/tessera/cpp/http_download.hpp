/// @file tessera/cpp/http_download.hpp  Responses as files that are whole or not there.
#ifndef TESSERA_CPP_HTTP_DOWNLOAD_HPP
#define TESSERA_CPP_HTTP_DOWNLOAD_HPP

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "tessera/cpp/http.hpp"
#include "tessera/cpp/progress.hpp"
#include "tessera/http_download.h"

namespace tessera::inline v1 {

/// Where a download goes and what it must be. Borrows its texts for the call.  @since 1.2
struct HttpDownload {
  std::string_view path;       ///< Of the file; its folder exists.
  std::string_view sha256{};   ///< 64 hexadecimal digits; empty: not checked.
  std::int64_t size = 0;       ///< Bytes that it must have; 0: not checked.
  std::int64_t max_bytes = 0;  ///< 0: no limit.
};

/// What a download did.  @since 1.2
struct HttpDownloaded {
  std::int64_t bytes;         ///< Of the file.
  std::int64_t resumed_from;  ///< Bytes that an earlier download had left.
  std::int32_t resumes;       ///< How often this one went on after it broke off.
};

namespace detail {

/// tsr_http_download_opts around a Progress that outlives it.
class DownloadOptions {
 public:
  DownloadOptions(const HttpDownload& to, const Progress& progress) noexcept {
    tsr_http_download_opts_init(&opts_, sizeof opts_);
    opts_.path = borrow(to.path);
    opts_.sha256 = borrow_if_any(to.sha256);
    opts_.size = to.size;
    opts_.max_bytes = to.max_bytes;
    if (!progress) return;
    opts_.progress = &report_progress;
    opts_.user = const_cast<Progress*>(&progress);
  }
  const tsr_http_download_opts* get() const noexcept { return &opts_; }

 private:
  tsr_http_download_opts opts_;
};

/// Runs `call(result, error)`.
template <typename Call>
Expected<HttpDownloaded> obtain_download(Call&& call) {
  tsr_http_download_result result{};
  const Expected<void> done =
      run([&](tsr_error** error) { return std::forward<Call>(call)(&result, error); });
  if (!done) return done.error();
  return HttpDownloaded{result.bytes, result.resumed_from, result.resumes};
}

inline Expected<HttpDownloaded> take_download(tsr_op* op) {
  return obtain_download(
      [&](tsr_http_download_result* out, tsr_error** error) { return tsr_op_http_download(op, out, error); });
}

}  // namespace detail

inline HttpDownloaded HttpClient::download(std::string_view url, const HttpDownload& to,
                                           const HttpOptions& options, const Progress& progress) const {
  return try_download(url, to, options, progress).value();
}
inline Expected<HttpDownloaded> HttpClient::try_download(std::string_view url, const HttpDownload& to,
                                                         const HttpOptions& options,
                                                         const Progress& progress) const noexcept {
  const detail::HttpCall call("GET", url, options);
  const detail::DownloadOptions opts(to, progress);
  return detail::obtain_download([&](tsr_http_download_result* out, tsr_error** error) {
    return tsr_http_download(owner_.get(), call.get(), opts.get(), out, error);
  });
}

inline Operation HttpClient::download_async(std::string_view url, const HttpDownload& to,
                                            const HttpOptions& options, Completion<HttpDownloaded> done,
                                            Progress progress) const {
  return try_download_async(url, to, options, std::move(done), std::move(progress)).value();
}
inline Expected<Operation> HttpClient::try_download_async(std::string_view url, const HttpDownload& to,
                                                          const HttpOptions& options,
                                                          Completion<HttpDownloaded> done,
                                                          Progress progress) const noexcept {
  const detail::HttpCall call("GET", url, options);
  auto kept = std::make_shared<const Progress>(std::move(progress));
  const detail::DownloadOptions opts(to, *kept);
  Completion<HttpDownloaded> last = [kept, done = std::move(done)](Expected<HttpDownloaded> result) {
    if (done) done(std::move(result));
  };
  return detail::start_op<HttpDownloaded, &detail::take_download>(std::move(last), [&](auto... op) {
    return tsr_http_download_async(owner_.get(), call.get(), opts.get(), op...);
  });
}

}  // namespace tessera::inline v1

#endif
