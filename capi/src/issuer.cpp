#include "tessera/issuer.h"

#include <memory>

#include "base/clock.hpp"
#include "call.hpp"
#include "convert.hpp"
#include "crypto/crypto.hpp"
#include "guard.hpp"
#include "handle.hpp"
#include "license/issuer.hpp"
#include "license/license_key.hpp"
#include "op.hpp"

using tessera::Issuer;
using tessera::IssuerKey;
using tessera::Result;
using tessera::Status;
using tessera::capi::argument_error;
using tessera::capi::bytes_in;
using tessera::capi::bytes_out;
using tessera::capi::Call;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::guard_free;
using tessera::capi::guard_value;
using tessera::capi::Handle;
using tessera::capi::is_live;
using tessera::capi::optional_text_in;
using tessera::capi::require_live;
using tessera::capi::require_out;
using tessera::capi::result_out;
using tessera::capi::run_now;
using tessera::capi::start;
using tessera::capi::Tag;
using tessera::capi::take;
using tessera::capi::text_in;

struct tsr_key : Handle<Tag::kKey> {
  explicit tsr_key(std::shared_ptr<const IssuerKey> made) : key(std::move(made)) {}
  const std::shared_ptr<const IssuerKey> key;
};

struct tsr_issuer : Handle<Tag::kIssuer> {
  explicit tsr_issuer(std::unique_ptr<const Issuer> opened) : issuer(std::move(opened)) {}
  const std::unique_ptr<const Issuer> issuer;
};

namespace {

constexpr const char* kKeyNoun = "key";
constexpr const char* kIssuerNoun = "issuer";

/// Secret text that does not stay in freed memory.
struct WipedText {
  std::string content;
  ~WipedText() { tessera::wipe(content.data(), content.size()); }
};

using KeyPtr = std::unique_ptr<tsr_key>;

Result<Call<KeyPtr>> generating(int32_t type) {
  if (type != TSR_KEY_ED25519 && type != TSR_KEY_RS256) return argument_error("type is not one of TSR_KEY_*");
  return Call<KeyPtr>{nullptr, [type]() -> Result<KeyPtr> {
                        TSR_ASSIGN_OR_RETURN(auto key, type == TSR_KEY_RS256 ? IssuerKey::generate_rs256()
                                                                             : IssuerKey::generate_ed25519(
                                                                                   tessera::system_random()));
                        return std::make_unique<tsr_key>(std::move(key));
                      }};
}

/// An absent request means "no machine"; an empty one is a file that failed to load.
Result<std::string_view> optional_request_in(tsr_str request) {
  if (request.data != nullptr && request.len == 0) {
    return argument_error("request is empty; pass an absent text for a licence that binds to no machine");
  }
  return optional_text_in(request, "request");
}

/// Runs one function of the issuer that makes a text.
template <class Make>
tsr_status make_text(const char* function, const tsr_issuer* issuer, tsr_buf* out, tsr_error** err,
                     Make make) noexcept {
  clear(out);
  return guard(function, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_live(issuer, kIssuerNoun));
    TSR_RETURN_IF_ERROR(require_out(out));
    return result_out(make(*issuer->issuer), out);
  });
}

using FromText = Result<std::string> (Issuer::*)(std::string_view) const;

/// The same for those that take one text.
tsr_status make_text_from(const char* function, const tsr_issuer* issuer, FromText make, tsr_str text,
                          const char* name, tsr_buf* out, tsr_error** err) noexcept {
  return make_text(function, issuer, out, err, [&](const Issuer& self) -> Result<std::string> {
    TSR_ASSIGN_OR_RETURN(const auto input, text_in(text, name));
    return (self.*make)(input);
  });
}

}  // namespace

tsr_status tsr_key_generate(int32_t type, tsr_key** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(generating(type), out);
  });
}

tsr_status tsr_key_generate_async(int32_t type, tsr_done_fn done, void* user, void (*user_free)(void*),
                                  tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return generating(type); });
}

tsr_status tsr_op_key(tsr_op* op, tsr_key** out, tsr_error** err) noexcept {
  return take<KeyPtr>(__func__, op, err, out);
}

tsr_status tsr_key_import(const void* data, size_t len, tsr_key** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const auto text, bytes_in(data, len, "data"));
    TSR_ASSIGN_OR_RETURN(auto key, IssuerKey::import_text(text));
    *out = new tsr_key(std::move(key));
    return {};
  });
}

tsr_status tsr_key_export(const tsr_key* key, tsr_buf* out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_live(key, kKeyNoun));
    TSR_RETURN_IF_ERROR(require_out(out));
    Result<std::string> exported = key->key->export_text();
    if (!exported.ok()) return exported.error();
    const WipedText text{std::move(exported).value()};
    return bytes_out(text.content, out);
  });
}

