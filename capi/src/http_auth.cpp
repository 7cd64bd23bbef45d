// Credentials of API clients.
#include "tessera/http_auth.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "app/app.hpp"
#include "call.hpp"
#include "core_handle.hpp"
#include "guard.hpp"
#include "http/auth/token_record.hpp"
#include "http/auth/token_store.hpp"
#include "http_handle.hpp"
#include "op.hpp"
#include "options.hpp"
#include "text/json.hpp"
#include "user_data.hpp"
#ifdef TESSERA_WITH_STORE
#include "app/token_store_adapter.hpp"
#include "store_handle.hpp"
#endif

using tessera::as_bytes;
using tessera::Error;
using tessera::ErrorCode;
using tessera::HttpCredentials;
using tessera::Json;
using tessera::Result;
using tessera::SecretBytes;
using tessera::Status;
using tessera::capi::argument_error;
using tessera::capi::bytes_in;
using tessera::capi::Call;
using tessera::capi::clear;
using tessera::capi::core_of;
using tessera::capi::guard;
using tessera::capi::Handle;
using tessera::capi::http_of;
using tessera::capi::HttpPtr;
using tessera::capi::optional_text_in;
using tessera::capi::options_in;
using tessera::capi::require_live;
using tessera::capi::require_out;
using tessera::capi::run_now;
using tessera::capi::start;
using tessera::capi::Tag;
using tessera::capi::text_in;
using tessera::capi::UserData;
using tessera::http::CredentialForm;
using tessera::http::OAuth2Auth;
using tessera::http::OAuthConfig;
using tessera::http::ProvidedToken;
using tessera::http::TokenRecord;
using tessera::http::TokenStore;

static_assert(TSR_HTTP_AUTH_NONE == int32_t(HttpCredentials::State::kNone) &&
              TSR_HTTP_AUTH_READY == int32_t(HttpCredentials::State::kReady) &&
              TSR_HTTP_AUTH_REAUTHORISE == int32_t(HttpCredentials::State::kReauthorise));

/// Lives while a function of the application runs.
struct tsr_http_token : Handle<Tag::kHttpToken> {
  std::optional<ProvidedToken> given;
};

namespace {

constexpr size_t kFirst = offsetof(tsr_http_oauth_opts, reauthorise) + sizeof(tsr_http_reauthorise_fn);

Error callback_error(const char* what, tsr_status status) {
  return {ErrorCode::kCALLBACK,
          "abi",
          std::string("the application's function that ") + what + " failed with status " +
              std::to_string(status) + "; see what it reported",
          {}};
}

/// Runs a function of the application, whose exceptions are failures.
template <class Function>
Status ask(const char* what, Function function) {
  tsr_status status = TSR_E_CALLBACK;
  try {
    status = function();
  } catch (...) {  // NOLINT(bugprone-empty-catch): it must not throw; told as a failure
  }
  return status == TSR_OK ? Status() : Status(callback_error(what, status));
}

struct Source {
  UserData user;
  tsr_http_token_fn function;

  Result<ProvidedToken> operator()() const {
    tsr_http_token token;
    TSR_RETURN_IF_ERROR(ask("gives tokens", [&] { return function(user.get(), &token); }));
    if (token.given) return std::move(*token.given);
    return Error{ErrorCode::kCALLBACK,
                 "abi",
                 "the application's function that gives tokens gave none; it must call tsr_http_token_set()",
                 {}};
  }
};

/// What the application lends an account; the last that needs it frees the user's data.
struct AccountFunctions {
  UserData user;
  tsr_http_load_tokens_fn load;
  tsr_http_swap_tokens_fn swap;
  tsr_http_reauthorise_fn reauthorise;
};
using FunctionsPtr = std::shared_ptr<const AccountFunctions>;

using StorePtr = std::shared_ptr<TokenStore>;

class CallbackTokenStore final : public TokenStore {
 public:
  explicit CallbackTokenStore(FunctionsPtr functions) : functions_(std::move(functions)) {}

