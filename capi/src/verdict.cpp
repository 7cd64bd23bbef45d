// The tsr_verdict_* functions of license.h.
#include <iterator>

#include "convert.hpp"
#include "guard.hpp"
#include "tessera/license.h"
#include "verdict_handle.hpp"

using tessera::Entitlement;
using tessera::Status;
using tessera::Verdict;
using tessera::capi::bytes_out;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::guard_free;
using tessera::capi::guard_value;
using tessera::capi::is_live;
using tessera::capi::require_live;
using tessera::capi::require_out;
using tessera::capi::text_in;

namespace {

constexpr const char* kNoun = "verdict";

/// A property of the verdict, or `neutral` for a handle that is not live.
template <class T, class Get>
T read(const char* function, const tsr_verdict* verdict, T neutral, Get get) noexcept {
  return guard_value(function, neutral,
                     [&]() -> T { return is_live(verdict) ? T(get(*verdict->verdict)) : neutral; });
}

template <class Get>
const char* read_text(const char* function, const tsr_verdict* verdict, Get get) noexcept {
  return read(function, verdict, "", [&](const Verdict& self) { return get(self).c_str(); });
}

/// A property of entitlement `name` in any condition, or `neutral` when the licence lacks it.
template <class T, class Get>
T read_entitlement(const char* function, const tsr_verdict* verdict, tsr_str name, T neutral,
                   Get get) noexcept {
  return read(function, verdict, neutral, [&](const Verdict& self) -> T {
    const auto key = text_in(name, "name");
    if (!key.ok()) return neutral;
    const auto found = self.entitlements.find(key.value());
    return found == self.entitlements.end() ? neutral : T(get(found->second));
  });
}

/// A value of entitlement `name` while it may be used, else `neutral`.
template <class T, class Get>
T read_usable(const char* function, const tsr_verdict* verdict, tsr_str name, T neutral, Get get) noexcept {
  return read(function, verdict, neutral, [&](const Verdict& self) -> T {
    const auto key = text_in(name, "name");
    const Entitlement* found = key.ok() ? self.usable_entitlement(key.value()) : nullptr;
    return found == nullptr ? neutral : T(get(*found));
  });
}

static_assert(std::is_same_v<decltype(Entitlement::value), std::variant<bool, int64_t, std::string>>,
              "TSR_ENTITLEMENT_* number the alternatives from 1");

}  // namespace

int32_t tsr_verdict_usable(const tsr_verdict* verdict) noexcept {
  return read(__func__, verdict, int32_t{0}, [](const Verdict& self) { return self.usable(); });
}

tsr_license_code tsr_verdict_code(const tsr_verdict* verdict) noexcept {
  return read(__func__, verdict, tsr_license_code{TSR_LICENSE_NO_LICENSE},
              [](const Verdict& self) { return self.code; });
}

const char* tsr_verdict_state(const tsr_verdict* verdict) noexcept {
  return read(__func__, verdict, "NONE", [](const Verdict& self) { return self.state.data(); });
}

size_t tsr_verdict_reason_count(const tsr_verdict* verdict) noexcept {
  return read(__func__, verdict, size_t{0}, [](const Verdict& self) { return self.reasons.size(); });
}

tsr_license_code tsr_verdict_reason_code(const tsr_verdict* verdict, size_t index) noexcept {
  return read(__func__, verdict, tsr_license_code{0}, [&](const Verdict& self) {
    return index < self.reasons.size() ? static_cast<tsr_license_code>(self.reasons[index].code) : 0;
  });
}

const char* tsr_verdict_reason_text(const tsr_verdict* verdict, size_t index) noexcept {
  return read(__func__, verdict, "", [&](const Verdict& self) {
    return index < self.reasons.size() ? self.reasons[index].text.c_str() : "";
  });
}

int64_t tsr_verdict_usable_until_ms(const tsr_verdict* verdict) noexcept {
  return read(__func__, verdict, int64_t{0}, [](const Verdict& self) { return self.usable_until_ms; });
}

int64_t tsr_verdict_expires_at_ms(const tsr_verdict* verdict) noexcept {
  return read(__func__, verdict, int64_t{0}, [](const Verdict& self) { return self.expires_at_ms; });
}

int64_t tsr_verdict_next_check_ms(const tsr_verdict* verdict) noexcept {
  return read(__func__, verdict, int64_t{0}, [](const Verdict& self) { return self.next_check_ms; });
}

