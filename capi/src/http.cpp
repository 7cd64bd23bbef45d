// API clients: opening, sending and closing.
#include "tessera/http.h"

#include "call.hpp"
#include "core_handle.hpp"
#include "guard.hpp"
#include "http_handle.hpp"
#include "http_operation.hpp"
#include "options.hpp"
#include "subscription.hpp"
#include "user_data.hpp"
#ifdef TESSERA_WITH_STORE
#include "app/http_memory.hpp"
#include "store_handle.hpp"
#endif

using tessera::HttpCore;
using tessera::HttpMemory;
using tessera::HttpSecrets;
using tessera::Result;
using tessera::SecretBytes;
using tessera::Status;
using tessera::capi::argument_error;
using tessera::capi::attach_log;
using tessera::capi::bytes_in;
using tessera::capi::bytes_out;
using tessera::capi::Call;
using tessera::capi::clear;
using tessera::capi::core_of;
using tessera::capi::guard;
using tessera::capi::guard_free;
using tessera::capi::http_of;
using tessera::capi::HttpPtr;
using tessera::capi::HttpResponsePtr;
using tessera::capi::HttpSend;
using tessera::capi::optional_text_in;
using tessera::capi::options_in;
using tessera::capi::request_in;
using tessera::capi::require_out;
using tessera::capi::run_now;
using tessera::capi::start;
using tessera::capi::take;
using tessera::capi::text_in;
using tessera::capi::UserData;

namespace {

constexpr size_t kFirst = offsetof(tsr_http_opts, store) + sizeof(tsr_store*);

Result<tsr_http_opts> opts_in(const tsr_http_opts* opts) {
  return options_in(opts, kFirst, "opts", "tsr_http_opts_init");
}

Result<HttpMemory> memory_of(tsr_store* store) {
  if (store == nullptr) return HttpMemory{};
#ifdef TESSERA_WITH_STORE
  TSR_ASSIGN_OR_RETURN(const auto ref, tessera::capi::store_of(store));
  if (ref.tenant != nullptr) {
    return argument_error("opts.store has a tenant, but a client is nobody's; pass the store itself");
  }
  return tessera::memory_in(ref.use->core);
#else
  return argument_error("opts.store is not NULL, but this build has no store");
#endif
}

/// They refer to the caller's bytes.
Result<HttpSecrets> secrets_in(const tsr_http_opts& given) {
  if (given.flags != 0) return argument_error("opts.flags has an unknown bit");
  if (given.secrets == nullptr && given.secret_count > 0) {
    return argument_error("opts.secrets is NULL but has a count");
  }
  HttpSecrets secrets;
  for (size_t i = 0; i < given.secret_count; ++i) {
    const tsr_http_secret& secret = given.secrets[i];
    TSR_ASSIGN_OR_RETURN(const auto name, text_in(secret.name, "the name of a secret"));
    TSR_ASSIGN_OR_RETURN(const auto bytes, bytes_in(secret.data, secret.len, "a secret"));
    if (bytes.empty()) return argument_error("a secret is empty");
    if (!secrets.emplace(name, tessera::as_bytes(bytes)).second) {
      return argument_error("a secret is given twice");
    }
  }
  return secrets;
}

Result<Call<void>> closing(tsr_http* http, uint32_t timeout_ms) {
  TSR_ASSIGN_OR_RETURN(const HttpPtr core, http_of(http));
  return Call<void>{nullptr, [core, timeout_ms] { return core->close(timeout_ms); }};
}

}  // namespace

tsr_status tsr_http_open(tsr_str config_json, const tsr_http_opts* opts, tsr_http** out,
                         tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const auto config, optional_text_in(config_json, "config_json"));
    TSR_ASSIGN_OR_RETURN(const tsr_http_opts given, opts_in(opts));
    TSR_ASSIGN_OR_RETURN(const HttpSecrets secrets, secrets_in(given));
    TSR_ASSIGN_OR_RETURN(HttpMemory memory, memory_of(given.store));
    TSR_ASSIGN_OR_RETURN(auto core, HttpCore::open(config, secrets, std::move(memory)));
    *out = new tsr_http(std::move(core));
    return {};
  });
}

tsr_status tsr_app_http(tsr_app* app, const tsr_http_opts* opts, tsr_http** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const auto core, core_of(app, "application"));
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const tsr_http_opts given, opts_in(opts));
    if (given.store != nullptr) {
      return argument_error("opts.store is not NULL; the application's client has the application's store");
    }
    TSR_ASSIGN_OR_RETURN(const HttpSecrets secrets, secrets_in(given));
    TSR_ASSIGN_OR_RETURN(auto http, core->http(secrets));
    *out = new tsr_http(std::move(http));
    return {};
  });
}

tsr_status tsr_http_send(tsr_http* http, const tsr_http_request* request, tsr_http_response** out,
                         tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const HttpPtr core, http_of(http));
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(auto copy, request_in(request));
    TSR_ASSIGN_OR_RETURN(auto response, core->client().perform(std::move(copy)));
    *out = new tsr_http_response(std::move(response));
    return {};
  });
}

tsr_status tsr_http_send_async(tsr_http* http, const tsr_http_request* request, tsr_done_fn done, void* user,
                               void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&]() -> Result<HttpSend> {
    TSR_ASSIGN_OR_RETURN(HttpPtr core, http_of(http));
    TSR_ASSIGN_OR_RETURN(auto copy, request_in(request));
    return HttpSend{{}, std::move(core), std::make_unique<tessera::http::Request>(std::move(copy))};
  });
}

tsr_status tsr_op_http_response(tsr_op* op, tsr_http_response** out, tsr_error** err) noexcept {
  return take<HttpResponsePtr>(__func__, op, err, out);
}

tsr_status tsr_http_metrics(tsr_http* http, int32_t format, tsr_buf* out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const HttpPtr core, http_of(http));
    TSR_RETURN_IF_ERROR(require_out(out));
    switch (format) {
      case TSR_HTTP_METRICS_JSON:
        return bytes_out(core->client().metrics_json(), out);
      case TSR_HTTP_METRICS_PROMETHEUS:
        return bytes_out(core->client().metrics_prometheus(), out);
      default:
        return argument_error("format is not one of TSR_HTTP_METRICS_*");
    }
  });
}

tsr_status tsr_http_on_log(tsr_http* http, int32_t level, tsr_log_fn fn, void* user, void (*user_free)(void*),
                           tsr_sub** out, tsr_error** err) noexcept {
  clear(out);
  UserData owned(user, user_free);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const HttpPtr core, http_of(http));
    return attach_log(core, core->logger(), level, fn, std::move(owned), out);
  });
}

tsr_status tsr_http_close(tsr_http* http, uint32_t timeout_ms, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(closing(http, timeout_ms)); });
}

tsr_status tsr_http_close_async(tsr_http* http, uint32_t timeout_ms, tsr_done_fn done, void* user,
                                void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return closing(http, timeout_ms); });
}

void tsr_http_free(tsr_http* http) noexcept { guard_free(__func__, http); }