  Result<std::optional<TokenRecord>> load() override {
    tsr_http_token token;
    TSR_RETURN_IF_ERROR(
        ask("loads kept tokens", [&] { return functions_->load(functions_->user.get(), &token); }));
    if (!token.given) return std::optional<TokenRecord>();
    TSR_ASSIGN_OR_RETURN(auto record, tessera::http::parse_token_record(token.given->token.view()));
    return std::optional<TokenRecord>(std::move(record));
  }
  Result<bool> compare_and_swap(uint64_t expected, const TokenRecord& record) override {
    const SecretBytes json = tessera::http::token_record_json(record);
    int32_t swapped = 0;
    TSR_RETURN_IF_ERROR(ask("keeps tokens", [&] {
      return functions_->swap(functions_->user.get(), static_cast<int64_t>(expected), json.view().data(),
                              json.size(), &swapped);
    }));
    return swapped != 0;
  }

 private:
  const FunctionsPtr functions_;
};

#ifdef TESSERA_WITH_STORE
Result<StorePtr> store_for(const tsr_http_oauth_opts& opts) {
  TSR_ASSIGN_OR_RETURN(const tessera::capi::StoreRef ref, tessera::capi::store_of(opts.store));
  TSR_ASSIGN_OR_RETURN(const auto account, text_in(opts.account, "opts.account"));
  if (account.empty()) return argument_error("opts.account is empty; name whose tokens these are");
  return StorePtr(std::make_shared<tessera::TokenStoreAdapter>(
      ref.use->core, ref.tenant ? *ref.tenant : std::string(), std::string(account)));
}
#else
Result<StorePtr> store_for(const tsr_http_oauth_opts&) {
  return Error{ErrorCode::kUNSUPPORTED,
               "abi",
               "the store is not in this build of Tessera; keep the tokens by functions of your own",
               {}};
}
#endif

Result<StorePtr> token_store_in(const tsr_http_oauth_opts& opts, FunctionsPtr functions) {
  if ((opts.load == nullptr) != (opts.swap == nullptr)) {
    return argument_error("opts.load and opts.swap come together; one of them is NULL");
  }
  if (opts.store != nullptr && opts.load != nullptr) {
    return argument_error("opts has both a store and functions that keep tokens; pass one of them");
  }
  if (opts.store != nullptr) return store_for(opts);
  if (opts.account.data != nullptr) return argument_error("opts.account names an account without a store");
  if (opts.load != nullptr) return StorePtr(std::make_shared<CallbackTokenStore>(std::move(functions)));
  return StorePtr(std::make_shared<tessera::http::MemoryTokenStore>());
}

Result<OAuthConfig> oauth_config_in(tsr_str config_json) {
  TSR_ASSIGN_OR_RETURN(const auto text, text_in(config_json, "config_json"));
  TSR_ASSIGN_OR_RETURN(const Json object, tessera::parse_json(text));
  return tessera::http::read_oauth_config(object);
}

OAuth2Auth::Listener listener_of(FunctionsPtr functions) {
  if (functions->reauthorise == nullptr) return {};
  return [functions = std::move(functions)](const Error& why) {
    functions->reauthorise(functions->user.get(), tessera::capi::borrowed(why.text));
  };
}

Result<CredentialForm> form_in(tsr_str header, tsr_str prefix) {
  TSR_ASSIGN_OR_RETURN(const auto name, optional_text_in(header, "header"));
  TSR_ASSIGN_OR_RETURN(const auto before, optional_text_in(prefix, "prefix"));
  CredentialForm form;
  if (header.data != nullptr) {
    form.header = name;
    form.prefix.clear();
  }
  if (prefix.data != nullptr) form.prefix = before;
  return form;
}

Result<Call<void>> setting_tokens(tsr_http* http, const void* record, size_t len) {
  TSR_ASSIGN_OR_RETURN(const HttpPtr core, http_of(http));
  TSR_ASSIGN_OR_RETURN(const auto json, bytes_in(record, len, "record"));
  TSR_ASSIGN_OR_RETURN(auto tokens, tessera::http::parse_new_tokens(as_bytes(json)));
  return Call<void>{nullptr, [core, tokens = std::make_shared<const TokenRecord>(std::move(tokens))] {
                      return core->credentials().set_oauth_tokens(*tokens);
                    }};
}

}  // namespace

