/// @file tessera/cpp/http_body.hpp  Bodies of requests that do not fit in memory: uploads and forms.
#ifndef TESSERA_CPP_HTTP_BODY_HPP
#define TESSERA_CPP_HTTP_BODY_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "tessera/cpp/detail/call.hpp"
#include "tessera/cpp/operation.hpp"
#include "tessera/http_stream.h"

namespace tessera::inline v1 {

/// A body that is written while it is sent, with one request: HttpOptions::upload. Move-only; one that goes
/// before finish() fails its request.
///
/// @code
/// tessera::HttpUpload upload;
/// http.send_async("POST", "/log", {.upload = &upload}, done);
/// while (next(&line)) upload.write(line);
/// upload.finish();
/// @endcode
/// @threads any  @since 1.2
class HttpUpload {
 public:
  using Owner = detail::Handle<tsr_http_upload, &tsr_http_upload_free>;

  /// `size` of the whole body; -1 when it is not known yet.
  /// @errors ErrorCode::kArg  @threads any  @since 1.2
  explicit HttpUpload(std::int64_t size = -1) : HttpUpload(try_make(size).value()) {}
  static Expected<HttpUpload> try_make(std::int64_t size = -1) noexcept {
    return detail::obtain_as<HttpUpload, Owner>(
        [&](auto** out, tsr_error** error) { return tsr_http_upload_new(size, out, error); });
  }
  /// For the facade's own use.
  explicit HttpUpload(Owner owner) noexcept : owner_(std::move(owner)) {}
  const tsr_http_upload* get() const noexcept { return owner_.get(); }

  /// Waits while more than 256 KiB are on their way; how many bytes were taken when the time was over.
  /// @errors ErrorCode::kArg (more than announced), kTimeout (none was taken), kState (finished, its request
  /// has ended, or called on the client's own thread), kForked  @threads any  @blocks network  @since 1.2
  std::size_t write(std::string_view bytes,
                    std::chrono::milliseconds timeout = std::chrono::milliseconds::max()) {
    return try_write(bytes, timeout).value();
  }
  Expected<std::size_t> try_write(
      std::string_view bytes, std::chrono::milliseconds timeout = std::chrono::milliseconds::max()) noexcept {
    std::size_t taken = 0;
    const Expected<void> done = detail::run([&](tsr_error** error) {
      return tsr_http_upload_write(owner_.get(), bytes.data(), bytes.size(), detail::to_timeout(timeout),
                                   &taken, error);
    });
    if (!done) return done.error();
    return taken;
  }

  /// Takes all, and completes when there is room for more. One at a time.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.2
  Operation write_async(std::string_view bytes, Completion<void> done) {
    return try_write_async(bytes, std::move(done)).value();
  }
  Expected<Operation> try_write_async(std::string_view bytes, Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_http_upload_write_async(owner_.get(), bytes.data(), bytes.size(), op...);
    });
  }

  /// The end of the body.
  /// @errors ErrorCode::kArg (less than announced: its request fails), kState, kForked  @threads any
  /// @since 1.2
  void finish() { try_finish().value(); }
  Expected<void> try_finish() noexcept {
    return detail::run([&](tsr_error** error) { return tsr_http_upload_finish(owner_.get(), error); });
  }

  /// The rest can't be had: its request ends with ErrorCode::kCallback.
  /// @errors ErrorCode::kForked  @threads any  @since 1.2
  void fail() { try_fail().value(); }
  Expected<void> try_fail() noexcept {
    return detail::run([&](tsr_error** error) { return tsr_http_upload_fail(owner_.get(), error); });
  }

 private:
  Owner owner_;
};

/// What a part of a form may say beside its name.  @since 1.2
struct HttpPart {
  std::string_view file_name{};     ///< Of a file: the last name of its path when empty.
  std::string_view content_type{};  ///< Of a file: application/octet-stream when empty.
};

/// A form (multipart/form-data) for any number of requests: HttpOptions::form. Files are read while it is
/// sent. Move-only.
///
/// @code
/// tessera::HttpForm form;
/// form.add_field("title", "Cape").add_file("photo", "/tmp/cape.jpg", {.content_type = "image/jpeg"});
/// http.post("/products", {.form = &form});
/// @endcode
/// @threads any  @since 1.2
class HttpForm {
 public:
  using Owner = detail::Handle<tsr_http_form, &tsr_http_form_free>;

  HttpForm() : HttpForm(try_make().value()) {}
  static Expected<HttpForm> try_make() noexcept {
    return detail::obtain_as<HttpForm, Owner>(
        [](auto** out, tsr_error** error) { return tsr_http_form_new(out, error); });
  }
  /// For the facade's own use.
  explicit HttpForm(Owner owner) noexcept : owner_(std::move(owner)) {}
  const tsr_http_form* get() const noexcept { return owner_.get(); }

  /// @errors ErrorCode::kArg, kForked  @threads any  @since 1.2
  HttpForm& add_field(std::string_view name, std::string_view value) {
    try_add_field(name, value).value();
    return *this;
  }
  Expected<void> try_add_field(std::string_view name, std::string_view value) noexcept {
    return detail::run([&](tsr_error** error) {
      return tsr_http_form_add_field(owner_.get(), detail::borrow(name), detail::borrow(value), error);
    });
  }

  /// Copies the bytes.
  /// @errors ErrorCode::kArg, kForked  @threads any  @since 1.2
  HttpForm& add_bytes(std::string_view name, std::string_view bytes, const HttpPart& part = {}) {
    try_add_bytes(name, bytes, part).value();
    return *this;
  }
  Expected<void> try_add_bytes(std::string_view name, std::string_view bytes,
                               const HttpPart& part = {}) noexcept {
    return detail::run([&](tsr_error** error) {
      return tsr_http_form_add_bytes(owner_.get(), detail::borrow(name), bytes.data(), bytes.size(),
                                     detail::borrow_if_any(part.file_name),
                                     detail::borrow_if_any(part.content_type), error);
    });
  }

  /// Opens the file; it is sent as long as it is now.
  /// @errors ErrorCode::kArg, kNotFound, kPermission, kIo, kForked  @threads any  @blocks disk  @since 1.2
  HttpForm& add_file(std::string_view name, std::string_view path, const HttpPart& part = {}) {
    try_add_file(name, path, part).value();
    return *this;
  }
  Expected<void> try_add_file(std::string_view name, std::string_view path,
                              const HttpPart& part = {}) noexcept {
    return detail::run([&](tsr_error** error) {
      return tsr_http_form_add_file(owner_.get(), detail::borrow(name), detail::borrow(path),
                                    detail::borrow_if_any(part.file_name),
                                    detail::borrow_if_any(part.content_type), error);
    });
  }

 private:
  Owner owner_;
};

}  // namespace tessera::inline v1

#endif
