// One transfer on a libcurl handle.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <list>
#include <memory>
#include <string_view>

#include "http/transport/wire.hpp"

namespace tessera::http {

/// Handles are used again: setting one up costs more than a request on it.
class EasyHandle {
 public:
  EasyHandle() = default;
  /// With what holds for every transfer. `get()` is null without memory.
  static EasyHandle make();
  EasyHandle(EasyHandle&& other) noexcept;
  EasyHandle& operator=(EasyHandle&& other) noexcept;
  ~EasyHandle();
  CURL* get() const { return handle_; }

  // What it is set to; what has not changed is not set again.
  WireTimeouts timeouts{-1, -1, -1};
  std::shared_ptr<const TlsSettings> tls;
  std::shared_ptr<const ProxySettings> proxy;
  int8_t is_decoded = -1, is_secure = -1;
  bool is_plain_get = false, has_trust = false;

 private:
  CURL* handle_ = nullptr;
};

class Exchange {
 public:
  // libcurl's callbacks; `self` is the Exchange.
  static size_t on_header(char* data, size_t size, size_t count, void* self);
  static size_t on_body(char* data, size_t size, size_t count, void* self);

  Exchange(const WireRequest& request, WireSink& sink) : request_(request), sink_(sink) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange();

  /// Sets the transfer up; fails for memory, or for options that this libcurl refuses.
  CURLcode prepare(EasyHandle handle);
  /// After the transfer, or instead of it.
  WireResult result(CURLcode code);
  EasyHandle take_handle();

  CURL* curl() const { return handle_.get(); }
  const WireRequest& request() const { return request_; }
  WireSink& sink() { return sink_; }

  // Of CurlTransport: where it stands in its line, and what is to be done with it.
  std::list<Exchange*>::iterator place;
  enum class State : uint8_t { kWaiting, kRunning, kFailed } state = State::kWaiting;
  bool is_resumed = false;
  CURLcode failure = CURLE_OK;

 private:
  static size_t on_read(char* out, size_t size, size_t count, void* self);
  bool take_header_line(std::string_view line);
  bool give_head();
  size_t give_body(ByteView piece);
  bool is_bomb(size_t piece_bytes);
  CURLcode set_transfer();
  CURLcode set_method();
  CURLcode set_fields();
  CURLcode set_tls();
  CURLcode set_proxy();
  HttpVersion version() const;
  Failure classify(CURLcode code) const;

  EasyHandle handle_;
  const WireRequest& request_;
  WireSink& sink_;
  curl_slist* fields_ = nullptr;
  WireHead head_;
  bool head_is_given_ = false;
  Failure stopped_because_ = Failure::kNone;
  int64_t header_bytes_ = 0, body_bytes_ = 0;
  char error_[CURL_ERROR_SIZE] = {};
};

}  // namespace tessera::http