tsr_status tsr_http_set_token(tsr_http* http, tsr_str header, tsr_str prefix, const void* data, size_t len,
                              tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const HttpPtr core, http_of(http));
    TSR_ASSIGN_OR_RETURN(auto form, form_in(header, prefix));
    TSR_ASSIGN_OR_RETURN(const auto secret, bytes_in(data, len, "data"));
    return core->credentials().set_token(as_bytes(secret), std::move(form));
  });
}

tsr_status tsr_http_set_token_source(tsr_http* http, tsr_http_token_fn source, void* user,
                                     void (*user_free)(void*), tsr_error** err) noexcept {
  UserData owned(user, user_free);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const HttpPtr core, http_of(http));
    if (source == nullptr) return argument_error("the function that gives tokens is NULL");
    const auto shared = std::make_shared<const Source>(Source{std::move(owned), source});
    return core->credentials().set_source([shared] { return (*shared)(); });
  });
}

tsr_status tsr_http_token_set(tsr_http_token* token, const void* data, size_t len, int64_t expires_at_ms,
                              tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_live(token, "token"));
    TSR_ASSIGN_OR_RETURN(const auto secret, bytes_in(data, len, "data"));
    if (secret.empty()) return argument_error("data is empty; give nothing instead when there is none");
    if (expires_at_ms < 0) return argument_error("expires_at_ms is negative");
    token->given = ProvidedToken{SecretBytes(as_bytes(secret)), expires_at_ms};
    return {};
  });
}

tsr_status tsr_http_set_oauth(tsr_http* http, tsr_str config_json, const tsr_http_oauth_opts* opts,
                              void* user, void (*user_free)(void*), tsr_error** err) noexcept {
  UserData owned(user, user_free);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const HttpPtr core, http_of(http));
    TSR_ASSIGN_OR_RETURN(auto config, oauth_config_in(config_json));
    TSR_ASSIGN_OR_RETURN(const tsr_http_oauth_opts given,
                         options_in(opts, kFirst, "opts", "tsr_http_oauth_opts_init"));
    if (given.flags != 0) return argument_error("opts.flags has an unknown bit");
    TSR_ASSIGN_OR_RETURN(const auto secret,
                         bytes_in(given.client_secret, given.client_secret_len, "opts.client_secret"));
    const auto functions = std::make_shared<const AccountFunctions>(
        AccountFunctions{std::move(owned), given.load, given.swap, given.reauthorise});
    TSR_ASSIGN_OR_RETURN(auto store, token_store_in(given, functions));
    return core->credentials().set_oauth(std::move(config), as_bytes(secret), std::move(store),
                                         listener_of(functions));
  });
}

tsr_status tsr_http_set_oauth_tokens(tsr_http* http, const void* record, size_t len,
                                     tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(setting_tokens(http, record, len)); });
}

tsr_status tsr_http_set_oauth_tokens_async(tsr_http* http, const void* record, size_t len, tsr_done_fn done,
                                           void* user, void (*user_free)(void*), tsr_op** out,
                                           tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return setting_tokens(http, record, len); });
}

tsr_status tsr_http_set_license_auth(tsr_http* http, const tsr_license* license, tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const HttpPtr core, http_of(http));
    TSR_ASSIGN_OR_RETURN(const auto app, core_of(license, "licence"));
    return core->credentials().set_license(app->shared_license());
  });
}

tsr_status tsr_http_auth_state(tsr_http* http, int32_t* state_out, tsr_error** err) noexcept {
  clear(state_out);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const HttpPtr core, http_of(http));
    TSR_RETURN_IF_ERROR(require_out(state_out));
    *state_out = static_cast<int32_t>(core->credentials().state());
    return {};
  });
}

tsr_status tsr_http_clear_auth(tsr_http* http, tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const HttpPtr core, http_of(http));
    return core->credentials().clear();
  });
}
