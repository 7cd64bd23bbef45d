// Defaults of the structs of the API client; also in a build without it.
#include <cstddef>

#include "guard.hpp"
#include "options.hpp"
#include "tessera/delivery.h"
#include "tessera/http.h"
#include "tessera/http_auth.h"
#include "tessera/http_download.h"

using tessera::capi::guard_void;
using tessera::capi::init_options;

// Sizes of the first release; fields that join later come behind them.

void tsr_delivery_opts_init(tsr_delivery_opts* opts, uint32_t struct_size) noexcept {
  guard_void(__func__, [&] {
    init_options(opts, struct_size, offsetof(tsr_delivery_opts, consent_topic_count) + sizeof(size_t));
  });
}

void tsr_http_opts_init(tsr_http_opts* opts, uint32_t struct_size) noexcept {
  guard_void(__func__,
             [&] { init_options(opts, struct_size, offsetof(tsr_http_opts, store) + sizeof(tsr_store*)); });
}

void tsr_http_request_init(tsr_http_request* request, uint32_t struct_size) noexcept {
  guard_void(__func__,
             [&] { init_options(request, struct_size, offsetof(tsr_http_request, form) + sizeof(void*)); });
}

void tsr_http_download_opts_init(tsr_http_download_opts* opts, uint32_t struct_size) noexcept {
  guard_void(__func__, [&] {
    init_options(opts, struct_size, offsetof(tsr_http_download_opts, user) + sizeof(void*));
  });
}

void tsr_http_oauth_opts_init(tsr_http_oauth_opts* opts, uint32_t struct_size) noexcept {
  guard_void(__func__, [&] {
    init_options(opts, struct_size,
                 offsetof(tsr_http_oauth_opts, reauthorise) + sizeof(tsr_http_reauthorise_fn));
  });
}