int32_t tsr_verdict_hardware_score(const tsr_verdict* verdict) noexcept {
  return read(__func__, verdict, int32_t{-1},
              [](const Verdict& self) { return self.hardware ? self.hardware->score : -1; });
}

const char* tsr_verdict_license_id(const tsr_verdict* verdict) noexcept {
  return read_text(__func__, verdict, [](const Verdict& self) -> auto& { return self.license_id; });
}

const char* tsr_verdict_subject(const tsr_verdict* verdict) noexcept {
  return read_text(__func__, verdict, [](const Verdict& self) -> auto& { return self.subject; });
}

const char* tsr_verdict_product(const tsr_verdict* verdict) noexcept {
  return read_text(__func__, verdict, [](const Verdict& self) -> auto& { return self.product; });
}

const char* tsr_verdict_sku(const tsr_verdict* verdict) noexcept {
  return read_text(__func__, verdict, [](const Verdict& self) -> auto& { return self.sku; });
}

const char* tsr_verdict_edition(const tsr_verdict* verdict) noexcept {
  return read_text(__func__, verdict, [](const Verdict& self) -> auto& { return self.edition; });
}

const char* tsr_verdict_kind(const tsr_verdict* verdict) noexcept {
  return read_text(__func__, verdict, [](const Verdict& self) -> auto& { return self.kind; });
}

size_t tsr_verdict_entitlement_count(const tsr_verdict* verdict) noexcept {
  return read(__func__, verdict, size_t{0}, [](const Verdict& self) { return self.entitlements.size(); });
}

const char* tsr_verdict_entitlement_name(const tsr_verdict* verdict, size_t index) noexcept {
  return read(__func__, verdict, "", [&](const Verdict& self) {
    if (index >= self.entitlements.size()) return "";
    return std::next(self.entitlements.begin(), static_cast<std::ptrdiff_t>(index))->first.c_str();
  });
}

tsr_license_code tsr_verdict_entitlement_code(const tsr_verdict* verdict, tsr_str name) noexcept {
  return read(__func__, verdict, tsr_license_code{TSR_LICENSE_NO_LICENSE}, [&](const Verdict& self) {
    const auto key = text_in(name, "name");
    return self.entitlement_code(key.ok() ? key.value() : std::string_view());
  });
}

int32_t tsr_verdict_entitlement_type(const tsr_verdict* verdict, tsr_str name) noexcept {
  return read_entitlement(
      __func__, verdict, name, int32_t{TSR_ENTITLEMENT_NONE},
      [](const Entitlement& entry) { return entry.value.index() + TSR_ENTITLEMENT_BOOL; });
}

int64_t tsr_verdict_entitlement_int(const tsr_verdict* verdict, tsr_str name) noexcept {
  return read_usable(__func__, verdict, name, int64_t{0}, [](const Entitlement& entry) -> int64_t {
    if (const bool* flag = std::get_if<bool>(&entry.value)) return *flag ? 1 : 0;
    const int64_t* number = std::get_if<int64_t>(&entry.value);
    return number == nullptr ? 0 : *number;
  });
}

const char* tsr_verdict_entitlement_str(const tsr_verdict* verdict, tsr_str name) noexcept {
  return read_usable(__func__, verdict, name, "", [](const Entitlement& entry) {
    const std::string* text = std::get_if<std::string>(&entry.value);
    return text == nullptr ? "" : text->c_str();
  });
}

int64_t tsr_verdict_entitlement_expires_at_ms(const tsr_verdict* verdict, tsr_str name) noexcept {
  return read_entitlement(__func__, verdict, name, int64_t{0},
                          [](const Entitlement& entry) { return entry.expires_at_ms; });
}

tsr_status tsr_verdict_explain(const tsr_verdict* verdict, tsr_buf* out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_live(verdict, kNoun));
    TSR_RETURN_IF_ERROR(require_out(out));
    return bytes_out(tessera::explain_verdict(*verdict->verdict), out);
  });
}

tsr_status tsr_verdict_json(const tsr_verdict* verdict, tsr_buf* out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_live(verdict, kNoun));
    TSR_RETURN_IF_ERROR(require_out(out));
    return bytes_out(tessera::verdict_json(*verdict->verdict), out);
  });
}

void tsr_verdict_free(tsr_verdict* verdict) noexcept { guard_free(__func__, verdict); }