const char* tsr_key_public(const tsr_key* key) noexcept {
  return guard_value(__func__, "", [&] { return is_live(key) ? key->key->public_text().c_str() : ""; });
}

const char* tsr_key_id(const tsr_key* key) noexcept {
  return guard_value(__func__, "", [&] { return is_live(key) ? key->key->id().c_str() : ""; });
}

int32_t tsr_key_type(const tsr_key* key) noexcept {
  return guard_value(__func__, int32_t{0}, [&]() -> int32_t {
    if (!is_live(key)) return 0;
    return key->key->is_ed25519() ? TSR_KEY_ED25519 : TSR_KEY_RS256;
  });
}

void tsr_key_free(tsr_key* key) noexcept { guard_free(__func__, key); }

tsr_status tsr_issuer_open(tsr_str config_json, const tsr_key* key, tsr_issuer** out,
                           tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_live(key, kKeyNoun));
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const auto config, text_in(config_json, "config_json"));
    TSR_ASSIGN_OR_RETURN(auto issuer,
                         Issuer::open(config, key->key, tessera::system_clock(), tessera::system_random()));
    *out = new tsr_issuer(std::move(issuer));
    return {};
  });
}

tsr_status tsr_issuer_read_request(const tsr_issuer* issuer, tsr_str request, tsr_buf* out,
                                   tsr_error** err) noexcept {
  return make_text_from(__func__, issuer, &Issuer::read_request, request, "request", out, err);
}

tsr_status tsr_issuer_read_deactivation(const tsr_issuer* issuer, tsr_str proof, tsr_buf* out,
                                        tsr_error** err) noexcept {
  return make_text_from(__func__, issuer, &Issuer::read_deactivation, proof, "proof", out, err);
}

tsr_status tsr_issuer_issue(const tsr_issuer* issuer, tsr_str request, tsr_str spec_json, tsr_buf* out,
                            tsr_error** err) noexcept {
  return make_text(__func__, issuer, out, err, [&](const Issuer& self) -> Result<std::string> {
    TSR_ASSIGN_OR_RETURN(const auto machine, optional_request_in(request));
    TSR_ASSIGN_OR_RETURN(const auto spec, text_in(spec_json, "spec_json"));
    return self.issue(machine, spec);
  });
}

tsr_status tsr_issuer_trial(const tsr_issuer* issuer, tsr_str spec_json, tsr_buf* out,
                            tsr_error** err) noexcept {
  return make_text_from(__func__, issuer, &Issuer::trial, spec_json, "spec_json", out, err);
}

tsr_status tsr_issuer_lease(const tsr_issuer* issuer, tsr_str request, tsr_str spec_json, tsr_buf* out,
                            tsr_error** err) noexcept {
  return make_text(__func__, issuer, out, err, [&](const Issuer& self) -> Result<std::string> {
    TSR_ASSIGN_OR_RETURN(const auto machine, text_in(request, "request"));
    TSR_ASSIGN_OR_RETURN(const auto spec, text_in(spec_json, "spec_json"));
    return self.lease(machine, spec);
  });
}

tsr_status tsr_issuer_keyset(const tsr_issuer* issuer, tsr_str spec_json, tsr_buf* out,
                             tsr_error** err) noexcept {
  return make_text_from(__func__, issuer, &Issuer::keyset, spec_json, "spec_json", out, err);
}

tsr_status tsr_issuer_crl(const tsr_issuer* issuer, tsr_str spec_json, tsr_buf* out,
                          tsr_error** err) noexcept {
  return make_text_from(__func__, issuer, &Issuer::crl, spec_json, "spec_json", out, err);
}

tsr_status tsr_issuer_time(const tsr_issuer* issuer, tsr_str request, tsr_buf* out,
                           tsr_error** err) noexcept {
  return make_text_from(__func__, issuer, &Issuer::time, request, "request", out, err);
}

tsr_status tsr_issuer_rs256(const tsr_issuer* issuer, tsr_str spec_json, tsr_buf* out,
                            tsr_error** err) noexcept {
  return make_text_from(__func__, issuer, &Issuer::rs256, spec_json, "spec_json", out, err);
}

void tsr_issuer_free(tsr_issuer* issuer) noexcept { guard_free(__func__, issuer); }

tsr_status tsr_license_key_generate(tsr_buf* out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return bytes_out(tessera::license_key_generate(tessera::system_random()), out);
  });
}

tsr_status tsr_license_key_check(tsr_str text, tsr_buf* out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const auto typed, text_in(text, "text"));
    return result_out(tessera::license_key_canonical(typed), out);
  });
}
