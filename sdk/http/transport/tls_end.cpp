#include "http/transport/tls_end.hpp"

#include <openssl/ssl.h>

namespace tessera::http {
namespace {

using Mark = std::shared_ptr<bool>;

void free_mark(void* /*connection*/, void* mark, CRYPTO_EX_DATA* /*all*/, int /*index*/, long /*argument*/,
               void* /*pointer*/) {
  delete static_cast<Mark*>(mark);
}

int mark_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, &free_mark);
  return index;
}

void on_info(const SSL* connection, int where, int value) {
  constexpr int kDescription = 0xFF;  // beside the level
  const bool is_farewell =
      (where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && (value & kDescription) == SSL_AD_CLOSE_NOTIFY;
  if (!is_farewell) return;
  if (const auto* const mark = static_cast<const Mark*>(SSL_get_ex_data(connection, mark_index())))
    **mark = true;
}

}  // namespace

CURLcode TlsEnd::prepare(CURL* /*handle*/, void* context, void* /*unused*/) {
  SSL_CTX_set_info_callback(static_cast<SSL_CTX*>(context), &on_info);
  return CURLE_OK;
}

void TlsEnd::watch(CURL* handle) {
  curl_tlssessioninfo* session = nullptr;
  const CURLcode code = curl_easy_getinfo(handle, CURLINFO_TLS_SSL_PTR, &session);
  if (code != CURLE_OK || session == nullptr || session->internals == nullptr ||
      session->backend != CURLSSLBACKEND_OPENSSL) {
    return;
  }
  auto* const connection = static_cast<SSL*>(session->internals);
  const auto is_told = std::make_shared<bool>((SSL_get_shutdown(connection) & SSL_RECEIVED_SHUTDOWN) != 0);
  auto mark = std::make_unique<Mark>(is_told);
  const std::unique_ptr<Mark> earlier(static_cast<Mark*>(SSL_get_ex_data(connection, mark_index())));
  if (SSL_set_ex_data(connection, mark_index(), mark.get()) != 1) return;
  static_cast<void>(mark.release());
  is_told_ = is_told;
}

}  // namespace tessera::http
