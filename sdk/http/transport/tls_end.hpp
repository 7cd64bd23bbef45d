// Whether the server ended its TLS connection itself. A body that ends with its connection could otherwise be
// cut short by anybody on the way, and libcurl takes that for its end.
#pragma once

#include <curl/curl.h>

#include <memory>

namespace tessera::http {

class TlsEnd {
 public:
  /// For CURLOPT_SSL_CTX_FUNCTION.
  static CURLcode prepare(CURL* handle, void* context, void* unused);

  /// The connection that the transfer uses now, if it is one of TLS. From inside its callbacks.
  void watch(CURL* handle);
  /// After the end of a connection that was watched: no word of the server's said so.
  bool is_cut() const { return is_told_ != nullptr && !*is_told_; }

 private:
  std::shared_ptr<bool> is_told_;  // shared with the connection
};

}  // namespace tessera::http
