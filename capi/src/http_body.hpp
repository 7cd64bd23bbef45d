// tsr_http_upload and tsr_http_form.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "base/fork_guard.hpp"
#include "crypto/crypto.hpp"
#include "handle.hpp"
#include "http/multipart/multipart.hpp"
#include "http/stream/push_source.hpp"
#include "tessera/http_stream.h"

struct tsr_http_upload : tessera::capi::Handle<tessera::capi::Tag::kHttpUpload> {
  explicit tsr_http_upload(int64_t size) : source(std::make_shared<tessera::http::PushSource>(size)) {}
  /// Nobody can write the rest any more.
  ~tsr_http_upload() {
    if (!is_finished && !fork.in_child()) source->fail();
  }

  const std::shared_ptr<tessera::http::PushSource> source;
  const tessera::ForkGuard fork;
  mutable std::atomic<bool> is_given = false;  // to a request
  std::atomic<bool> is_finished = false;
};

struct tsr_http_form : tessera::capi::Handle<tessera::capi::Tag::kHttpForm> {
  mutable std::mutex mutex;
  tessera::http::MultipartForm form{tessera::system_random()};  // guarded by mutex
  const tessera::ForkGuard fork;
};
